//! What follows from an arrival: an exception when it is in question, its proofs, a better point for the home.

use chrono::{DateTime, Utc};
use entity::enums::{ArrivalProof, FenceResult, NoFixCause, ProposalState};
use entity::ids::{AccountId, AddressProposalId, ArrivalExceptionId};
use entity::{address_proposal, arrival_exception, care_order, visit};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use crate::app::App;
use crate::crypto::{same_secret, token_hash};
use crate::db::Tx;
use crate::domain::arrival::{
    Arrived, SeenHome, SentCode, code_proves, doubt, place_proves, proposes_home,
};
use crate::domain::event::EventKind;
use crate::domain::place::{Point, SourcePlace, distance_m};
use crate::domain::visit::fence;
use crate::error::Result;
use crate::problem::{Code, Problem};
use crate::store;
use crate::store::event::NewEvent;

/// What the nurse brought along with an arrival.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    /// What her device says of a missing fix.
    pub said: Option<NoFixCause>,
    /// The device says that its place is simulated.
    pub mock: bool,
    /// Her words.
    pub reason: Option<&'a str>,
}

/// Notes an exception when an arrival is in question.
pub(crate) async fn note(
    tx: &Tx,
    app: &App,
    (visit, order): (&visit::Model, &care_order::Model),
    told: Told<'_>,
) -> Result<Option<arrival_exception::Model>> {
    let (Some(fence), Some(at)) = (visit.fence, visit.arrived_at) else {
        return Ok(None);
    };
    let arrived = Arrived {
        fence,
        has_place: visit.arrived_lng.is_some(),
        address_known: order.lng.is_some(),
        said: told.said,
        mock: told.mock,
    };
    let Some((kind, cause)) = doubt(&arrived) else {
        return Ok(None);
    };
    let id = app.new_id::<ArrivalExceptionId>();
    let seal = |text| store::arrival::seal(app, id, "reason_enc", text);
    let row = arrival_exception::Model {
        community_id: visit.community_id,
        id,
        visit_id: visit.id,
        order_id: order.id,
        patient_id: order.patient_id,
        institution_id: order.institution_id,
        nurse_id: visit.nurse_id,
        kind,
        cause,
        distance_m: visit.arrived_distance_m,
        accuracy_m: visit.arrived_accuracy_m,
        mock: told.mock,
        reason_enc: told.reason.map(seal),
        at,
        proof: None,
        proof_at: None,
        decision: None,
        resolved_by: None,
        resolved_at: None,
        note_enc: None,
        version: 1,
    };
    store::arrival::insert(tx, row.clone()).await?;
    let payload = json!({
        "exception_id": id, "visit_id": visit.id, "kind": kind, "cause": cause, "mock": told.mock,
    });
    let event = NewEvent::of_order(EventKind::ArrivalDoubted, order, None)
        .nurse(visit.nurse_id)
        .payload(payload);
    store::event::append(tx, app, order.community_id, event).await?;
    Ok(Some(row))
}

/// Metres from the address, when both are known, and how the place stands against the fence. One statement.
pub(crate) async fn judge(
    tx: &Tx,
    order: &care_order::Model,
    place: Option<&SourcePlace>,
) -> Result<(Option<f64>, FenceResult)> {
    let radius_m = store::visit::fence_radius(&**tx, order).await?;
    let address = order.lng.zip(order.lat);
    let address = address.and_then(|(lng, lat)| Point::new(lng, lat).ok());
    let both = place.zip(address);
    let distance = both.map(|(place, address)| distance_m(place.point, address));
    let accuracy = place.and_then(|place| place.accuracy_m);
    Ok((distance, fence(distance, radius_m, accuracy)))
}

/// What a nurse shows at the door.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shown<'a> {
    /// A code that the family read to her.
    Code(&'a str),
    /// The patient's card.
    Card(&'a str),
    /// A fix that came after the arrival, and whether the device says that it is simulated.
    Place(SourcePlace, bool),
}

/// Whether what she shows proves the arrival; a wrong code is counted. A fix counts from departure until she leaves.
pub(crate) async fn check(
    tx: &Tx,
    app: &App,
    (visit, order): (&visit::Model, &care_order::Model),
    exception: &arrival_exception::Model,
    shown: Shown<'_>,
    at: DateTime<Utc>,
) -> Result<Option<ArrivalProof>> {
    let (db, community) = (&**tx, exception.community_id);
    match shown {
        Shown::Place(place, mock) => {
            if !store::visit::way(visit).holds(at) {
                let problem = Problem::new(Code::OrderWrongState);
                return Err(problem.with("state", order.state).into());
            }
            let (_, fence) = judge(tx, order, Some(&place)).await?;
            Ok(place_proves(exception.kind, fence, mock).then_some(ArrivalProof::Place))
        }
        Shown::Card(token) => {
            let card = store::arrival::card(db, community, exception.patient_id).await?;
            let same = card.is_some_and(|card| same_secret(&card.token_hash, &token_hash(token)));
            Ok(same.then_some(ArrivalProof::Card))
        }
        Shown::Code(code) => {
            let visit = exception.visit_id;
            let Some(row) = store::arrival::lock_code(tx, community, visit).await? else {
                return Ok(None);
            };
            let same = same_secret(&row.code_hash, &store::arrival::code_hash(app, visit, code));
            let sent = SentCode {
                expires_at: row.expires_at,
                tries: u32::try_from(row.tries).unwrap_or(u32::MAX),
                used: row.used_at.is_some(),
            };
            if code_proves(&sent, same, at, app.config.auth.code_tries) {
                store::arrival::use_code(tx, &row, at).await?;
                return Ok(Some(ArrivalProof::Code));
            }
            store::arrival::count_try(tx, &row).await?;
            Ok(None)
        }
    }
}

/// Notes a proof. The exception stays with the coordinator, as a proven one.
pub(crate) async fn prove(
    tx: &Tx,
    app: &App,
    (visit, order): (&visit::Model, &care_order::Model),
    exception: &arrival_exception::Model,
    (proof, at, by): (ArrivalProof, DateTime<Utc>, AccountId),
) -> Result<arrival_exception::Model> {
    let exception = store::arrival::update(tx, exception, |row| {
        row.proof = Set(Some(proof));
        row.proof_at = Set(Some(at));
    })
    .await?;
    let payload = json!({ "exception_id": exception.id, "visit_id": visit.id, "proof": proof });
    let event = NewEvent::of_order(EventKind::ArrivalProven, order, Some(by))
        .nurse(visit.nurse_id)
        .payload(payload);
    store::event::append(tx, app, order.community_id, event).await?;
    propose_home(tx, app, (visit, order), exception.mock).await?;
    Ok(exception)
}

/// Proposes the place of a good arrival as the point of the address, when it is far from the one known.
pub(crate) async fn propose_home(
    tx: &Tx,
    app: &App,
    (visit, order): (&visit::Model, &care_order::Model),
    mock: bool,
) -> Result<()> {
    let Some((lng, lat)) = visit.arrived_lng.zip(visit.arrived_lat) else {
        return Ok(());
    };
    let seen = SeenHome {
        good: true,
        mock,
        accuracy_m: visit.arrived_accuracy_m,
        distance_m: visit.arrived_distance_m,
    };
    let (db, community) = (&**tx, order.community_id);
    if !proposes_home(&seen, app.config.safety.home_moved_m)
        || store::address_proposal::asked(db, community, order.address_id).await?
    {
        return Ok(());
    }
    let id = app.new_id::<AddressProposalId>();
    let row = address_proposal::Model {
        community_id: community,
        id,
        address_id: order.address_id,
        patient_id: order.patient_id,
        visit_id: visit.id,
        lng,
        lat,
        accuracy_m: visit.arrived_accuracy_m,
        distance_m: visit.arrived_distance_m,
        state: ProposalState::Open,
        created_at: app.now(),
        decided_by: None,
        decided_at: None,
    };
    if !store::address_proposal::insert(tx, row).await? {
        return Ok(());
    }
    let payload = json!({ "proposal_id": id, "address_id": order.address_id });
    let event = NewEvent::of_order(EventKind::HomeProposed, order, None).payload(payload);
    store::event::append(tx, app, community, event).await
}
