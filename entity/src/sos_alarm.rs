//! An alarm of a nurse.

use sea_orm::entity::prelude::*;

use crate::enums::{SosOutcome, SosState};
use crate::ids::{AccountId, CommunityId, InstitutionId, NurseId, OrderId, SosId, VisitId};

/// An alarm of a nurse.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sos_alarm")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SosId,
    pub visit_id: VisitId,
    pub order_id: OrderId,
    pub institution_id: InstitutionId,
    pub nurse_id: NurseId,
    pub state: SosState,
    pub version: i64,
    pub at: DateTimeUtc,
    pub device_at: Option<DateTimeUtc>,
    pub received_at: DateTimeUtc,
    pub pressed: i32,
    pub outside_visit: bool,
    pub lng: Option<f64>,
    pub lat: Option<f64>,
    pub accuracy_m: Option<f64>,
    pub place_at: Option<DateTimeUtc>,
    pub level: i32,
    pub told_at: DateTimeUtc,
    pub taken_by: Option<AccountId>,
    pub taken_at: Option<DateTimeUtc>,
    pub closed_by: Option<AccountId>,
    pub closed_at: Option<DateTimeUtc>,
    pub outcome: Option<SosOutcome>,
    pub note_enc: Option<String>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
