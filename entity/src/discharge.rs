//! A discharge from hospital.

use sea_orm::entity::prelude::*;

use crate::enums::{DischargeSource, DischargeState};
use crate::ids::{AccountId, CommunityId, DischargeId, InstitutionId, NurseId, PatientId};

/// A discharge from hospital.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "discharge")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DischargeId,
    pub patient_id: PatientId,
    pub institution_id: InstitutionId,
    pub ward: Option<String>,
    pub source: DischargeSource,
    pub system: Option<String>,
    pub system_ref: Option<String>,
    pub revision: i64,
    pub told_at: Option<DateTimeUtc>,
    pub admitted_on: Date,
    pub discharged_on: Date,
    pub diagnosis_group: String,
    pub diagnosis_known: bool,
    pub conditions: Json,
    pub detail_enc: String,
    pub nurse_id: Option<NurseId>,
    pub readmission_planned: bool,
    pub state: DischargeState,
    pub recorded_by: AccountId,
    pub recorded_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i64,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
