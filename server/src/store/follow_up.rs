//! Follow-up plans, their tasks, and attempts to reach somebody.

mod days;
mod scales;
mod tasks;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::contact_attempt;
use entity::enums::{FollowPlanState, FollowStop};
use entity::follow_plan::{self, Column, Entity};
use entity::ids::{
    CommunityId, ContactAttemptId, DischargeId, FollowPlanId, FollowTaskId, PatientId,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
};

use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::follow_up::Carrier;
use crate::error::{Error, Result};

pub use days::{busy_since, last_tried, served, touches_since};
pub use scales::{TaskScales, asked, missing_scales, scales_of, skip};
pub use tasks::{
    Sight, TaskFilter, advance, get, hand_points, in_community, insert_tasks, join_tasks, link,
    list, live_of, live_points, of_owner, own_tasks_go_along, points_of, sees, stop_unless_shared,
    unlink_waiting, update,
};

/// Makes plans.
pub async fn insert_plans(tx: &Tx, rows: &[follow_plan::Model]) -> Result<()> {
    Ok(sql::insert_all(tx, rows).await?)
}

/// A plan of the community.
pub async fn plan(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: FollowPlanId,
) -> Result<Option<follow_plan::Model>> {
    Ok(Entity::find_by_id((community, id)).one(db).await?)
}

/// Plans of a discharge, oldest first.
pub async fn plans_of_discharge(
    db: &impl ConnectionTrait,
    community: CommunityId,
    discharge: DischargeId,
) -> Result<Vec<follow_plan::Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::DischargeId.eq(discharge))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// Plans of a patient, newest first.
pub async fn plans_of_patient(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<Vec<follow_plan::Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
        .order_by_desc(Column::Id)
        .all(db)
        .await?)
}

/// Plans of a patient that run.
pub async fn active_plans(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<Vec<follow_plan::Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
        .filter(Column::State.eq(FollowPlanState::Active))
        .all(db)
        .await?)
}

/// Stops plans of one patient that run, and the tasks that serve no other plan.
pub async fn stop_plans(
    tx: &Tx,
    app: &App,
    plans: &[follow_plan::Model],
    cause: FollowStop,
) -> Result<()> {
    let Some(first) = plans.first() else {
        return Ok(());
    };
    let mut values = vec![
        cause.as_str().into(),
        app.now().into(),
        first.community_id.into(),
    ];
    values.extend(plans.iter().map(|plan| plan.id.into()));
    let places = sql::places(4, plans.len());
    sql::change(
        tx,
        format!(
            "UPDATE follow_plan SET state = 'stopped', stop_cause = $1, stopped_at = $2, version = version + 1
             WHERE community_id = $3 AND state = 'active' AND id IN ({places})"
        ),
        values,
    )
    .await?;
    sql::change(
        tx,
        "UPDATE follow_task SET state = 'stopped', stop_cause = $1, resolved_by = 'stop', resolved_at = $2,
             version = version + 1
         WHERE community_id = $3 AND patient_id = $4 AND state IN ('waiting', 'open', 'reached')
           AND NOT EXISTS (
             SELECT 1 FROM follow_task_plan l
             JOIN follow_plan p ON p.community_id = l.community_id AND p.id = l.plan_id
             WHERE l.community_id = follow_task.community_id AND l.task_id = follow_task.id AND p.state = 'active')",
        [
            cause.as_str().into(),
            app.now().into(),
            first.community_id.into(),
            first.patient_id.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Marks plans that are over; those among them that run.
pub async fn finish_plans(tx: &Tx, community: CommunityId, ids: &[FollowPlanId]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let mut values = vec![community.into()];
    values.extend(ids.iter().map(|id| (*id).into()));
    let places = sql::places(2, ids.len());
    sql::change(
        tx,
        format!(
            "UPDATE follow_plan SET state = 'finished', version = version + 1
             WHERE community_id = $1 AND state = 'active' AND id IN ({places})"
        ),
        values,
    )
    .await?;
    Ok(())
}

/// Of these plans those that run and have no task that is not over.
pub async fn without_tasks(
    db: &impl ConnectionTrait,
    community: CommunityId,
    ids: &[FollowPlanId],
) -> Result<Vec<FollowPlanId>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: FollowPlanId,
    }
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = vec![community.into()];
    values.extend(ids.iter().map(|id| (*id).into()));
    let places = sql::places(2, ids.len());
    let rows = sql::all::<Row>(
        db,
        format!(
            "SELECT p.id FROM follow_plan p
             WHERE p.community_id = $1 AND p.id IN ({places}) AND p.state = 'active'
               AND NOT EXISTS (
                 SELECT 1 FROM follow_task_plan l
                 JOIN follow_task t ON t.community_id = l.community_id AND t.id = l.task_id
                 WHERE l.community_id = p.community_id AND l.plan_id = p.id
                   AND t.state IN ('waiting', 'open', 'reached'))"
        ),
        values,
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Notes that the repeated contacts of a plan are over; false when that was noted, or it does not run.
pub async fn end_repeats(tx: &Tx, app: &App, plan: &follow_plan::Model) -> Result<bool> {
    let changed = sql::change(
        tx,
        "UPDATE follow_plan SET repeats_ended_at = $1, version = version + 1
         WHERE community_id = $2 AND id = $3 AND state = 'active' AND repeats_ended_at IS NULL",
        [app.now().into(), plan.community_id.into(), plan.id.into()],
    )
    .await?;
    Ok(changed == 1)
}

/// Plans that a task serves, run, and have no other task that is not over.
pub async fn plans_ending_with(
    db: &impl ConnectionTrait,
    community: CommunityId,
    task: FollowTaskId,
) -> Result<Vec<follow_plan::Model>> {
    Ok(sql::all(
        db,
        "SELECT p.* FROM follow_plan p
         JOIN follow_task_plan l ON l.community_id = p.community_id AND l.plan_id = p.id
         WHERE p.community_id = $1 AND l.task_id = $2 AND p.state = 'active'
           AND NOT EXISTS (
             SELECT 1 FROM follow_task_plan o
             JOIN follow_task t ON t.community_id = o.community_id AND t.id = o.task_id
             WHERE o.community_id = p.community_id AND o.plan_id = p.id
               AND t.state IN ('waiting', 'open', 'reached'))",
        [community.into(), task.into()],
    )
    .await?)
}

/// Notes up to which day the contacts of a plan are made.
pub async fn planned_to(tx: &Tx, plan: &follow_plan::Model, day: chrono::NaiveDate) -> Result<()> {
    sql::change(
        tx,
        "UPDATE follow_plan SET planned_to = $1, version = version + 1
         WHERE community_id = $2 AND id = $3 AND state = 'active'",
        [day.into(), plan.community_id.into(), plan.id.into()],
    )
    .await?;
    Ok(())
}

/// Keeps an attempt.
pub async fn insert_attempt(tx: &Tx, row: contact_attempt::Model) -> Result<()> {
    Ok(sql::insert(tx, row).await?)
}

/// Attempts for tasks, oldest first, by task.
pub async fn attempts_of(
    db: &impl ConnectionTrait,
    community: CommunityId,
    tasks: &[FollowTaskId],
) -> Result<BTreeMap<FollowTaskId, Vec<contact_attempt::Model>>> {
    use contact_attempt::Column as A;
    if tasks.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = contact_attempt::Entity::find()
        .filter(A::CommunityId.eq(community))
        .filter(A::TaskId.is_in(tasks.iter().copied()))
        .order_by_asc(A::At)
        .order_by_asc(A::Id)
        .all(db)
        .await?;
    Ok(sql::grouped(rows, |row| row.task_id))
}

/// Seals the note of an attempt.
pub fn seal_note(app: &App, id: ContactAttemptId, note: &str) -> String {
    app.cipher.seal(note_place(id), note)
}

/// The note of an attempt.
pub fn note(app: &App, row: &contact_attempt::Model) -> Result<Option<String>> {
    let opened = row
        .note_enc
        .as_ref()
        .map(|sealed| app.cipher.open(note_place(row.id), sealed));
    opened.transpose().map_err(Error::internal)
}

fn note_place(id: ContactAttemptId) -> FieldPlace {
    FieldPlace {
        table: "contact_attempt",
        column: "note_enc",
        row: id.0,
    }
}

/// Nurses who could make the contacts of a task: on the roster of its institution or one under it, able to log in
/// and not away, each with her tasks that are not over.
pub async fn carriers(
    db: &impl ConnectionTrait,
    task: &entity::follow_task::Model,
    home: entity::ids::InstitutionId,
    now: DateTime<Utc>,
) -> Result<Vec<Carrier>> {
    #[derive(FromQueryResult)]
    struct Row {
        nurse_id: entity::ids::NurseId,
        institution_id: entity::ids::InstitutionId,
        tasks: i64,
    }
    let rows = sql::all::<Row>(
        db,
        "SELECT n.id AS nurse_id, n.institution_id AS institution_id,
                (SELECT COUNT(*) FROM follow_task t
                 WHERE t.community_id = n.community_id AND t.owner_nurse_id = n.id
                   AND t.state IN ('open', 'reached')) AS tasks
         FROM nurse n
         JOIN account a ON a.community_id = n.community_id AND a.id = n.account_id AND a.status = 'active'
         JOIN institution_scope s ON s.community_id = n.community_id AND s.member_id = n.institution_id
         WHERE n.community_id = $1 AND s.institution_id = $2 AND n.active
           AND NOT EXISTS (
             SELECT 1 FROM nurse_leave l
             WHERE l.community_id = n.community_id AND l.nurse_id = n.id AND l.starts_at <= $3 AND l.ends_at > $3)",
        [
            task.community_id.into(),
            task.institution_id.into(),
            now.into(),
        ],
    )
    .await?;
    let carrier = |row: Row| Carrier {
        nurse: row.nurse_id,
        tasks: u32::try_from(row.tasks).unwrap_or(u32::MAX),
        same_township: row.institution_id == home,
    };
    Ok(rows.into_iter().map(carrier).collect())
}
