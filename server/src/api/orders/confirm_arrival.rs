//! `POST /v1/orders/{order_id}/confirm-arrival`: the family says that the nurse is there.

use axum::extract::State;
use entity::enums::{ArrivalProof, OrderState};
use entity::ids::OrderId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::Answer;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::{once, safety, store};

/// Nothing to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmArrival {}

/// An order whose nurse is there.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArrivalConfirmed {
    /// The order.
    pub order_id: OrderId,
    /// State of the order.
    pub state: OrderState,
    /// Arrivals in question that the family's word has proven.
    pub proven: u32,
}

/// Confirm that the nurse is at the door.
///
/// It proves an arrival that is in question. For a good one there is nothing to prove, and nothing changes.
#[utoipa::path(
    post, path = "/v1/orders/{order_id}/confirm-arrival", tag = "orders", request_body = ConfirmArrival,
    params(("order_id" = OrderId, Path, description = "An order of a patient the caller cares for")),
    responses((status = 200, description = "Confirmed", body = ArrivalConfirmed))
)]
pub async fn confirm_arrival(
    State(app): State<App>,
    may: May<grants::ConfirmArrival>,
    Id(id): Id<OrderId>,
    request: IdempotencyKey<ConfirmArrival>,
) -> Result<Answer> {
    once!(app, may, request.key, "confirm_arrival", |tx| {
        let ConfirmArrival {} = request.body;
        let order = store::order::require(&**tx, &may.scope, id).await?;
        if !has_arrived(order.state) {
            return Err(Problem::new(Code::OrderWrongState)
                .with("state", order.state)
                .into());
        }
        let mut proven = 0;
        for exception in store::arrival::of_order(&**tx, may.community, id).await? {
            // A nurse who also cares for the patient does not vouch for herself.
            let own = may.nurse == Some(exception.nurse_id);
            if own || exception.proof.is_some() || exception.decision.is_some() {
                continue;
            }
            let visit = store::visit::in_community(&**tx, may.community, exception.visit_id);
            let Some((visit, order)) = visit.await? else {
                continue;
            };
            let proof = (ArrivalProof::Family, app.now(), may.account);
            safety::arrival::prove(tx, &app, (&visit, &order), &exception, proof).await?;
            proven += 1;
        }
        Answer::ok(&ArrivalConfirmed {
            order_id: id,
            state: order.state,
            proven,
        })
    })
}

const fn has_arrived(state: OrderState) -> bool {
    use OrderState::{Arrived, Closed, Finished, InProcedure};
    matches!(state, Arrived | InProcedure | Finished | Closed)
}
