//! An item of an order.

use sea_orm::entity::prelude::*;

use crate::ids::{CommunityId, OrderId, OrderItemId, PatientId, PrescriptionId};

/// An item of an order.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "order_item")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OrderItemId,
    pub order_id: OrderId,
    pub patient_id: PatientId,
    pub item_code: String,
    pub position: i32,
    pub window_start: DateTimeUtc,
    pub window_end: DateTimeUtc,
    pub live: bool,
    pub prescription_id: Option<PrescriptionId>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
