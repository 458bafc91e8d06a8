//! Something that somebody has to look at now.

use sea_orm::entity::prelude::*;

use crate::enums::{AlertKind, AlertResult, AlertSeverity, FlagOwner};
use crate::ids::{
    AccountId, AlertId, CommunityId, InstitutionId, NurseId, OrderId, PatientId, VisitId,
};

/// Something that somebody has to look at now.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "alert")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AlertId,
    pub kind: AlertKind,
    pub severity: AlertSeverity,
    pub institution_id: InstitutionId,
    pub patient_id: PatientId,
    pub order_id: Option<OrderId>,
    pub visit_id: Option<VisitId>,
    pub nurse_id: Option<NurseId>,
    pub detail_enc: Option<String>,
    pub happened_at: DateTimeUtc,
    pub opened_at: DateTimeUtc,
    pub taken_by: Option<AccountId>,
    pub taken_at: Option<DateTimeUtc>,
    pub closed_by: Option<AccountId>,
    pub closed_at: Option<DateTimeUtc>,
    pub outcome_enc: Option<String>,
    pub rule: Option<String>,
    pub rules_version: Option<i32>,
    pub owner: Option<FlagOwner>,
    pub due_at: Option<DateTimeUtc>,
    pub escalation: i32,
    pub acted_by: Option<AccountId>,
    pub acted_at: Option<DateTimeUtc>,
    pub action_enc: Option<String>,
    pub result: Option<AlertResult>,
    pub result_order_id: Option<OrderId>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
