//! A consent that somebody gave for a patient.

use sea_orm::entity::prelude::*;

use crate::enums::{CarerRelation, ConsentDevice, ConsentPurpose};
use crate::ids::{AccountId, CarerId, CommunityId, ConsentId, OrderId, PatientId, VisitId};

/// A consent that somebody gave for a patient.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consent")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConsentId,
    pub patient_id: PatientId,
    pub order_id: Option<OrderId>,
    pub visit_id: Option<VisitId>,
    pub purpose: ConsentPurpose,
    pub text_code: String,
    pub text_version: i32,
    pub relation: CarerRelation,
    pub carer_id: Option<CarerId>,
    pub account_id: Option<AccountId>,
    pub signer_name_enc: String,
    pub signature_sha256: Option<String>,
    pub signature_bytes: Option<i64>,
    pub device: ConsentDevice,
    pub signed_at: DateTimeUtc,
    pub device_at: Option<DateTimeUtc>,
    pub recorded_by: AccountId,
    pub recorded_at: DateTimeUtc,
    pub withdrawn_at: Option<DateTimeUtc>,
    pub withdrawn_by: Option<AccountId>,
    pub withdraw_reason_enc: Option<String>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
