//! A system that tells of discharges of an institution.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, CommunityId, DischargeFeedId, InstitutionId};

/// A system that tells of discharges of an institution.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "discharge_feed")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DischargeFeedId,
    pub institution_id: InstitutionId,
    pub system: String,
    pub secret_enc: String,
    pub token_hash: String,
    pub created_by: AccountId,
    pub created_at: DateTimeUtc,
    pub ended_by: Option<AccountId>,
    pub ended_at: Option<DateTimeUtc>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
