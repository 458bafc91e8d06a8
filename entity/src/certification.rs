//! A certificate of a nurse. Counts for nothing until verified.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, CertificationId, CommunityId, NurseId};

/// A certificate of a nurse. Counts for nothing until verified.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "certification")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CertificationId,
    pub nurse_id: NurseId,
    pub kind: String,
    pub number: String,
    pub issuer: String,
    pub valid_from: Date,
    pub valid_to: Date,
    pub verified_by: Option<AccountId>,
    pub verified_at: Option<DateTimeUtc>,
    pub revoked_at: Option<DateTimeUtc>,
    pub revoke_reason: Option<String>,
    pub created_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
