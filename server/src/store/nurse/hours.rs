//! When a nurse takes home visits, and when she is away.

use std::collections::BTreeMap;

use entity::ids::{AccountId, CommunityId, LeaveId, NurseId};
use entity::{nurse, nurse_duty, nurse_leave};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};
use serde_json::json;

use super::super::page::newest;
use super::super::{event, sql};
use super::{about, touch};
use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::domain::roster::DutySpan;
use crate::error::Result;
use crate::problem::Code;
use crate::wire::Cursor;

/// Duty windows of a nurse, by weekday and time.
pub async fn duty(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurse: NurseId,
) -> Result<Vec<DutySpan>> {
    let rows = nurse_duty::Entity::find()
        .filter(nurse_duty::Column::CommunityId.eq(community))
        .filter(nurse_duty::Column::NurseId.eq(nurse))
        .order_by_asc(nurse_duty::Column::Weekday)
        .order_by_asc(nurse_duty::Column::StartMin)
        .all(db)
        .await?;
    Ok(rows.iter().map(span).collect())
}

/// Duty windows of many nurses, each by weekday and time. One statement.
pub async fn duty_of_all(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurses: &[NurseId],
) -> Result<BTreeMap<NurseId, Vec<DutySpan>>> {
    let rows = nurse_duty::Entity::find()
        .filter(nurse_duty::Column::CommunityId.eq(community))
        .filter(nurse_duty::Column::NurseId.is_in(nurses.iter().copied()))
        .order_by_asc(nurse_duty::Column::Weekday)
        .order_by_asc(nurse_duty::Column::StartMin)
        .all(db)
        .await?;
    let mut all = BTreeMap::<_, Vec<_>>::new();
    for row in &rows {
        all.entry(row.nurse_id).or_default().push(span(row));
    }
    Ok(all)
}

fn span(row: &nurse_duty::Model) -> DutySpan {
    DutySpan {
        weekday: row.weekday,
        start_min: row.start_min,
        end_min: row.end_min,
    }
}

/// Replaces the duty windows of a nurse; gives her new version.
pub async fn set_duty(
    tx: &Tx,
    app: &App,
    nurse: &nurse::Model,
    windows: &[DutySpan],
    by: AccountId,
) -> Result<i64> {
    let community = nurse.community_id;
    touch(tx, community, nurse.id, nurse.version).await?;
    sql::change(
        tx,
        "DELETE FROM nurse_duty WHERE community_id = $1 AND nurse_id = $2",
        [community.into(), nurse.id.into()],
    )
    .await?;
    let row = |window: &DutySpan| nurse_duty::Model {
        community_id: community,
        id: app.new_id(),
        nurse_id: nurse.id,
        weekday: window.weekday,
        start_min: window.start_min,
        end_min: window.end_min,
    };
    if !windows.is_empty() {
        let rows = windows
            .iter()
            .map(|window| row(window).into_active_model().reset_all());
        nurse_duty::Entity::insert_many(rows)
            .exec_without_returning(&**tx)
            .await?;
    }
    let told: Vec<_> = windows
        .iter()
        .map(|window| json!([window.weekday, window.start_min, window.end_min]))
        .collect();
    let event = about(EventKind::DutyChanged, nurse, by).payload(json!({ "windows": told }));
    event::append(tx, app, community, event).await?;
    Ok(nurse.version + 1)
}

/// A page of a nurse's leave, newest first.
pub async fn leave_of(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurse: NurseId,
    cursor: &Cursor,
) -> Result<Vec<nurse_leave::Model>> {
    let query = nurse_leave::Entity::find()
        .filter(nurse_leave::Column::CommunityId.eq(community))
        .filter(nurse_leave::Column::NurseId.eq(nurse));
    newest(db, query, nurse_leave::Column::Id, cursor).await
}

/// Adds a leave.
pub async fn add_leave(
    tx: &Tx,
    app: &App,
    nurse: &nurse::Model,
    leave: nurse_leave::Model,
    by: AccountId,
) -> Result<()> {
    let payload = json!({
        "leave": leave.id, "kind": leave.kind, "starts_at": leave.starts_at, "ends_at": leave.ends_at,
    });
    nurse_leave::Entity::insert(leave.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await?;
    let event = about(EventKind::LeaveAdded, nurse, by).payload(payload);
    event::append(tx, app, nurse.community_id, event).await
}

/// Removes a leave.
pub async fn remove_leave(
    tx: &Tx,
    app: &App,
    nurse: &nurse::Model,
    leave: LeaveId,
    by: AccountId,
) -> Result<()> {
    let removed = sql::change(
        tx,
        "DELETE FROM nurse_leave WHERE community_id = $1 AND nurse_id = $2 AND id = $3",
        [nurse.community_id.into(), nurse.id.into(), leave.into()],
    )
    .await?;
    if removed != 1 {
        return Err(Code::NotFound.into());
    }
    let event = about(EventKind::LeaveRemoved, nurse, by).payload(json!({ "leave": leave }));
    event::append(tx, app, nurse.community_id, event).await
}
