//! The screening asked again at the door.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, CommunityId, VisitId, VisitScreeningId};

/// The screening asked again at the door.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_screening")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: VisitScreeningId,
    pub visit_id: VisitId,
    pub outcome: String,
    pub content_enc: String,
    pub screened_by: AccountId,
    pub screened_at: DateTimeUtc,
    pub recorded_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
