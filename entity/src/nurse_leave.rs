//! A time in which a nurse is away.

use sea_orm::entity::prelude::*;

use crate::enums::LeaveKind;
use crate::ids::{CommunityId, LeaveId, NurseId};

/// A time in which a nurse is away.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "nurse_leave")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LeaveId,
    pub nurse_id: NurseId,
    pub kind: LeaveKind,
    pub starts_at: DateTimeUtc,
    pub ends_at: DateTimeUtc,
    pub note: Option<String>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
