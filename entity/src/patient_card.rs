//! The printed card of a patient.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, CommunityId, PatientId};

/// The printed card of a patient.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "patient_card")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub patient_id: PatientId,
    pub serial: i32,
    pub token_hash: String,
    pub issued_by: AccountId,
    pub issued_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
