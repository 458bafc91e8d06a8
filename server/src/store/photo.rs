//! Photos of a visit: what is known of each. The pictures lie in the photo store. Rows are never changed or deleted.

use std::collections::BTreeSet;

use entity::ids::{CommunityId, PhotoId, VisitId};
use entity::visit_photo::{Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::db::Tx;
use crate::error::Result;

/// Notes a photo. A second one of the same content in one visit is refused by the database, and found when the write
/// runs again.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// A photo of a visit.
pub async fn get(
    db: &impl ConnectionTrait,
    community: CommunityId,
    visit: VisitId,
    id: PhotoId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Id.eq(id))
        .filter(Column::VisitId.eq(visit))
        .one(db)
        .await?)
}

/// The photo of a visit with this content.
pub async fn of_content(
    db: &impl ConnectionTrait,
    community: CommunityId,
    visit: VisitId,
    sha256: &str,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::VisitId.eq(visit))
        .filter(Column::Sha256.eq(sha256))
        .one(db)
        .await?)
}

/// Photos of a visit, oldest first.
pub async fn of_visit(
    db: &impl ConnectionTrait,
    community: CommunityId,
    visit: VisitId,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::VisitId.eq(visit))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// How many photos a visit has.
pub async fn count(
    db: &impl ConnectionTrait,
    community: CommunityId,
    visit: VisitId,
) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::VisitId.eq(visit))
        .count(db)
        .await?)
}

/// Which of these photos there are.
pub async fn known(
    db: &impl ConnectionTrait,
    community: CommunityId,
    ids: &[PhotoId],
) -> Result<BTreeSet<PhotoId>> {
    let found: Vec<PhotoId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().collect())
}
