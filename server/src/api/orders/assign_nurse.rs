//! `POST /v1/orders/{order_id}/assign`: a coordinator gives an open order to a nurse, within the same hard filters.

use axum::extract::State;
use entity::ids::{NurseId, OrderId};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::answer::Answer;
use crate::api::offers::accept_offer::Accepted;
use crate::app::App;
use crate::dispatch::{Acceptance, accept};
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::{once, store};

/// To whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignNurse {
    /// A nurse of the community.
    pub nurse_id: NurseId,
}

/// Assign a nurse.
///
/// Refused with every reason when the rules say no; a missing place of the address is no hindrance here.
#[utoipa::path(
    post, path = "/v1/orders/{order_id}/assign", tag = "orders", request_body = AssignNurse,
    params(("order_id" = OrderId, Path, description = "An open order in scope")),
    responses((status = 200, description = "Assigned", body = Accepted))
)]
pub async fn assign_nurse(
    State(app): State<App>,
    may: May<grants::Dispatch>,
    Id(id): Id<OrderId>,
    request: IdempotencyKey<AssignNurse>,
) -> Result<Answer> {
    once!(app, may, request.key, "assign_nurse", |tx| {
        let order = store::order::require(&**tx, &may.scope, id).await?;
        let acceptance = Acceptance {
            nurse: request.body.nurse_id,
            actor: may.account,
            assigned: true,
        };
        let (order, visit) = accept(tx, &app, order, acceptance).await?;
        Answer::ok(&Accepted::of(&order, &visit))
    })
}
