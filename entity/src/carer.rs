//! Somebody who acts for a patient.

use sea_orm::entity::prelude::*;

use crate::enums::{CarerRelation, ConsentBasis};
use crate::ids::{AccountId, CarerId, CommunityId, PatientId};

/// Somebody who acts for a patient.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "carer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CarerId,
    pub patient_id: PatientId,
    pub account_id: AccountId,
    pub relation: CarerRelation,
    pub consent: ConsentBasis,
    pub may_book: bool,
    pub added_by: AccountId,
    pub added_at: DateTimeUtc,
    pub ended_at: Option<DateTimeUtc>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
