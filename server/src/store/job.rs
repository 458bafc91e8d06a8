//! Jobs: queued in the transaction of their cause, claimed, committed, then run.

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::{JobLane, JobState};
use entity::ids::{CommunityId, JobId, MessageId};
use entity::job::Model;
use sea_orm::{ConnectionTrait, DatabaseBackend, FromQueryResult};
use serde_json::{Value, json};
use uuid::Uuid;

use super::sql;
use crate::app::App;
use crate::db::Tx;
use crate::error::Result;
use crate::jobs;

/// Queues a job; `subject` is what it is about, `kind` what to do.
pub async fn enqueue(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    kind: &'static str,
    subject: Uuid,
    payload: Value,
    run_at: DateTime<Utc>,
) -> Result<()> {
    let row = Model {
        payload,
        ..row(app, community, (kind, subject), jobs::of_kind(kind), run_at)
    };
    Ok(sql::insert(tx, row).await?)
}

/// Queues the sending of messages, in one lane. One statement.
pub async fn enqueue_messages(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    messages: impl IntoIterator<Item = MessageId>,
    lane: JobLane,
    run_at: DateTime<Utc>,
) -> Result<()> {
    let what = |message: MessageId| (jobs::kind::SEND_MESSAGE, message.0);
    let rows: Vec<_> = messages
        .into_iter()
        .map(|message| row(app, community, what(message), lane, run_at))
        .collect();
    Ok(sql::insert_all(tx, &rows).await?)
}

fn row(
    app: &App,
    community: CommunityId,
    (kind, subject): (&'static str, Uuid),
    lane: JobLane,
    run_at: DateTime<Utc>,
) -> Model {
    Model {
        community_id: community,
        id: app.new_id::<JobId>(),
        kind: kind.to_owned(),
        subject_id: subject,
        payload: json!({}),
        state: JobState::Ready,
        run_at,
        attempts: 0,
        lease_until: None,
        last_error: None,
        created_at: app.now(),
        lane,
    }
}

/// The one row of a job that the installation itself needs; it belongs to no community.
const OF_INSTALLATION: (CommunityId, JobId) = (CommunityId(Uuid::nil()), JobId(Uuid::nil()));

/// Sees to it that there is one such job. One that waits or runs is left alone; one that gave up comes back.
pub async fn keep_running(
    tx: &Tx,
    app: &App,
    kind: &'static str,
    run_at: DateTime<Utc>,
) -> Result<()> {
    let (community, id) = OF_INSTALLATION;
    sql::change(
        tx,
        "INSERT INTO job (community_id, id, kind, subject_id, payload, state, run_at, attempts, created_at)
         VALUES ($1, $2, $3, $2, $4, 'ready', $5, 0, $6)
         ON CONFLICT (community_id, id) DO UPDATE
         SET state = 'ready', run_at = excluded.run_at, attempts = 0
         WHERE job.state = 'failed'",
        [
            community.into(),
            id.into(),
            kind.into(),
            Value::Null.into(),
            run_at.into(),
            app.now().into(),
        ],
    )
    .await?;
    Ok(())
}

/// Lets a job that ran wait for its next time, with a clean slate. The attempt number guards as in [`finish`].
pub async fn again(tx: &Tx, job: &Model, run_at: DateTime<Utc>) -> Result<()> {
    sql::change(
        tx,
        "UPDATE job SET state = 'ready', run_at = $1, lease_until = NULL, attempts = 0, last_error = NULL
         WHERE community_id = $2 AND id = $3 AND attempts = $4",
        [
            run_at.into(),
            job.community_id.into(),
            job.id.into(),
            job.attempts.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Whether [`claim`] would find one. A read: an idle server must not write, for each commit wakes those who wait for one.
pub async fn any_due(db: &impl ConnectionTrait, lane: JobLane, now: DateTime<Utc>) -> Result<bool> {
    let found = sql::statement(
        db,
        "SELECT 1 FROM job
         WHERE (lane = $1 AND state = 'ready' AND run_at <= $2)
            OR (lane = $1 AND state = 'running' AND lease_until <= $2) LIMIT 1",
        [lane.as_str().into(), now.into()],
    );
    Ok(db.query_one_raw(found).await?.is_some())
}

/// Claims up to `limit` due jobs of a lane for a time, those whose worker died among them. The operator's own query: it
/// crosses communities.
pub async fn claim(
    tx: &Tx,
    lane: JobLane,
    now: DateTime<Utc>,
    lease: TimeDelta,
    limit: u32,
) -> Result<Vec<Model>> {
    // Apart, so that the next due one is found by the index however many there are.
    sql::change(
        tx,
        "UPDATE job SET state = 'ready', lease_until = NULL
         WHERE lane = $1 AND state = 'running' AND lease_until <= $2",
        [lane.as_str().into(), now.into()],
    )
    .await?;
    let skip = match tx.get_database_backend() {
        DatabaseBackend::Postgres => "FOR UPDATE SKIP LOCKED",
        _ => "",
    };
    let rows = tx
        .query_all_raw(sql::statement(
            &**tx,
            format!(
                "UPDATE job SET state = 'running', lease_until = $3, attempts = attempts + 1
                 WHERE (community_id, id) IN (
                     SELECT community_id, id FROM job
                     WHERE lane = $1 AND state = 'ready' AND run_at <= $2
                     ORDER BY run_at LIMIT $4 {skip})
                 RETURNING *"
            ),
            [
                lane.as_str().into(),
                now.into(),
                (now + lease).into(),
                i64::from(limit).into(),
            ],
        ))
        .await?;
    let mut jobs = rows
        .iter()
        .map(|row| Model::from_query_result(row, ""))
        .collect::<Result<Vec<_>, _>>()?;
    jobs.sort_by_key(|job| (job.run_at, job.id));
    Ok(jobs)
}

/// Marks a job done. The attempt number guards against a worker that lost its lease.
pub async fn finish(tx: &Tx, job: &Model) -> Result<()> {
    sql::change(
        tx,
        "DELETE FROM job WHERE community_id = $1 AND id = $2 AND attempts = $3",
        [job.community_id.into(), job.id.into(), job.attempts.into()],
    )
    .await?;
    Ok(())
}

/// Puts a failed job back for later, or gives it up.
pub async fn put_back(
    tx: &Tx,
    job: &Model,
    retry_at: Option<DateTime<Utc>>,
    error: &str,
) -> Result<()> {
    let state = if retry_at.is_some() {
        JobState::Ready
    } else {
        JobState::Failed
    };
    sql::change(
        tx,
        "UPDATE job SET state = $1, run_at = $2, lease_until = NULL, last_error = $3
         WHERE community_id = $4 AND id = $5 AND attempts = $6",
        [
            state.as_str().into(),
            retry_at.unwrap_or(job.run_at).into(),
            error.chars().take(500).collect::<String>().into(),
            job.community_id.into(),
            job.id.into(),
            job.attempts.into(),
        ],
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct NextDue {
    due: Option<DateTime<Utc>>,
}

/// When the next job is due. The operator's own query.
pub async fn next_due(db: &impl ConnectionTrait) -> Result<Option<DateTime<Utc>>> {
    let row = sql::one::<NextDue>(
        db,
        "SELECT MIN(due) AS due FROM (
             SELECT MIN(run_at) AS due FROM job WHERE state = 'ready'
             UNION ALL
             SELECT MIN(lease_until) AS due FROM job WHERE state = 'running') AS first_of_each",
        [],
    )
    .await?;
    Ok(row.and_then(|row| row.due))
}

#[derive(FromQueryResult)]
struct Count {
    jobs: i64,
}

/// How many jobs gave up. The operator's own query.
pub async fn failed(db: &impl ConnectionTrait) -> Result<i64> {
    let row = sql::one::<Count>(
        db,
        "SELECT COUNT(*) AS jobs FROM job WHERE state = 'failed'",
        [],
    )
    .await?;
    Ok(row.map_or(0, |row| row.jobs))
}
