//! What was done for a person on which day: nobody is called twice on a day, and nothing is asked twice.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::enums::ContactResult;
use entity::ids::{CommunityId, DischargeId, FollowTaskId, PatientId};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::domain::follow_up::{Touch, is_reach};
use crate::error::Result;
use crate::store::sql;

/// When somebody last tried to reach each of these patients, for whichever task.
pub async fn last_tried(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patients: &BTreeSet<PatientId>,
) -> Result<BTreeMap<PatientId, DateTime<Utc>>> {
    #[derive(FromQueryResult)]
    struct Row {
        patient_id: PatientId,
        at: Option<DateTime<Utc>>,
    }
    if patients.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut values = vec![community.into()];
    values.extend(patients.iter().map(|id| (*id).into()));
    let places = sql::places(2, patients.len());
    let rows = sql::all::<Row>(
        db,
        format!(
            "SELECT patient_id, MAX(at) AS at FROM contact_attempt
             WHERE community_id = $1 AND patient_id IN ({places}) GROUP BY patient_id"
        ),
        values,
    )
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Some((row.patient_id, row.at?)))
        .collect())
}

/// Attempts for these patients from a moment on, for whichever task.
pub async fn touches_since(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patients: &BTreeSet<PatientId>,
    from: DateTime<Utc>,
) -> Result<BTreeMap<PatientId, Vec<Touch>>> {
    #[derive(FromQueryResult)]
    struct Row {
        patient_id: PatientId,
        task_id: FollowTaskId,
        at: DateTime<Utc>,
        result: ContactResult,
    }
    if patients.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut values = vec![community.into(), from.into()];
    values.extend(patients.iter().map(|id| (*id).into()));
    let places = sql::places(3, patients.len());
    let rows = sql::all::<Row>(
        db,
        format!(
            "SELECT patient_id, task_id, at, result FROM contact_attempt
             WHERE community_id = $1 AND at >= $2 AND patient_id IN ({places})"
        ),
        values,
    )
    .await?;
    let mut found = BTreeMap::<_, Vec<_>>::new();
    for row in rows {
        found.entry(row.patient_id).or_default().push(Touch {
            task: row.task_id,
            at: row.at,
            reached: is_reach(row.result),
        });
    }
    Ok(found)
}

/// When, from a moment on, somebody tried to reach a patient, or a task of theirs had its answers.
pub async fn busy_since(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    from: DateTime<Utc>,
) -> Result<Vec<DateTime<Utc>>> {
    #[derive(FromQueryResult)]
    struct Row {
        at: DateTime<Utc>,
    }
    let rows = sql::all::<Row>(
        db,
        "SELECT at FROM contact_attempt WHERE community_id = $1 AND patient_id = $2 AND at >= $3
         UNION ALL
         SELECT reached_at AS at FROM follow_task WHERE community_id = $1 AND patient_id = $2 AND reached_at >= $3",
        [community.into(), patient.into(), from.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.at).collect())
}

/// Which points of the schedules of a discharge were served, whichever plan they belonged to: a task is done, or
/// somebody was reached for it.
pub async fn served(
    db: &impl ConnectionTrait,
    community: CommunityId,
    discharge: DischargeId,
) -> Result<BTreeMap<(String, i32), FollowTaskId>> {
    #[derive(FromQueryResult)]
    struct Row {
        schedule: String,
        day: i32,
        task_id: FollowTaskId,
    }
    let rows = sql::all::<Row>(
        db,
        "SELECT p.schedule AS schedule, l.day AS day, l.task_id AS task_id FROM follow_plan p
         JOIN follow_task_plan l ON l.community_id = p.community_id AND l.plan_id = p.id
         JOIN follow_task t ON t.community_id = l.community_id AND t.id = l.task_id
         WHERE p.community_id = $1 AND p.discharge_id = $2 AND (t.state = 'done' OR t.reached_at IS NOT NULL)",
        [community.into(), discharge.into()],
    )
    .await?;
    let points = rows.into_iter();
    Ok(points
        .map(|row| ((row.schedule, row.day), row.task_id))
        .collect())
}
