//! `POST /v1/visits/{visit_id}/leave`: the nurse is out of a home where the visit was broken off, or back from a way on
//! which she was taken off it.

use axum::extract::State;
use entity::ids::VisitId;

use super::leaving::{LeaveReport, Left};
use super::step::{Act, VisitState, not_now};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::{once, safety, store};

/// Leave after breaking off.
///
/// A visit that was broken off, by `abort` or by a hard answer of the screening, is over for the family. The nurse is still
/// watched over until she says that she has left: her way is kept, an alarm is one of the visit, and she is asked, then a
/// coordinator told, when she does not say so. So is a second nurse whom the desk took off on her way. Told once; a visit
/// that goes on is left with `finish`.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/leave", tag = "visits", request_body = LeaveReport,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller that was broken off, or that she was taken off on her way")),
    responses((status = 200, description = "She has left", body = VisitState))
)]
pub async fn leave_visit(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<LeaveReport>,
) -> Result<Answer> {
    once!(app, may, request.key, "leave_visit", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    })
}

/// Leaves, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &LeaveReport) -> Result<Answer> {
    let (visit, order) = act.mine(id).await?;
    if !store::visit::way(&visit).may_end(visit.live) {
        return Err(not_now(&order));
    }
    let left = Left::judge(act, &order, report).await?;
    let visit = store::visit::update(act.tx, &visit, |row| left.write(row, act.at)).await?;
    safety::overdue::heard(act.tx, act.app, &visit, act.may.account).await?;
    let (kind, payload) = (EventKind::VisitLeft, left.payload());
    act.leave_event(kind, (&visit, &order), left.place(), payload)
        .await?;
    Ok(Answer::ok(&VisitState::of(&visit, &order))?.version(visit.version))
}
