//! An indwelling device of a patient.

use sea_orm::entity::prelude::*;

use crate::enums::{DeviceKind, DevicePlacer, DeviceRemoval};
use crate::ids::{AccountId, CommunityId, DeviceId, NurseId, PatientId};

/// An indwelling device of a patient.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "device")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DeviceId,
    pub patient_id: PatientId,
    pub kind: DeviceKind,
    pub site: String,
    pub material: Option<String>,
    pub detail_enc: String,
    pub placed_at: DateTimeUtc,
    pub placed_by: DevicePlacer,
    pub placed_by_nurse: Option<NurseId>,
    pub review_due: Option<Date>,
    pub latest_on: Option<Date>,
    pub reviewed_at: Option<DateTimeUtc>,
    pub told_for: Option<Date>,
    pub removed_at: Option<DateTimeUtc>,
    pub removal: Option<DeviceRemoval>,
    pub replaced_by: Option<DeviceId>,
    pub version: i64,
    pub created_by: AccountId,
    pub created_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
