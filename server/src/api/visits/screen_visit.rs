//! `POST /v1/visits/{visit_id}/screening`: the screening is asked again at the door.

use axum::extract::State;
use entity::enums::{AlertKind, AlertSeverity};
use entity::ids::VisitId;
use entity::{care_order, visit};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::Ordered;
use super::abort_visit::break_off;
use super::step::{Act, VisitState, not_now};
use crate::answer::Answer;
use crate::api::orders::problems;
use crate::app::App;
use crate::domain::calendar::local_date;
use crate::domain::event::EventKind;
use crate::domain::screening::{self, Answers, AtTheDoor, Finding, Screening, ScreeningOutcome};
use crate::domain::steps;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::store::alert::NewAlert;
use crate::store::visit_screening::{Acknowledged, ScreeningContent};
use crate::wire::{Moment, Text};
use crate::{once, store};

/// What was answered at the door.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScreenVisit {
    /// When, by the device. Kept beside the server's time.
    pub device_at: Option<Moment>,
    /// Answers by the code of the question, as `GET /v1/visits/{visit_id}/screening` asks them.
    pub answers: Answers,
    /// Her word on soft findings; needed when there are any.
    pub acknowledgement: Option<Acknowledgement>,
}

/// Why she begins in spite of a soft finding.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acknowledgement {
    /// Why, in her words.
    #[schema(inline, example = "伤口较前好转,按医嘱继续")]
    pub reason: Text<1, 500>,
    /// Name of the doctor whom she asked by phone.
    #[schema(inline, example = "赵医生")]
    pub doctor: Option<Text<1, 50>>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DoorOutcome {
    /// Nothing stands against it.
    Clear,
    /// Something soft, with her word on it.
    Acknowledged,
    /// Something hard: the visit was broken off.
    Refused,
}

impl DoorOutcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Acknowledged => "acknowledged",
            Self::Refused => "refused",
        }
    }
}

/// The visit after its screening.
#[derive(Debug, Serialize, ToSchema)]
pub struct Screened {
    /// What came of it.
    pub outcome: DoorOutcome,
    /// What was found.
    pub findings: Vec<Finding>,
    /// The visit.
    pub visit: VisitState,
}

/// Ask the screening again at the door.
///
/// Between arrival and the start of the procedure; without it the procedure does not start. A hard finding breaks
/// the visit off with its fee and opens an alert; she leaves with `leave`. A soft one needs the nurse's reason, or the doctor whom she asked
/// by phone (`screening_acknowledge`); nothing is kept without it.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/screening", tag = "visits", request_body = ScreenVisit,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((status = 200, description = "Kept", body = Screened))
)]
pub async fn screen_visit(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<ScreenVisit>,
) -> Result<Answer> {
    once!(app, may, request.key, "screen_visit", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    })
}

/// Asks it, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &ScreenVisit) -> Result<Answer> {
    let (tx, app) = (act.tx, act.app);
    let (visit, order) = act.mine_to_lead(id).await?;
    if !steps::at_the_door(order.state) {
        return Err(not_now(&order));
    }
    let screening = judge(act, &order, &report.answers).await?;
    let word = report.acknowledgement.as_ref();
    let follows = screening::at_the_door(screening.outcome(), word.is_some());
    let outcome = match (follows, screening.outcome()) {
        (AtTheDoor::Acknowledge, _) => {
            return Err(Problem::new(Code::ScreeningAcknowledge)
                .member("findings", &screening.findings)
                .into());
        }
        (AtTheDoor::BreakOff, _) => DoorOutcome::Refused,
        (AtTheDoor::Begin, ScreeningOutcome::Clear) => DoorOutcome::Clear,
        (AtTheDoor::Begin, _) => DoorOutcome::Acknowledged,
    };
    let content = ScreeningContent {
        answers: report.answers.clone(),
        findings: screening.findings.clone(),
        acknowledged: word.map(|word| Acknowledged {
            reason: word.reason.as_str().to_owned(),
            doctor: word.doctor.as_ref().map(|name| name.as_str().to_owned()),
        }),
    };
    let (by, text) = (act.may.account, outcome.as_str());
    store::visit_screening::insert(tx, app, &visit, by, act.at, text, &content).await?;
    let sources: Vec<_> = screening
        .findings
        .iter()
        .map(|finding| json!({ "item": finding.item, "kind": finding.source.kind, "severity": finding.severity }))
        .collect();
    let payload = json!({ "outcome": outcome, "findings": sources });
    let kind = EventKind::VisitScreened;
    act.leave_event(kind, (&visit, &order), None, payload)
        .await?;
    let (visit, order) = match outcome {
        DoorOutcome::Refused => end(act, (&visit, &order), &screening).await?,
        _ => (visit, order),
    };
    let version = visit.version;
    let screened = Screened {
        outcome,
        findings: screening.findings,
        visit: VisitState::of(&visit, &order),
    };
    Ok(Answer::ok(&screened)?.version(version))
}

/// Breaks the visit off and calls the desk.
async fn end(
    act: &Act<'_>,
    visited: (&visit::Model, &care_order::Model),
    screening: &Screening,
) -> Result<(visit::Model, care_order::Model)> {
    let advice = advice(screening);
    let (visit, order) = break_off(act, visited, &advice, (None, None)).await?;
    let (kind, severity) = (AlertKind::ScreeningHard, AlertSeverity::Critical);
    let alert = NewAlert::of_order(act.app, kind, severity, &order, act.at)
        .visit(&visit)
        .detail(&advice)
        .by(act.may.account);
    store::alert::open(act.tx, act.app, alert).await?;
    Ok((visit, order))
}

/// Judges the answers by the catalogue of the order and what was on record as of the act.
async fn judge(act: &Act<'_>, order: &care_order::Model, answers: &Answers) -> Result<Screening> {
    let (db, app) = (&**act.tx, act.app);
    let ordered = Ordered::of(db, app, order).await?;
    let patient = store::patient::of_order(db, order).await?;
    let as_of = (local_date(act.at), act.at);
    let facts = store::patient::screening_facts_at(db, app, &patient, as_of).await?;
    screening::judge(&ordered.catalogue, &ordered.items(), answers, &facts)
        .map_err(problems::answers)
}

/// What the family is told, in Chinese: the end reason of the order and the detail of the alert.
fn advice(screening: &Screening) -> String {
    let hard = screening
        .findings
        .iter()
        .filter(|finding| finding.severity == crate::domain::catalogue::Severity::Hard);
    hard.map(|finding| finding.advice.zh.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}
