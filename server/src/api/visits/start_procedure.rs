//! `POST /v1/visits/{visit_id}/start`: the procedure begins.

use axum::extract::State;
use entity::ids::VisitId;
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::step::{StepReport, VisitState, leave_event, mine, place_of};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::Command;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::{once, store};

/// Start the procedure.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/start", tag = "visits", request_body = StepReport,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((status = 200, description = "Begun", body = VisitState))
)]
pub async fn start_procedure(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<StepReport>,
) -> Result<Answer> {
    let place = place_of(request.body.place)?;
    once!(app, may, request.key, "start_procedure", |tx| {
        let (visit, order, _) = mine(tx, &may, id).await?;
        let order = store::order::advance(tx, &app, &order, Command::Start, |_| {}).await?;
        let now = app.now();
        let visit = store::visit::update(tx, &visit, |row| row.started_at = Set(Some(now))).await?;
        let (subject, at) = ((&visit, &order), request.body.device_at);
        leave_event(
            tx,
            &app,
            &may,
            EventKind::VisitStarted,
            subject,
            at,
            place.as_ref(),
            json!({}),
        )
        .await?;
        Ok(Answer::ok(&VisitState::of(&visit, &order))?.version(visit.version))
    })
}
