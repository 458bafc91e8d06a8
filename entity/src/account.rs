//! Somebody who can log in.

use sea_orm::entity::prelude::*;

use crate::enums::{AccountStatus, Language};
use crate::ids::{AccountId, CommunityId};

/// Somebody who can log in.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountId,
    pub status: AccountStatus,
    pub name_enc: String,
    pub phone_enc: String,
    pub phone_hash: String,
    pub language: Language,
    pub password_hash: Option<String>,
    pub totp_secret_enc: Option<String>,
    pub totp_confirmed_at: Option<DateTimeUtc>,
    pub totp_last_step: Option<i64>,
    pub version: i64,
    pub created_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
