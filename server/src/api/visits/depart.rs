//! `POST /v1/visits/{visit_id}/depart`: the nurse sets out.

use axum::extract::State;
use entity::care_order;
use entity::ids::VisitId;
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::step::{Act, StepReport, VisitState, place_of};
use crate::answer::Answer;
use crate::app::App;
use crate::dispatch;
use crate::domain::calendar::local_date;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::Command;
use crate::domain::visit::{EARLIEST_DEPARTURE_MIN, may_depart};
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::{once, safety, store};

/// Set out.
///
/// Licence, certificates and insurance are checked once more, and the first assessment, as of now. A visit by two
/// waits until both have accepted (`second_nurse_missing`). From here on the family sees where she is, until she
/// leaves.
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
    once!(app, may, request.key, "depart", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    })
}

/// Sets out, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &StepReport) -> Result<Answer> {
    let place = place_of(report.place)?;
    let (visit, order) = act.mine(id).await?;
    if !may_depart(act.at, order.window_start) {
        return Err(Problem::new(Code::TooEarly)
            .with("minutes", EARLIEST_DEPARTURE_MIN)
            .into());
    }
    if !store::visit::seats_filled(&**act.tx, &order).await? {
        return Err(Code::SecondNurseMissing.into());
    }
    let order = act.advance(&visit, order, Command::Depart).await?;
    check_papers(act, &order, &visit).await?;
    // An admission may have voided the assessment since she accepted.
    let day = local_date(act.at.max(order.window_start));
    dispatch::check_assessed(&**act.tx, act.app, &order, day, act.at).await?;
    let visit =
        store::visit::update(act.tx, &visit, |row| row.departed_at = Set(Some(act.at))).await?;
    safety::overdue::begin(act.tx, act.app, &visit).await?;
    act.keep_position(&visit, place.as_ref()).await?;
    let kind = EventKind::VisitDeparted;
    act.leave_event(kind, (&visit, &order), place.as_ref(), json!({}))
        .await?;
    Ok(Answer::ok(&VisitState::of(&visit, &order))?.version(visit.version))
}

/// The third time that her papers are checked: they may have lapsed since she accepted.
async fn check_papers(
    act: &Act<'_>,
    order: &care_order::Model,
    visit: &entity::visit::Model,
) -> Result<()> {
    let mut view = dispatch::view(&**act.tx, act.app, order.clone()).await?;
    // A visit that begins late must be covered on that day, too.
    view.facts.starts_at = act.at.max(order.window_start);
    dispatch::check_at_departure(&**act.tx, act.app, &view, visit.nurse_id).await
}
