//! `POST /v1/orders/{order_id}/review`: decide on what screening sent to review.

use axum::extract::State;
use entity::ids::OrderId;
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{self, OrderRules};
use super::wire::Order;
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::Command;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::message::Message;
use crate::problem::{Code, Problem};
use crate::store::event::NewEvent;
use crate::store::order::Sealed;
use crate::wire::Text;
use crate::{dispatch, once, store};

/// What a review decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewDecision {
    /// It is fit for a visit at home.
    Approve,
    /// It is not; the reason says where to go.
    Refuse,
}

/// A decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewOrder {
    /// The decision.
    pub decision: ReviewDecision,
    /// Told to the family, 1 to 300 characters; needed to refuse. Kept with the order (`review_reason`, and of a refusal
    /// `end_reason` too).
    #[schema(inline)]
    pub reason: Option<Text<1, 300>>,
}

/// Approve or refuse an order that waits for review.
///
/// Approved, it is open and a nurse is looked for at once. Refused, it is over and costs nothing.
#[utoipa::path(
    post, path = "/v1/orders/{order_id}/review", tag = "orders", request_body = ReviewOrder,
    params(
        ("order_id" = OrderId, Path, description = "An order within the caller's sight"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((
        status = 200, description = "Decided", body = Order,
        headers(("ETag" = String, description = "Its new version"))
    ))
)]
pub async fn review_order(
    State(app): State<App>,
    may: May<grants::ReviewScreening>,
    Id(id): Id<OrderId>,
    IdempotencyKey { key, body: request }: IdempotencyKey<ReviewOrder>,
) -> Result<Answer> {
    let (command, kind) = match request.decision {
        ReviewDecision::Approve => (Command::Approve, EventKind::OrderApproved),
        ReviewDecision::Refuse => (Command::Refuse, EventKind::OrderRefused),
    };
    let refused = request.decision == ReviewDecision::Refuse;
    let reason = request.reason;
    if refused && reason.is_none() {
        let name = vec![("name", "reason".to_owned())];
        let problem = Problem::new(Code::InvalidRequest);
        return Err(problem
            .field_with("reason", Code::FieldMissing, name)
            .into());
    }
    let read = store::order::require(app.db.reader(), &may.scope, id).await?;
    let rules = OrderRules::of(app.db.reader(), &app, &read).await?;
    once!(app, may, key, "review_order", |tx| {
        let order = store::order::require(&**tx, &may.scope, id).await?;
        let sealed = |column: Sealed| {
            let reason = reason.as_ref();
            Set(reason.map(|reason| column.seal(&app, id, reason.as_str())))
        };
        let order = store::order::advance(tx, &app, &order, command, |row| {
            row.review_reason_enc = sealed(Sealed::ReviewReason);
            if refused {
                row.end_reason_enc = sealed(Sealed::EndReason);
            } else {
                store::order::begin_round(row, order.round, app.now());
            }
        })
        .await?;
        // One of two seats may be taken, when an assessment lapsed since.
        if refused {
            dispatch::free_seats(tx, &app, &order, Some(may.account), "refused").await?;
        }
        let event = NewEvent::of_order(kind, &order, Some(may.account));
        store::event::append(tx, &app, may.community, event).await?;
        if refused {
            let number = order.number.clone();
            let message = Message::ReviewRefused { order: number };
            dispatch::tell::booker(tx, &app, &order, &message).await?;
        } else {
            store::order::enqueue_dispatch(tx, &app, &order).await?;
        }
        let order = view::read(&**tx, &app, &order, &rules).await?.shown;
        let version = order.summary.version;
        Ok(Answer::ok(&order)?.version(version))
    })
}
