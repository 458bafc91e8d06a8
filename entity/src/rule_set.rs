//! A published version of a rule file. Never changes.

use sea_orm::entity::prelude::*;

use crate::enums::RuleSetKind;
use crate::ids::{AccountId, CommunityId, RuleSetId};

/// A published version of a rule file. Never changes.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rule_set")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RuleSetId,
    pub kind: RuleSetKind,
    pub version: i32,
    pub content: String,
    pub content_hash: String,
    pub valid_from: Date,
    pub approved_by: Option<String>,
    pub approved_on: Option<Date>,
    pub published_by: Option<AccountId>,
    pub published_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
