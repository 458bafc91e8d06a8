//! A nurse and a patient who are not to meet.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, CommunityId, NurseId, PatientId};

/// A nurse and a patient who are not to meet.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "nurse_refusal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub nurse_id: NurseId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub patient_id: PatientId,
    pub refused_by: String,
    pub reason_enc: String,
    pub recorded_by: AccountId,
    pub recorded_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
