//! What an act that was told later is about.

use entity::ids::{CommunityId, InstitutionId, NurseId, VisitId};
use entity::{care_order, visit};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::error::{Error, Result};

/// What an act is about, though the visit may have been taken from the nurse meanwhile.
#[derive(Clone, Debug)]
pub struct About {
    /// Her visit, as it was given to her.
    pub visit: visit::Model,
    /// Its order.
    pub order: care_order::Model,
    /// Another nurse's visit for the same order, when there is one: both may have been there.
    pub other: Option<VisitId>,
}

/// Looks up what an act is about; none when this nurse never had that visit. Up to three statements.
pub async fn about(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurse: NurseId,
    visit: VisitId,
) -> Result<Option<About>> {
    let found = visit::Entity::find()
        .filter(visit::Column::CommunityId.eq(community))
        .filter(visit::Column::Id.eq(visit))
        .filter(visit::Column::NurseId.eq(nurse))
        .one(db)
        .await?;
    let Some(visit) = found else { return Ok(None) };
    let order = care_order::Entity::find()
        .filter(care_order::Column::CommunityId.eq(community))
        .filter(care_order::Column::Id.eq(visit.order_id))
        .one(db)
        .await?
        .ok_or_else(|| Error::internal("a visit without its order"))?;
    let other = visit::Entity::find()
        .filter(visit::Column::CommunityId.eq(community))
        .filter(visit::Column::OrderId.eq(visit.order_id))
        .filter(visit::Column::Id.ne(visit.id))
        .filter(visit::Column::Seat.eq(visit.seat))
        .filter(visit::Column::ReleasedAt.is_null())
        .one(db)
        .await?;
    Ok(Some(About {
        visit,
        order,
        other: other.map(|other| other.id),
    }))
}

/// The institution a nurse works for.
pub async fn institution_of(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurse: NurseId,
) -> Result<InstitutionId> {
    use entity::nurse;
    let row = nurse::Entity::find()
        .filter(nurse::Column::CommunityId.eq(community))
        .filter(nurse::Column::Id.eq(nurse))
        .one(db)
        .await?;
    row.map(|row| row.institution_id)
        .ok_or_else(|| Error::internal("an account without its nurse"))
}
