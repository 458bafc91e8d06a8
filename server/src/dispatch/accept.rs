//! A nurse gets an order: by her own accept or by a coordinator's assignment. The rules are asked again,
//! the order's state decides who wins, and the database has the last word.

use entity::enums::OrderState;
use entity::ids::{AccountId, NurseId, VisitId};
use entity::{account, care_order, visit};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::assess::check_assessed;
use super::candidates::{Judged, OrderView, facts_of, judge_known, renewed, view};
use super::tell;
use crate::app::App;
use crate::db::Tx;
use crate::domain::eligibility::{Reason, Stage};
use crate::domain::event::EventKind;
use crate::domain::lifecycle::{self, Command};
use crate::domain::seats::{LEAD, free_seat};
use crate::domain::span::Span;
use crate::error::Result;
use crate::message::Message;
use crate::problem::{Code, Problem};
use crate::safety::overdue;
use crate::store;
use crate::store::event::NewEvent;
use crate::store::matching::Facts;

/// Who gets which order, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct Acceptance {
    /// The nurse.
    pub nurse: NurseId,
    /// Whoever did it: the nurse herself, or a coordinator.
    pub actor: AccountId,
    /// By hand of a coordinator.
    pub assigned: bool,
}

/// An order and a nurse who may have it, as read before the write that gives it to her.
pub struct Weighed {
    view: OrderView,
    facts: Facts,
    booker: Option<account::Model>,
}

/// Asks every rule about a nurse and an open order. Reads alone, so that nobody who writes waits for it; what may
/// change before the write is the business of [`take`]. Twelve statements, once the catalogue is in memory.
pub async fn weigh(
    db: &impl ConnectionTrait,
    app: &App,
    order: care_order::Model,
    nurse: NurseId,
) -> Result<Weighed> {
    let view = view(db, app, order, app.now()).await?;
    let order = &view.order;
    // Only an open order: on any other its state is the better answer.
    if order.state == OrderState::Open {
        check_assessed(db, app, &view).await?;
    }
    let facts = facts_of(db, app, &view, nurse).await?;
    may_take(app, &view, &facts)?;
    lifecycle::next(order.state, Command::Accept).map_err(store::order::wrong_state)?;
    let booker = store::account::get(db, order.community_id, order.booked_by).await?;
    Ok(Weighed {
        view,
        facts,
        booker,
    })
}

/// The nurse of these facts, who may; else the problem that says why not.
fn may_take(app: &App, view: &OrderView, facts: &Facts) -> Result<Judged> {
    let judged = judge_known(app, view, facts, Stage::Accept).ok_or(Code::NurseUnknown)?;
    if judged.reasons.is_empty() {
        Ok(judged)
    } else {
        Err(not_eligible(&judged.reasons).into())
    }
}

/// Weighs and takes in one write.
pub async fn accept(
    tx: &Tx,
    app: &App,
    order: care_order::Model,
    acceptance: Acceptance,
) -> Result<(care_order::Model, visit::Model)> {
    let weighed = weigh(&**tx, app, order, acceptance.nurse).await?;
    take(tx, app, &weighed, acceptance).await
}

/// Gives a seat of an open order to a nurse: exactly one a seat succeeds, the others get `order_gone`. With its last
/// seat taken the order is accepted. An order that changed since it was weighed is refused (`order_changed`); what may
/// have changed about her is read again, one accept of hers after the other. Her own accept takes her offer with it: when
/// that is not open any more, as after a decline meanwhile, the order is gone for her.
pub async fn take(
    tx: &Tx,
    app: &App,
    weighed: &Weighed,
    acceptance: Acceptance,
) -> Result<(care_order::Model, visit::Model)> {
    let (view, nurse) = (&weighed.view, acceptance.nurse);
    let (order, seat, more) = take_seat(tx, app, &view.order).await?;
    store::nurse::lock(tx, order.community_id, nurse).await?;
    let facts = renewed(&**tx, app, view, nurse, &weighed.facts).await?;
    let judged = may_take(app, view, &facts)?;
    let time = (view.facts.visit(), judged.taken);
    let row = new_visit(app, &order, acceptance, (seat, time));
    store::visit::insert(tx, row.clone()).await?;
    overdue::expect(tx, app, &row).await?;
    let kind = if acceptance.assigned {
        EventKind::OrderAssigned
    } else {
        EventKind::OrderAccepted
    };
    let distance_m = judged.distance_m.map(f64::round);
    let event = NewEvent::of_order(kind, &order, Some(acceptance.actor))
        .nurse(nurse)
        .payload(json!({ "visit_id": row.id, "seat": seat, "distance_m": distance_m }));
    let offered = store::offer::mark_accepted(tx, app, &order, nurse).await?;
    if !offered && !acceptance.assigned {
        return Err(Code::OrderGone.into());
    }
    if more {
        store::event::append(tx, app, order.community_id, event).await?;
    } else {
        store::order::withdraw_offers_after(tx, app, &order, event).await?;
    }
    tell::nurse_found(tx, app, &order, &judged.nurse, weighed.booker.as_ref()).await?;
    if acceptance.assigned {
        let message = Message::NurseAssigned {
            order: order.number.clone(),
            start: tell::start(&order),
        };
        tell::nurses(tx, app, &order, &[acceptance.nurse], &message).await?;
    }
    Ok((order, row))
}

/// The order with one more seat taken, the seat, and whether it has another.
async fn take_seat(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
) -> Result<(care_order::Model, i32, bool)> {
    if order.persons <= LEAD {
        let order = store::order::advance(tx, app, order, Command::Accept, |_| {}).await?;
        return Ok((order, LEAD, false));
    }
    // Two may take seats at the same moment: read again under a lock, it is still the order that was weighed.
    let locked = store::order::lock(tx, order).await?;
    lifecycle::next(locked.state, Command::Accept).map_err(store::order::wrong_state)?;
    if locked.round != order.round {
        return Err(Code::OrderChanged.into());
    }
    let taken = store::visit::live_of(&**tx, order.community_id, order.id).await?;
    let taken: Vec<_> = taken.iter().map(|visit| visit.seat).collect();
    let (seat, more) = free_seat(order.persons, &taken).ok_or(Code::OrderGone)?;
    let order = if more {
        store::order::touch(tx, app, &locked, |_| {}).await?
    } else {
        store::order::advance(tx, app, &locked, Command::Accept, |_| {}).await?
    };
    Ok((order, seat, more))
}

fn new_visit(
    app: &App,
    order: &care_order::Model,
    acceptance: Acceptance,
    (seat, (there, taken)): (i32, (Span, Span)),
) -> visit::Model {
    visit::Model {
        community_id: order.community_id,
        id: app.new_id::<VisitId>(),
        order_id: order.id,
        patient_id: order.patient_id,
        nurse_id: acceptance.nurse,
        seat,
        live: true,
        version: 1,
        assigned_by: acceptance.assigned.then_some(acceptance.actor),
        accepted_at: app.now(),
        starts_at: there.from,
        ends_at: there.to,
        busy_from: taken.from,
        busy_to: taken.to,
        departed_at: None,
        arrived_at: None,
        arrived_device_at: None,
        arrived_lng: None,
        arrived_lat: None,
        arrived_accuracy_m: None,
        arrived_distance_m: None,
        fence: None,
        started_at: None,
        finished_at: None,
        left_at: None,
        left_lng: None,
        left_lat: None,
        left_accuracy_m: None,
        left_distance_m: None,
        left_fence: None,
        left_no_fix: None,
        record_enc: None,
        recorded_at: None,
        closed_at: None,
        released_at: None,
        release_reason_enc: None,
    }
}

/// Why she may not, in both languages; an overlap alone is a conflict like the database's own.
pub fn not_eligible(reasons: &[Reason]) -> Problem {
    use entity::enums::Language;
    if reasons.iter().all(|reason| reason.code() == "overlap") {
        return Problem::new(Code::NurseDoubleBooked);
    }
    let list: Vec<_> = reasons
        .iter()
        .map(|reason| json!({ "code": reason.code(), "zh": reason.text(Language::Zh), "en": reason.text(Language::En) }))
        .collect();
    Problem::new(Code::NurseNotEligible).member("reasons", list)
}
