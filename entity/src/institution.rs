//! A hospital or health centre.

use sea_orm::entity::prelude::*;

use crate::enums::InstitutionKind;
use crate::ids::{CommunityId, InstitutionId};

/// A hospital or health centre.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "institution")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InstitutionId,
    pub parent_id: Option<InstitutionId>,
    pub kind: InstitutionKind,
    pub code: String,
    pub name_zh: String,
    pub name_en: String,
    pub phone: String,
    pub lng: f64,
    pub lat: f64,
    pub practice_licence: String,
    pub home_care_approved: bool,
    pub active: bool,
    pub version: i64,
    pub created_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
