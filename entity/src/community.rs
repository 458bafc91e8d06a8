//! A county's medical community: the tenant every other row belongs to.

use sea_orm::entity::prelude::*;

use crate::ids::CommunityId;

/// A county's medical community: the tenant every other row belongs to.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "community")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CommunityId,
    pub code: String,
    pub name_zh: String,
    pub name_en: String,
    pub lng: f64,
    pub lat: f64,
    pub created_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
