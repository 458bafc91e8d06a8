//! Follow-up tasks. The database allows one that is not over of a patient and due day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::enums::{FollowResolution, FollowStop, FollowTaskState};
use entity::follow_task::{ActiveModel, Column, Entity, Model};
use entity::ids::{CommunityId, FollowPlanId, FollowTaskId, InstitutionId, NurseId, PatientId};
use entity::{follow_plan, follow_task_plan, patient_merge};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use crate::app::App;
use crate::db::Tx;
use crate::domain::follow_up::{LIVE, WORKED_ON};
use crate::error::{Error, Result, violates};
use crate::problem::Code;
use crate::store::page::newest;
use crate::store::sql;
use crate::wire::Cursor;

/// The guard of the schema, by index, or the columns that SQLite names.
const ONE_A_DAY: &[&str] = &["follow_task_one_a_day", "follow_task.due_on"];

/// What a caller may see of tasks.
#[derive(Clone, Debug)]
pub struct Sight {
    /// The tenant.
    pub community: CommunityId,
    /// Staff see those of these institutions.
    pub institutions: BTreeSet<InstitutionId>,
    /// A nurse sees her own,
    pub nurse: Option<NurseId>,
    /// and of these institutions those that nobody owns or that are late.
    pub pools: BTreeSet<InstitutionId>,
    /// The date in Asia/Shanghai.
    pub today: NaiveDate,
}

impl Sight {
    fn condition(&self) -> Condition {
        let mut any =
            Condition::any().add(Column::InstitutionId.is_in(self.institutions.iter().copied()));
        if let Some(nurse) = self.nurse {
            let anybody = Condition::any()
                .add(Column::OwnerNurseId.is_null())
                .add(Column::DueOn.lt(self.today));
            let pool = Condition::all()
                .add(Column::InstitutionId.is_in(self.pools.iter().copied()))
                .add(Column::State.is_in(WORKED_ON))
                .add(anybody);
            any = any.add(Column::OwnerNurseId.eq(nurse)).add(pool);
        }
        Condition::all()
            .add(Column::CommunityId.eq(self.community))
            .add(any)
    }
}

fn guarded(error: DbErr) -> Error {
    if violates(&error, ONE_A_DAY) {
        Code::FollowTaskSameDay.into()
    } else {
        error.into()
    }
}

/// Makes tasks.
pub async fn insert_tasks(tx: &Tx, rows: &[Model]) -> Result<()> {
    sql::insert_all(tx, rows).await.map_err(guarded)
}

/// Notes which points of plans tasks serve.
pub async fn link(tx: &Tx, rows: &[follow_task_plan::Model]) -> Result<()> {
    Ok(sql::insert_all(tx, rows).await?)
}

/// Changes a task upon the version read; another version meanwhile is a problem.
pub async fn update(tx: &Tx, task: &Model, change: impl FnOnce(&mut ActiveModel)) -> Result<Model> {
    let changed = sql::change_read_version!(tx, task, change, Id id).map_err(guarded)?;
    changed.ok_or_else(|| Code::FollowTaskChanged.into())
}

/// Hands the points of plans that a task serves to another task: all of them, or those of some plans. The plans.
pub async fn hand_points(
    tx: &Tx,
    from: &Model,
    to: FollowTaskId,
    plans: Option<&[FollowPlanId]>,
) -> Result<Vec<FollowPlanId>> {
    use follow_task_plan::Column as L;
    let rows = points_of(&**tx, from.community_id, &[from.id]).await?;
    let mut handed: Vec<_> = rows
        .into_values()
        .flatten()
        .map(|row| row.plan_id)
        .collect();
    if let Some(plans) = plans {
        handed.retain(|plan| plans.contains(plan));
    }
    follow_task_plan::Entity::update_many()
        .col_expr(L::TaskId, to.into())
        .filter(L::CommunityId.eq(from.community_id))
        .filter(L::TaskId.eq(from.id))
        .filter(L::PlanId.is_in(handed.iter().copied()))
        .exec(&**tx)
        .await?;
    Ok(handed)
}

/// Tasks that plans got since a merge, and that serve nobody else, go back along with the plans.
pub async fn own_tasks_go_along(tx: &Tx, merge: &patient_merge::Model) -> Result<()> {
    sql::change(
        tx,
        "UPDATE follow_task SET patient_id = $1 WHERE community_id = $2 AND patient_id = $3
         AND id IN (SELECT l.task_id FROM follow_task_plan l JOIN follow_plan p ON p.community_id = l.community_id
             AND p.id = l.plan_id WHERE l.community_id = $2 AND p.patient_id = $1)
         AND id NOT IN (SELECT l.task_id FROM follow_task_plan l JOIN follow_plan p ON p.community_id = l.community_id
             AND p.id = l.plan_id WHERE l.community_id = $2 AND p.patient_id = $3)",
        [
            merge.merged_id.into(),
            merge.community_id.into(),
            merge.survivor_id.into(),
        ],
    )
    .await
    .map_err(guarded)?;
    Ok(())
}

/// Writes what joining made of tasks that there were.
pub async fn join_tasks(tx: &Tx, rows: Vec<(Model, ActiveModel)>) -> Result<()> {
    for (read, changed) in rows {
        update(tx, &read, |row| *row = changed).await?;
    }
    Ok(())
}

/// Ends a task, or moves it on.
pub async fn advance(
    tx: &Tx,
    app: &App,
    task: &Model,
    state: FollowTaskState,
    by: Option<FollowResolution>,
) -> Result<Model> {
    update(tx, task, |row| {
        row.state = Set(state);
        row.resolved_by = Set(by);
        row.resolved_at = Set((!LIVE.contains(&state)).then(|| app.now()));
    })
    .await
}

/// A task within sight.
pub async fn get(db: &impl ConnectionTrait, sight: &Sight, id: FollowTaskId) -> Result<Model> {
    Entity::find()
        .filter(sight.condition())
        .filter(Column::Id.eq(id))
        .one(db)
        .await?
        .ok_or_else(|| Code::NotFound.into())
}

/// Whether a task of a patient that is not over lies within sight.
pub async fn sees(db: &impl ConnectionTrait, sight: &Sight, patient: PatientId) -> Result<bool> {
    let found = Entity::find()
        .filter(sight.condition())
        .filter(Column::PatientId.eq(patient))
        .filter(Column::State.is_in(LIVE))
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// A task of the community, for what acts by itself.
pub async fn in_community(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: FollowTaskId,
) -> Result<Option<Model>> {
    Ok(Entity::find_by_id((community, id)).one(db).await?)
}

/// Tasks of a patient that are not over, by due day.
pub async fn live_of(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
        .filter(Column::State.is_in(LIVE))
        .order_by_asc(Column::DueOn)
        .all(db)
        .await?)
}

/// Tasks of a nurse that are not over, at most so many, by their last day.
pub async fn of_owner(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurse: NurseId,
    most: u64,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::OwnerNurseId.eq(nurse))
        .filter(Column::State.is_in(LIVE))
        .order_by_asc(Column::EndsOn)
        .order_by_asc(Column::Id)
        .limit(most)
        .all(db)
        .await?)
}

/// Which tasks.
#[derive(Clone, Debug, Default)]
pub struct TaskFilter {
    /// In one of these states; all when none.
    pub states: Vec<FollowTaskState>,
    /// Of this patient.
    pub patient: Option<PatientId>,
    /// Of this nurse.
    pub owner: Option<NurseId>,
    /// Those that nobody owns.
    pub pool: bool,
    /// Due until this day.
    pub due_until: Option<NaiveDate>,
}

/// Tasks within sight, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    sight: &Sight,
    wanted: &TaskFilter,
    cursor: &Cursor,
) -> Result<Vec<Model>> {
    let states =
        (!wanted.states.is_empty()).then(|| Column::State.is_in(wanted.states.iter().copied()));
    let condition = sight
        .condition()
        .add_option(states)
        .add_option(wanted.patient.map(|id| Column::PatientId.eq(id)))
        .add_option(wanted.owner.map(|id| Column::OwnerNurseId.eq(id)))
        .add_option(wanted.pool.then(|| Column::OwnerNurseId.is_null()))
        .add_option(wanted.due_until.map(|day| Column::DueOn.lte(day)));
    newest(db, Entity::find().filter(condition), Column::Id, cursor).await
}

/// Which points of plans tasks serve, by task.
pub async fn points_of(
    db: &impl ConnectionTrait,
    community: CommunityId,
    tasks: &[FollowTaskId],
) -> Result<BTreeMap<FollowTaskId, Vec<follow_task_plan::Model>>> {
    use follow_task_plan::Column as L;
    if tasks.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = follow_task_plan::Entity::find()
        .filter(L::CommunityId.eq(community))
        .filter(L::TaskId.is_in(tasks.iter().copied()))
        .order_by_asc(L::PlanId)
        .all(db)
        .await?;
    Ok(sql::grouped(rows, |row| row.task_id))
}

/// The points of a plan that tasks serve which are to be done and nobody has answered yet: task and day.
pub async fn live_points(
    db: &impl ConnectionTrait,
    community: CommunityId,
    plan: FollowPlanId,
) -> Result<Vec<(FollowTaskId, i32)>> {
    #[derive(FromQueryResult)]
    struct Row {
        task_id: FollowTaskId,
        day: i32,
    }
    let rows = sql::all::<Row>(
        db,
        "SELECT l.task_id AS task_id, l.day AS day FROM follow_task_plan l
         JOIN follow_task t ON t.community_id = l.community_id AND t.id = l.task_id
         WHERE l.community_id = $1 AND l.plan_id = $2 AND t.state IN ('waiting', 'open')",
        [community.into(), plan.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| (row.task_id, row.day)).collect())
}

/// Tasks of these whose time has not begun serve a plan no more.
pub async fn unlink_waiting(
    tx: &Tx,
    plan: &follow_plan::Model,
    tasks: &[FollowTaskId],
) -> Result<()> {
    if tasks.is_empty() {
        return Ok(());
    }
    let mut values = vec![plan.community_id.into(), plan.id.into()];
    values.extend(tasks.iter().map(|id| (*id).into()));
    let places = sql::places(3, tasks.len());
    sql::change(
        tx,
        format!(
            "DELETE FROM follow_task_plan WHERE community_id = $1 AND plan_id = $2 AND task_id IN (
                 SELECT id FROM follow_task WHERE community_id = $1 AND id IN ({places}) AND state = 'waiting')"
        ),
        values,
    )
    .await?;
    Ok(())
}

/// Stops tasks that are to be done and serve no other plan that runs; how many.
pub async fn stop_unless_shared(
    tx: &Tx,
    app: &App,
    plan: &follow_plan::Model,
    tasks: &[FollowTaskId],
    cause: FollowStop,
) -> Result<u64> {
    if tasks.is_empty() {
        return Ok(0);
    }
    let mut values = vec![
        cause.as_str().into(),
        app.now().into(),
        plan.community_id.into(),
        plan.id.into(),
    ];
    values.extend(tasks.iter().map(|id| (*id).into()));
    let places = sql::places(5, tasks.len());
    Ok(sql::change(
        tx,
        format!(
            "UPDATE follow_task SET state = 'stopped', stop_cause = $1, resolved_by = 'stop', resolved_at = $2,
                 version = version + 1
             WHERE community_id = $3 AND id IN ({places}) AND state IN ('waiting', 'open')
               AND NOT EXISTS (
                 SELECT 1 FROM follow_task_plan l
                 JOIN follow_plan p ON p.community_id = l.community_id AND p.id = l.plan_id
                 WHERE l.community_id = follow_task.community_id AND l.task_id = follow_task.id
                   AND l.plan_id <> $4 AND p.state = 'active')"
        ),
        values,
    )
    .await?)
}
