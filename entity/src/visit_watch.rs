//! When a nurse on a visit is missed.

use sea_orm::entity::prelude::*;

use crate::ids::{CommunityId, VisitId};

/// When a nurse on a visit is missed.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_watch")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub visit_id: VisitId,
    pub due_at: DateTimeUtc,
    pub asked_at: Option<DateTimeUtc>,
    pub told_at: Option<DateTimeUtc>,
    pub answered_at: Option<DateTimeUtc>,
    pub version: i64,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
