//! What follows for orders when their address changes: those that wait are judged, priced and searched for as if they
//! were booked there now; a nurse who has one is never sent elsewhere.

use entity::enums::OrderState;
use entity::ids::{AccountId, AddressId, CommunityId, InstitutionId, PatientId};
use entity::{address, care_order, patient};
use sea_orm::ActiveValue::Set;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::problems;
use super::view::{OrderRules, quote_of};
use crate::app::App;
use crate::charges;
use crate::db::Tx;
use crate::dispatch;
use crate::domain::address_change::{AddressChange, Follows, NurseBooked, follows, same_place};
use crate::domain::booking;
use crate::domain::event::EventKind;
use crate::domain::place::Point;
use crate::domain::price::{self, Quote};
use crate::domain::seats::LEAD;
use crate::error::{Error, Result};
use crate::message::Message;
use crate::problem::Code;
use crate::rules::RuleBook;
use crate::store;
use crate::store::event::NewEvent;

/// An address of a patient who is locked, as it was and as it is stored now.
pub(crate) struct Changed<'a> {
    /// How it changed.
    pub how: AddressChange,
    /// Before.
    pub before: &'a address::Model,
    /// After.
    pub after: &'a address::Model,
}

impl Changed<'_> {
    fn lies_elsewhere(&self) -> Result<bool> {
        let before = store::address::point(self.before)?;
        Ok(!same_place(before, store::address::point(self.after)?))
    }

    /// Whether what an order was judged or priced by is another now.
    fn counts(&self) -> Result<bool> {
        Ok(self.before.township_code != self.after.township_code || self.lies_elsewhere()?)
    }

    fn reads_otherwise(&self, app: &App) -> Result<bool> {
        // Sealed anew, the same text looks another.
        Ok(self.before.text_enc != self.after.text_enc
            && store::address::text(app, self.before)? != store::address::text(app, self.after)?)
    }
}

/// Reads into memory what orders to an address are judged by, to be done before the write; and the files that hold
/// today.
pub(crate) async fn rules(
    app: &App,
    community: CommunityId,
    home: (PatientId, AddressId),
) -> Result<RuleBook> {
    let db = app.db.reader();
    for order in going_there(db, community, home).await? {
        OrderRules::of(db, app, &order).await?;
    }
    RuleBook::current(db, app, community).await
}

/// Orders of a patient to an address whose care is not done yet.
async fn going_there(
    db: &impl ConnectionTrait,
    community: CommunityId,
    (patient, address): (PatientId, AddressId),
) -> Result<Vec<care_order::Model>> {
    let mut orders = store::order::undone_of_patient(db, community, patient).await?;
    orders.retain(|order| order.address_id == address);
    Ok(orders)
}

/// Lets the orders to an address follow its change; refused when a nurse has one of them and it may be another home.
/// One statement when none goes there, none when nothing changed that counts.
pub(crate) async fn follow(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    patient: &patient::Model,
    changed: &Changed<'_>,
    actor: AccountId,
) -> Result<()> {
    let counts = changed.counts()?;
    if !counts && !changed.reads_otherwise(app)? {
        return Ok(());
    }
    let home = (patient.id, changed.after.id);
    for order in going_there(&**tx, patient.community_id, home).await? {
        let seat_taken = seat_taken(tx, &order).await?;
        let step = follows(changed.how, order.state, seat_taken)
            .map_err(|NurseBooked| Code::AddressNurseBooked)?;
        match step {
            Follows::Anew if counts => anew(tx, app, book, patient, changed, &order, actor).await?,
            Follows::Point if counts => point(tx, app, changed.after, &order, actor).await?,
            _ => {}
        }
    }
    Ok(())
}

/// Whether one of two nurses has an order, in whatever state it waits for the other.
async fn seat_taken(tx: &Tx, order: &care_order::Model) -> Result<bool> {
    if order.persons <= LEAD {
        return Ok(false);
    }
    let live = store::visit::live_of(&**tx, order.community_id, order.id).await?;
    Ok(!live.is_empty())
}

/// An order that waits goes to the new place: by the visit rules of today, at the price of the new distance by the
/// rules it was first priced by, and searched for anew.
async fn anew(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    patient: &patient::Model,
    changed: &Changed<'_>,
    order: &care_order::Model,
    actor: AccountId,
) -> Result<()> {
    let elsewhere = changed.lies_elsewhere()?;
    let rules = OrderRules::of(&**tx, app, order).await?;
    let (files, start) = ((&*rules.catalogue, &*book.visit_rules), order.window_start);
    let gates = store::gates::judge(tx, app, files, order, (start, app.now())).await?;
    if !elsewhere && gates == store::gates::of(order)? {
        return Ok(());
    }
    // A place that is not known any more leaves institution and price as they are.
    let priced = match store::address::point(changed.after)? {
        Some(point) if elsewhere => {
            priced(tx, order, (&rules, book), patient.institution_id, point).await?
        }
        _ => None,
    };
    let price = priced
        .as_ref()
        .map(|(_, quote)| serde_json::to_value(quote));
    let price = price.transpose().map_err(Error::internal)?;
    let frozen = serde_json::to_value(&gates).map_err(Error::internal)?;
    let after = store::order::touch(tx, app, order, |row| {
        row.lng = Set(changed.after.lng);
        row.lat = Set(changed.after.lat);
        row.persons = Set(i32::from(gates.persons));
        row.gates = Set(frozen);
        if let Some(((institution, quote), price)) = priced.zip(price) {
            row.institution_id = Set(institution);
            row.price = Set(price);
            row.total_fen = Set(quote.total_fen);
        }
        if order.state == OrderState::Open {
            store::order::begin_round(row, order.round + 1, app.now());
        }
    })
    .await?;
    record(tx, app, (order, &after), actor).await?;
    charges::settle_order(tx, app, book, &after, actor).await?;
    Ok(())
}

/// Who provides an order at another place, and its price there; none when nobody does any more.
async fn priced(
    tx: &Tx,
    order: &care_order::Model,
    (rules, book): (&OrderRules, &RuleBook),
    home: InstitutionId,
    point: Point,
) -> Result<Option<(InstitutionId, Quote)>> {
    let codes = quote_of(order)?.items;
    let items = booking::check_items(&rules.catalogue, &codes).map_err(problems::items)?;
    let names: Vec<_> = codes.iter().map(ToString::to_string).collect();
    let providers = store::institution::providers(&**tx, order.community_id, Some(&names)).await?;
    let Ok(provided) = booking::choose_provider(&items, Some(point), home, &providers) else {
        return Ok(None);
    };
    let quote = price::quote(
        &rules.prices,
        &rules.catalogue,
        &codes,
        provided.charged_m(),
        order.window_start,
        &book.calendar,
    )
    .map_err(problems::price)?;
    Ok(Some((provided.institution, quote)))
}

/// The event of an order that goes elsewhere, withdrawn offers and the new search; a word to whoever booked when the
/// price is another, and to who reviews it when that is another desk.
async fn record(
    tx: &Tx,
    app: &App,
    (before, after): (&care_order::Model, &care_order::Model),
    actor: AccountId,
) -> Result<()> {
    let event = place_changed(after, actor).payload(json!({
        "place_known": after.lng.is_some(),
        "total_before_fen": before.total_fen,
        "total_fen": after.total_fen,
        "institution_before": before.institution_id,
        "institution": after.institution_id,
    }));
    store::event::append(tx, app, after.community_id, event).await?;
    if after.total_fen != before.total_fen {
        let message = Message::PriceChanged {
            order: after.number.clone(),
            before_fen: before.total_fen,
            after_fen: after.total_fen,
        };
        dispatch::tell::booker(tx, app, after, &message).await?;
    }
    if after.institution_id != before.institution_id {
        dispatch::tell::review_needed(tx, app, after).await?;
    }
    if after.state != OrderState::Open {
        return Ok(());
    }
    store::order::withdraw_offers(tx, app, after, Some(actor)).await?;
    store::order::enqueue_dispatch(tx, app, after).await
}

/// An order that a nurse has goes to the corrected point of the same home, and she hears of it.
async fn point(
    tx: &Tx,
    app: &App,
    address: &address::Model,
    order: &care_order::Model,
    actor: AccountId,
) -> Result<()> {
    let after = store::order::touch(tx, app, order, |row| {
        row.lng = Set(address.lng);
        row.lat = Set(address.lat);
    })
    .await?;
    let community = after.community_id;
    let visits = store::visit::live_of(&**tx, community, after.id).await?;
    let events: Vec<_> = visits
        .iter()
        .map(|visit| place_changed(&after, actor).nurse(visit.nurse_id))
        .collect();
    store::event::append_all(tx, app, community, &events).await
}

fn place_changed(order: &care_order::Model, actor: AccountId) -> NewEvent {
    NewEvent::of_order(EventKind::OrderPlaceChanged, order, Some(actor))
}
