//! Alerts of a nurse, of her patients, and of what names them.

use entity::alert::{Column, Entity, Model};
use entity::enums::AlertKind;
use entity::ids::{AlertId, CommunityId, NurseId, PatientId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::sight::of_nurse;
use crate::error::Result;

/// Alerts of the community by their ids, oldest first; whoever asks checks the scope of what names them.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    community: CommunityId,
    ids: &[AlertId],
) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// Alerts that name a nurse, that she may read and nobody closed, oldest first, at most so many. That she herself is missed says
/// nothing of her patient.
pub async fn open_of_nurse(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurse: NurseId,
    most: u64,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(of_nurse(community, nurse))
        .filter(Column::Kind.ne(AlertKind::NurseMissed))
        .filter(Column::ClosedAt.is_null())
        .order_by_asc(Column::Id)
        .limit(most)
        .all(db)
        .await?)
}

/// Red flags of these patients that nobody closed, oldest first. Whoever asks follows the patients.
pub async fn open_flags_of(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patients: &[PatientId],
) -> Result<Vec<Model>> {
    if patients.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.is_in(patients.iter().copied()))
        .filter(Column::Rule.is_not_null())
        .filter(Column::ClosedAt.is_null())
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}
