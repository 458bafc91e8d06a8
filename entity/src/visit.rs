//! A nurse's visit for an order.

use sea_orm::entity::prelude::*;

use crate::enums::{FenceResult, NoFixCause};
use crate::ids::{AccountId, CommunityId, NurseId, OrderId, PatientId, VisitId};

/// A nurse's visit for an order.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "visit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: VisitId,
    pub order_id: OrderId,
    pub patient_id: PatientId,
    pub nurse_id: NurseId,
    pub seat: i32,
    pub live: bool,
    pub version: i64,
    pub assigned_by: Option<AccountId>,
    pub accepted_at: DateTimeUtc,
    pub starts_at: DateTimeUtc,
    pub ends_at: DateTimeUtc,
    pub busy_from: DateTimeUtc,
    pub busy_to: DateTimeUtc,
    pub departed_at: Option<DateTimeUtc>,
    pub arrived_at: Option<DateTimeUtc>,
    pub arrived_device_at: Option<DateTimeUtc>,
    pub arrived_lng: Option<f64>,
    pub arrived_lat: Option<f64>,
    pub arrived_accuracy_m: Option<f64>,
    pub arrived_distance_m: Option<f64>,
    pub fence: Option<FenceResult>,
    pub started_at: Option<DateTimeUtc>,
    pub finished_at: Option<DateTimeUtc>,
    pub left_at: Option<DateTimeUtc>,
    pub left_lng: Option<f64>,
    pub left_lat: Option<f64>,
    pub left_accuracy_m: Option<f64>,
    pub left_distance_m: Option<f64>,
    pub left_fence: Option<FenceResult>,
    pub left_no_fix: Option<NoFixCause>,
    pub record_enc: Option<String>,
    pub recorded_at: Option<DateTimeUtc>,
    pub closed_at: Option<DateTimeUtc>,
    pub released_at: Option<DateTimeUtc>,
    pub release_reason_enc: Option<String>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
