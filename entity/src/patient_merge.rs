//! A patient merged into another.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, CommunityId, PatientId, PatientMergeId};

/// A patient merged into another.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "patient_merge")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PatientMergeId,
    pub survivor_id: PatientId,
    pub merged_id: PatientId,
    pub reason_enc: String,
    pub merged_by: AccountId,
    pub merged_at: DateTimeUtc,
    pub undo_reason_enc: Option<String>,
    pub undone_by: Option<AccountId>,
    pub undone_at: Option<DateTimeUtc>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
