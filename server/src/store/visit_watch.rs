//! The overdue watch of visits under way.

use entity::ids::{CommunityId, VisitId};
use entity::visit_watch::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};

use crate::db::Tx;
use crate::error::Result;
use crate::problem::Code;

/// Begins a watch.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
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
    let mut row = watch.clone().into_active_model();
    change(&mut row);
    row.version = sea_orm::ActiveValue::Set(watch.version + 1);
    let mut changed = Entity::update_many()
        .set(row)
        .filter(Column::CommunityId.eq(watch.community_id))
        .filter(Column::VisitId.eq(watch.visit_id))
        .filter(Column::Version.eq(watch.version))
        .exec_with_returning(&**tx)
        .await?;
    changed.pop().ok_or_else(|| Code::OrderChanged.into())
}
