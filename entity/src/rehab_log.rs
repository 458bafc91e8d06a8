//! What was told of an exercise.

use sea_orm::entity::prelude::*;

use crate::enums::{RehabOutcome, SkipReason};
use crate::ids::{AccountId, CommunityId, RehabExerciseId, RehabLogId, RehabPlanId};

/// What was told of an exercise.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rehab_log")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RehabLogId,
    pub plan_id: RehabPlanId,
    pub exercise_id: RehabExerciseId,
    pub outcome: RehabOutcome,
    pub reason: Option<SkipReason>,
    pub pain_before: Option<i32>,
    pub pain_after: Option<i32>,
    pub effort: Option<i32>,
    pub new_symptom: bool,
    pub note_enc: Option<String>,
    pub day: Date,
    pub at: DateTimeUtc,
    pub device_at: DateTimeUtc,
    pub received_at: DateTimeUtc,
    pub told_by: AccountId,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
