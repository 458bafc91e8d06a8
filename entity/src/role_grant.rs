//! A role of an account, for staff within an institution and those under it.

use sea_orm::entity::prelude::*;

use crate::enums::Role;
use crate::ids::{AccountId, CommunityId, GrantId, InstitutionId};

/// A role of an account, for staff within an institution and those under it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "role_grant")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: GrantId,
    pub account_id: AccountId,
    pub role: Role,
    pub institution_id: Option<InstitutionId>,
    pub granted_by: Option<AccountId>,
    pub granted_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
