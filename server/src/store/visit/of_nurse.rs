//! Visits of one nurse, for her phone.

use chrono::{DateTime, Utc};
use entity::care_order;
use entity::ids::{CommunityId, NurseId, VisitId};
use entity::visit::{Column, Entity, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{hers, with_orders};
use crate::error::{Error, Result};
use crate::store::sql;

/// Visits of the nurse `$2` from before `$3` that she set out for and is not done with: not closed, over without her having
/// left, or broken off while the record is not signed or the waste, where there is any, not back.
const UNDER_WAY: &str = "
    SELECT v.* FROM visit v
    JOIN care_order o ON o.community_id = v.community_id AND o.id = v.order_id
    WHERE v.community_id = $1 AND v.nurse_id = $2 AND v.ends_at <= $3
      AND v.departed_at IS NOT NULL AND v.closed_at IS NULL
      AND ((NOT v.live AND v.left_at IS NULL)
        OR (v.released_at IS NULL AND o.state IN ('accepted', 'departed', 'arrived', 'in_procedure', 'finished'))
        OR (v.released_at IS NULL AND o.state = 'aborted' AND v.started_at IS NOT NULL AND (
          NOT EXISTS (SELECT 1 FROM visit_signature s WHERE s.community_id = v.community_id AND s.visit_id = v.id)
          OR (EXISTS (SELECT 1 FROM alert a
                WHERE a.community_id = v.community_id AND a.visit_id = v.id AND a.kind = 'waste_owed')
            AND NOT EXISTS (SELECT 1 FROM visit_waste w
                WHERE w.community_id = v.community_id AND w.visit_id = v.id)))))
    ORDER BY v.starts_at DESC, v.id DESC LIMIT $4";

/// Visits of one nurse that lie between two times, and those from before that she is not done with.
/// The next one first, at most so many; those that lie between the times come first into the number. Three statements.
pub async fn near(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurse: NurseId,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    most: usize,
) -> Result<Vec<(Model, care_order::Model)>> {
    let limit = u64::try_from(most).map_err(Error::internal)?;
    let within = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::NurseId.eq(nurse))
        .filter(hers())
        .filter(Column::EndsAt.gt(from))
        .filter(Column::StartsAt.lt(to))
        .order_by_asc(Column::StartsAt)
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    let under_way: Vec<Model> = sql::all(
        db,
        UNDER_WAY,
        [community.into(), nurse.into(), from.into(), limit.into()],
    )
    .await?;
    let room = most.saturating_sub(within.len());
    let under_way = under_way.into_iter().take(room).rev();
    with_orders(db, community, under_way.chain(within).collect()).await
}

/// These visits of one nurse, those taken from her too. Two statements.
pub async fn of_nurse(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurse: NurseId,
    ids: &[VisitId],
) -> Result<Vec<(Model, care_order::Model)>> {
    let visits = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::NurseId.eq(nurse))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?;
    with_orders(db, community, visits).await
}

/// Visits that a nurse has not set out for, the next one first. Two statements, one when she has none.
pub async fn ahead(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurse: NurseId,
) -> Result<Vec<(Model, care_order::Model)>> {
    let visits = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::NurseId.eq(nurse))
        .filter(Column::Live.eq(true))
        .filter(Column::DepartedAt.is_null())
        .order_by_asc(Column::StartsAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    if visits.is_empty() {
        return Ok(Vec::new());
    }
    with_orders(db, community, visits).await
}
