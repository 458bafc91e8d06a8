//! Alerts that close because what they ask for was done.

use entity::alert::{Column, Entity, Model};
use entity::enums::AlertKind;
use entity::ids::{AccountId, CommunityId, VisitId};
use entity::visit;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{place, record};
use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::store::sql;

/// Alerts of a kind that a visit has and nobody closed.
pub async fn unclosed_of_visit(
    db: &impl ConnectionTrait,
    (community, visit): (CommunityId, VisitId),
    kind: AlertKind,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::VisitId.eq(visit))
        .filter(Column::Kind.eq(kind))
        .filter(Column::ClosedAt.is_null())
        .all(db)
        .await?)
}

/// Closes the alerts of a visit that what they ask for has settled, whether or not somebody had taken them.
pub async fn settle_of_visit(
    tx: &Tx,
    app: &App,
    visit: &visit::Model,
    (kind, by, outcome): (AlertKind, AccountId, &str),
) -> Result<()> {
    for row in unclosed_of_visit(&**tx, (visit.community_id, visit.id), kind).await? {
        let sealed = app.cipher.seal(place(row.id, "outcome_enc"), outcome);
        let changed = sql::change(
            tx,
            "UPDATE alert SET taken_by = COALESCE(taken_by, $1), taken_at = COALESCE(taken_at, $2),
                closed_by = $1, closed_at = $2, outcome_enc = $3
             WHERE community_id = $4 AND id = $5 AND closed_at IS NULL",
            [
                by.into(),
                app.now().into(),
                sealed.into(),
                row.community_id.into(),
                row.id.into(),
            ],
        )
        .await?;
        // Somebody may have closed it meanwhile.
        if changed == 1 {
            record(tx, app, EventKind::AlertClosed, &row, Some(by)).await?;
        }
    }
    Ok(())
}
