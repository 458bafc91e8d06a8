//! Which point of which plan a follow-up task serves.

use sea_orm::entity::prelude::*;

use crate::ids::{CommunityId, FollowPlanId, FollowTaskId};

/// Which point of which plan a follow-up task serves.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "follow_task_plan")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub task_id: FollowTaskId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub plan_id: FollowPlanId,
    pub day: i32,
    pub wanted_on: Date,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
