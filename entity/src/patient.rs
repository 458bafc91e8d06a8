//! A patient.

use sea_orm::entity::prelude::*;

use crate::enums::{IdKind, Sex};
use crate::ids::{AccountId, CommunityId, InstitutionId, PatientId};

/// A patient.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "patient")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PatientId,
    pub institution_id: InstitutionId,
    pub name_enc: String,
    pub name_hash: String,
    pub id_kind: IdKind,
    pub id_number_enc: Option<String>,
    pub id_number_hash: Option<String>,
    pub mother_id_enc: Option<String>,
    pub birth_order: Option<i32>,
    pub newborn_hash: Option<String>,
    pub birth_date: Date,
    pub sex: Sex,
    pub phone_enc: Option<String>,
    pub phone_hash: Option<String>,
    pub lacks_capacity: bool,
    pub same_sex_nurse: bool,
    pub same_sex_since: Option<DateTimeUtc>,
    pub merged_into: Option<PatientId>,
    pub version: i64,
    pub created_by: AccountId,
    pub created_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
