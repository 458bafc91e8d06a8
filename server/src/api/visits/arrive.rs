//! `POST /v1/visits/{visit_id}/arrive`: the nurse is at the door.

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::care_order;
use entity::enums::FenceResult;
use entity::ids::VisitId;
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::step::{Act, VisitState, place_of};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::Command;
use crate::domain::place::{Point, SourcePlace, distance_m};
use crate::domain::visit::fence;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::wire::PlaceIn;
use crate::{once, store};

/// Where and when she arrived.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Arrival {
    /// When, by the device. Kept beside the server's time.
    pub device_at: Option<DateTime<Utc>>,
    /// Where, with the accuracy the device reports.
    pub place: Option<PlaceIn>,
    /// Why there is no place; needed when there is none.
    pub no_fix_reason: Option<NoFixReason>,
}

/// Why a device gave no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoFixReason {
    /// The person did not allow it.
    Denied,
    /// No fix in time.
    Timeout,
    /// Location is switched off.
    Off,
    /// A fix without a usable accuracy.
    NoAccuracy,
}

/// Arrive.
///
/// The fence is the patient's radius plus the reported accuracy. Outside, or without a fix, the arrival is
/// recorded and flagged, never refused.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/arrive", tag = "visits", request_body = Arrival,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((status = 200, description = "Arrived; `fence` tells how the place stood", body = VisitState))
)]
pub async fn arrive(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<Arrival>,
) -> Result<Answer> {
    once!(app, may, request.key, "arrive", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    })
}

/// Arrives, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &Arrival) -> Result<Answer> {
    let place = place_of(report.place)?;
    if place.is_none() && report.no_fix_reason.is_none() {
        let problem = Problem::new(Code::InvalidRequest);
        return Err(problem
            .field("no_fix_reason", Code::NoFixReasonMissing)
            .into());
    }
    let (visit, order) = act.mine(id).await?;
    let order = act.advance(&visit, order, Command::Arrive).await?;
    let radius = store::visit::fence_radius(&**act.tx, &order).await?;
    let (distance, result) = judge(&order, place.as_ref(), radius);
    let visit = store::visit::update(act.tx, &visit, |row| {
        row.arrived_at = Set(Some(act.at));
        row.arrived_device_at = Set(act.device_at);
        row.arrived_lng = Set(place.map(|place| place.point.lng()));
        row.arrived_lat = Set(place.map(|place| place.point.lat()));
        row.arrived_accuracy_m = Set(place.and_then(|place| place.accuracy_m));
        row.arrived_distance_m = Set(distance);
        row.fence = Set(Some(result));
    })
    .await?;
    act.keep_position(&visit, place.as_ref()).await?;
    let payload = json!({
        "fence": result,
        "distance_m": distance.map(f64::round),
        "no_fix_reason": report.no_fix_reason,
    });
    let kind = EventKind::VisitArrived;
    act.leave_event(kind, (&visit, &order), place.as_ref(), payload)
        .await?;
    Ok(Answer::ok(&VisitState::of(&visit, &order))?.version(visit.version))
}

/// Distance to the address and how it stands against the fence.
fn judge(
    order: &care_order::Model,
    place: Option<&SourcePlace>,
    radius_m: f64,
) -> (Option<f64>, FenceResult) {
    let address = order
        .lng
        .zip(order.lat)
        .and_then(|(lng, lat)| Point::new(lng, lat).ok());
    let distance = place
        .zip(address)
        .map(|(place, address)| distance_m(place.point, address));
    (
        distance,
        fence(distance, radius_m, place.and_then(|place| place.accuracy_m)),
    )
}
