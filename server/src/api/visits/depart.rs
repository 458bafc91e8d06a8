//! `POST /v1/visits/{visit_id}/depart`: the nurse sets out.

use axum::extract::State;
use entity::care_order;
use entity::ids::VisitId;
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::step::{StepReport, VisitState, keep_position, leave_event, mine, place_of};
use crate::answer::Answer;
use crate::app::App;
use crate::db::Tx;
use crate::dispatch;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::Command;
use crate::domain::visit::{EARLIEST_DEPARTURE_MIN, may_depart};
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::{once, store};

/// Set out.
///
/// Licence, certificates and insurance are checked once more, as of now. From here on the family sees where
/// she is, until she leaves.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/depart", tag = "visits", request_body = StepReport,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((status = 200, description = "On her way", body = VisitState))
)]
pub async fn depart(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<StepReport>,
) -> Result<Answer> {
    let place = place_of(request.body.place)?;
    once!(app, may, request.key, "depart", |tx| {
        let (visit, order, _) = mine(tx, &may, id).await?;
        if !may_depart(app.now(), order.window_start) {
            return Err(Problem::new(Code::TooEarly)
                .with("minutes", EARLIEST_DEPARTURE_MIN)
                .into());
        }
        let order = store::order::advance(tx, &app, &order, Command::Depart, |_| {}).await?;
        check_papers(tx, &app, &order, &visit).await?;
        let now = app.now();
        let visit =
            store::visit::update(tx, &visit, |row| row.departed_at = Set(Some(now))).await?;
        let at = request.body.device_at;
        keep_position(tx, &app, &visit, at, place.as_ref()).await?;
        let subject = (&visit, &order);
        leave_event(
            tx,
            &app,
            &may,
            EventKind::VisitDeparted,
            subject,
            at,
            place.as_ref(),
            json!({}),
        )
        .await?;
        Ok(Answer::ok(&VisitState::of(&visit, &order))?.version(visit.version))
    })
}

/// The third time that her papers are checked: they may have lapsed since she accepted.
async fn check_papers(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    visit: &entity::visit::Model,
) -> Result<()> {
    let mut view = dispatch::view(&**tx, app, order.clone()).await?;
    // A visit that begins late must be covered on that day, too.
    view.facts.starts_at = app.now().max(order.window_start);
    dispatch::check_at_departure(&**tx, app, &view, visit.nurse_id).await
}
