//! `POST /v1/offers/{offer_id}/decline`: not this one. It costs nothing in the ranking.

use axum::extract::State;
use entity::ids::OfferId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::Code;
use crate::store::event::NewEvent;
use crate::wire::Text;
use crate::{once, store};

/// Why not.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclineOffer {
    /// For the coordinator, who reads it among the candidates; it has no part in any ranking.
    #[schema(inline, example = "家里有事")]
    pub reason: Text<1, 200>,
}

/// Decline an offer.
#[utoipa::path(
    post, path = "/v1/offers/{offer_id}/decline", tag = "offers", request_body = DeclineOffer,
    params(("offer_id" = OfferId, Path, description = "An offer to the caller")),
    responses((status = 204, description = "Declined"))
)]
pub async fn decline_offer(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<OfferId>,
    request: IdempotencyKey<DeclineOffer>,
) -> Result<Answer> {
    let nurse = may.nurse.ok_or(Code::NoNurseProfile)?;
    once!(app, may, request.key, "decline_offer", |tx| {
        let offer = store::offer::of_nurse(&**tx, may.community, nurse, id)
            .await?
            .ok_or(Code::NotFound)?;
        if !store::offer::decline(tx, &app, &offer, request.body.reason.as_str()).await? {
            return Err(Code::OrderGone.into());
        }
        let order = store::order::in_community(&**tx, may.community, offer.order_id)
            .await?
            .ok_or(Code::NotFound)?;
        let event = NewEvent::of_order(EventKind::OfferDeclined, &order, Some(may.account))
            .nurse(nurse)
            .payload(json!({ "offer_id": offer.id }));
        store::event::append(tx, &app, may.community, event).await?;
        Ok(Answer::empty())
    })
}
