//! A warning about an address, for dispatch and the nurse who goes there.

use sea_orm::entity::prelude::*;

use crate::enums::WarningState;
use crate::ids::{AccountId, AddressId, AddressWarningId, CommunityId, PatientId, VisitId};

/// A warning about an address, for dispatch and the nurse who goes there.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "address_warning")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AddressWarningId,
    pub address_id: AddressId,
    pub patient_id: PatientId,
    pub state: WarningState,
    pub text_enc: String,
    pub visit_id: Option<VisitId>,
    pub set_by: AccountId,
    pub set_at: DateTimeUtc,
    pub ended_by: Option<AccountId>,
    pub ended_at: Option<DateTimeUtc>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
