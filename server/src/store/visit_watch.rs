//! The overdue watch of visits under way.

use entity::ids::{CommunityId, VisitId};
use entity::visit_watch::{ActiveModel, Column, Entity, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::sql;
use crate::db::Tx;
use crate::error::Result;
use crate::problem::Code;

/// Begins a watch.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Ok(sql::insert(tx, row).await?)
}

/// The watch of a visit.
pub async fn get(
    db: &impl ConnectionTrait,
    community: CommunityId,
    visit: VisitId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::VisitId.eq(visit))
        .one(db)
        .await?)
}

/// Changes a watch upon the version read.
pub async fn update(
    tx: &Tx,
    watch: &Model,
    change: impl FnOnce(&mut ActiveModel),
) -> Result<Model> {
    let changed = sql::change_read_version!(tx, watch, change, VisitId visit_id)?;
    changed.ok_or_else(|| Code::OrderChanged.into())
}
