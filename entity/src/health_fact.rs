//! An allergy, diagnosis or condition of a patient.

use sea_orm::entity::prelude::*;

use crate::enums::HealthFactKind;
use crate::ids::{AccountId, CommunityId, HealthFactId, PatientId};

/// An allergy, diagnosis or condition of a patient.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "health_fact")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HealthFactId,
    pub patient_id: PatientId,
    pub kind: HealthFactKind,
    pub detail_enc: String,
    pub recorded_by: AccountId,
    pub recorded_at: DateTimeUtc,
    pub ended_at: Option<DateTimeUtc>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
