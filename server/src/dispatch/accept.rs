//! A nurse gets an order: by her own accept or by a coordinator's assignment. The rules are asked again,
//! the order's state decides who wins, and the database has the last word.

use entity::enums::OrderState;
use entity::ids::{AccountId, NurseId, VisitId};
use entity::{care_order, visit};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::assess::check_assessed;
use super::candidates::{judge_one, view};
use super::tell;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::calendar::local_date;
use crate::domain::eligibility::{Reason, Stage};
use crate::domain::event::EventKind;
use crate::domain::lifecycle::Command;
use crate::error::Result;
use crate::problem::{Code, Problem};
use crate::store;
use crate::store::event::NewEvent;

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

/// Gives an open order to a nurse: exactly one succeeds, the others get `order_gone`.
pub async fn accept(
    tx: &Tx,
    app: &App,
    order: care_order::Model,
    acceptance: Acceptance,
) -> Result<(care_order::Model, visit::Model)> {
    let nurse = acceptance.nurse;
    let view = view(&**tx, app, order).await?;
    // Only an open order: on any other its state is the better answer.
    if view.order.state == OrderState::Open {
        let day = local_date(view.order.window_start);
        check_assessed(&**tx, app, &view.order, day, app.now()).await?;
    }
    let judged = judge_one(&**tx, app, &view, nurse, Stage::Accept)
        .await?
        .ok_or(Code::NurseUnknown)?;
    if !judged.reasons.is_empty() {
        return Err(not_eligible(&judged.reasons).into());
    }
    let order = store::order::advance(tx, app, &view.order, Command::Accept, |_| {}).await?;
    let row = new_visit(app, &order, acceptance, judged.taken);
    store::visit::insert(tx, row.clone()).await?;
    let kind = if acceptance.assigned {
        EventKind::OrderAssigned
    } else {
        EventKind::OrderAccepted
    };
    let event = NewEvent::of_order(kind, &order, Some(acceptance.actor))
        .nurse(nurse)
        .payload(json!({ "visit_id": row.id, "distance_m": judged.candidate.map(|c| c.distance_m.round()) }));
    store::event::append(tx, app, order.community_id, event).await?;
    store::offer::mark_accepted(tx, app, &order, nurse).await?;
    store::order::withdraw_offers(tx, app, &order, None).await?;
    tell::nurse_found(tx, app, &order, &judged.nurse).await?;
    Ok((order, row))
}

fn new_visit(
    app: &App,
    order: &care_order::Model,
    acceptance: Acceptance,
    taken: crate::domain::span::Span,
) -> visit::Model {
    visit::Model {
        community_id: order.community_id,
        id: app.new_id::<VisitId>(),
        order_id: order.id,
        patient_id: order.patient_id,
        nurse_id: acceptance.nurse,
        seat: 1,
        live: true,
        version: 1,
        assigned_by: acceptance.assigned.then_some(acceptance.actor),
        accepted_at: app.now(),
        starts_at: order.window_start,
        ends_at: order.window_start + chrono::TimeDelta::minutes(i64::from(order.duration_min)),
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
        left_lng: None,
        left_lat: None,
        left_accuracy_m: None,
        record_enc: None,
        recorded_at: None,
        closed_at: None,
        released_at: None,
        release_reason_enc: None,
    }
}

/// Why she may not, in both languages; an overlap alone is a conflict like the database's own.
pub(super) fn not_eligible(reasons: &[Reason]) -> Problem {
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

/// Takes the nurse off an accepted order; it is open again and the search begins anew without her.
pub async fn release(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    actor: AccountId,
    reason: &str,
) -> Result<care_order::Model> {
    let Some(visit) = store::visit::live_of_order(&**tx, order.community_id, order.id).await?
    else {
        return Err(Code::OrderChanged.into());
    };
    let now = app.now();
    let order = store::order::advance(tx, app, order, Command::Release, |row| {
        store::order::begin_round(row, order.round + 1, now);
    })
    .await?;
    let place = FieldPlace {
        table: "visit",
        column: "release_reason_enc",
        row: visit.id.0,
    };
    let sealed = app.cipher.seal(place, reason);
    let released = store::visit::update(tx, &visit, |row| {
        row.live = Set(false);
        row.released_at = Set(Some(now));
        row.release_reason_enc = Set(Some(sealed));
    })
    .await?;
    let event = NewEvent::of_order(EventKind::OrderReleased, &order, Some(actor))
        .nurse(released.nurse_id)
        .payload(json!({ "visit_id": released.id }));
    store::event::append(tx, app, order.community_id, event).await?;
    store::order::enqueue_dispatch(tx, app, &order).await?;
    Ok(order)
}
