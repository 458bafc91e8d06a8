//! `POST /v1/visits/{visit_id}/finish`: the procedure is over and the nurse leaves.

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
    let place = place_of(request.body.place)?;
    once!(app, may, request.key, "finish_visit", |tx| {
        let (visit, order, _) = mine(tx, &may, id).await?;
        let order = store::order::advance(tx, &app, &order, Command::Finish, |_| {}).await?;
        let now = app.now();
        let visit = store::visit::update(tx, &visit, |row| {
            row.finished_at = Set(Some(now));
            row.left_lng = Set(place.map(|place| place.point.lng()));
            row.left_lat = Set(place.map(|place| place.point.lat()));
            row.left_accuracy_m = Set(place.and_then(|place| place.accuracy_m));
            row.live = Set(false);
        })
        .await?;
        let (subject, at) = ((&visit, &order), request.body.device_at);
        leave_event(
            tx,
            &app,
            &may,
            EventKind::VisitFinished,
            subject,
            at,
            place.as_ref(),
            json!({}),
        )
        .await?;
        Ok(Answer::ok(&VisitState::of(&visit, &order))?.version(visit.version))
    })
}
