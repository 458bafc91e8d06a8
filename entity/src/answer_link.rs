//! A link by which a family answers a follow-up task.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, AnswerLinkId, CommunityId, FollowTaskId};

/// A link by which a family answers a follow-up task.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "answer_link")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AnswerLinkId,
    pub task_id: FollowTaskId,
    pub token_hash: String,
    pub code_hash: String,
    pub sent_by: Option<AccountId>,
    pub sent_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub tries: i32,
    pub used_at: Option<DateTimeUtc>,
    pub request_hash: Option<String>,
    pub reply_enc: Option<String>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
