//! `POST /v1/orders/{order_id}/reassign`: a coordinator takes a nurse off an order, and may name another.

use axum::extract::State;
use entity::enums::OrderState;
use entity::ids::{NurseId, OrderId, VisitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::Answer;
use crate::app::App;
use crate::dispatch::{Acceptance, Release, accept, release};
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::wire::Text;
use crate::{once, store};

/// Why, and to whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReassignNurse {
    /// Why the nurse is taken off; kept with the visit.
    #[schema(inline, example = "护士临时请假")]
    pub reason: Text<1, 200>,
    /// The visit to take her off; needed when two nurses have the order.
    pub visit_id: Option<VisitId>,
    /// The next nurse; left out, the search begins anew without the one taken off.
    pub nurse_id: Option<NurseId>,
}

/// The order after it was given to another, opened again, or goes on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reassigned {
    /// The order.
    pub order_id: OrderId,
    /// The new visit, when a nurse was named.
    pub visit_id: Option<VisitId>,
    /// State of the order.
    pub state: OrderState,
}

/// Reassign a nurse.
///
/// Takes off who has not set out (else `nurse_set_out`); the order is open again. Once the visit is under way a second nurse
/// who cannot come is taken off until she is at the door: the order stays where it is and nobody can be named. On her way she
/// is watched until she says that she has left (`leave`).
#[utoipa::path(
    post, path = "/v1/orders/{order_id}/reassign", tag = "orders", request_body = ReassignNurse,
    params(("order_id" = OrderId, Path, description = "An order in scope that a nurse has")),
    responses((status = 200, description = "Given to another, open again, or going on without her", body = Reassigned))
)]
pub async fn reassign_nurse(
    State(app): State<App>,
    may: May<grants::Dispatch>,
    Id(id): Id<OrderId>,
    request: IdempotencyKey<ReassignNurse>,
) -> Result<Answer> {
    once!(app, may, request.key, "reassign_nurse", |tx| {
        let order = store::order::require(&**tx, &may.scope, id).await?;
        let off = Release {
            visit: request.body.visit_id,
            actor: may.account,
            reason: request.body.reason.as_str(),
            given_back: false,
        };
        let order = release(tx, &app, &order, off).await?;
        let (order, visit_id) = match request.body.nurse_id {
            Some(nurse) => {
                let acceptance = Acceptance {
                    nurse,
                    actor: may.account,
                    assigned: true,
                };
                let (order, visit) = accept(tx, &app, order, acceptance).await?;
                (order, Some(visit.id))
            }
            None => (order, None),
        };
        Answer::ok(&Reassigned {
            order_id: order.id,
            visit_id,
            state: order.state,
        })
    })
}
