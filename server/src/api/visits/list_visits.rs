//! `GET /v1/visits`: visits in scope, newest first; a nurse sees her own.

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::enums::OrderState;
use entity::ids::{NurseId, OrderId, VisitId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::get_visit::VisitSteps;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, May, Query, grants};
use crate::store;
use crate::wire::{Cursor, Moment, Page};

/// Which visits.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VisitQuery {
    /// That begin at or after.
    pub from: Option<Moment>,
    /// That begin before.
    pub to: Option<Moment>,
    /// True: still to be done; false: over.
    pub live: Option<bool>,
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
    /// Visits wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// A visit as it stands in lists: nothing personal in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitSummary {
    /// The visit.
    pub id: VisitId,
    /// Its order.
    pub order_id: OrderId,
    /// Number of the order.
    pub order_number: String,
    /// State of the order.
    pub state: OrderState,
    /// The nurse.
    pub nurse_id: NurseId,
    /// Planned start.
    pub starts_at: DateTime<Utc>,
    /// Planned end.
    pub ends_at: DateTime<Utc>,
    /// The nurse's time is still taken.
    pub live: bool,
    /// The steps so far.
    pub steps: VisitSteps,
}

/// A page of visits.
pub type VisitPage = Page<VisitSummary>;

/// List visits.
#[utoipa::path(
    get, path = "/v1/visits", tag = "visits",
    responses((status = 200, description = "Visits, newest first", body = Page<VisitSummary>))
)]
pub async fn list_visits(
    State(app): State<App>,
    may: May<grants::SeeVisits>,
    Query(query): Query<VisitQuery>,
) -> Result<Json<VisitPage>> {
    let cursor = Cursor::new(query.cursor.as_deref(), query.limit)?;
    let filter = store::visit::Filter {
        from: query.from.map(Into::into),
        to: query.to.map(Into::into),
        live: query.live,
    };
    let rows = store::visit::list(app.db.reader(), &may.scope, &filter, &cursor).await?;
    Ok(Json(cursor.page(
        rows,
        |(visit, _)| visit.id.0,
        |(visit, order)| VisitSummary {
            id: visit.id,
            order_id: order.id,
            order_number: order.number,
            state: order.state,
            nurse_id: visit.nurse_id,
            starts_at: visit.starts_at,
            ends_at: visit.ends_at,
            live: visit.live,
            steps: VisitSteps::of(&visit),
        },
    )))
}
