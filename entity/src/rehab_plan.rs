//! A rehabilitation plan.

use sea_orm::entity::prelude::*;

use crate::enums::{RehabState, RehabStop};
use crate::ids::{AccountId, CommunityId, InstitutionId, NurseId, PatientId, RehabPlanId};

/// A rehabilitation plan.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rehab_plan")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RehabPlanId,
    pub patient_id: PatientId,
    pub institution_id: InstitutionId,
    pub nurse_id: Option<NurseId>,
    pub goal_enc: String,
    pub state: RehabState,
    pub starts_on: Date,
    pub created_by: AccountId,
    pub created_at: DateTimeUtc,
    pub seen_by: Option<AccountId>,
    pub seen_at: Option<DateTimeUtc>,
    pub stop_cause: Option<RehabStop>,
    pub stop_note_enc: Option<String>,
    pub stopped_by: Option<AccountId>,
    pub stopped_at: Option<DateTimeUtc>,
    pub version: i64,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
