//! `GET /v1/orders/{order_id}/events`: the trail of an order.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::enums::Role;
use entity::event;
use entity::ids::{AccountId, NurseId, OrderId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::domain::trail::{self, Reader};
use crate::error::{Error, Result};
use crate::extract::{Id, Json, May, Query, grants};
use crate::problem::Code;
use crate::store;
use crate::store::order::{Actor, TrailFilter};
use crate::wire::{Page, PlaceOut};

/// Most events of one page.
const MAX_LIMIT: u64 = 200;

/// Which part of the trail.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TrailQuery {
    /// `next_cursor` of the page before.
    #[param(max_length = 20)]
    pub cursor: Option<String>,
    /// Events wanted, 1 to 200; 200 when left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
}

/// Who did something.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrailActor {
    /// The account.
    pub account_id: AccountId,
    /// Name of its owner, masked.
    pub name: String,
    /// Roles of the account.
    pub roles: Vec<Role>,
}

/// Something that happened to an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrailEvent {
    /// Counts up from 1 within the order. Numbers the caller may not see are left out.
    pub no: i64,
    /// What happened, such as `order.accepted`.
    pub kind: String,
    /// When, by the server's clock.
    pub at: DateTime<Utc>,
    /// When, by the clock of the device, if it said so.
    pub device_at: Option<DateTime<Utc>>,
    /// Where, if the device said so. For staff and the nurse it names alone.
    pub place: Option<PlaceOut>,
    /// Who did it; null: the server itself.
    pub actor: Option<TrailActor>,
    /// The nurse it names.
    pub nurse_id: Option<NurseId>,
    /// What else is to be known of it; never personal data.
    #[schema(value_type = Object)]
    pub payload: Value,
}

/// Events of an order, oldest first.
pub type TrailPage = Page<TrailEvent>;

/// The trail of an order, oldest first.
///
/// Families do not see who else was asked, nor where the nurse was; nurses see the offers made to themselves.
#[utoipa::path(
    get, path = "/v1/orders/{order_id}/events", tag = "orders",
    params(("order_id" = OrderId, Path, description = "An order within the caller's sight")),
    responses((status = 200, description = "A page of the trail", body = Page<TrailEvent>))
)]
pub async fn list_order_events(
    State(app): State<App>,
    may: May<grants::SeeOrders>,
    Id(id): Id<OrderId>,
    Query(query): Query<TrailQuery>,
) -> Result<Json<TrailPage>> {
    let db = app.db.reader();
    let order = store::order::require(db, &may.scope, id).await?;
    let reader = Reader {
        family: may.scope.carer.is_some(),
        nurse: may.scope.nurse,
        staff: may.scope.reaches(order.institution_id),
    };
    let shown = TrailFilter {
        kinds: reader.kinds(),
        naming: reader.naming(),
    };
    let after = match &query.cursor {
        None => 0,
        Some(text) => text.parse().map_err(|_| Code::CursorInvalid)?,
    };
    let limit = query.limit.unwrap_or(MAX_LIMIT).clamp(1, MAX_LIMIT);
    let mut rows = store::order::trail(db, may.community, id, &shown, after, limit + 1).await?;
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = rows
        .last()
        .filter(|_| more)
        .map(|row| row.subject_no.to_string());
    let actors: BTreeSet<_> = rows.iter().filter_map(|row| row.actor_id).collect();
    let actors = store::order::actors(db, &app, may.community, actors).await?;
    let items = rows.into_iter().map(|row| event_of(row, reader, &actors));
    Ok(Json(Page {
        items: items.collect::<Result<_>>()?,
        next_cursor,
    }))
}

fn event_of(
    row: event::Model,
    reader: Reader,
    actors: &BTreeMap<AccountId, Actor>,
) -> Result<TrailEvent> {
    let mut payload: Value = serde_json::from_str(&row.payload).map_err(Error::internal)?;
    let mut place = PlaceOut::from_columns(row.lng, row.lat, row.accuracy_m);
    if !reader.sees_place(row.nurse_id) {
        place = None;
        trail::hide_place(&mut payload);
    }
    let actor = row.actor_id.and_then(|id| {
        let actor = actors.get(&id)?;
        Some(TrailActor {
            account_id: id,
            name: actor.name.masked(),
            roles: actor.roles.iter().copied().collect(),
        })
    });
    Ok(TrailEvent {
        no: row.subject_no,
        kind: row.kind,
        at: row.at,
        device_at: row.device_at,
        place,
        actor,
        nurse_id: row.nurse_id,
        payload,
    })
}
