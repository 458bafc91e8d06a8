//! Calling the desk about an order, and the nurse who has it.

use chrono::{DateTime, Utc};
use entity::alert::{Column, Entity};
use entity::care_order;
use entity::enums::{AlertKind, AlertSeverity};
use entity::ids::AccountId;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

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
    what: (AlertKind, AlertSeverity, &str),
    by: (Option<AccountId>, DateTime<Utc>),
) -> Result<()> {
    let visit = visit::live_of_order(&**tx, order.community_id, order.id).await?;
    call_about(tx, app, (order, visit.as_ref()), what, by).await
}

/// The same, unless one of the kind, as urgent, is there that nobody closed. One about a visit that is not the order's any
/// more says nothing to whoever has it now.
pub async fn call_once(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    what: (AlertKind, AlertSeverity, &str),
    by: (Option<AccountId>, DateTime<Utc>),
) -> Result<()> {
    let visit = visit::live_of_order(&**tx, order.community_id, order.id).await?;
    let of_visit = match &visit {
        Some(visit) => Column::VisitId.eq(visit.id),
        None => Column::VisitId.is_null(),
    };
    let open = Entity::find()
        .filter(Column::CommunityId.eq(order.community_id))
        .filter(Column::OrderId.eq(order.id))
        .filter(of_visit)
        .filter(Column::Kind.eq(what.0))
        .filter(Column::Severity.eq(what.1))
        .filter(Column::ClosedAt.is_null())
        .one(&**tx)
        .await?;
    if open.is_some() {
        return Ok(());
    }
    call_about(tx, app, (order, visit.as_ref()), what, by).await
}

async fn call_about(
    tx: &Tx,
    app: &App,
    (order, visit): (&care_order::Model, Option<&entity::visit::Model>),
    (kind, severity, detail): (AlertKind, AlertSeverity, &str),
    (by, at): (Option<AccountId>, DateTime<Utc>),
) -> Result<()> {
    let mut alert = NewAlert::of_order(app, kind, severity, order, at).detail(detail);
    if let Some(by) = by {
        alert = alert.by(by);
    }
    if let Some(visit) = visit {
        alert = alert.visit(visit);
    }
    open(tx, app, alert).await?;
    Ok(())
}
