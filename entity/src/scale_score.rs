//! A scored scale.

use sea_orm::entity::prelude::*;

use crate::enums::ScaleRater;
use crate::ids::{AccountId, CommunityId, PatientId, ScaleScoreId, VisitId};

/// A scored scale.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "scale_score")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ScaleScoreId,
    pub patient_id: PatientId,
    pub scale: String,
    pub scale_version: i32,
    pub total: i32,
    pub band: String,
    pub needs_person: bool,
    pub answers_enc: String,
    pub rater: ScaleRater,
    pub rated_by: Option<AccountId>,
    pub visit_id: Option<VisitId>,
    pub task_id: Option<Uuid>,
    pub taken_at: DateTimeUtc,
    pub recorded_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
