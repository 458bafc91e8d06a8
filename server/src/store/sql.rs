//! Plain SQL with numbered places (`$1`), which both databases read.

use std::collections::BTreeMap;

use sea_orm::sea_query::Value;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel,
    ModelTrait, Statement,
};

use crate::error::Error;

/// A statement for the connection's database.
pub fn statement(
    db: &impl ConnectionTrait,
    sql: impl Into<String>,
    values: impl IntoIterator<Item = Value>,
) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

/// What was read is not so any more: the write is lost, and runs again.
pub fn lost_race() -> Error {
    DbErr::RecordNotUpdated.into()
}

/// All rows of a query.
pub async fn all<R: FromQueryResult>(
    db: &impl ConnectionTrait,
    sql: impl Into<String>,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<R>, DbErr> {
    let rows = db.query_all_raw(statement(db, sql, values)).await?;
    rows.iter()
        .map(|row| R::from_query_result(row, ""))
        .collect()
}

/// The first row of a query.
pub async fn one<R: FromQueryResult>(
    db: &impl ConnectionTrait,
    sql: impl Into<String>,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<R>, DbErr> {
    let row = db.query_one_raw(statement(db, sql, values)).await?;
    row.map(|row| R::from_query_result(&row, "")).transpose()
}

/// Rows by what they belong to, in their order.
pub fn grouped<K: Ord, R>(rows: Vec<R>, key: impl Fn(&R) -> K) -> BTreeMap<K, Vec<R>> {
    let mut groups: BTreeMap<K, Vec<R>> = BTreeMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}

/// Stores one row.
pub async fn insert<M, A>(tx: &crate::db::Tx, row: M) -> Result<(), DbErr>
where
    M: ModelTrait + IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = M::Entity> + Send,
{
    <M::Entity as EntityTrait>::insert(row.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Rows stored by one statement. With 31 columns, the most a table has, they stay below SQLite's 32,766 values.
pub const ROWS: usize = 500;

/// Stores many rows of one table, some hundred in a statement.
pub async fn insert_all<M, A>(tx: &crate::db::Tx, rows: &[M]) -> Result<(), DbErr>
where
    M: ModelTrait + IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = M::Entity> + Send,
{
    for chunk in rows.chunks(ROWS) {
        let rows = chunk
            .iter()
            .map(|row| row.clone().into_active_model().reset_all());
        <M::Entity as EntityTrait>::insert_many(rows)
            .exec_without_returning(&**tx)
            .await?;
    }
    Ok(())
}

/// Runs a change and tells how many rows it touched.
pub async fn change(
    tx: &crate::db::Tx,
    sql: impl Into<String>,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, DbErr> {
    Ok(tx
        .execute_raw(statement(&**tx, sql, values))
        .await?
        .rows_affected())
}

/// Writes every column of a row whose version is still the one read, and raises the version; the row as it is now, or
/// none. `Entity` and `Column` are those of the file that calls.
macro_rules! update_read_version {
    ($tx:expr, $row:expr) => {{
        let mut row = $row;
        let read = row.version;
        row.version += 1;
        Entity::update_many()
            .set(row.clone().into_active_model().reset_all())
            .filter(Column::CommunityId.eq(row.community_id))
            .filter(Column::Id.eq(row.id))
            .filter(Column::Version.eq(read))
            .exec(&**$tx)
            .await
            .map(|changed| (changed.rows_affected == 1).then_some(row))
    }};
}
pub(super) use update_read_version;

/// `$3, $4, $5` for three values from the third place on.
pub fn places(first: usize, count: usize) -> String {
    let places: Vec<String> = (first..first + count)
        .map(|place| format!("${place}"))
        .collect();
    places.join(", ")
}

/// Changes some columns of a row whose version is still the one read, and raises the version; the row as it is now,
/// or none. The last two are the column and the field that name the row beside its community.
macro_rules! change_read_version {
    ($tx:expr, $read:expr, $change:expr, $column:ident $field:ident) => {{
        let read = $read;
        let mut row = read.clone().into_active_model();
        $change(&mut row);
        row.version = sea_orm::ActiveValue::Set(read.version + 1);
        Entity::update_many()
            .set(row)
            .filter(Column::CommunityId.eq(read.community_id))
            .filter(Column::$column.eq(read.$field))
            .filter(Column::Version.eq(read.version))
            .exec_with_returning(&**$tx)
            .await
            .map(|mut changed| changed.pop())
    }};
}
pub(super) use change_read_version;
