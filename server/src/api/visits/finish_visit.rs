//! `POST /v1/visits/{visit_id}/finish`: the procedure is over and the nurse leaves.

use axum::extract::State;
use entity::ids::VisitId;
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::step::{Act, StepReport, VisitState, place_of};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::Command;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::{once, store};

/// Finish and leave.
///
/// Her time is free again, and her position is not shown any more.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/finish", tag = "visits", request_body = StepReport,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((status = 200, description = "Finished", body = VisitState))
)]
pub async fn finish_visit(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<StepReport>,
) -> Result<Answer> {
    once!(app, may, request.key, "finish_visit", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    })
}

/// Finishes it, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &StepReport) -> Result<Answer> {
    let place = place_of(report.place)?;
    let (visit, order) = act.mine(id).await?;
    let order = act.advance(&visit, order, Command::Finish).await?;
    let visit = store::visit::update(act.tx, &visit, |row| {
        row.finished_at = Set(Some(act.at));
        row.left_lng = Set(place.map(|place| place.point.lng()));
        row.left_lat = Set(place.map(|place| place.point.lat()));
        row.left_accuracy_m = Set(place.and_then(|place| place.accuracy_m));
        row.live = Set(false);
    })
    .await?;
    let kind = EventKind::VisitFinished;
    act.leave_event(kind, (&visit, &order), place.as_ref(), json!({}))
        .await?;
    Ok(Answer::ok(&VisitState::of(&visit, &order))?.version(visit.version))
}
