//! What the nearest search reads: one row per nurse and verified certificate, and one of kind N5 for the licence.

use sea_orm::entity::prelude::*;

use crate::ids::{CommunityId, NurseId};

/// What the nearest search reads: one row per nurse and verified certificate, and one of kind N5 for the licence.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "nurse_reach")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub certificate: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub place_key: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub nurse_id: NurseId,
    pub lng: f64,
    pub lat: f64,
    pub radius_m: i64,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
