//! Scales of follow-up tasks: which were filled in, which were left out and why.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, Utc};
use entity::enums::ScaleSkip;
use entity::follow_task::Model as Task;
use entity::follow_task_skip::{Column, Entity, Model};
use entity::ids::{CommunityId, FollowTaskId, PatientId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel,
    QueryFilter,
};
use uuid::Uuid;

use crate::db::Tx;
use crate::domain::calendar::day_start;
use crate::domain::follow_up::scales_missing;
use crate::error::{Error, Result};
use crate::store::sql;

/// What became of the scales of a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskScales {
    /// Filled in with the task, or otherwise within its window.
    pub scored: BTreeSet<String>,
    /// Left out, and why.
    pub skipped: BTreeMap<String, ScaleSkip>,
}

impl TaskScales {
    /// Scales of the task that are neither, in its order.
    pub fn missing(&self, task: &Task) -> Result<Vec<String>> {
        let settled = self.scored.iter().chain(self.skipped.keys()).cloned();
        Ok(scales_missing(&asked(task)?, &settled.collect()))
    }
}

/// Codes of the scales of a task.
pub fn asked(task: &Task) -> Result<Vec<String>> {
    serde_json::from_value(task.scales.clone()).map_err(Error::internal)
}

/// Notes that a scale is left out; told again the first reason stays.
pub async fn skip(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(row.into_active_model().reset_all())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// What became of the scales of tasks of one community. Two statements for any number.
pub async fn scales_of(
    db: &impl ConnectionTrait,
    tasks: &[Task],
) -> Result<BTreeMap<FollowTaskId, TaskScales>> {
    let Some(first) = tasks.first() else {
        return Ok(BTreeMap::new());
    };
    let skips = Entity::find()
        .filter(Column::CommunityId.eq(first.community_id))
        .filter(Column::TaskId.is_in(tasks.iter().map(|task| task.id)))
        .all(db)
        .await?;
    let scores = scores(db, first.community_id, tasks).await?;
    let found = tasks.iter().map(|task| {
        let mine = skips.iter().filter(|skip| skip.task_id == task.id);
        let fitting = scores.iter().filter(|score| score.is_of(task));
        let scales = TaskScales {
            scored: fitting.map(|score| score.scale.clone()).collect(),
            skipped: mine.map(|skip| (skip.scale.clone(), skip.reason)).collect(),
        };
        (task.id, scales)
    });
    Ok(found.collect())
}

/// Scales of a task that are still to be filled in, or left out with a reason.
pub async fn missing_scales(db: &impl ConnectionTrait, task: &Task) -> Result<Vec<String>> {
    let found = scales_of(db, std::slice::from_ref(task)).await?;
    found
        .get(&task.id)
        .cloned()
        .unwrap_or_default()
        .missing(task)
}

#[derive(FromQueryResult)]
struct Scored {
    patient_id: PatientId,
    scale: String,
    task_id: Option<Uuid>,
    taken_at: DateTime<Utc>,
}

impl Scored {
    /// With the task, or on a day of its window, a visit of its own for instance.
    fn is_of(&self, task: &Task) -> bool {
        let end = task.ends_on.checked_add_days(Days::new(1));
        let until = day_start(end.unwrap_or(task.ends_on));
        let within = (day_start(task.opens_on)..until).contains(&self.taken_at);
        self.task_id == Some(task.id.0) || (self.patient_id == task.patient_id && within)
    }
}

/// Scores of the patients of tasks since the first of them opened.
async fn scores(
    db: &impl ConnectionTrait,
    community: CommunityId,
    tasks: &[Task],
) -> Result<Vec<Scored>> {
    let asks = |task: &&Task| {
        task.scales
            .as_array()
            .is_some_and(|codes| !codes.is_empty())
    };
    let asking: Vec<_> = tasks.iter().filter(asks).collect();
    let Some(opens_on) = asking.iter().map(|task| task.opens_on).min() else {
        return Ok(Vec::new());
    };
    let patients: BTreeSet<_> = asking.iter().map(|task| task.patient_id).collect();
    let mut values = vec![community.into(), day_start(opens_on).into()];
    values.extend(patients.iter().map(|id| (*id).into()));
    let query = format!(
        "SELECT patient_id, scale, task_id, taken_at FROM scale_score
         WHERE community_id = $1 AND taken_at >= $2 AND patient_id IN ({})",
        sql::places(3, patients.len())
    );
    Ok(sql::all(db, query, values).await?)
}
