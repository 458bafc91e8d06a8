//! Warnings about addresses. Sealed; the database keeps one active warning of an address.

use chrono::{DateTime, Utc};
use entity::address_warning::{Column, Entity, Model};
use entity::enums::WarningState;
use entity::ids::{AccountId, AddressId, AddressWarningId, CommunityId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::error::{Error, Result};

/// Stores a warning.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Ok(sql::insert(tx, row).await?)
}

/// The warning in force.
pub async fn active(
    db: &impl ConnectionTrait,
    community: CommunityId,
    address: AddressId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::AddressId.eq(address))
        .filter(Column::State.eq(WarningState::Active))
        .one(db)
        .await?)
}

/// The warning in force and those proposed, oldest first.
pub async fn of_address(
    db: &impl ConnectionTrait,
    community: CommunityId,
    address: AddressId,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::AddressId.eq(address))
        .filter(Column::State.ne(WarningState::Ended))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// Ends the warning in force and those proposed; tells how many there were.
pub async fn end_all(
    tx: &Tx,
    community: CommunityId,
    address: AddressId,
    by: AccountId,
    now: DateTime<Utc>,
) -> Result<u64> {
    let ended = sql::change(
        tx,
        "UPDATE address_warning SET state = 'ended', ended_by = $1, ended_at = $2
         WHERE community_id = $3 AND address_id = $4 AND state <> 'ended'",
        [by.into(), now.into(), community.into(), address.into()],
    )
    .await?;
    Ok(ended)
}

/// Seals a text.
pub fn seal(app: &App, id: AddressWarningId, text: &str) -> String {
    app.cipher.seal(place(id), text)
}

/// The text.
pub fn text(app: &App, row: &Model) -> Result<String> {
    app.cipher
        .open(place(row.id), &row.text_enc)
        .map_err(Error::internal)
}

fn place(id: AddressWarningId) -> FieldPlace {
    FieldPlace {
        table: "address_warning",
        column: "text_enc",
        row: id.0,
    }
}
