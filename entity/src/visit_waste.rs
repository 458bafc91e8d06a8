//! The waste of a visit, back at an institution.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, CommunityId, InstitutionId, VisitId};

/// The waste of a visit, back at an institution.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_waste")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub visit_id: VisitId,
    pub bags: i32,
    pub weight_g: Option<i64>,
    pub pieces: Option<i32>,
    pub returned_to: InstitutionId,
    pub handed_to_enc: String,
    pub signature_hash: Option<String>,
    pub returned_by: AccountId,
    pub at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
