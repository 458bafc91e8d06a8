//! Visits of one nurse, for her phone.

use chrono::{DateTime, Utc};
use entity::care_order;
use entity::ids::{CommunityId, NurseId, VisitId};
use entity::visit::{Column, Entity, Model};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::{hers, with_orders};
use crate::error::{Error, Result};

/// Visits of one nurse that lie between two times, and those from before that are under way: departed and not closed.
/// The next one first, at most so many; those that lie between the times come first into the number. Three statements.
pub async fn near(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurse: NurseId,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    most: usize,
) -> Result<Vec<(Model, care_order::Model)>> {
    let all = || {
        Entity::find()
            .filter(Column::CommunityId.eq(community))
            .filter(Column::NurseId.eq(nurse))
    };
    let limit = u64::try_from(most).map_err(Error::internal)?;
    let within = all()
        .filter(hers())
        .filter(Column::EndsAt.gt(from))
        .filter(Column::StartsAt.lt(to))
        .order_by_asc(Column::StartsAt)
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    let under_way = all()
        .filter(Column::ReleasedAt.is_null())
        .filter(Column::EndsAt.lte(from))
        .filter(Column::DepartedAt.is_not_null())
        .filter(Column::ClosedAt.is_null())
        .filter(Column::OrderId.in_subquery(not_over(community)))
        .order_by_desc(Column::StartsAt)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    let room = most.saturating_sub(within.len());
    let under_way = under_way.into_iter().take(room).rev();
    with_orders(db, community, under_way.chain(within).collect()).await
}

/// Orders that a nurse may have set out for and that are not closed, called off or broken off.
fn not_over(community: CommunityId) -> SelectStatement {
    use entity::enums::OrderState::{Accepted, Arrived, Departed, Finished, InProcedure};
    care_order::Entity::find()
        .select_only()
        .column(care_order::Column::Id)
        .filter(care_order::Column::CommunityId.eq(community))
        .filter(care_order::Column::State.is_in([
            Accepted,
            Departed,
            Arrived,
            InProcedure,
            Finished,
        ]))
        .into_query()
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
