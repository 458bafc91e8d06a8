//! A complaint about an order.

use sea_orm::entity::prelude::*;

use crate::enums::{ComplaintAbout, ComplaintState};
use crate::ids::{AccountId, CommunityId, ComplaintId, InstitutionId, OrderId, PatientId};

/// A complaint about an order.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "complaint")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ComplaintId,
    pub order_id: OrderId,
    pub patient_id: PatientId,
    pub institution_id: InstitutionId,
    pub about: ComplaintAbout,
    pub state: ComplaintState,
    pub what_enc: String,
    pub filed_by: AccountId,
    pub filed_at: DateTimeUtc,
    pub due_at: DateTimeUtc,
    pub owner: Option<AccountId>,
    pub assigned_at: Option<DateTimeUtc>,
    pub answer_enc: Option<String>,
    pub answered_by: Option<AccountId>,
    pub answered_at: Option<DateTimeUtc>,
    pub appeal_enc: Option<String>,
    pub appealed_by: Option<AccountId>,
    pub appealed_at: Option<DateTimeUtc>,
    pub final_answer_enc: Option<String>,
    pub final_answered_by: Option<AccountId>,
    pub final_answered_at: Option<DateTimeUtc>,
    pub escalated_at: Option<DateTimeUtc>,
    pub closed_by: Option<AccountId>,
    pub closed_at: Option<DateTimeUtc>,
    pub version: i64,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
