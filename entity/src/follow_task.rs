//! A follow-up contact to be made.

use sea_orm::entity::prelude::*;

use crate::enums::{ContactChannel, FollowResolution, FollowResolve, FollowStop, FollowTaskState};
use crate::ids::{CommunityId, FollowTaskId, InstitutionId, MessageId, NurseId, PatientId};

/// A follow-up contact to be made.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "follow_task")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FollowTaskId,
    pub patient_id: PatientId,
    pub institution_id: InstitutionId,
    pub owner_nurse_id: Option<NurseId>,
    pub opens_on: Date,
    pub due_on: Date,
    pub ends_on: Date,
    pub channel: ContactChannel,
    pub channels: Json,
    pub questionnaires: Json,
    pub scales: Json,
    pub resolve_if: FollowResolve,
    pub state: FollowTaskState,
    pub stop_cause: Option<FollowStop>,
    pub reached_at: Option<DateTimeUtc>,
    pub reached_by_proxy: bool,
    pub resolved_by: Option<FollowResolution>,
    pub resolved_at: Option<DateTimeUtc>,
    pub attempts: i32,
    pub message_id: Option<MessageId>,
    pub created_at: DateTimeUtc,
    pub version: i64,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
