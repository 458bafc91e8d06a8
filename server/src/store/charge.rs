//! Orders whose charge a person decides on (R22). An order without a row is charged as priced.

use std::collections::BTreeMap;

use entity::care_order;
use entity::enums::{ChargeState, OrderState};
use entity::ids::{CommunityId, OrderId, PatientId};
use entity::order_charge::{Column, Entity, Model};
use sea_orm::sea_query::{Condition, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};

use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::charge::{Covered, without_service};
use crate::error::{Error, Result};

/// The charges of orders that have a row, by order. One statement.
pub async fn of_orders(
    db: &impl ConnectionTrait,
    community: CommunityId,
    orders: impl IntoIterator<Item = OrderId>,
) -> Result<BTreeMap<OrderId, Model>> {
    let rows = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::OrderId.is_in(orders))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.order_id, row)).collect())
}

/// Orders of a patient that something may be charged for, oldest first.
pub async fn orders_of_patient(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<Vec<care_order::Model>> {
    Ok(care_order::Entity::find()
        .filter(care_order::Column::CommunityId.eq(community))
        .filter(care_order::Column::PatientId.eq(patient))
        .filter(care_order::Column::State.is_not_in(over()))
        .order_by_asc(care_order::Column::Id)
        .all(db)
        .await?)
}

/// States in which an order ended without a service.
fn over() -> impl Iterator<Item = OrderState> {
    let all = OrderState::ALL.iter().copied();
    all.filter(|state| without_service(*state))
}

/// Which orders are charged like this.
pub fn is(community: CommunityId, wanted: ChargeState) -> Condition {
    use care_order::Column as Order;
    let of = |state: Option<ChargeState>| {
        Query::select()
            .column(Column::OrderId)
            .from(Entity)
            .and_where(Column::CommunityId.eq(community))
            .cond_where(Condition::all().add_option(state.map(|state| Column::State.eq(state))))
            .to_owned()
    };
    if wanted == ChargeState::Due {
        Condition::any()
            .add(Order::State.is_in(over()))
            .add(Order::Id.not_in_subquery(of(None)))
    } else {
        Condition::all()
            .add(Order::State.is_not_in(over()))
            .add(Order::Id.in_subquery(of(Some(wanted))))
    }
}

/// Asks for a decision, in place of whatever was decided before.
pub async fn ask(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    covered: &[Covered],
    rules_version: i32,
) -> Result<Model> {
    let row = Model {
        community_id: order.community_id,
        order_id: order.id,
        state: ChargeState::UnderReview,
        covered: serde_json::to_value(covered).map_err(Error::internal)?,
        rules_version,
        total_fen: order.total_fen,
        asked_at: app.now(),
        charge_fen: None,
        paid_by: None,
        reason_enc: None,
        decided_by: None,
        decided_at: None,
    };
    clear(tx, order).await?;
    sql::insert(tx, row.clone()).await?;
    Ok(row)
}

/// The order is charged as priced.
pub async fn clear(tx: &Tx, order: &care_order::Model) -> Result<()> {
    sql::change(
        tx,
        "DELETE FROM order_charge WHERE community_id = $1 AND order_id = $2",
        [order.community_id.into(), order.id.into()],
    )
    .await?;
    Ok(())
}

/// Keeps a decision; false when somebody decided, or it was asked anew, meanwhile.
pub async fn decide(tx: &Tx, asked: &Model, decided: Model) -> Result<bool> {
    let row = decided.into_active_model().reset_all();
    let changed = Entity::update_many()
        .set(row)
        .filter(Column::CommunityId.eq(asked.community_id))
        .filter(Column::OrderId.eq(asked.order_id))
        .filter(Column::State.eq(ChargeState::UnderReview))
        .filter(Column::AskedAt.eq(asked.asked_at))
        .exec(&**tx)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// What an order was covered by when it was asked.
pub fn covered(row: &Model) -> Result<Vec<Covered>> {
    serde_json::from_value(row.covered.clone()).map_err(Error::internal)
}

/// Seals the reason of a decision.
pub fn seal_reason(app: &App, order: OrderId, reason: &str) -> String {
    app.cipher.seal(reason_place(order), reason)
}

/// The reason of a decision.
pub fn reason(app: &App, row: &Model) -> Result<Option<String>> {
    let open = |text: &String| app.cipher.open(reason_place(row.order_id), text);
    let opened = row.reason_enc.as_ref().map(open);
    opened.transpose().map_err(Error::internal)
}

fn reason_place(order: OrderId) -> FieldPlace {
    FieldPlace {
        table: "order_charge",
        column: "reason_enc",
        row: order.0,
    }
}
