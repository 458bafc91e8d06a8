//! Visits. The database forbids a second live one of an order, and two of a nurse that overlap.

use chrono::{DateTime, Utc};
use entity::ids::{CommunityId, OrderId, VisitId};
use entity::visit::{ActiveModel, Column, Entity, Model};
use entity::{care_order, visit_position};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::scope::Scope;
use super::sql;
use crate::db::Tx;
use crate::error::{Error, Result, violates};
use crate::problem::Code;
use crate::wire::Cursor;

/// Guards of the schema, by constraint, trigger, or the columns that SQLite names.
const OVERLAP: &[&str] = &["visit_no_overlap"];
const SECOND: &[&str] = &["visit_one_live", "visit.seat"];

/// Stores a visit; what the database forbids becomes its problem.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    let stored = Entity::insert(row.into_active_model().reset_all()).exec_without_returning(&**tx).await;
    stored.map(|_| ()).map_err(guarded)
}

fn guarded(error: DbErr) -> Error {
    if violates(&error, OVERLAP) {
        Code::NurseDoubleBooked.into()
    } else if violates(&error, SECOND) {
        Code::OrderGone.into()
    } else {
        error.into()
    }
}

/// Changes a visit upon the version read; another version meanwhile is a problem.
pub async fn update(tx: &Tx, visit: &Model, change: impl FnOnce(&mut ActiveModel)) -> Result<Model> {
    let mut row = visit.clone().into_active_model();
    change(&mut row);
    row.version = sea_orm::ActiveValue::Set(visit.version + 1);
    let mut changed = Entity::update_many()
        .set(row)
        .filter(Column::CommunityId.eq(visit.community_id))
        .filter(Column::Id.eq(visit.id))
        .filter(Column::Version.eq(visit.version))
        .exec_with_returning(&**tx)
        .await
        .map_err(guarded)?;
    changed.pop().ok_or_else(|| Code::OrderChanged.into())
}

/// The live visit of an order.
pub async fn live_of_order(
    db: &impl ConnectionTrait,
    community: CommunityId,
    order: OrderId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::OrderId.eq(order))
        .filter(Column::Live.eq(true))
        .one(db)
        .await?)
}

/// A visit in scope, with its order. Two statements.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: VisitId) -> Result<Option<(Model, care_order::Model)>> {
    let visit = Entity::find()
        .filter(Column::CommunityId.eq(scope.community))
        .filter(Column::Id.eq(id))
        .filter(Column::ReleasedAt.is_null())
        .one(db)
        .await?;
    let Some(visit) = visit else { return Ok(None) };
    let order = care_order::Entity::find()
        .filter(care_order::Column::Id.eq(visit.order_id))
        .filter(scope.orders())
        .one(db)
        .await?;
    Ok(order.map(|order| (visit, order)))
}

/// Which visits a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// That begin at or after.
    pub from: Option<DateTime<Utc>>,
    /// That begin before.
    pub to: Option<DateTime<Utc>>,
    /// Still to be done, or done.
    pub live: Option<bool>,
}

/// Visits in scope with their orders, newest first. Two statements.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    filter: &Filter,
    cursor: &Cursor,
) -> Result<Vec<(Model, care_order::Model)>> {
    let orders = care_order::Entity::find()
        .select_only()
        .column(care_order::Column::Id)
        .filter(scope.orders())
        .into_query();
    let mut condition = Condition::all()
        .add(Column::CommunityId.eq(scope.community))
        .add(Column::ReleasedAt.is_null())
        .add(Column::OrderId.in_subquery(orders))
        .add_option(filter.from.map(|from| Column::StartsAt.gte(from)))
        .add_option(filter.to.map(|to| Column::StartsAt.lt(to)))
        .add_option(filter.live.map(|live| Column::Live.eq(live)));
    condition = condition.add_option(cursor.before.map(|id| Column::Id.lt(id)));
    let visits =
        Entity::find().filter(condition).order_by_desc(Column::Id).limit(cursor.read()).all(db).await?;
    let orders = care_order::Entity::find()
        .filter(care_order::Column::CommunityId.eq(scope.community))
        .filter(care_order::Column::Id.is_in(visits.iter().map(|visit| visit.order_id)))
        .all(db)
        .await?;
    let find = |id| orders.iter().find(|order| order.id == id).cloned();
    Ok(visits.into_iter().filter_map(|visit| Some((find(visit.order_id)?, visit))).map(|(o, v)| (v, o)).collect())
}

/// Keeps positions of a visit; one at the same moment is kept once.
pub async fn insert_positions(tx: &Tx, rows: Vec<visit_position::Model>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let conflict = sea_orm::sea_query::OnConflict::columns([
        visit_position::Column::CommunityId,
        visit_position::Column::VisitId,
        visit_position::Column::At,
    ])
    .do_nothing()
    .to_owned();
    visit_position::Entity::insert_many(rows.into_iter().map(|row| row.into_active_model().reset_all()))
        .on_conflict(conflict)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// The newest position of a visit.
pub async fn last_position(
    db: &impl ConnectionTrait,
    community: CommunityId,
    visit: VisitId,
) -> Result<Option<visit_position::Model>> {
    Ok(visit_position::Entity::find()
        .filter(visit_position::Column::CommunityId.eq(community))
        .filter(visit_position::Column::VisitId.eq(visit))
        .order_by_desc(visit_position::Column::At)
        .one(db)
        .await?)
}

/// Ends every visit row of an order that is still live, without a release: the order itself ended.
pub async fn end_live(tx: &Tx, community: CommunityId, order: OrderId) -> Result<u64> {
    Ok(sql::change(
        tx,
        "UPDATE visit SET live = $1, version = version + 1 WHERE community_id = $2 AND order_id = $3 AND live",
        [false.into(), community.into(), order.into()],
    )
    .await?)
}
