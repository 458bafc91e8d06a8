//! `POST /v1/orders/{order_id}/charge-review`: whether the family is charged for what something else may pay for (R22).

use std::collections::BTreeSet;

use axum::extract::State;
use entity::enums::ChargeState;
use entity::ids::{EntitlementId, OrderId};
use entity::{care_order, order_charge};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::view::{self, OrderRules, quote_of};
use super::wire::Order;
use crate::answer::Answer;
use crate::app::App;
use crate::domain::charge::{self, Decision, DecisionError};
use crate::domain::event::EventKind;
use crate::error::{Error, Result};
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::store::event::NewEvent;
use crate::wire::Text;
use crate::{once, store};

/// What a review of a charge decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChargeDecision {
    /// The family is charged the price.
    Charge,
    /// Something else pays, for all of it or a part.
    PaidElsewhere,
}

/// A decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewCharge {
    /// The decision.
    pub decision: ChargeDecision,
    /// Of `paid_elsewhere`: the entitlements that pay, of those in `charge.covered`.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub paid_by: BTreeSet<EntitlementId>,
    /// Of `paid_elsewhere`: what the family is still charged, in fen. At least procedure and consumables of the items that
    /// `paid_by` does not hold, and less than the price.
    #[schema(minimum = 0)]
    pub charge_fen: Option<i64>,
    /// Why; kept sealed and shown with the order.
    #[schema(inline, example = "长护险已支付留置导尿护理,家属只付上门费")]
    pub reason: Text<1, 300>,
}

/// Decide whether an order is charged that something else may pay for.
///
/// Nothing is charged before. The visit goes on meanwhile. When the order is moved, or what pays is recorded or ended, so that
/// something else pays or the price is another, it is asked again.
#[utoipa::path(
    post, path = "/v1/orders/{order_id}/charge-review", tag = "charges", request_body = ReviewCharge,
    params(
        ("order_id" = OrderId, Path, description = "An order within the caller's sight"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((
        status = 200, description = "Decided", body = Order,
        headers(("ETag" = String, description = "The version of the order, which this does not change"))
    ))
)]
pub async fn review_charge(
    State(app): State<App>,
    may: May<grants::ReviewCharges>,
    Id(id): Id<OrderId>,
    IdempotencyKey { key, body }: IdempotencyKey<ReviewCharge>,
) -> Result<Answer> {
    let decision = decision(&body)?;
    let read = store::order::require(app.db.reader(), &may.scope, id).await?;
    let rules = OrderRules::of(app.db.reader(), &app, &read).await?;
    once!(app, may, key, "review_charge", |tx| {
        let order = store::order::require(&**tx, &may.scope, id).await?;
        let asked = under_review(tx, &order).await?;
        let covered = store::charge::covered(&asked)?;
        let charge_fen =
            charge::decide(&quote_of(&order)?, &covered, &decision).map_err(refused)?;
        let paid_by = match &decision {
            Decision::Charge => None,
            Decision::PaidElsewhere { paid_by, .. } => Some(json!(paid_by)),
        };
        let decided = order_charge::Model {
            state: match decision {
                Decision::Charge => ChargeState::Charge,
                Decision::PaidElsewhere { .. } => ChargeState::PaidElsewhere,
            },
            charge_fen: Some(charge_fen),
            paid_by: paid_by.clone(),
            reason_enc: Some(store::charge::seal_reason(&app, id, body.reason.as_str())),
            decided_by: Some(may.account),
            decided_at: Some(app.now()),
            ..asked.clone()
        };
        let state = decided.state;
        if !store::charge::decide(tx, &asked, decided).await? {
            return Err(Code::ChargeNotUnderReview.into());
        }
        let event = NewEvent::of_order(EventKind::ChargeReviewed, &order, Some(may.account))
            .payload(json!({
                "state": state, "total_fen": order.total_fen, "charge_fen": charge_fen, "paid_by": paid_by,
            }));
        store::event::append(tx, &app, may.community, event).await?;
        let order = view::read(&**tx, &app, &order, &rules).await?.shown;
        let version = order.summary.version;
        Ok(Answer::ok(&order)?.version(version))
    })
}

/// What is decided; what belongs to the other decision is refused.
fn decision(body: &ReviewCharge) -> Result<Decision> {
    let unwanted = |field: &'static str| {
        let problem = Problem::new(Code::InvalidRequest);
        Err(Error::from(problem.field(field, Code::FieldNotHere)))
    };
    match (body.decision, body.charge_fen) {
        (ChargeDecision::Charge, Some(_)) => unwanted("charge_fen"),
        (ChargeDecision::Charge, None) if !body.paid_by.is_empty() => unwanted("paid_by"),
        (ChargeDecision::Charge, None) => Ok(Decision::Charge),
        (ChargeDecision::PaidElsewhere, None) => {
            let (field, problem) = ("charge_fen", Problem::new(Code::InvalidRequest));
            let name = vec![("name", field.to_owned())];
            Err(problem.field_with(field, Code::FieldMissing, name).into())
        }
        (ChargeDecision::PaidElsewhere, Some(charge_fen)) => Ok(Decision::PaidElsewhere {
            paid_by: body.paid_by.clone(),
            charge_fen,
        }),
    }
}

/// The charge, when somebody has to decide on it.
async fn under_review(
    tx: &crate::db::Tx,
    order: &care_order::Model,
) -> Result<order_charge::Model> {
    let mut found = store::charge::of_orders(&**tx, order.community_id, [order.id]).await?;
    let asked = found.remove(&order.id).filter(|row| {
        row.state == ChargeState::UnderReview && !charge::without_service(order.state)
    });
    asked.ok_or_else(|| Code::ChargeNotUnderReview.into())
}

/// The problem of a decision that is not taken.
fn refused(error: DecisionError) -> Error {
    let problem = Problem::new(Code::InvalidRequest);
    let problem = match error {
        DecisionError::NotCovered => problem.field("paid_by", Code::ChargeNotCovered),
        DecisionError::OutOfRange { min, max } => {
            let params = vec![("min", min.to_string()), ("max", max.to_string())];
            problem.field_with("charge_fen", Code::NumberRange, params)
        }
    };
    problem.into()
}
