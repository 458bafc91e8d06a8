//! `POST /v1/visits/{visit_id}/depart`: the nurse sets out.

use axum::extract::State;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::ids::VisitId;
use entity::{care_order, visit};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::Ordered;
use super::refused::traced;
use super::step::{Act, StepReport, VisitState, place_of, stand};
use crate::answer::Answer;
use crate::api::orders::problems;
use crate::app::App;
use crate::dispatch;
use crate::domain::assessment::MissingAssessment;
use crate::domain::calendar::local_date;
use crate::domain::consent;
use crate::domain::eligibility::Reason;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::Command;
use crate::domain::prescription::MissingPrescription;
use crate::domain::screening::{Finding, hard_on_record};
use crate::domain::steps::{self, DepartRefused, Departure};
use crate::domain::visit::EARLIEST_DEPARTURE_MIN;
use crate::domain::visit_rules::Gates;
use crate::error::{Error, Result};
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::{once, safety, store};

/// Set out.
///
/// Licence, certificates and insurance are checked once more, the wish for a nurse of the same sex, and the first assessment
/// and prescriptions, as of now; and that nobody took back the consent to health data or location (`data_consent_missing`,
/// `missing` lists the texts). A visit by two waits until both have accepted (`second_nurse_missing`). What came onto the patient's record since may forbid it
/// (`contraindicated`), or the hour at which she gets there may take more nurses than the order has (`more_nurses_needed`):
/// then the desk is called, which moves the order or calls it off. From here on the family sees where she is, until she
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

/// The third time that her papers are checked: they may have lapsed since she accepted. And what the order was booked by:
/// an admission, a word on the record, a withdrawal, or the hour at which she gets there may say otherwise by now.
async fn check(act: &Act<'_>, visit: &visit::Model, order: &care_order::Model) -> Result<()> {
    let (db, app) = (&**act.tx, act.app);
    // A visit that begins late must be covered on that day, too.
    let begins = act.at.max(order.window_start);
    let day = local_date(begins);
    let ordered = Ordered::of(db, app, order).await?;
    let (unfit, gates) = judged(act, (visit, order), &ordered, begins).await?;
    let known = Known {
        unallowed: act.unallowed(order).await?,
        unfit,
        unassessed: dispatch::missing_assessments(db, app, order, day, act.at).await?,
        contraindicated: contraindicated(act, order, &ordered, day).await?,
        gates,
        unprescribed: act.unprescribed(order, &ordered, day).await?,
    };
    let facts = Departure {
        at: act.at,
        window_start: order.window_start,
        seats_filled: store::visit::seats_filled(db, order).await?,
        unallowed: &known.unallowed,
        unfit: &known.unfit,
        unassessed: &known.unassessed,
        contraindicated: &known.contraindicated,
        too_few: i32::from(known.gates.persons) > order.persons,
        unprescribed: &known.unprescribed,
    };
    match steps::depart(stand(visit, order), &facts) {
        Ok(_) => Ok(()),
        Err(refused) => Err(told(refused, &known)),
    }
}

/// What she lacks herself, and what the table of visit rules asks for when she gets there: also a nurse of the patient's sex
/// where it did not as it was booked.
async fn judged(
    act: &Act<'_>,
    (visit, order): (&visit::Model, &care_order::Model),
    ordered: &Ordered,
    begins: DateTime<Utc>,
) -> Result<(Vec<Reason>, Gates)> {
    let (db, app, nurse) = (&**act.tx, act.app, visit.nurse_id);
    let mut view = dispatch::view(db, app, order.clone(), act.at).await?;
    view.facts.starts_at = begins;
    let mut judged = dispatch::at_departure(db, app, &view, nurse, act.at).await?;
    // How long she drives to a place that nobody knows is a guess, and no reason to refuse her.
    let drive_min = judged.distance_m.map_or(0, |_| judged.travel_min);
    let there = act.at + TimeDelta::minutes(i64::from(drive_min));
    let gates = act
        .gates(order, ordered, there.max(order.window_start))
        .await?;
    let go = order.persons.max(gates.persons.into());
    if gates.requires_same_sex_of(go) && !view.facts.requires_same_sex {
        view.facts.requires_same_sex = true;
        judged = dispatch::at_departure(db, app, &view, nurse, act.at).await?;
    }
    Ok((judged.reasons, gates))
}

/// What stands hard against it by the record as of the act (R6).
async fn contraindicated(
    act: &Act<'_>,
    order: &care_order::Model,
    ordered: &Ordered,
    day: NaiveDate,
) -> Result<Vec<Finding>> {
    let db = &**act.tx;
    let patient = store::patient::of_order(db, order).await?;
    let as_of = (day, act.at);
    let facts = store::patient::screening_facts_at(db, act.app, &patient, as_of).await?;
    Ok(hard_on_record(&ordered.catalogue, &ordered.items(), &facts))
}

/// What a departure is judged by, and what a refusal tells.
struct Known {
    unallowed: Vec<consent::Missing>,
    unfit: Vec<Reason>,
    unassessed: Vec<MissingAssessment>,
    contraindicated: Vec<Finding>,
    gates: Gates,
    unprescribed: Vec<MissingPrescription>,
}

fn told(refused: DepartRefused, known: &Known) -> Error {
    match refused {
        DepartRefused::TooEarly => Problem::new(Code::TooEarly)
            .with("minutes", EARLIEST_DEPARTURE_MIN)
            .into(),
        DepartRefused::SecondNurseMissing => Code::SecondNurseMissing.into(),
        DepartRefused::WrongState(wrong) => store::order::wrong_state(wrong),
        DepartRefused::Unallowed => store::consent::unallowed(&known.unallowed),
        DepartRefused::Unfit => dispatch::not_eligible(&known.unfit).into(),
        DepartRefused::Unassessed => dispatch::unassessed(&known.unassessed).into(),
        DepartRefused::Contraindicated => problems::contraindicated(&known.contraindicated),
        DepartRefused::TooFew => Problem::new(Code::MoreNursesNeeded)
            .with("persons", known.gates.persons)
            .member("gates", &known.gates)
            .into(),
        DepartRefused::Unprescribed => problems::prescriptions(&known.unprescribed),
    }
}
