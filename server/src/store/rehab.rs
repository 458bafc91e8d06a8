//! Rehabilitation plans, their exercises and their log. The database allows one active plan a patient and five
//! exercises a day.

use chrono::NaiveDate;
use entity::enums::{RehabExerciseState, RehabState};
use entity::ids::{CommunityId, NurseId, PatientId, RehabExerciseId, RehabLogId, RehabPlanId};
use entity::rehab_plan::{ActiveModel, Column, Entity, Model};
use entity::{patient, rehab_exercise, rehab_log};
use sea_orm::sea_query::{Condition, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::page::newest;
use super::scope::Scope;
use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::error::{Error, Result, violates};
use crate::problem::Code;
use crate::wire::Cursor;

/// Guards of the schema, by index, or the columns that SQLite names.
const ACTIVE: &[&str] = &["rehab_plan_one_active", "rehab_plan.patient_id"];
const SLOT: &[&str] = &["rehab_five_a_day", "rehab_exercise.slot"];

/// A text of these tables that is sealed.
#[derive(Clone, Copy, Debug)]
pub enum Sealed {
    /// The goal, in words.
    Goal,
    /// Why a plan was stopped.
    StopNote,
    /// What is to be known of an exercise.
    ExerciseNote,
    /// What was told with a tap.
    LogNote,
}

impl Sealed {
    /// Seals a text of a row.
    pub fn seal(self, app: &App, row: Uuid, text: &str) -> String {
        app.cipher.seal(self.place(row), text)
    }

    /// Opens one.
    pub fn open(self, app: &App, row: Uuid, sealed: &str) -> Result<String> {
        let opened = app.cipher.open(self.place(row), sealed);
        opened.map_err(Error::internal)
    }

    /// Opens one that may not be there.
    pub fn open_some(self, app: &App, row: Uuid, sealed: Option<&str>) -> Result<Option<String>> {
        sealed.map(|sealed| self.open(app, row, sealed)).transpose()
    }

    fn place(self, row: Uuid) -> FieldPlace {
        let (table, column) = match self {
            Self::Goal => ("rehab_plan", "goal_enc"),
            Self::StopNote => ("rehab_plan", "stop_note_enc"),
            Self::ExerciseNote => ("rehab_exercise", "note_enc"),
            Self::LogNote => ("rehab_log", "note_enc"),
        };
        FieldPlace { table, column, row }
    }
}

fn guarded(error: DbErr) -> Error {
    if violates(&error, ACTIVE) {
        Code::RehabPlanActive.into()
    } else if violates(&error, SLOT) {
        Code::RehabFiveADay.into()
    } else {
        error.into()
    }
}

/// Keeps a plan.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    sql::insert(tx, row).await.map_err(guarded)
}

/// Changes a plan upon the version read; another version meanwhile is a problem.
pub async fn update(tx: &Tx, plan: &Model, change: impl FnOnce(&mut ActiveModel)) -> Result<Model> {
    let changed = sql::change_read_version!(tx, plan, change, Id id).map_err(guarded)?;
    changed.ok_or_else(|| Code::RehabChanged.into())
}

/// Plans the caller may see: those of patients in scope, and those that the calling nurse leads.
fn in_scope(scope: &Scope) -> Condition {
    let patients = Query::select()
        .column(patient::Column::Id)
        .from(patient::Entity)
        .cond_where(scope.patients())
        .to_owned();
    let mut any = Condition::any().add(Column::PatientId.in_subquery(patients));
    if let Some(nurse) = scope.nurse {
        any = any.add(Column::NurseId.eq(nurse));
    }
    Condition::all()
        .add(Column::CommunityId.eq(scope.community))
        .add(any)
}

/// A plan in scope.
pub async fn require(db: &impl ConnectionTrait, scope: &Scope, id: RehabPlanId) -> Result<Model> {
    Entity::find()
        .filter(in_scope(scope))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?
        .ok_or_else(|| Code::NotFound.into())
}

/// Plans of a patient, newest first.
pub async fn of_patient(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
        .order_by_desc(Column::Id)
        .all(db)
        .await?)
}

/// Active plans in scope, newest first, at most so many.
pub async fn active(db: &impl ConnectionTrait, scope: &Scope, most: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(in_scope(scope))
        .filter(Column::State.eq(RehabState::Active))
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await?)
}

/// Active plans that a nurse leads, newest first, at most so many.
pub async fn led_by(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurse: NurseId,
    most: u64,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::NurseId.eq(nurse))
        .filter(Column::State.eq(RehabState::Active))
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await?)
}

/// Keeps an exercise.
pub async fn insert_exercise(tx: &Tx, row: rehab_exercise::Model) -> Result<()> {
    sql::insert(tx, row).await.map_err(guarded)
}

/// Writes an exercise that is still in the state it was read in.
pub async fn update_exercise(
    tx: &Tx,
    read: RehabExerciseState,
    row: rehab_exercise::Model,
) -> Result<rehab_exercise::Model> {
    use rehab_exercise::Column as C;
    let changed = rehab_exercise::Entity::update_many()
        .set(row.clone().into_active_model().reset_all())
        .filter(C::CommunityId.eq(row.community_id))
        .filter(C::Id.eq(row.id))
        .filter(C::State.eq(read))
        .exec(&**tx)
        .await
        .map_err(guarded)?;
    if changed.rows_affected == 1 {
        Ok(row)
    } else {
        Err(Code::RehabChanged.into())
    }
}

/// Exercises of these plans, oldest first.
pub async fn exercises(
    db: &impl ConnectionTrait,
    community: CommunityId,
    plans: &[RehabPlanId],
) -> Result<Vec<rehab_exercise::Model>> {
    use rehab_exercise::Column as C;
    if plans.is_empty() {
        return Ok(Vec::new());
    }
    Ok(rehab_exercise::Entity::find()
        .filter(C::CommunityId.eq(community))
        .filter(C::PlanId.is_in(plans.iter().copied()))
        .order_by_asc(C::Id)
        .all(db)
        .await?)
}

/// An exercise of a plan in scope, with its plan.
pub async fn require_exercise(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: RehabExerciseId,
) -> Result<(rehab_exercise::Model, Model)> {
    use rehab_exercise::Column as C;
    let row = rehab_exercise::Entity::find()
        .filter(C::CommunityId.eq(scope.community))
        .filter(C::Id.eq(id))
        .one(db)
        .await?;
    let row = row.ok_or(Code::NotFound)?;
    let plan = require(db, scope, row.plan_id).await?;
    Ok((row, plan))
}

/// Keeps what was told; false when an entry of this id is there already.
pub async fn insert_log(tx: &Tx, row: rehab_log::Model) -> Result<bool> {
    let stored = rehab_log::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(&**tx)
        .await?;
    Ok(stored == 1)
}

/// An entry of the log by the id that the phone made.
pub async fn log_entry(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: RehabLogId,
) -> Result<Option<rehab_log::Model>> {
    use rehab_log::Column as C;
    Ok(rehab_log::Entity::find()
        .filter(C::CommunityId.eq(community))
        .filter(C::Id.eq(id))
        .one(db)
        .await?)
}

/// A page of the log of a plan, newest first.
pub async fn log_page(
    db: &impl ConnectionTrait,
    plan: &Model,
    cursor: &Cursor,
) -> Result<Vec<rehab_log::Model>> {
    use rehab_log::Column as C;
    let query = rehab_log::Entity::find()
        .filter(C::CommunityId.eq(plan.community_id))
        .filter(C::PlanId.eq(plan.id));
    newest(db, query, C::Id, cursor).await
}

/// What of the log of these plans says how they stand: all from a day on, what was told since somebody looked with a new
/// symptom or with pain of `pain` or more, and the last day on which anything was told. Oldest first. One statement.
pub async fn log_lately(
    db: &impl ConnectionTrait,
    community: CommunityId,
    plans: &[RehabPlanId],
    from: NaiveDate,
    pain: i32,
) -> Result<Vec<rehab_log::Model>> {
    if plans.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = vec![community.into(), from.into(), pain.into()];
    values.extend(plans.iter().map(|plan| (*plan).into()));
    let text = format!(
        "SELECT l.* FROM rehab_log l
         JOIN rehab_plan p ON p.community_id = l.community_id AND p.id = l.plan_id
         WHERE l.community_id = $1 AND l.plan_id IN ({})
           AND (l.day >= $2
                OR ((p.seen_at IS NULL OR l.at > p.seen_at)
                    AND (l.new_symptom OR COALESCE(l.pain_after, l.pain_before) >= $3))
                OR l.day = (SELECT MAX(m.day) FROM rehab_log m
                            WHERE m.community_id = l.community_id AND m.plan_id = l.plan_id))
         ORDER BY l.at, l.id",
        sql::places(4, plans.len())
    );
    Ok(sql::all(db, text, values).await?)
}

/// What was told of these plans from a day on, oldest first; until the day before another, when that is given.
pub async fn log_between(
    db: &impl ConnectionTrait,
    community: CommunityId,
    plans: &[RehabPlanId],
    (from, to): (NaiveDate, Option<NaiveDate>),
) -> Result<Vec<rehab_log::Model>> {
    use rehab_log::Column as C;
    if plans.is_empty() {
        return Ok(Vec::new());
    }
    Ok(rehab_log::Entity::find()
        .filter(C::CommunityId.eq(community))
        .filter(C::PlanId.is_in(plans.iter().copied()))
        .filter(C::Day.gte(from))
        .filter(Condition::all().add_option(to.map(|to| C::Day.lt(to))))
        .order_by_asc(C::At)
        .all(db)
        .await?)
}

/// The plans that patients have now, one at most for each.
pub async fn active_of(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patients: impl IntoIterator<Item = PatientId>,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.is_in(patients))
        .filter(Column::State.eq(RehabState::Active))
        .all(db)
        .await?)
}
