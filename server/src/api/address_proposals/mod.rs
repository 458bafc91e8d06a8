//! Better points for addresses, as good visits propose them.

pub mod decide_address_proposal;
pub mod list_address_proposals;

use chrono::{DateTime, Utc};
use entity::address_proposal;
use entity::enums::{Crs, ProposalState};
use entity::ids::{AccountId, AddressId, AddressProposalId, PatientId, VisitId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::PlaceOut;

/// A point that a visit proposes for an address.
#[derive(Debug, Serialize, ToSchema)]
pub struct AddressProposal {
    /// The proposal.
    pub id: AddressProposalId,
    /// The address.
    pub address_id: AddressId,
    /// Its patient.
    pub patient_id: PatientId,
    /// The visit that saw it.
    pub visit_id: VisitId,
    /// Where the nurse stood.
    pub place: PlaceOut,
    /// Metres to the point of the address then; null: it had none.
    pub distance_m: Option<f64>,
    /// Its state.
    pub state: ProposalState,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who decided.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
}

impl AddressProposal {
    fn of(row: &address_proposal::Model) -> Self {
        Self {
            id: row.id,
            address_id: row.address_id,
            patient_id: row.patient_id,
            visit_id: row.visit_id,
            place: PlaceOut {
                lng: row.lng,
                lat: row.lat,
                crs: Crs::Wgs84,
                accuracy_m: row.accuracy_m,
            },
            distance_m: row.distance_m,
            state: row.state,
            created_at: row.created_at,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
        }
    }
}
