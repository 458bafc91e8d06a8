//! A link of a subject's append-only, hash-chained trail.

use sea_orm::entity::prelude::*;

use crate::enums::SubjectKind;
use crate::ids::{AccountId, CommunityId, InstitutionId, NurseId, PatientId};

/// A link of a subject's append-only, hash-chained trail.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub seq: i64,
    pub txid: i64,
    pub community_id: CommunityId,
    pub subject_kind: SubjectKind,
    pub subject_id: Uuid,
    pub subject_no: i64,
    pub kind: String,
    pub actor_id: Option<AccountId>,
    pub at: DateTimeUtc,
    pub device_at: Option<DateTimeUtc>,
    pub lng: Option<f64>,
    pub lat: Option<f64>,
    pub accuracy_m: Option<f64>,
    pub institution_id: Option<InstitutionId>,
    pub patient_id: Option<PatientId>,
    pub nurse_id: Option<NurseId>,
    pub payload: String,
    pub prev_hash: String,
    pub hash: String,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
