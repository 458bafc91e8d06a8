//! Offers of orders to nurses.

use std::collections::BTreeSet;

use entity::care_order;
use entity::enums::{OfferState, OrderState};
use entity::ids::{CommunityId, NurseId, OfferId, OrderId};
use entity::offer::{Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
};

use super::sql;
use crate::app::App;
use crate::db::Tx;
use crate::error::Result;

/// An open offer with its order.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The offer.
    pub offer: Model,
    /// Its order.
    pub order: care_order::Model,
}

/// Stores offers.
pub async fn insert(tx: &Tx, offers: Vec<Model>) -> Result<()> {
    if offers.is_empty() {
        return Ok(());
    }
    let rows = offers.into_iter().map(|offer| offer.into_active_model().reset_all());
    Entity::insert_many(rows).exec_without_returning(&**tx).await?;
    Ok(())
}

/// An offer to this nurse.
pub async fn of_nurse(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurse: NurseId,
    id: OfferId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::NurseId.eq(nurse))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?)
}

/// The nurse's open offers with their orders. Two statements.
pub async fn open_of_nurse(db: &impl ConnectionTrait, community: CommunityId, nurse: NurseId) -> Result<Vec<Offered>> {
    let offers = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::NurseId.eq(nurse))
        .filter(Column::State.eq(OfferState::Open))
        .all(db)
        .await?;
    let orders = care_order::Entity::find()
        .filter(care_order::Column::CommunityId.eq(community))
        .filter(care_order::Column::Id.is_in(offers.iter().map(|offer| offer.order_id)))
        .filter(care_order::Column::State.eq(OrderState::Open))
        .all(db)
        .await?;
    let find = |id| orders.iter().find(|order| order.id == id).cloned();
    Ok(offers
        .into_iter()
        .filter_map(|offer| Some(Offered { order: find(offer.order_id)?, offer }))
        .collect())
}

/// Open offers of an order.
pub async fn open_of_order(db: &impl ConnectionTrait, community: CommunityId, order: OrderId) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::OrderId.eq(order))
        .filter(Column::State.eq(OfferState::Open))
        .all(db)
        .await?)
}

/// Offers of an order's current round, whatever came of them.
pub async fn of_round(
    db: &impl ConnectionTrait,
    community: CommunityId,
    order: OrderId,
    round: i32,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::OrderId.eq(order))
        .filter(Column::Round.eq(round))
        .all(db)
        .await?)
}

#[derive(FromQueryResult)]
struct Asked {
    nurse_id: NurseId,
}

/// Nurses who are not to be asked in this round: those asked already, and those who were taken off this order.
pub async fn asked(
    db: &impl ConnectionTrait,
    community: CommunityId,
    order: OrderId,
    round: i32,
) -> Result<BTreeSet<NurseId>> {
    let rows = sql::all::<Asked>(
        db,
        "SELECT nurse_id FROM offer WHERE community_id = $1 AND order_id = $2 AND round = $3
         UNION SELECT nurse_id FROM visit WHERE community_id = $1 AND order_id = $2 AND released_at IS NOT NULL",
        [community.into(), order.into(), round.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.nurse_id).collect())
}

/// Decides an open offer; false when it was decided meanwhile.
pub async fn decide(tx: &Tx, app: &App, offer: &Model, state: OfferState, reason: Option<&str>) -> Result<bool> {
    let changed = sql::change(
        tx,
        "UPDATE offer SET state = $1, decided_at = $2, decline_reason = $3
         WHERE community_id = $4 AND id = $5 AND state = 'open'",
        [
            state.as_str().into(),
            app.now().into(),
            reason.map(str::to_owned).into(),
            offer.community_id.into(),
            offer.id.into(),
        ],
    )
    .await?;
    Ok(changed == 1)
}
