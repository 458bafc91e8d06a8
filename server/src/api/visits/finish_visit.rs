//! `POST /v1/visits/{visit_id}/finish`: the procedure is over and the nurse leaves.

use axum::extract::State;
use entity::ids::VisitId;
use sea_orm::ActiveValue::Set;

use super::leaving::{LeaveReport, Left};
use super::step::{Act, VisitState};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::Command;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::{once, safety, store};

/// Finish and leave.
///
/// Her time is free again, and her position is not shown any more. Where she leaves is held against the fence like an
/// arrival: recorded and flagged, never refused.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/finish", tag = "visits", request_body = LeaveReport,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((status = 200, description = "Finished", body = VisitState))
)]
pub async fn finish_visit(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<LeaveReport>,
) -> Result<Answer> {
    once!(app, may, request.key, "finish_visit", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    })
}

/// Finishes it, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &LeaveReport) -> Result<Answer> {
    let (visit, order) = act.mine(id).await?;
    let order = act.advance(&visit, order, Command::Finish).await?;
    let left = Left::judge(act, &order, report).await?;
    let visit = store::visit::update(act.tx, &visit, |row| {
        row.finished_at = Set(Some(act.at));
        row.live = Set(false);
        left.write(row, act.at);
    })
    .await?;
    safety::overdue::heard(act.tx, act.app, &visit, act.may.account).await?;
    let (kind, payload) = (EventKind::VisitFinished, left.payload());
    act.leave_event(kind, (&visit, &order), left.place(), payload)
        .await?;
    Ok(Answer::ok(&VisitState::of(&visit, &order))?.version(visit.version))
}
