//! `POST /v1/orders/{order_id}/cancel`: call an order off.

use axum::extract::State;
use entity::care_order;
use entity::ids::OrderId;
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::view::{self, OrderRules, quote_of};
use super::wire::Order;
use crate::answer::Answer;
use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::{self, CancelStage, Command, WrongState};
use crate::domain::price::{self, Fee};
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::message::Message;
use crate::problem::Code;
use crate::safety::overdue;
use crate::store::event::NewEvent;
use crate::store::order::Sealed;
use crate::wire::Text;
use crate::{dispatch, once, store};

/// Why an order is called off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelOrder {
    /// The reason, 1 to 300 characters.
    #[schema(inline)]
    pub reason: Text<1, 300>,
    /// Take no fee. Only staff of the institution may; the reason says why.
    #[serde(default)]
    pub waive_fee: bool,
}

/// Call an order off.
///
/// The fee depends on how far the nurse had come, by the price rules the order was priced by; `cancellation` of
/// the order tells it beforehand. From the nurse's arrival on a visit is broken off instead.
#[utoipa::path(
    post, path = "/v1/orders/{order_id}/cancel", tag = "orders", request_body = CancelOrder,
    params(
        ("order_id" = OrderId, Path, description = "An order within the caller's sight"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((
        status = 200, description = "Cancelled; `fee_fen` is what is kept", body = Order,
        headers(("ETag" = String, description = "Its new version"))
    ))
)]
pub async fn cancel_order(
    State(app): State<App>,
    may: May<grants::BookCare>,
    Id(id): Id<OrderId>,
    IdempotencyKey { key, body: request }: IdempotencyKey<CancelOrder>,
) -> Result<Answer> {
    let read = store::order::require(app.db.reader(), &may.scope, id).await?;
    let rules = OrderRules::of(app.db.reader(), &app, &read).await?;
    once!(app, may, key, "cancel_order", |tx| {
        let order = store::order::require(&**tx, &may.scope, id).await?;
        store::patient::check_may_change(&**tx, &app, &may.scope, &order).await?;
        if request.waive_fee && !may.scope.reaches(order.institution_id) {
            return Err(Code::Forbidden.into());
        }
        let visits = store::visit::live_of(&**tx, order.community_id, id).await?;
        let set_out = visits.iter().any(|visit| visit.departed_at.is_some());
        let (stage, fee) = fee(&app, (&order, set_out), &rules)?;
        let charged = if request.waive_fee { 0 } else { fee.fen };
        let reason = Sealed::EndReason.seal(&app, id, request.reason.as_str());
        let order = store::order::advance(tx, &app, &order, Command::Cancel, |row| {
            row.fee_fen = Set(Some(charged));
            row.end_reason_enc = Set(Some(reason));
        })
        .await?;
        record(tx, &app, &may, (&order, set_out), stage, &fee).await?;
        let order = view::read(&**tx, &app, &order, &rules).await?.shown;
        let version = order.summary.version;
        Ok(Answer::ok(&order)?.version(version))
    })
}

/// What calling off costs now, and at which stage.
fn fee(
    app: &App,
    (order, set_out): (&care_order::Model, bool),
    rules: &OrderRules,
) -> Result<(CancelStage, Fee)> {
    let stage = lifecycle::next(order.state, Command::Cancel)
        .ok()
        .and_then(|_| lifecycle::cancel_stage(order.state, set_out))
        .ok_or(WrongState {
            state: order.state,
            command: Command::Cancel,
        })
        .map_err(store::order::wrong_state)?;
    let (start, quote) = (order.window_start, quote_of(order)?);
    let fee = price::cancellation_fee(&rules.prices, &quote, stage, app.now(), start);
    Ok((stage, fee))
}

/// Frees the nurses, withdraws the offers, and says so: one event for each nurse who had it, or one for nobody.
async fn record(
    tx: &Tx,
    app: &App,
    may: &May<grants::BookCare>,
    (order, set_out): (&care_order::Model, bool),
    stage: CancelStage,
    fee: &Fee,
) -> Result<()> {
    let (community, actor) = (order.community_id, Some(may.account));
    let freed = store::order::release_visit(tx, app, order, false).await?;
    // Asked of what was written: when somebody set out in between, the fee is another.
    if freed.iter().any(|visit| visit.departed_at.is_some()) != set_out {
        return Err(Code::OrderChanged.into());
    }
    overdue::called_off(tx, app, order, &freed).await?;
    let nurses: Vec<_> = freed.iter().map(|visit| visit.nurse_id).collect();
    let charged = order.fee_fen.unwrap_or(0);
    let event = NewEvent::of_order(EventKind::OrderCancelled, order, actor).payload(json!({
        "stage": stage.as_str(),
        "rule": fee.rule,
        "fee_fen": charged,
        "waived_fen": fee.fen - charged,
    }));
    match nurses.split_first() {
        None => store::event::append(tx, app, community, event).await?,
        Some(_) => {
            for nurse in &nurses {
                let event = event.clone().nurse(*nurse);
                store::event::append(tx, app, community, event).await?;
            }
        }
    }
    let message = Message::OrderCancelled {
        order: order.number.clone(),
    };
    dispatch::tell::nurses(tx, app, order, &nurses, &message).await?;
    store::order::withdraw_offers(tx, app, order, actor).await
}
