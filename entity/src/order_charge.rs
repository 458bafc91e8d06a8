//! An order whose charge a person decides on, because something else may pay for it.

use sea_orm::entity::prelude::*;

use crate::enums::ChargeState;
use crate::ids::{AccountId, CommunityId, OrderId};

/// An order whose charge a person decides on, because something else may pay for it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_charge")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: OrderId,
    pub state: ChargeState,
    pub covered: Json,
    pub rules_version: i32,
    pub total_fen: i64,
    pub asked_at: DateTimeUtc,
    pub charge_fen: Option<i64>,
    pub paid_by: Option<Json>,
    pub reason_enc: Option<String>,
    pub decided_by: Option<AccountId>,
    pub decided_at: Option<DateTimeUtc>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
