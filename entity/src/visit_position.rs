//! A position on the way, kept from departure to leaving.

use sea_orm::entity::prelude::*;

use crate::ids::{CommunityId, VisitId};

/// A position on the way, kept from departure to leaving.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_position")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub visit_id: VisitId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: DateTimeUtc,
    pub lng: f64,
    pub lat: f64,
    pub accuracy_m: Option<f64>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
