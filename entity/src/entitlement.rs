//! A contract or insurance of a patient that pays for care already.

use sea_orm::entity::prelude::*;

use crate::enums::EntitlementKind;
use crate::ids::{AccountId, CommunityId, EntitlementId, PatientId};

/// A contract or insurance of a patient that pays for care already.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "entitlement")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EntitlementId,
    pub patient_id: PatientId,
    pub kind: EntitlementKind,
    pub package: String,
    pub payer_enc: String,
    pub number_enc: String,
    pub valid_from: Date,
    pub valid_to: Date,
    pub recorded_by: AccountId,
    pub recorded_at: DateTimeUtc,
    pub ended_by: Option<AccountId>,
    pub ended_at: Option<DateTimeUtc>,
    pub end_reason_enc: Option<String>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
