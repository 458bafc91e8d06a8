//! A photo of a visit.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, CommunityId, PhotoId, VisitId};

/// A photo of a visit.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_photo")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PhotoId,
    pub visit_id: VisitId,
    pub item_code: Option<String>,
    pub field: Option<String>,
    pub sha256: String,
    pub object_key: String,
    pub bytes: i64,
    pub width: i32,
    pub height: i32,
    pub taken_at: DateTimeUtc,
    pub after_signature: bool,
    pub created_by: AccountId,
    pub created_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
