//! A home-care order.

use sea_orm::entity::prelude::*;

use crate::enums::OrderState;
use crate::ids::{AccountId, AddressId, CommunityId, InstitutionId, NurseId, OrderId, PatientId};

/// A home-care order.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "care_order")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OrderId,
    pub number: String,
    pub patient_id: PatientId,
    pub address_id: AddressId,
    pub institution_id: InstitutionId,
    pub booked_by: AccountId,
    pub state: OrderState,
    pub version: i64,
    pub window_start: DateTimeUtc,
    pub window_end: DateTimeUtc,
    pub duration_min: i32,
    pub persons: i32,
    pub gates: Json,
    pub lng: Option<f64>,
    pub lat: Option<f64>,
    pub catalogue_version: i32,
    pub price: Json,
    pub total_fen: i64,
    pub fee_fen: Option<i64>,
    pub screening_enc: String,
    pub note_enc: Option<String>,
    pub round: i32,
    pub opened_at: Option<DateTimeUtc>,
    pub wave: i32,
    pub ring_m: i64,
    pub coordinator_told_at: Option<DateTimeUtc>,
    pub family_told_at: Option<DateTimeUtc>,
    pub end_reason_enc: Option<String>,
    pub review_reason_enc: Option<String>,
    pub address_text_enc: Option<String>,
    pub address_landmark_enc: Option<String>,
    pub preferred_nurse_id: Option<NurseId>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
