//! A community's own picture of an exercise. Never changes.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, CommunityId};

/// A community's own picture of an exercise. Never changes.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "exercise_picture")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sha256: String,
    pub jpeg: Vec<u8>,
    pub width: i32,
    pub height: i32,
    pub created_by: AccountId,
    pub created_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
