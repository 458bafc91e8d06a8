//! A place where a patient can be visited.

use sea_orm::entity::prelude::*;

use crate::enums::Crs;
use crate::ids::{AddressId, CommunityId, PatientId};

/// A place where a patient can be visited.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "address")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AddressId,
    pub patient_id: PatientId,
    pub text_enc: String,
    pub landmark_enc: Option<String>,
    pub township_code: Option<String>,
    pub lng: Option<f64>,
    pub lat: Option<f64>,
    pub source_crs: Option<Crs>,
    pub source_lng: Option<f64>,
    pub source_lat: Option<f64>,
    pub accuracy_m: Option<f64>,
    pub fence_radius_m: i64,
    pub far_confirmed: bool,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub removed_at: Option<DateTimeUtc>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
