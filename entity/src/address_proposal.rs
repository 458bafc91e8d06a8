//! A point for an address that a good visit proposes.

use sea_orm::entity::prelude::*;

use crate::enums::ProposalState;
use crate::ids::{AccountId, AddressId, AddressProposalId, CommunityId, PatientId, VisitId};

/// A point for an address that a good visit proposes.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "address_proposal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AddressProposalId,
    pub address_id: AddressId,
    pub patient_id: PatientId,
    pub visit_id: VisitId,
    pub lng: f64,
    pub lat: f64,
    pub accuracy_m: Option<f64>,
    pub distance_m: Option<f64>,
    pub state: ProposalState,
    pub created_at: DateTimeUtc,
    pub decided_by: Option<AccountId>,
    pub decided_at: Option<DateTimeUtc>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
