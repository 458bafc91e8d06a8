//! A nurse loses an order that she has: taken off by the desk, given back by herself, or freed because it is over.

use entity::ids::{AccountId, NurseId, VisitId};
use entity::{care_order, visit};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::tell;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::Command;
use crate::domain::seats::{self, Freed, ReleaseRefused};
use crate::error::{Error, Result};
use crate::message::Message;
use crate::problem::{Code, Problem};
use crate::safety::overdue;
use crate::store;
use crate::store::event::NewEvent;

/// Frees whoever has a seat of an order that is over, with an event and a word for each.
pub async fn free_seats(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    actor: Option<AccountId>,
    because: &str,
) -> Result<()> {
    let freed = store::order::release_visit(tx, app, order, false).await?;
    overdue::called_off(tx, app, order, &freed).await?;
    for visit in &freed {
        let event =
            NewEvent::of_order(EventKind::OrderReleased, order, actor).nurse(visit.nurse_id);
        let event = event.payload(json!({ "because": because }));
        store::event::append(tx, app, order.community_id, event).await?;
    }
    let nurses: Vec<_> = freed.iter().map(|visit| visit.nurse_id).collect();
    tell_released(tx, app, order, &nurses).await
}

async fn tell_released(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    nurses: &[NurseId],
) -> Result<()> {
    let message = Message::NurseReleased {
        order: order.number.clone(),
    };
    tell::nurses(tx, app, order, nurses, &message).await
}

/// The visit to be released: the one named, or the only one there is.
fn to_release(visits: Vec<visit::Model>, named: Option<VisitId>) -> Result<visit::Model> {
    let mut visits: Vec<_> = visits
        .into_iter()
        .filter(|visit| named.is_none_or(|id| visit.id == id))
        .collect();
    match (visits.pop(), visits.is_empty(), named) {
        (Some(visit), true, _) => Ok(visit),
        (Some(_), false, _) => {
            let problem = Problem::new(Code::SeatUnclear);
            Err(problem.field("visit_id", Code::SeatUnclear).into())
        }
        (None, _, Some(_)) => Err(Code::NotFound.into()),
        (None, _, None) => Err(Code::OrderChanged.into()),
    }
}

/// Who is taken off an order, by whom, and why.
#[derive(Clone, Copy, Debug)]
pub struct Release<'a> {
    /// Her visit; none: the only one there is.
    pub visit: Option<VisitId>,
    /// Whoever does it.
    pub actor: AccountId,
    /// Kept with the visit.
    pub reason: &'a str,
    /// She gives it back herself.
    pub given_back: bool,
}

/// Takes a nurse off an order she has not set out for; it is open again and the search begins anew without her. The
/// nurse of another seat keeps hers. Of a visit under way a second nurse who is not there is taken off and it goes on;
/// on her way she is followed and watched until she says that she has left.
pub async fn release(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    off: Release<'_>,
) -> Result<care_order::Model> {
    let visits = store::visit::live_of(&**tx, order.community_id, order.id).await?;
    if visits.is_empty() {
        return Err(Code::OrderChanged.into());
    }
    let visit = to_release(visits, off.visit)?;
    let (out, there) = (visit.departed_at.is_some(), visit.arrived_at.is_some());
    if off.given_back && out {
        return Err(Code::NurseSetOut.into());
    }
    let freed = seats::release(order.state, visit.seat, (out, there)).map_err(stays)?;
    let order = match freed {
        Freed::GoesOn => store::order::touch(tx, app, order, |_| {}).await?,
        Freed::LooksAgain => look_again(tx, app, order, off.actor).await?,
    };
    let visit = end_visit(tx, app, &visit, off.reason).await?;
    if out {
        let of = (visit.community_id, visit.id);
        overdue::broken_off(tx, app, of, app.now()).await?;
    }
    if off.given_back {
        overdue::heard(tx, app, &visit, off.actor).await?;
    }
    tell_of_release(tx, app, &order, &visit, off).await?;
    match freed {
        Freed::GoesOn => tell_who_goes_on(tx, app, &order, off.actor).await?,
        Freed::LooksAgain => store::order::enqueue_dispatch(tx, app, &order).await?,
    }
    Ok(order)
}

/// The event and a word for the nurse who is under way alone now.
async fn tell_who_goes_on(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    actor: AccountId,
) -> Result<()> {
    let message = Message::SecondGone {
        order: order.number.clone(),
    };
    let event = (EventKind::VisitSecondGone, Some(actor));
    tell::live_nurses(tx, app, order, event, &message).await
}

fn stays(refused: ReleaseRefused) -> Error {
    match refused {
        ReleaseRefused::WrongState(wrong) => store::order::wrong_state(wrong),
        ReleaseRefused::SetOut => Code::NurseSetOut.into(),
    }
}

/// The order open in a new round.
async fn look_again(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    actor: AccountId,
) -> Result<care_order::Model> {
    let again = |row: &mut care_order::ActiveModel| {
        store::order::begin_round(row, order.round + 1, app.now());
    };
    if !seats::has_free_seat(order.state) {
        return store::order::advance(tx, app, order, Command::Release, again).await;
    }
    let order = store::order::touch(tx, app, order, again).await?;
    store::order::withdraw_offers(tx, app, &order, Some(actor)).await?;
    Ok(order)
}

/// Takes a visit from its nurse, with the reason.
async fn end_visit(tx: &Tx, app: &App, visit: &visit::Model, reason: &str) -> Result<visit::Model> {
    let place = FieldPlace {
        table: "visit",
        column: "release_reason_enc",
        row: visit.id.0,
    };
    let sealed = app.cipher.seal(place, reason);
    store::visit::update(tx, visit, |row| {
        row.live = Set(false);
        row.released_at = Set(Some(app.now()));
        row.release_reason_enc = Set(Some(sealed));
    })
    .await
}

/// The event, and a word to whom it is news: the nurse who was taken off, or the desk that is given it back.
async fn tell_of_release(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    visit: &visit::Model,
    off: Release<'_>,
) -> Result<()> {
    let event = NewEvent::of_order(EventKind::OrderReleased, order, Some(off.actor))
        .nurse(visit.nurse_id)
        .payload(json!({ "visit_id": visit.id }));
    store::event::append(tx, app, order.community_id, event).await?;
    if !off.given_back {
        return tell_released(tx, app, order, &[visit.nurse_id]).await;
    }
    let message = Message::GivenBack {
        order: order.number.clone(),
        start: tell::start(order),
    };
    tell::coordinators(tx, app, order, &message).await
}
