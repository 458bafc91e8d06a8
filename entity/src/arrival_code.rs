//! A one-time code sent to the family when a nurse is at the door.

use sea_orm::entity::prelude::*;

use crate::ids::{CommunityId, VisitId};

/// A one-time code sent to the family when a nurse is at the door.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "arrival_code")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub visit_id: VisitId,
    pub code_hash: String,
    pub sent_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub sent: i32,
    pub tries: i32,
    pub used_at: Option<DateTimeUtc>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
