//! What orders are charged when something else may pay for them (R22): settled whenever an order is made or moved, and
//! whenever something that pays is recorded or ended.

use std::collections::BTreeMap;

use entity::ids::{AccountId, CommunityId, OrderId, PatientId};
use entity::{care_order, order_charge};
use serde_json::{Value, json};

use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::local_date;
use crate::domain::catalogue::ItemCode;
use crate::domain::charge::{Covered, Held, Settled, Standing, settle};
use crate::domain::event::EventKind;
use crate::error::{Error, Result};
use crate::rules::RuleBook;
use crate::store;
use crate::store::event::NewEvent;

/// Settles an order that was just made for a patient who is locked, and gives its charge when somebody has to decide on
/// it. One statement where nothing else pays.
pub(crate) async fn settle_new(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    order: &care_order::Model,
    actor: AccountId,
) -> Result<Option<order_charge::Model>> {
    let none = BTreeMap::new();
    let mut charges = settle_all(tx, app, book, std::slice::from_ref(order), none, actor).await?;
    Ok(charges.remove(&order.id))
}

/// Settles one order, and gives its charge when somebody has to decide on it or has decided.
pub(crate) async fn settle_order(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    order: &care_order::Model,
    actor: AccountId,
) -> Result<Option<order_charge::Model>> {
    store::patient::lock(tx, order.community_id, order.patient_id).await?;
    let asked = store::charge::of_orders(&**tx, order.community_id, [order.id]).await?;
    let mut charges = settle_all(tx, app, book, std::slice::from_ref(order), asked, actor).await?;
    Ok(charges.remove(&order.id))
}

/// Settles the orders of a patient who is locked: those of old days too, which may have been charged twice.
pub(crate) async fn settle_patient(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    (community, patient): (CommunityId, PatientId),
    actor: AccountId,
) -> Result<()> {
    let orders = store::charge::orders_of_patient(&**tx, community, patient).await?;
    let ids = orders.iter().map(|order| order.id);
    let asked = store::charge::of_orders(&**tx, community, ids).await?;
    settle_all(tx, app, book, &orders, asked, actor).await?;
    Ok(())
}

/// Settles orders of one patient, whose charges so far are given: one statement where nothing else ever paid, else two,
/// and what changes. Gives the charges as they stand then.
async fn settle_all(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    orders: &[care_order::Model],
    mut charges: BTreeMap<OrderId, order_charge::Model>,
    actor: AccountId,
) -> Result<BTreeMap<OrderId, order_charge::Model>> {
    let Some(first) = orders.first() else {
        return Ok(BTreeMap::new());
    };
    let (db, community) = (&**tx, first.community_id);
    let held = store::entitlement::held(db, community, first.patient_id).await?;
    if charges.is_empty() && held.is_empty() {
        return Ok(charges);
    }
    let ids: Vec<_> = orders.iter().map(|order| order.id).collect();
    let items = store::order::items_of(db, community, &ids).await?;
    for order in orders {
        let items = items.get(&order.id).map_or(&[][..], Vec::as_slice);
        let codes = items.iter().map(|item| ItemCode::new(&*item.item_code));
        let codes: Vec<_> = codes.collect::<Result<_, _>>().map_err(Error::internal)?;
        let covered = on_day(book, &codes, order, &held);
        let before = charges.remove(&order.id);
        let after = settle_one(tx, app, book, (order, &covered), before, actor).await?;
        charges.extend(after.map(|row| (order.id, row)));
    }
    Ok(charges)
}

fn on_day(
    book: &RuleBook,
    items: &[ItemCode],
    order: &care_order::Model,
    held: &[Held],
) -> Vec<Covered> {
    let day = local_date(order.window_start);
    book.entitlements.covered(items, day, held)
}

async fn settle_one(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    (order, covered): (&care_order::Model, &[Covered]),
    before: Option<order_charge::Model>,
    actor: AccountId,
) -> Result<Option<order_charge::Model>> {
    let known = before.as_ref().map(store::charge::covered).transpose()?;
    let standing = before
        .as_ref()
        .zip(known.as_deref())
        .map(|(row, covered)| Standing {
            state: row.state,
            covered,
            total_fen: row.total_fen,
        });
    let (after, kind, payload) = match settle(standing, covered, order.total_fen) {
        Settled::Keep => return Ok(before),
        Settled::Ask => {
            let version = i32::try_from(book.entitlements.version).map_err(Error::internal)?;
            let row = store::charge::ask(tx, app, order, covered, version).await?;
            let payload = json!({ "total_fen": order.total_fen, "covered": named(covered) });
            (Some(row), EventKind::ChargeReviewAsked, payload)
        }
        Settled::Drop => {
            store::charge::clear(tx, order).await?;
            let payload = json!({ "total_fen": order.total_fen });
            (None, EventKind::ChargeReviewDropped, payload)
        }
    };
    let event = NewEvent::of_order(kind, order, Some(actor)).payload(payload);
    store::event::append(tx, app, order.community_id, event).await?;
    Ok(after)
}

/// Items and entitlements, for the trail.
fn named(covered: &[Covered]) -> Value {
    let mut items: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for one in covered {
        items
            .entry(one.item.as_str())
            .or_default()
            .push(one.entitlement_id);
    }
    json!(items)
}
