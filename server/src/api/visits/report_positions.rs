//! `POST /v1/visits/{visit_id}/positions`: where the nurse was, between departure and leaving.

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use entity::ids::VisitId;
use entity::{care_order, visit, visit_position};
use serde::Deserialize;
use utoipa::ToSchema;

use super::step::{Act, not_now};
use crate::app::App;
use crate::domain::lifecycle::position_visible;
use crate::domain::seats::LEAD;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::problem::{Code, Problem};
use crate::wire::PlaceIn;
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
}

/// Where she was at a moment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PositionIn {
    /// When, by the device.
    pub at: DateTime<Utc>,
    /// Where.
    pub place: PlaceIn,
}

/// Report positions.
///
/// The same position sent twice is kept once, so this needs no Idempotency-Key. Refused before departure and
/// after leaving: nobody is followed off duty.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/positions", tag = "visits", request_body = PositionReport,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((status = 204, description = "Kept"))
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
    let (visit, order) = act.mine(id).await?;
    if !may_follow(act, &visit, &order) {
        return Err(not_now(&order));
    }
    // Told late, their clock is corrected as that of the act.
    let off = act.device_at.map_or(TimeDelta::zero(), |at| at - act.at);
    let rows = report.positions.iter().map(|position| {
        let place = position.place.convert("positions")?;
        Ok(visit_position::Model {
            community_id: visit.community_id,
            visit_id: visit.id,
            at: position.at - off,
            lng: place.point.lng(),
            lat: place.point.lat(),
            accuracy_m: place.accuracy_m,
        })
    });
    store::visit::insert_positions(act.tx, rows.collect::<Result<_>>()?).await
}

/// Whether she is on her way now, or was when she noted the places, told of later.
fn may_follow(act: &Act<'_>, visit: &visit::Model, order: &care_order::Model) -> bool {
    let on_her_way = visit.seat != LEAD && visit.departed_at.is_some();
    let now = visit.live && (position_visible(order.state) || on_her_way);
    let since = visit.departed_at.zip(visit.finished_at);
    now || since.is_some_and(|(from, to)| (from..=to).contains(&act.at) && act.device_at.is_some())
}
