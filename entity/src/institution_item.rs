//! Whether an institution has opened or closed an item, against the catalogue's default.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, CommunityId, InstitutionId};

/// Whether an institution has opened or closed an item, against the catalogue's default.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "institution_item")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub institution_id: InstitutionId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_code: String,
    pub open: bool,
    pub changed_at: DateTimeUtc,
    pub changed_by: Option<AccountId>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
