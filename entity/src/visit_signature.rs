//! The nurse's signature of a visit's record.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, CommunityId, VisitId};

/// The nurse's signature of a visit's record.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_signature")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub visit_id: VisitId,
    pub record_hash: String,
    pub signed_by: AccountId,
    pub signed_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
