//! Pages of lists that are sorted by id, newest first.

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
};

use crate::error::Result;
use crate::wire::Cursor;

/// The rows from a cursor on: one more than the page holds, which tells whether there is another.
pub async fn newest<E: EntityTrait>(
    db: &impl ConnectionTrait,
    query: Select<E>,
    id: E::Column,
    cursor: &Cursor,
) -> Result<Vec<E::Model>> {
    Ok(query
        .apply_if(cursor.before, |query, before| query.filter(id.lt(before)))
        .order_by_desc(id)
        .limit(cursor.read())
        .all(db)
        .await?)
}
