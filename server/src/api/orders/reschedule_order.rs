//! `POST /v1/orders/{order_id}/reschedule`: move the window.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::care_order;
use entity::enums::OrderState;
use entity::ids::{NurseId, OrderId, PrescriptionId};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::create_order;
use super::problems;
use super::view::{self, OrderRules, quote_of};
use super::wire::{Order, WindowIn};
use crate::answer::Answer;
use crate::app::App;
use crate::charges;
use crate::db::Tx;
use crate::dispatch;
use crate::domain::booking;
use crate::domain::calendar::{Calendar, local_date};
use crate::domain::catalogue::ItemCode;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::{self, CancelStage, Command};
use crate::domain::price::{self, Quote};
use crate::domain::screening::hard_on_record;
use crate::error::{Error, Result};
use crate::extract::{Id, IdempotencyKey, IfMatch, May, grants};
use crate::message::Message;
use crate::problem::Code;
use crate::rules::RuleBook;
use crate::store::event::NewEvent;
use crate::{once, store};

/// The new window.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RescheduleOrder {
    /// When the visit is wanted now.
    pub window: WindowIn,
}

/// A moved order and what that did to its price.
#[derive(Debug, Serialize, ToSchema)]
pub struct RescheduledOrder {
    /// The order as it stands now.
    pub order: Order,
    /// The price before, in fen.
    pub total_before_fen: i64,
    /// What is added to the price, in fen; negative when it got cheaper.
    pub difference_fen: i64,
}

/// Move an order to another window.
///
/// The rules of booking hold again, for the new day: consents, prescriptions, assessments and visit rules too; what stands
/// hard against it on the record refuses (`contraindicated`). The price is made anew by the rules it was first priced by, so
/// only night and holiday surcharges can change it. An order that a nurse had is open again: she has to be asked anew. Once
/// one has set out it is not moved (`nurse_set_out`); once it is so late that calling off costs more, a family does not move
/// it any more (`reschedule_too_late`); staff of the institution may.
#[utoipa::path(
    post, path = "/v1/orders/{order_id}/reschedule", tag = "orders", request_body = RescheduleOrder,
    params(
        ("order_id" = OrderId, Path, description = "An order within the caller's sight"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((
        status = 200, description = "Moved", body = RescheduledOrder,
        headers(("ETag" = String, description = "Its new version"))
    ))
)]
pub async fn reschedule_order(
    State(app): State<App>,
    may: May<grants::BookCare>,
    Id(id): Id<OrderId>,
    if_match: IfMatch,
    IdempotencyKey { key, body: request }: IdempotencyKey<RescheduleOrder>,
) -> Result<Answer> {
    let read = store::order::require(app.db.reader(), &may.scope, id).await?;
    let rules = OrderRules::of(app.db.reader(), &app, &read).await?;
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    once!(app, may, key, "reschedule_order", |tx| {
        // The patient first, like whatever else changes her orders.
        store::patient::lock(tx, may.community, read.patient_id).await?;
        let before = store::order::require(&**tx, &may.scope, id).await?;
        store::patient::check_may_change(&**tx, &app, &may.scope, &before).await?;
        if_match.check(before.version)?;
        check_not_late(&app, &may, &before, &rules)?;
        let (after, released) =
            reschedule(tx, &app, &before, &rules, &book, request.window).await?;
        record(tx, &app, &may, &before, &after, &released).await?;
        charges::settle_order(tx, &app, &book, &after, may.account).await?;
        // On another day an assessment may not hold any more, or may hold again.
        let after = dispatch::settle_order(tx, &app, after, Some(may.account)).await?;
        let order = view::read(&**tx, &app, &after, &rules).await?.shown;
        let moved = RescheduledOrder {
            order,
            total_before_fen: before.total_fen,
            difference_fen: after.total_fen - before.total_fen,
        };
        Ok(Answer::ok(&moved)?.version(after.version))
    })
}

/// Fails for a family that moves an accepted order when it is late enough for calling off to cost more: moved, it could
/// be called off for nothing. Staff of the institution may move it.
fn check_not_late(
    app: &App,
    may: &May<grants::BookCare>,
    order: &care_order::Model,
    rules: &OrderRules,
) -> Result<()> {
    if order.state != OrderState::Accepted || may.scope.reaches(order.institution_id) {
        return Ok(());
    }
    let (stage, quote) = (CancelStage::Accepted, quote_of(order)?);
    let (now, start) = (app.now(), order.window_start);
    if price::costs_more_now(&rules.prices, &quote, stage, now, start) {
        return Err(Code::RescheduleTooLate.into());
    }
    Ok(())
}

/// Moves order and items, frees its nurses and tells who they were.
async fn reschedule(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    rules: &OrderRules,
    book: &RuleBook,
    window: WindowIn,
) -> Result<(care_order::Model, Vec<NurseId>)> {
    let state =
        lifecycle::next(order.state, Command::Reschedule).map_err(store::order::wrong_state)?;
    let (start, end) = window.cut();
    let duration_min = order.duration_min.unsigned_abs();
    booking::check_window(
        start,
        end,
        duration_min,
        app.now(),
        app.config.booking_limits(),
    )
    .map_err(|error| problems::window(error, "window"))?;
    let quote = requote(order, rules, &book.calendar, start)?;
    let prescriptions = allowed(tx, app, order, (rules, book), start).await?;
    let (by, at) = ((&*rules.catalogue, &*book.visit_rules), (start, app.now()));
    let gates = store::gates::judge(tx, app, by, order, at).await?;
    let price = serde_json::to_value(&quote).map_err(Error::internal)?;
    let frozen = serde_json::to_value(&gates).map_err(Error::internal)?;
    let after = store::order::advance(tx, app, order, Command::Reschedule, |row| {
        row.window_start = Set(start);
        row.window_end = Set(end);
        row.price = Set(price);
        row.total_fen = Set(quote.total_fen);
        row.persons = Set(i32::from(gates.persons));
        row.gates = Set(frozen);
        if state == OrderState::Open {
            store::order::begin_round(row, order.round + 1, app.now());
        }
    })
    .await?;
    store::order::move_items(tx, &after).await?;
    store::prescription::link(tx, after.community_id, after.id, &prescriptions).await?;
    let freed = store::order::release_visit(tx, app, &after, true).await?;
    // Asked of what was written, so that nobody sets out in between.
    if freed.iter().any(|visit| visit.departed_at.is_some()) {
        return Err(Code::NurseSetOut.into());
    }
    let nurses = freed.into_iter().map(|visit| visit.nurse_id).collect();
    Ok((after, nurses))
}

/// What a booking asks of the patient, asked again: the use of the data (R24), nothing hard on the record (R6), and
/// prescriptions for the new day (R7), which it gives.
async fn allowed(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    (rules, book): (&OrderRules, &RuleBook),
    start: DateTime<Utc>,
) -> Result<Vec<(ItemCode, PrescriptionId)>> {
    let db = &**tx;
    let patient = store::patient::of_order(db, order).await?;
    store::consent::check_for_booking(db, &book.consents, &patient, app.now()).await?;
    let mut ordered = store::order::items_of(db, order.community_id, &[order.id]).await?;
    let ordered = ordered.remove(&order.id).unwrap_or_default();
    let items: Vec<_> = ordered
        .iter()
        .filter_map(|row| rules.catalogue.item(&row.item_code))
        .collect();
    let facts = store::patient::screening_facts(db, app, &patient, local_date(start)).await?;
    let against = hard_on_record(&rules.catalogue, &items, &facts);
    if !against.is_empty() {
        return Err(problems::contraindicated(&against));
    }
    let booked = ordered.iter().filter_map(|row| row.prescription_id);
    let booked: Vec<_> = booked.collect();
    let by = (&BTreeMap::new(), booked.as_slice());
    create_order::prescriptions(db, app, &patient, &items, by, start).await
}

/// The price for another start, by the rules and the distance of the first one.
fn requote(
    order: &care_order::Model,
    rules: &OrderRules,
    calendar: &Calendar,
    start: DateTime<Utc>,
) -> Result<Quote> {
    let first = quote_of(order)?;
    let metres = f64::from(first.distance_m);
    let quote = price::quote(
        &rules.prices,
        &rules.catalogue,
        &first.items,
        metres,
        start,
        calendar,
    );
    quote.map_err(problems::price)
}

/// Events of a moved order, a word to the nurses who had it, withdrawn offers, and the new search.
async fn record(
    tx: &Tx,
    app: &App,
    may: &May<grants::BookCare>,
    before: &care_order::Model,
    after: &care_order::Model,
    released: &[NurseId],
) -> Result<()> {
    let (community, actor) = (after.community_id, Some(may.account));
    let event = NewEvent::of_order(EventKind::OrderRescheduled, after, actor).payload(json!({
        "window_start_before": before.window_start,
        "window_end_before": before.window_end,
        "window_start": after.window_start,
        "window_end": after.window_end,
        "total_before_fen": before.total_fen,
        "total_fen": after.total_fen,
    }));
    store::event::append(tx, app, community, event).await?;
    for nurse in released {
        let event = NewEvent::of_order(EventKind::OrderReleased, after, actor).nurse(*nurse);
        let event = event.payload(json!({ "because": "rescheduled" }));
        store::event::append(tx, app, community, event).await?;
    }
    let message = Message::OrderMoved {
        order: after.number.clone(),
        start: dispatch::tell::start(after),
    };
    dispatch::tell::nurses(tx, app, after, released, &message).await?;
    store::order::withdraw_offers(tx, app, after, actor).await?;
    store::order::enqueue_dispatch(tx, app, after).await
}
