//! An attempt to reach somebody for a follow-up task.

use sea_orm::entity::prelude::*;

use crate::enums::{CarerRelation, ContactChannel, ContactResult};
use crate::ids::{AccountId, CommunityId, ContactAttemptId, FollowTaskId, NurseId, PatientId};

/// An attempt to reach somebody for a follow-up task.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_attempt")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ContactAttemptId,
    pub task_id: FollowTaskId,
    pub patient_id: PatientId,
    pub at: DateTimeUtc,
    pub channel: ContactChannel,
    pub result: ContactResult,
    pub proxy: Option<CarerRelation>,
    pub note_enc: Option<String>,
    pub nurse_id: Option<NurseId>,
    pub recorded_by: AccountId,
    pub recorded_at: DateTimeUtc,
    pub confirmed: bool,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
