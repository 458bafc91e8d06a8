//! A community's own pictures of exercises. Rows are never changed or deleted.

use std::collections::BTreeSet;

use entity::exercise_picture::{Column, Entity, Model};
use entity::ids::CommunityId;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};

use crate::db::Tx;
use crate::domain::picture::PictureId;
use crate::error::Result;

/// Keeps a picture; false when the community has it already.
pub async fn insert(tx: &Tx, row: Model) -> Result<bool> {
    let stored = Entity::insert(row.into_active_model().reset_all())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(&**tx)
        .await?;
    Ok(stored == 1)
}

/// A picture of the community.
pub async fn get(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: &PictureId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Sha256.eq(id.as_str()))
        .one(db)
        .await?)
}

/// Which of these pictures the community has.
pub async fn known(
    db: &impl ConnectionTrait,
    community: CommunityId,
    ids: BTreeSet<PictureId>,
) -> Result<BTreeSet<PictureId>> {
    let found: Vec<String> = Entity::find()
        .select_only()
        .column(Column::Sha256)
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Sha256.is_in(ids.iter().map(PictureId::as_str)))
        .into_tuple()
        .all(db)
        .await?;
    let mut ids = ids;
    ids.retain(|id| found.iter().any(|known| known == id.as_str()));
    Ok(ids)
}
