//! An arrival in question.

use sea_orm::entity::prelude::*;

use crate::enums::{ArrivalDecision, ArrivalDoubt, ArrivalProof, NoFixCause};
use crate::ids::{
    AccountId, ArrivalExceptionId, CommunityId, InstitutionId, NurseId, OrderId, PatientId, VisitId,
};

/// An arrival in question.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "arrival_exception")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ArrivalExceptionId,
    pub visit_id: VisitId,
    pub order_id: OrderId,
    pub patient_id: PatientId,
    pub institution_id: InstitutionId,
    pub nurse_id: NurseId,
    pub kind: ArrivalDoubt,
    pub cause: Option<NoFixCause>,
    pub distance_m: Option<f64>,
    pub accuracy_m: Option<f64>,
    pub mock: bool,
    pub reason_enc: Option<String>,
    pub at: DateTimeUtc,
    pub proof: Option<ArrivalProof>,
    pub proof_at: Option<DateTimeUtc>,
    pub decision: Option<ArrivalDecision>,
    pub resolved_by: Option<AccountId>,
    pub resolved_at: Option<DateTimeUtc>,
    pub note_enc: Option<String>,
    pub version: i64,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
