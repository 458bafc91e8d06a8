//! Who is told what about an order and its nurse.

use entity::enums::OrderState;
use entity::ids::{AccountId, NurseId};
use entity::{account, care_order, visit};
use serde_json::json;

use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::calendar::local;
use crate::domain::event::EventKind;
use crate::error::{Error, Result};
use crate::message::Message;
use crate::store;
use crate::store::event::NewEvent;
use crate::store::matching::NurseRow;

/// Tells whoever booked that a nurse comes.
pub(super) async fn nurse_found(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    nurse: &NurseRow,
    booker: Option<&account::Model>,
) -> Result<()> {
    let Some(booker) = booker else { return Ok(()) };
    let place = FieldPlace {
        table: "nurse",
        column: "name_enc",
        row: nurse.id.0,
    };
    let name = app
        .cipher
        .open(place, &nurse.name_enc)
        .map_err(Error::internal)?;
    let message = Message::NurseFound {
        order: order.number.clone(),
        nurse: name,
        start: start(order),
    };
    store::message::to_account(tx, app, booker, &message).await
}

/// Local start of an order's window, `MM-DD HH:MM`.
pub(crate) fn start(order: &care_order::Model) -> String {
    local(order.window_start).format("%m-%d %H:%M").to_string()
}

/// Sends a message to whoever booked.
pub(crate) async fn booker(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    message: &Message,
) -> Result<()> {
    match store::account::get(&**tx, order.community_id, order.booked_by).await? {
        Some(account) => store::message::to_account(tx, app, &account, message).await,
        None => Ok(()),
    }
}

/// Sends a message to nurses who can log in. Three statements, however many.
pub(crate) async fn nurses(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    nurses: &[NurseId],
    message: &Message,
) -> Result<()> {
    let found = store::account::of_nurses(&**tx, order.community_id, nurses).await?;
    store::message::to_all(tx, app, &found, message).await
}

/// An event and a message for each nurse who has an order.
pub(super) async fn live_nurses(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    (kind, actor): (EventKind, Option<AccountId>),
    message: &Message,
) -> Result<()> {
    let community = order.community_id;
    let visits = store::visit::live_of(&**tx, community, order.id).await?;
    let event = |visit: &visit::Model| {
        NewEvent::of_order(kind, order, actor)
            .nurse(visit.nurse_id)
            .payload(json!({ "visit_id": visit.id }))
    };
    let events: Vec<_> = visits.iter().map(event).collect();
    store::event::append_all(tx, app, community, &events).await?;
    let having: Vec<_> = visits.iter().map(|visit| visit.nurse_id).collect();
    nurses(tx, app, order, &having, message).await
}

/// Tells the coordinators that an order waits for a review, if it does.
pub(crate) async fn review_needed(tx: &Tx, app: &App, order: &care_order::Model) -> Result<()> {
    if order.state != OrderState::InReview {
        return Ok(());
    }
    let message = Message::ReviewNeeded {
        order: order.number.clone(),
        start: start(order),
    };
    coordinators(tx, app, order, &message).await
}

/// Sends a message to every coordinator whose scope reaches the order's institution.
pub(crate) async fn coordinators(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    message: &Message,
) -> Result<()> {
    let found =
        store::account::coordinators_of(&**tx, order.community_id, order.institution_id).await?;
    store::message::to_all(tx, app, &found, message).await
}
