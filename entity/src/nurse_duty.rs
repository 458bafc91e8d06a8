//! A weekly window in which a nurse takes home visits; local minutes of an ISO weekday.

use sea_orm::entity::prelude::*;

use crate::ids::{CommunityId, DutyId, NurseId};

/// A weekly window in which a nurse takes home visits; local minutes of an ISO weekday.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "nurse_duty")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DutyId,
    pub nurse_id: NurseId,
    pub weekday: i32,
    pub start_min: i32,
    pub end_min: i32,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
