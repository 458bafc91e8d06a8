//! `POST /v1/offers/{offer_id}/accept`: take the order. One nurse wins.

use axum::extract::State;
use entity::enums::{OfferState, OrderState};
use entity::ids::{NurseId, OfferId, OrderId, VisitId};
use entity::{care_order, visit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::Answer;
use crate::app::App;
use crate::dispatch::{Acceptance, accept};
use crate::error::Result;
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
    once!(app, may, request.key, "accept_offer", |tx| {
        let offer = store::offer::of_nurse(&**tx, may.community, nurse, id)
            .await?
            .ok_or(Code::NotFound)?;
        let order = store::order::in_community(&**tx, may.community, offer.order_id)
            .await?
            .ok_or(Code::NotFound)?;
        let to_be_had = offer.state == OfferState::Open && offer.round == order.round;
        if !to_be_had || order.state != OrderState::Open {
            return Err(Code::OrderGone.into());
        }
        let acceptance = Acceptance {
            nurse,
            actor: may.account,
            assigned: false,
        };
        let accepted = accept(tx, &app, order, acceptance).await;
        let (order, visit) = match accepted {
            // Lost between reading and changing: for her the order is gone, not changed.
            Err(error)
                if matches!(
                    error.code(),
                    Some(Code::OrderChanged | Code::OrderWrongState)
                ) =>
            {
                Err(Code::OrderGone.into())
            }
            other => other,
        }?;
        Answer::ok(&Accepted::of(&order, &visit))
    })
}
