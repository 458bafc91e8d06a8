//! A report of harm to a patient, or of something that went wrong around a visit.

use sea_orm::entity::prelude::*;

use crate::enums::{HarmSeverity, ReportSort, ReportState};
use crate::ids::{AccountId, CommunityId, InstitutionId, PatientId, SafetyReportId, VisitId};

/// A report of harm to a patient, or of something that went wrong around a visit.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "safety_report")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SafetyReportId,
    pub sort: ReportSort,
    pub kind: String,
    pub tube: Option<String>,
    pub injury_level: Option<i32>,
    pub severity: HarmSeverity,
    pub near_miss: bool,
    pub institution_id: InstitutionId,
    pub patient_id: Option<PatientId>,
    pub visit_id: Option<VisitId>,
    pub device_id: Option<Uuid>,
    pub occurred_at: DateTimeUtc,
    pub reported_at: DateTimeUtc,
    pub reported_late: bool,
    pub reported_by: AccountId,
    pub what_enc: String,
    pub action_enc: Option<String>,
    pub state: ReportState,
    pub review_due_at: DateTimeUtc,
    pub escalated_at: Option<DateTimeUtc>,
    pub review_by: Option<AccountId>,
    pub review_at: Option<DateTimeUtc>,
    pub closed_by: Option<AccountId>,
    pub closed_at: Option<DateTimeUtc>,
    pub finding_enc: Option<String>,
    pub version: i64,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
