//! A stay of a patient in hospital.

use sea_orm::entity::prelude::*;

use crate::enums::AdmissionKind;
use crate::ids::{AccountId, AdmissionId, CommunityId, PatientId};

/// A stay of a patient in hospital.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "admission")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AdmissionId,
    pub patient_id: PatientId,
    pub admitted_on: Date,
    pub discharged_on: Option<Date>,
    pub kind: Option<AdmissionKind>,
    pub recorded_by: AccountId,
    pub recorded_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
