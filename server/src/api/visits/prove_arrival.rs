//! `POST /v1/visits/{visit_id}/arrival-proof`: the nurse shows that she is at the door.

use axum::extract::State;
use entity::arrival_exception;
use entity::enums::{ArrivalDecision, ArrivalDoubt, ArrivalProof, NoFixCause};
use entity::ids::{ArrivalExceptionId, VisitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::step::Act;
use crate::answer::Answer;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::safety::arrival::{Shown, check, prove};
use crate::wire::{Moment, PlaceIn, Text};
use crate::{once, store};

/// What proves an arrival: exactly one of the three.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DoorProof {
    /// The code that was sent to the family.
    #[schema(inline, example = "123456")]
    pub code: Option<Text<6, 6>>,
    /// What the patient's card says.
    #[schema(inline)]
    pub card: Option<Text<1, 200>>,
    /// A fix that came after the arrival: it proves when it is inside the fence.
    pub place: Option<PlaceIn>,
    /// The device says that this place is simulated.
    #[serde(default)]
    pub mock: bool,
}

impl DoorProof {
    /// What is shown; a problem when it is not exactly one thing.
    pub(super) fn shown(&self, field: &str) -> Result<Shown<'_>> {
        match (&self.code, &self.card, self.place) {
            (Some(code), None, None) => Ok(Shown::Code(code.as_str())),
            (None, Some(card), None) => Ok(Shown::Card(card.as_str())),
            (None, None, Some(place)) => {
                let place = place.convert(&format!("{field}.place"))?;
                Ok(Shown::Place(place, self.mock))
            }
            _ => {
                let reason = vec![("reason", "code / card / place: 1".to_owned())];
                let problem = Problem::new(Code::InvalidRequest);
                Err(problem.field_with(field, Code::FieldInvalid, reason).into())
            }
        }
    }
}

/// A proof told after the arrival.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProveArrival {
    /// Code, card or place.
    pub proof: DoorProof,
    /// When, by the device. Kept beside the server's time.
    pub device_at: Option<Moment>,
}

/// An arrival in question as its nurse sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArrivalInQuestion {
    /// The exception.
    pub id: ArrivalExceptionId,
    /// Why it is in question.
    pub kind: ArrivalDoubt,
    /// Why there was no place to judge.
    pub cause: Option<NoFixCause>,
    /// What proves it; null as long as nothing does.
    pub proof: Option<ArrivalProof>,
    /// What the coordinator decided.
    pub decision: Option<ArrivalDecision>,
}

impl ArrivalInQuestion {
    pub(super) fn of(row: &arrival_exception::Model) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            cause: row.cause,
            proof: row.proof,
            decision: row.decision,
        }
    }
}

/// Prove an arrival that is in question.
///
/// A wrong code or card changes nothing but the count of tries: the answer then has no `proof`. After five wrong
/// tries a code is void; ask for another. A place outside the fence proves nothing either, and may be sent again; it is
/// one of the positions of the way like others. What is proven or decided already stays so: the answer shows it, and nothing
/// changes.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/arrival-proof", tag = "visits", request_body = ProveArrival,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller whose arrival is in question")),
    responses((status = 200, description = "How the arrival stands now", body = ArrivalInQuestion))
)]
pub async fn prove_arrival(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<ProveArrival>,
) -> Result<Answer> {
    once!(app, may, request.key, "prove_arrival", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    })
}

/// Proves it, as of the act. A wrong code is an answer, not a refusal, so that the try stays counted.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &ProveArrival) -> Result<Answer> {
    let (tx, app) = (act.tx, act.app);
    let shown = report.proof.shown("proof")?;
    let (visit, order) = act.mine(id).await?;
    let exception = store::arrival::of_visit(&**tx, visit.community_id, visit.id)
        .await?
        .ok_or(Code::ArrivalNotInQuestion)?;
    // Family or coordinator may have been first before this is told: that must not hold what she did after it.
    if exception.proof.is_some() || exception.decision.is_some() {
        return Answer::ok(&ArrivalInQuestion::of(&exception));
    }
    let visited = (&visit, &order);
    let proof = check(tx, app, visited, &exception, shown, act.at).await?;
    if let Shown::Place(place, _) = &shown {
        act.keep_position(&visit, Some(place)).await?;
    }
    let exception = match proof {
        Some(proof) => {
            let proven = (proof, act.at, act.may.account);
            prove(tx, app, visited, &exception, proven).await?
        }
        None => exception,
    };
    Answer::ok(&ArrivalInQuestion::of(&exception))
}
