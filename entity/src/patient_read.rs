//! A recorded read of a patient's unmasked data.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, CommunityId, PatientId, PatientReadId};

/// A recorded read of a patient's unmasked data.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "patient_read")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PatientReadId,
    pub patient_id: PatientId,
    pub account_id: AccountId,
    pub operation: String,
    pub read_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
