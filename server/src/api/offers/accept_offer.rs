//! `POST /v1/offers/{offer_id}/accept`: take the order. One nurse wins.

use axum::extract::State;
use entity::enums::{OfferState, OrderState};
use entity::ids::{CommunityId, NurseId, OfferId, OrderId, VisitId};
use entity::{care_order, visit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::Answer;
use crate::app::App;
use crate::dispatch::{Acceptance, Weighed, take, weigh};
use crate::error::{Error, Result};
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::Code;
use crate::{once, store};

/// Nothing to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptOffer {}

/// The order is the nurse's.
#[derive(Debug, Serialize, ToSchema)]
pub struct Accepted {
    /// The order.
    pub order_id: OrderId,
    /// The nurse.
    pub nurse_id: NurseId,
    /// Her visit for it.
    pub visit_id: VisitId,
    /// State of the order.
    pub state: OrderState,
}

impl Accepted {
    /// An order and its new visit.
    pub fn of(order: &care_order::Model, visit: &visit::Model) -> Self {
        Self {
            order_id: order.id,
            nurse_id: visit.nurse_id,
            visit_id: visit.id,
            state: order.state,
        }
    }
}

/// Accept an offer.
///
/// Licence, certificates, insurance and her other visits are checked again. When somebody was faster:
/// `order_gone`; who it was is not said.
#[utoipa::path(
    post, path = "/v1/offers/{offer_id}/accept", tag = "offers", request_body = AcceptOffer,
    params(("offer_id" = OfferId, Path, description = "An offer to the caller")),
    responses((status = 200, description = "The order is hers", body = Accepted))
)]
pub async fn accept_offer(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<OfferId>,
    request: IdempotencyKey<AcceptOffer>,
) -> Result<Answer> {
    let nurse = may.nurse.ok_or(Code::NoNurseProfile)?;
    once!(
        app,
        may,
        request.key,
        "accept_offer",
        weighed = weighed(&app, may.community, nurse, id).await?,
        |tx| {
            let acceptance = Acceptance {
                nurse,
                actor: may.account,
                assigned: false,
            };
            let accepted = take(tx, &app, &weighed, acceptance).await;
            let (order, visit) = accepted.map_err(gone)?;
            Answer::ok(&Accepted::of(&order, &visit))
        }
    )
}

/// The offered order and the nurse, weighed. Most who come too late end here, before anything waits for them.
async fn weighed(
    app: &App,
    community: CommunityId,
    nurse: NurseId,
    offer: OfferId,
) -> Result<Weighed> {
    let db = app.db.reader();
    let offer = store::offer::of_nurse(db, community, nurse, offer)
        .await?
        .ok_or(Code::NotFound)?;
    if offer.state != OfferState::Open {
        return Err(Code::OrderGone.into());
    }
    let order = store::order::in_community(db, community, offer.order_id)
        .await?
        .ok_or(Code::NotFound)?;
    if offer.round != order.round || order.state != OrderState::Open {
        return Err(Code::OrderGone.into());
    }
    weigh(db, app, order, nurse).await
}

/// Lost between reading and changing: for her the order is gone, not changed.
fn gone(error: Error) -> Error {
    match error.code() {
        Some(Code::OrderChanged | Code::OrderWrongState) => Code::OrderGone.into(),
        _ => error,
    }
}
