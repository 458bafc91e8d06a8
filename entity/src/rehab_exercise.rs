//! An exercise of a rehabilitation plan.

use sea_orm::entity::prelude::*;

use crate::enums::RehabExerciseState;
use crate::ids::{AccountId, CommunityId, RehabExerciseId, RehabPlanId};

/// An exercise of a rehabilitation plan.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rehab_exercise")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RehabExerciseId,
    pub plan_id: RehabPlanId,
    pub exercise: String,
    pub library_version: i32,
    pub slot: Option<i32>,
    pub times_per_day: i32,
    pub repetitions: Option<i32>,
    pub hold_s: Option<i32>,
    pub minutes: Option<i32>,
    pub note_enc: Option<String>,
    pub state: RehabExerciseState,
    pub replaces_id: Option<RehabExerciseId>,
    pub proposed_by: AccountId,
    pub proposed_at: DateTimeUtc,
    pub decided_by: Option<AccountId>,
    pub decided_at: Option<DateTimeUtc>,
    pub from_on: Option<Date>,
    pub ended_on: Option<Date>,
    pub ended_at: Option<DateTimeUtc>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
