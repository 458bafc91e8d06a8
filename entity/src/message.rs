//! A message to a person.

use sea_orm::entity::prelude::*;

use crate::enums::{MessageDrop, MessageState};
use crate::ids::{AccountId, AnswerLinkId, CommunityId, FollowTaskId, MessageId};

/// A message to a person.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MessageId,
    pub account_id: Option<AccountId>,
    pub phone_enc: String,
    pub template: String,
    pub content_enc: String,
    pub state: MessageState,
    pub attempts: i32,
    pub last_error: Option<String>,
    pub created_at: DateTimeUtc,
    pub sent_at: Option<DateTimeUtc>,
    pub task_id: Option<FollowTaskId>,
    pub link_id: Option<AnswerLinkId>,
    pub drop_cause: Option<MessageDrop>,
    pub delivered_at: Option<DateTimeUtc>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
