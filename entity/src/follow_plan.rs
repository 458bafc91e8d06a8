//! A follow-up plan: one schedule of a discharge.

use sea_orm::entity::prelude::*;

use crate::enums::{FollowPlanState, FollowStop};
use crate::ids::{CommunityId, DischargeId, FollowPlanId, InstitutionId, PatientId};

/// A follow-up plan: one schedule of a discharge.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "follow_plan")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FollowPlanId,
    pub discharge_id: DischargeId,
    pub patient_id: PatientId,
    pub institution_id: InstitutionId,
    pub schedule: String,
    pub rules_version: i32,
    pub starts_on: Date,
    pub planned_to: Date,
    pub repeats_ended_at: Option<DateTimeUtc>,
    pub state: FollowPlanState,
    pub stop_cause: Option<FollowStop>,
    pub stopped_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub version: i64,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
