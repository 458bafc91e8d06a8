//! Calling the desk about an order, and the nurse who has it.

use chrono::{DateTime, Utc};
use entity::alert::{Column, Entity};
use entity::care_order;
use entity::enums::{AlertKind, AlertSeverity};
use entity::ids::AccountId;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{NewAlert, open};
use crate::app::App;
use crate::db::Tx;
use crate::domain::lifecycle::position_visible;
use crate::error::Result;
use crate::store::visit;

/// How soon somebody has to look: at once while the nurse is on her way or there.
pub const fn urgency(order: &care_order::Model) -> AlertSeverity {
    if position_visible(order.state) {
        AlertSeverity::Critical
    } else {
        AlertSeverity::Warning
    }
}

/// Opens an alert about an order. It stands in the list of its leading nurse too.
pub async fn call(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    (kind, severity, detail): (AlertKind, AlertSeverity, &str),
    (by, at): (Option<AccountId>, DateTime<Utc>),
) -> Result<()> {
    let mut alert = NewAlert::of_order(app, kind, severity, order, at).detail(detail);
    if let Some(by) = by {
        alert = alert.by(by);
    }
    let visit = visit::live_of_order(&**tx, order.community_id, order.id).await?;
    if let Some(visit) = &visit {
        alert = alert.visit(visit);
    }
    open(tx, app, alert).await?;
    Ok(())
}

/// Whether an order has an alert of a kind, as urgent, that nobody closed: one that [`call`] would open again. One about
/// a visit that is not the order's any more says nothing to whoever has it now.
pub async fn is_open_of_order(
    db: &impl ConnectionTrait,
    order: &care_order::Model,
    (kind, severity): (AlertKind, AlertSeverity),
) -> Result<bool> {
    let visit = visit::live_of_order(db, order.community_id, order.id).await?;
    let of_visit = match &visit {
        Some(visit) => Column::VisitId.eq(visit.id),
        None => Column::VisitId.is_null(),
    };
    let open = Entity::find()
        .filter(Column::CommunityId.eq(order.community_id))
        .filter(Column::OrderId.eq(order.id))
        .filter(of_visit)
        .filter(Column::Kind.eq(kind))
        .filter(Column::Severity.eq(severity))
        .filter(Column::ClosedAt.is_null())
        .one(db)
        .await?;
    Ok(open.is_some())
}
