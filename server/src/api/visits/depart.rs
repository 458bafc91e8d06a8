//! `POST /v1/visits/{visit_id}/depart`: the nurse sets out.

use axum::extract::State;
use entity::ids::VisitId;
use entity::{care_order, visit};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::refused::traced;
use super::step::{Act, StepReport, VisitState, place_of, stand};
use crate::answer::Answer;
use crate::app::App;
use crate::dispatch;
use crate::domain::calendar::local_date;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::Command;
use crate::domain::steps::{self, DepartRefused, Departure};
use crate::domain::visit::EARLIEST_DEPARTURE_MIN;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::{once, safety, store};

/// Set out.
///
/// Licence, certificates and insurance are checked once more, and the first assessment, as of now; and that nobody took
/// back the consent to health data or location (`data_consent_missing`, `missing` lists the texts). A visit by two
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
    let outcome = once!(app, may, request.key, "depart", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    });
    traced(&app, &may, (id, "depart"), outcome).await
}

/// Sets out, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &StepReport) -> Result<Answer> {
    let place = place_of(report.place)?;
    let (visit, order) = act.mine(id).await?;
    check(act, &visit, &order).await?;
    let order = act.advance(&visit, order, Command::Depart).await?;
    let visit =
        store::visit::update(act.tx, &visit, |row| row.departed_at = Set(Some(act.at))).await?;
    act.keep_position(&visit, place.as_ref()).await?;
    let kind = EventKind::VisitDeparted;
    act.leave_event(kind, (&visit, &order), place.as_ref(), json!({}))
        .await?;
    // After the event: when she is asked at this moment, the write runs again and finds the watch.
    safety::overdue::begin(act.tx, act.app, &visit, act.may.account).await?;
    Ok(Answer::ok(&VisitState::of(&visit, &order))?.version(visit.version))
}

/// The third time that her papers are checked: they may have lapsed since she accepted, and an admission may have
/// voided the assessment.
async fn check(act: &Act<'_>, visit: &visit::Model, order: &care_order::Model) -> Result<()> {
    let (db, app) = (&**act.tx, act.app);
    // A visit that begins late must be covered on that day, too.
    let begins = act.at.max(order.window_start);
    let mut view = dispatch::view(db, app, order.clone()).await?;
    view.facts.starts_at = begins;
    let unfit = dispatch::unfit_at_departure(db, app, &view, visit.nurse_id).await?;
    let day = local_date(begins);
    let unallowed = act.unallowed(order).await?;
    let unassessed = dispatch::missing_assessments(db, app, order, day, act.at).await?;
    let facts = Departure {
        at: act.at,
        window_start: order.window_start,
        seats_filled: store::visit::seats_filled(db, order).await?,
        unallowed: &unallowed,
        unfit: &unfit,
        unassessed: &unassessed,
    };
    match steps::depart(stand(visit, order), &facts) {
        Ok(_) => Ok(()),
        Err(DepartRefused::TooEarly) => Err(Problem::new(Code::TooEarly)
            .with("minutes", EARLIEST_DEPARTURE_MIN)
            .into()),
        Err(DepartRefused::SecondNurseMissing) => Err(Code::SecondNurseMissing.into()),
        Err(DepartRefused::WrongState(wrong)) => Err(store::order::wrong_state(wrong)),
        Err(DepartRefused::Unallowed) => Err(store::consent::unallowed(&unallowed)),
        Err(DepartRefused::Unfit) => Err(dispatch::not_eligible(&unfit).into()),
        Err(DepartRefused::Unassessed) => Err(dispatch::unassessed(&unassessed).into()),
    }
}
