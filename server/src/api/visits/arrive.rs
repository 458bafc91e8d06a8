//! `POST /v1/visits/{visit_id}/arrive`: the nurse is at the door.

use axum::extract::State;
use entity::enums::NoFixCause;
use entity::ids::VisitId;
use entity::{care_order, visit};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::prove_arrival::DoorProof;
use super::step::{Act, VisitState, place_of};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::Command;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::safety::arrival::{self, Shown, Told};
use crate::wire::{Moment, PlaceIn, Text};
use crate::{once, store};

/// Where and when she arrived.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Arrival {
    /// When, by the device. Kept beside the server's time.
    pub device_at: Option<Moment>,
    /// Where, with the accuracy the device reports.
    pub place: Option<PlaceIn>,
    /// Why there is no place; needed when there is none.
    pub no_fix_reason: Option<NoFixReason>,
    /// The device says that the place is simulated.
    #[serde(default)]
    pub mock: bool,
    /// Outside the fence or without a place: what the nurse says to it.
    #[schema(inline, example = "地图位置偏到村口,已在患者家中")]
    pub reason: Option<Text<1, 300>>,
    /// Outside the fence or without a place: what shows that she is at the door. It may follow later.
    pub proof: Option<DoorProof>,
}

/// Why a device gave no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoFixReason {
    /// The person did not allow it.
    Denied,
    /// No fix in time.
    Timeout,
    /// Location is switched off.
    Off,
    /// A fix without a usable accuracy.
    NoAccuracy,
}

impl From<NoFixReason> for NoFixCause {
    fn from(reason: NoFixReason) -> Self {
        match reason {
            NoFixReason::Denied => Self::Denied,
            NoFixReason::Timeout => Self::Timeout,
            NoFixReason::Off => Self::Off,
            NoFixReason::NoAccuracy => Self::NoAccuracy,
        }
    }
}

/// Arrive.
///
/// The fence is the patient's radius plus the reported accuracy. Outside, or without a fix, the arrival is
/// recorded and flagged, never refused: it becomes an exception that a coordinator sees, unproven until a code, the
/// patient's card, the family's word or a later fix proves it. Never wait for a fix: arrive, and send it when it comes.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/arrive", tag = "visits", request_body = Arrival,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((status = 200, description = "Arrived; `fence` tells how the place stood", body = VisitState))
)]
pub async fn arrive(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<Arrival>,
) -> Result<Answer> {
    once!(app, may, request.key, "arrive", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    })
}

/// Arrives, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &Arrival) -> Result<Answer> {
    let place = place_of(report.place)?;
    if place.is_none() && report.no_fix_reason.is_none() {
        let problem = Problem::new(Code::InvalidRequest);
        return Err(problem
            .field("no_fix_reason", Code::NoFixReasonMissing)
            .into());
    }
    let shown = report.proof.as_ref();
    let shown = shown.map(|proof| proof.shown("proof")).transpose()?;
    let (visit, order) = act.mine(id).await?;
    let order = act.advance(&visit, order, Command::Arrive).await?;
    let (distance, result) = arrival::judge(act.tx, &order, place.as_ref()).await?;
    let visit = store::visit::update(act.tx, &visit, |row| {
        row.arrived_at = Set(Some(act.at));
        row.arrived_device_at = Set(act.device_at);
        row.arrived_lng = Set(place.map(|place| place.point.lng()));
        row.arrived_lat = Set(place.map(|place| place.point.lat()));
        row.arrived_accuracy_m = Set(place.and_then(|place| place.accuracy_m));
        row.arrived_distance_m = Set(distance);
        row.fence = Set(Some(result));
    })
    .await?;
    act.keep_position(&visit, place.as_ref()).await?;
    let payload = json!({
        "fence": result,
        "distance_m": distance.map(f64::round),
        "no_fix_reason": report.no_fix_reason,
        "mock": report.mock,
    });
    let kind = EventKind::VisitArrived;
    act.leave_event(kind, (&visit, &order), place.as_ref(), payload)
        .await?;
    in_question(act, (&visit, &order), report, shown).await?;
    Ok(Answer::ok(&VisitState::of(&visit, &order))?.version(visit.version))
}

/// Notes an arrival in question with what she brings against the doubt; a good one may know the home better.
async fn in_question(
    act: &Act<'_>,
    visit: (&visit::Model, &care_order::Model),
    report: &Arrival,
    shown: Option<Shown<'_>>,
) -> Result<()> {
    let (tx, app) = (act.tx, act.app);
    let told = Told {
        said: report.no_fix_reason.map(NoFixCause::from),
        mock: report.mock,
        reason: report.reason.as_ref().map(Text::as_str),
    };
    let Some(exception) = arrival::note(tx, app, visit, told).await? else {
        return arrival::propose_home(tx, app, visit, report.mock).await;
    };
    let Some(shown) = shown else { return Ok(()) };
    // A wrong code leaves the arrival unproven; she may try again.
    let proof = arrival::check(tx, app, visit, &exception, shown, act.at).await?;
    if let Some(proof) = proof {
        let proven = (proof, act.at, act.may.account);
        arrival::prove(tx, app, visit, &exception, proven).await?;
    }
    Ok(())
}
