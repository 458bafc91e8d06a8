//! Something a nurse did without signal, with its outcome.

use sea_orm::entity::prelude::*;

use crate::enums::{ActKind, SyncResult};
use crate::ids::{
    AccountId, CommunityId, InstitutionId, NurseId, OrderId, PatientId, SyncActionId, VisitId,
};

/// Something a nurse did without signal, with its outcome.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_action")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub nurse_id: NurseId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SyncActionId,
    pub account_id: AccountId,
    pub institution_id: InstitutionId,
    pub visit_id: VisitId,
    pub order_id: Option<OrderId>,
    pub patient_id: Option<PatientId>,
    pub device: String,
    pub counter: Option<i32>,
    pub kind: ActKind,
    pub body_hash: String,
    pub body_enc: String,
    pub device_at: DateTimeUtc,
    pub at: DateTimeUtc,
    pub skew_s: i64,
    pub received_at: DateTimeUtc,
    pub result: SyncResult,
    pub code: Option<String>,
    pub answer_enc: String,
    pub duplicate_visit_id: Option<VisitId>,
    pub settled_by: Option<AccountId>,
    pub settled_at: Option<DateTimeUtc>,
    pub settle_note_enc: Option<String>,
    pub original_id: Option<SyncActionId>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
