//! A scale of a follow-up task that is not filled in, and why.

use sea_orm::entity::prelude::*;

use crate::enums::ScaleSkip;
use crate::ids::{AccountId, CommunityId, FollowTaskId};

/// A scale of a follow-up task that is not filled in, and why.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "follow_task_skip")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub task_id: FollowTaskId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub scale: String,
    pub reason: ScaleSkip,
    pub skipped_by: AccountId,
    pub skipped_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
