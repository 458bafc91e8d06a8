//! A prescription for an item that injects or irrigates.

use sea_orm::entity::prelude::*;

use crate::enums::DrugSource;
use crate::ids::{AccountId, CommunityId, PatientId, PrescriptionId};

/// A prescription for an item that injects or irrigates.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "prescription")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PrescriptionId,
    pub patient_id: PatientId,
    pub item_code: String,
    pub prescribed_on: Date,
    pub valid_until: Date,
    pub drug_source: DrugSource,
    pub detail_enc: String,
    pub image_enc: Option<String>,
    pub registered_by: AccountId,
    pub registered_at: DateTimeUtc,
    pub withdrawn_by: Option<AccountId>,
    pub withdrawn_at: Option<DateTimeUtc>,
    pub withdraw_reason_enc: Option<String>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
