//! Visits. The database forbids a second live one of an order, and two of a nurse that overlap.

use chrono::{DateTime, Utc};
use entity::ids::{CommunityId, OrderId, VisitId};
use entity::visit::{ActiveModel, Column, Entity, Model};
use entity::{address, care_order, patient, visit_position};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::scope::Scope;
use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::visit_record::VisitRecord;
use crate::error::{Error, Result, violates};
use crate::problem::Code;
use crate::wire::Cursor;

/// Guards of the schema, by constraint, trigger, or the columns that SQLite names.
const OVERLAP: &[&str] = &["visit_no_overlap"];
const SECOND: &[&str] = &["visit_one_live", "visit.seat"];

/// Stores a visit; what the database forbids becomes its problem.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    let stored = Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await;
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
pub async fn update(
    tx: &Tx,
    visit: &Model,
    change: impl FnOnce(&mut ActiveModel),
) -> Result<Model> {
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
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: VisitId,
) -> Result<Option<(Model, care_order::Model)>> {
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

/// A visit of the community with its order, also one that was taken from its nurse. Two statements.
pub async fn in_community(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: VisitId,
) -> Result<Option<(Model, care_order::Model)>> {
    let visit = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?;
    let Some(visit) = visit else { return Ok(None) };
    let order = super::order::in_community(db, community, visit.order_id).await?;
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
    let visits = Entity::find()
        .filter(condition)
        .order_by_desc(Column::Id)
        .limit(cursor.read())
        .all(db)
        .await?;
    let orders = care_order::Entity::find()
        .filter(care_order::Column::CommunityId.eq(scope.community))
        .filter(care_order::Column::Id.is_in(visits.iter().map(|visit| visit.order_id)))
        .all(db)
        .await?;
    let find = |id| orders.iter().find(|order| order.id == id).cloned();
    Ok(visits
        .into_iter()
        .filter_map(|visit| Some((find(visit.order_id)?, visit)))
        .map(|(o, v)| (v, o))
        .collect())
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
    visit_position::Entity::insert_many(
        rows.into_iter()
            .map(|row| row.into_active_model().reset_all()),
    )
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

/// Metres around the address within which an arrival counts as there.
pub async fn fence_radius(db: &impl ConnectionTrait, order: &care_order::Model) -> Result<f64> {
    #[derive(sea_orm::FromQueryResult)]
    struct Radius {
        fence_radius_m: i64,
    }
    let row = sql::one::<Radius>(
        db,
        "SELECT fence_radius_m FROM address WHERE community_id = $1 AND id = $2",
        [order.community_id.into(), order.address_id.into()],
    )
    .await?;
    let metres = row.map_or(0, |row| row.fence_radius_m);
    Ok(f64::from(u32::try_from(metres).unwrap_or(0)))
}

/// Seals the record of a visit.
pub fn seal_record(app: &App, visit: VisitId, text: &str) -> String {
    app.cipher.seal(record_place(visit), text)
}

/// The record of a visit, when it is written.
pub fn record(app: &App, visit: &Model) -> Result<Option<VisitRecord>> {
    let Some(sealed) = &visit.record_enc else {
        return Ok(None);
    };
    let text = app
        .cipher
        .open(record_place(visit.id), sealed)
        .map_err(Error::internal)?;
    serde_json::from_str(&text)
        .map(Some)
        .map_err(Error::internal)
}

fn record_place(visit: VisitId) -> FieldPlace {
    FieldPlace {
        table: "visit",
        column: "record_enc",
        row: visit.0,
    }
}

/// The patient and the address of an order. Two statements.
pub async fn patient_and_address(
    db: &impl ConnectionTrait,
    order: &care_order::Model,
) -> Result<(patient::Model, address::Model)> {
    let patient = patient::Entity::find()
        .filter(patient::Column::CommunityId.eq(order.community_id))
        .filter(patient::Column::Id.eq(order.patient_id))
        .one(db)
        .await?;
    let address = address::Entity::find()
        .filter(address::Column::CommunityId.eq(order.community_id))
        .filter(address::Column::Id.eq(order.address_id))
        .one(db)
        .await?;
    patient
        .zip(address)
        .ok_or_else(|| Error::internal("an order without its patient or address"))
}
