//! A first assessment of a patient for items.

use sea_orm::entity::prelude::*;

use crate::enums::{AssessmentMode, AssessmentResult};
use crate::ids::{AccountId, AssessmentId, CommunityId, PatientId, VisitId};

/// A first assessment of a patient for items.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "assessment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AssessmentId,
    pub patient_id: PatientId,
    pub visit_id: Option<VisitId>,
    pub mode: AssessmentMode,
    pub result: AssessmentResult,
    pub items: Json,
    pub text_enc: Option<String>,
    pub assessed_by: AccountId,
    pub assessed_at: DateTimeUtc,
    pub recorded_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
