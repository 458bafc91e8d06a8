//! `POST /v1/visits/{visit_id}/positions`: where the nurse was, between departure and leaving.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use entity::ids::VisitId;
use entity::{visit, visit_position};
use serde::Deserialize;
use utoipa::ToSchema;

use super::step::{Act, not_now};
use crate::app::App;
use crate::domain::place::SourcePlace;
use crate::domain::sync::{moment, skew};
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::problem::{Code, Problem};
use crate::wire::{Moment, PlaceIn};
use crate::{in_write, store};

/// Positions in one report.
const MOST: usize = 100;

/// Positions, in any order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PositionReport {
    /// 1 to 100 of them.
    #[schema(min_items = 1, max_items = 100)]
    pub positions: Vec<PositionIn>,
    /// What the phone's clock says as it sends this: by it a wrong clock is noticed and corrected. In a batch the times of the
    /// act and of the batch do that.
    pub device_at: Option<Moment>,
}

/// Where she was at a moment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PositionIn {
    /// When, by the device.
    pub at: Moment,
    /// Where.
    pub place: PlaceIn,
}

/// Report positions.
///
/// The same position sent twice is kept once, so this needs no Idempotency-Key. Refused before departure and
/// after leaving: nobody is followed off duty. Places that were noted before or after are dropped; none counts as later
/// than its telling. While the patient's consent to the use of location is missing they are taken and dropped.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/positions", tag = "visits", request_body = PositionReport,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((status = 204, description = "Kept, or dropped"))
)]
pub async fn report_positions(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    Json(report): Json<PositionReport>,
) -> Result<StatusCode> {
    in_write!(app.db, "report_positions", |tx| {
        apply(&Act::now(tx, &app, &may, None), id, &report).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Keeps them.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &PositionReport) -> Result<()> {
    if !(1..=MOST).contains(&report.positions.len()) {
        let params = vec![("reason", format!("1..={MOST}"))];
        return Err(Problem::new(Code::InvalidRequest)
            .field_with("positions", Code::FieldInvalid, params)
            .into());
    }
    let told_later = act.device_at.is_some();
    let (visit, order) = if told_later {
        act.mine_or_lost(id).await?
    } else {
        act.mine(id).await?
    };
    let way = store::visit::way(&visit);
    let was_on_it = told_later && visit.departed_at.is_some();
    if !way.is_open() && !was_on_it {
        return Err(not_now(&order));
    }
    if !act.may_keep_places(&visit).await? {
        return Ok(());
    }
    // Told late, their clock is corrected as that of the act.
    let sent = report.device_at.filter(|_| !told_later);
    let ahead = sent.map_or(act.ahead, |now| skew(*now, act.at));
    let mut positions: Vec<_> = report.positions.iter().collect();
    positions.sort_by_key(|position| position.at);
    // Of those that fall on one moment the one noted last stays.
    let mut rows = BTreeMap::new();
    for position in positions {
        let at = moment(*position.at, ahead, act.at, None);
        let place = position.place.convert("positions")?;
        if way.holds(at) {
            rows.insert(at, row(&visit, at, &place));
        }
    }
    store::visit::insert_positions(act.tx, rows.into_values().collect()).await
}

fn row(visit: &visit::Model, at: DateTime<Utc>, place: &SourcePlace) -> visit_position::Model {
    visit_position::Model {
        community_id: visit.community_id,
        visit_id: visit.id,
        at,
        lng: place.point.lng(),
        lat: place.point.lat(),
        accuracy_m: place.accuracy_m,
    }
}
