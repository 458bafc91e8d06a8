//! An order offered to a nurse.

use sea_orm::entity::prelude::*;

use crate::enums::OfferState;
use crate::ids::{CommunityId, NurseId, OfferId, OrderId};

/// An order offered to a nurse.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "offer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OfferId,
    pub order_id: OrderId,
    pub nurse_id: NurseId,
    pub round: i32,
    pub wave: i32,
    pub ring_m: i64,
    pub distance_m: f64,
    pub score: Json,
    pub state: OfferState,
    pub decline_reason_enc: Option<String>,
    pub created_at: DateTimeUtc,
    pub decided_at: Option<DateTimeUtc>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
