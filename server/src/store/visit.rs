//! Visits. The database forbids a second live one of a seat, two seats of one nurse, and two visits of a nurse that
//! overlap.

mod of_nurse;

use chrono::{DateTime, Utc};
use entity::ids::{CommunityId, OrderId, VisitId};
use entity::visit::{ActiveModel, Column, Entity, Model};
use entity::{address, care_order, patient, visit_position};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::page::newest;
use super::scope::Scope;
use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::seats::{LEAD, free_seat};
use crate::domain::visit::Way;
use crate::domain::visit_record::VisitRecord;
use crate::error::{Error, Result, violates};
use crate::problem::Code;
use crate::wire::Cursor;

pub use of_nurse::{ahead, near, of_nurse};

/// Guards of the schema, by constraint, trigger, or the columns that SQLite names.
const OVERLAP: &[&str] = &["visit_no_overlap"];
const SIGNED: &[&str] = &["visit_record_signed"];
const SECOND: &[&str] = &["visit_one_live", "visit.seat"];
const SAME_NURSE: &[&str] = &["visit_one_seat_a_nurse", "visit.nurse_id"];

/// Stores a visit; what the database forbids becomes its problem.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    let stored = Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await;
    stored.map(|_| ()).map_err(guarded)
}

fn guarded(error: DbErr) -> Error {
    if violates(&error, OVERLAP) || violates(&error, SAME_NURSE) {
        Code::NurseDoubleBooked.into()
    } else if violates(&error, SECOND) {
        Code::OrderGone.into()
    } else if violates(&error, SIGNED) {
        Code::RecordSigned.into()
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
    let changed = sql::change_read_version!(tx, visit, change, Id id).map_err(guarded)?;
    changed.ok_or_else(|| Code::OrderChanged.into())
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
        .order_by_asc(Column::Seat)
        .one(db)
        .await?)
}

/// The live visits of an order, by seat.
pub async fn live_of(
    db: &impl ConnectionTrait,
    community: CommunityId,
    order: OrderId,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::OrderId.eq(order))
        .filter(Column::Live.eq(true))
        .order_by_asc(Column::Seat)
        .all(db)
        .await?)
}

/// Whether every seat of an order has its nurse.
pub async fn seats_filled(db: &impl ConnectionTrait, order: &care_order::Model) -> Result<bool> {
    if order.persons == LEAD {
        return Ok(true);
    }
    let seats = seats(db, order).await?;
    Ok(free_seat(order.persons, &seats).is_none())
}

/// The seats of an order that are taken, by those who left already, too.
async fn seats(db: &impl ConnectionTrait, order: &care_order::Model) -> Result<Vec<i32>> {
    let rows = Entity::find()
        .filter(Column::CommunityId.eq(order.community_id))
        .filter(Column::OrderId.eq(order.id))
        .filter(Column::ReleasedAt.is_null())
        .all(db)
        .await?;
    Ok(rows.iter().map(|row| row.seat).collect())
}

/// Whether the other nurse of a visit has not left yet.
pub async fn second_is_there(db: &impl ConnectionTrait, visit: &Model) -> Result<bool> {
    let live = live_of(db, visit.community_id, visit.order_id).await?;
    Ok(live.iter().any(|other| other.id != visit.id))
}

/// Whether the nurse who had the second seat at a moment was known to be there then; none when nobody had it.
pub async fn second_arrived(
    db: &impl ConnectionTrait,
    order: &care_order::Model,
    at: DateTime<Utc>,
) -> Result<Option<bool>> {
    let kept = Condition::any()
        .add(Column::ReleasedAt.is_null())
        .add(Column::ReleasedAt.gt(at));
    // Another may have it since.
    let second = Entity::find()
        .filter(Column::CommunityId.eq(order.community_id))
        .filter(Column::OrderId.eq(order.id))
        .filter(Column::Seat.ne(LEAD))
        .filter(kept)
        .order_by_asc(Column::AcceptedAt)
        .one(db)
        .await?;
    Ok(second.map(|visit| visit.arrived_at.is_some_and(|arrived| arrived <= at)))
}

/// Visits that their nurse sees: not taken from her, or taken on her way, until she has left.
pub fn hers() -> Condition {
    let out = Condition::all()
        .add(Column::DepartedAt.is_not_null())
        .add(Column::LeftAt.is_null());
    Condition::any().add(Column::ReleasedAt.is_null()).add(out)
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
        .filter(hers())
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

/// A visit that was taken from its nurse, with its order, for herself and for staff of the institution, who have what she told
/// of it later in their work lists.
pub async fn taken_away(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: VisitId,
) -> Result<Option<(Model, care_order::Model)>> {
    let found = in_community(db, scope.community, id).await?;
    Ok(found.filter(|(visit, order)| {
        let in_sight = scope.nurse == Some(visit.nurse_id) || scope.reaches(order.institution_id);
        visit.released_at.is_some() && in_sight
    }))
}

/// A visit in scope with its order; for its nurse also one that was taken from her meanwhile. Up to four statements.
pub async fn find_or_lost(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: VisitId,
) -> Result<Option<(Model, care_order::Model)>> {
    if let Some(found) = find(db, scope, id).await? {
        return Ok(Some(found));
    }
    let lost = taken_away(db, scope, id).await?;
    Ok(lost.filter(|(visit, _)| scope.nurse == Some(visit.nurse_id)))
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
    let condition = Condition::all()
        .add(Column::CommunityId.eq(scope.community))
        .add(Column::ReleasedAt.is_null())
        .add(Column::OrderId.in_subquery(orders))
        .add_option(filter.from.map(|from| Column::StartsAt.gte(from)))
        .add_option(filter.to.map(|to| Column::StartsAt.lt(to)))
        .add_option(filter.live.map(|live| Column::Live.eq(live)));
    let query = Entity::find().filter(condition);
    let visits = newest(db, query, Column::Id, cursor).await?;
    with_orders(db, scope.community, visits).await
}

async fn with_orders(
    db: &impl ConnectionTrait,
    community: CommunityId,
    visits: Vec<Model>,
) -> Result<Vec<(Model, care_order::Model)>> {
    let orders = care_order::Entity::find()
        .filter(care_order::Column::CommunityId.eq(community))
        .filter(care_order::Column::Id.is_in(visits.iter().map(|visit| visit.order_id)))
        .all(db)
        .await?;
    let find = |id| orders.iter().find(|order| order.id == id).cloned();
    Ok(visits
        .into_iter()
        .filter_map(|visit| Some((find(visit.order_id)?, visit)))
        .map(|(order, visit)| (visit, order))
        .collect())
}

/// The way of the nurse of a visit.
pub fn way(visit: &Model) -> Way {
    Way {
        departed_at: visit.departed_at,
        left_at: visit.left_at,
    }
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
    let patient = super::patient::of_order(db, order).await?;
    Ok((patient, super::address::of_order(db, order).await?))
}
