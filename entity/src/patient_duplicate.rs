//! Two patients who may be one.

use sea_orm::entity::prelude::*;

use crate::enums::DuplicateState;
use crate::ids::{AccountId, CommunityId, PatientDuplicateId, PatientId};

/// Two patients who may be one.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "patient_duplicate")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PatientDuplicateId,
    pub one_id: PatientId,
    pub other_id: PatientId,
    pub reasons: Json,
    pub state: DuplicateState,
    pub found_at: DateTimeUtc,
    pub decided_by: Option<AccountId>,
    pub decided_at: Option<DateTimeUtc>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
