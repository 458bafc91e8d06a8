//! Who was recognised at the door: the patient by the nurse, the nurse by the family.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, CommunityId, VisitId};

/// Who was recognised at the door.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_identity")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub visit_id: VisitId,
    pub identifiers: Option<Json>,
    pub checked_at: Option<DateTimeUtc>,
    pub checked_device_at: Option<DateTimeUtc>,
    pub present_enc: Option<String>,
    pub nurse_verified_at: Option<DateTimeUtc>,
    pub nurse_verified_by: Option<AccountId>,
    pub nurse_not_verified_enc: Option<String>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
