//! `POST /v1/address-proposals/{proposal_id}/decide`: the family or a coordinator takes or leaves a point.

use axum::extract::State;
use entity::enums::{Crs, ProposalState};
use entity::ids::AddressProposalId;
use entity::{address, address_proposal};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::AddressProposal;
use crate::answer::Answer;
use crate::api::orders::new_place::{self, Changed};
use crate::api::patients::event_of;
use crate::app::App;
use crate::db::Tx;
use crate::domain::address_change::AddressChange;
use crate::domain::event::EventKind;
use crate::domain::place::SourcePlace;
use crate::error::{Error, Result};
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::{once, store};

/// What becomes of a proposed point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposalDecision {
    /// It becomes the point of the address.
    Accept,
    /// The old point was right.
    Reject,
}

/// A decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideProposal {
    /// The decision.
    pub decision: ProposalDecision,
}

/// Accept or reject a proposed point.
///
/// Orders to the address that wait for a nurse are priced and searched for anew; one that a nurse has not set out for
/// goes to the better point. A visit under way keeps the point it was held against.
#[utoipa::path(
    post, path = "/v1/address-proposals/{proposal_id}/decide", tag = "patients", request_body = DecideProposal,
    params(("proposal_id" = AddressProposalId, Path, description = "An open proposal")),
    responses((status = 200, description = "Decided", body = AddressProposal))
)]
pub async fn decide_address_proposal(
    State(app): State<App>,
    may: May<grants::ChangePatients>,
    Id(id): Id<AddressProposalId>,
    request: IdempotencyKey<DecideProposal>,
) -> Result<Answer> {
    let read = store::address_proposal::require(app.db.reader(), &may.scope, id).await?;
    let book = new_place::rules(&app, may.community, (read.patient_id, read.address_id)).await?;
    once!(app, may, request.key, "decide_address_proposal", |tx| {
        let accept = request.body.decision == ProposalDecision::Accept;
        let proposal = store::address_proposal::require(&**tx, &may.scope, id).await?;
        let patient =
            store::patient::get_to_change(tx, &app, &may.scope, proposal.patient_id).await?;
        let (state, kind) = if accept {
            (ProposalState::Accepted, EventKind::AddressChanged)
        } else {
            (ProposalState::Rejected, EventKind::HomeRejected)
        };
        let proposal =
            store::address_proposal::decide(tx, &app, &proposal, state, may.account).await?;
        if accept {
            let (before, after) = &move_address(tx, &proposal).await?;
            let how = AddressChange::Corrected;
            let changed = Changed { how, before, after };
            new_place::follow(tx, &app, &book, &patient, &changed, may.account).await?;
        }
        let payload = json!({
            "address_id": proposal.address_id, "proposal_id": id, "fields": ["place"],
        });
        let event = event_of(kind, &patient, may.account).payload(payload);
        store::event::append(tx, &app, may.community, event).await?;
        Answer::ok(&AddressProposal::of(&proposal))
    })
}

/// Takes the proposed point as the address's own; gives the address before and after.
async fn move_address(
    tx: &Tx,
    proposal: &address_proposal::Model,
) -> Result<(address::Model, address::Model)> {
    let (community, patient) = (proposal.community_id, proposal.patient_id);
    let before = store::address::get(&**tx, community, patient, proposal.address_id).await?;
    let mut row = before.clone();
    let point = SourcePlace::new(Crs::Wgs84, proposal.lng, proposal.lat, proposal.accuracy_m)
        .map_err(Error::internal)?;
    let far = row.far_confirmed;
    store::address::set_place(&mut row, Some((point, far)));
    Ok((before, store::address::update(tx, row).await?))
}
