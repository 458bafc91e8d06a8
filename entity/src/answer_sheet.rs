//! Answers to the questionnaires of a follow-up task.

use sea_orm::entity::prelude::*;

use crate::enums::SheetSource;
use crate::ids::{AccountId, AnswerSheetId, CommunityId, FollowTaskId, PatientId, VisitId};

/// Answers to the questionnaires of a follow-up task.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "answer_sheet")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AnswerSheetId,
    pub task_id: FollowTaskId,
    pub patient_id: PatientId,
    pub rules_version: i32,
    pub answers_enc: String,
    pub source: SheetSource,
    pub proxy: bool,
    pub filled_by: Option<AccountId>,
    pub visit_id: Option<VisitId>,
    pub at: DateTimeUtc,
    pub alerts: Json,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
