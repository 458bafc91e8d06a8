//! A nurse on the roster.

use sea_orm::entity::prelude::*;

use crate::enums::{NurseTitle, Sex};
use crate::ids::{AccountId, CommunityId, InstitutionId, NurseId};

/// A nurse on the roster.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "nurse")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NurseId,
    pub institution_id: InstitutionId,
    pub account_id: Option<AccountId>,
    pub staff_no: String,
    pub name_enc: String,
    pub sex: Sex,
    pub title: NurseTitle,
    pub licence_no: String,
    pub licence_from: Date,
    pub licence_to: Date,
    pub practice_since: Date,
    pub training_passed_on: Option<Date>,
    pub health_cert_to: Option<Date>,
    pub accident_insurance_no: Option<String>,
    pub accident_insurance_to: Option<Date>,
    pub liability_insurance_no: Option<String>,
    pub liability_insurance_to: Option<Date>,
    pub active: bool,
    pub base_lng: Option<f64>,
    pub base_lat: Option<f64>,
    pub service_radius_m: i64,
    pub daily_cap: i32,
    pub last_lng: Option<f64>,
    pub last_lat: Option<f64>,
    pub last_accuracy_m: Option<f64>,
    pub last_place_at: Option<DateTimeUtc>,
    pub version: i64,
    pub created_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
