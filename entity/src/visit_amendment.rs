//! An amendment of a signed record.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, AmendmentId, CommunityId, VisitId};

/// An amendment of a signed record.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_amendment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AmendmentId,
    pub visit_id: VisitId,
    pub author: AccountId,
    pub reason_enc: String,
    pub fields_enc: String,
    pub late: bool,
    pub at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
