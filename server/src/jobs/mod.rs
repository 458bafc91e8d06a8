//! Work to be done later: claimed, committed, then run by the same domain and store that requests use.

mod clean_up;
mod drop_photos;
mod review_device;
mod send_message;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::job::Model;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::domain::retention::next_clean_up;
use crate::error::{Error, Result};
use crate::{in_write, store};

/// Jobs claimed at once.
const BATCH: u64 = 20;
/// Longest wait before the table is looked at again: other processes queue jobs too.
const POLL: Duration = Duration::from_secs(1);
/// Tries before a job is given up.
const MAX_ATTEMPTS: i32 = 8;

/// Kinds of jobs, as stored.
pub mod kind {
    /// Ask the next nurses for an order.
    pub const DISPATCH: &str = "dispatch.v1";
    /// Tell that a device comes due for review.
    pub const DEVICE_REVIEW: &str = "device_review.v1";
    /// Hand a message to the gateway.
    pub const SEND_MESSAGE: &str = "send_message.v1";
    /// Drop what has no further use.
    pub const CLEAN_UP: &str = "clean_up.v1";
    /// Pass an alarm on to further people.
    pub const SOS_ESCALATION: &str = "sos_escalation.v1";
    /// Look whether a nurse has left.
    pub const OVERDUE: &str = "overdue.v1";
    /// Call supervisors when nobody answers a complaint.
    pub const COMPLAINT_DUE: &str = "complaint_due.v1";
    /// Pass an alert on that nobody takes.
    pub const ALERT_ESCALATION: &str = "alert_escalation.v1";
    /// Open a follow-up task, remind of it, end it.
    pub const FOLLOW_TASK: &str = "follow_task.v1";
    /// Plan on for a follow-up plan that repeats.
    pub const FOLLOW_PLAN: &str = "follow_plan.v1";
    /// Call supervisors when nobody looks into a report.
    pub const REVIEW_DUE: &str = "review_due.v1";
}

/// What becomes of a job that ran.
enum Next {
    /// Nothing is left to do.
    Done,
    /// The same again at that time.
    Again(DateTime<Utc>),
}

/// Queues the jobs that the installation itself needs, each once however many processes start.
pub async fn plan(app: &App) -> Result<()> {
    in_write!(app.db, "plan_jobs", |tx| {
        store::job::keep_running(tx, app, kind::CLEAN_UP, next_clean_up(app.now())).await
    })
}

/// Runs every job that is due now, and what these make due. Returns how many ran.
pub async fn run_due(app: &App) -> Result<usize> {
    let _turn = app.job_turn.lock().await;
    let mut ran = 0;
    while store::job::any_due(app.db.background(), app.now()).await? {
        let jobs = in_write!(app.db, "claim_jobs", |tx| {
            store::job::claim(tx, app.now(), BATCH).await
        })?;
        // Another process was quicker.
        if jobs.is_empty() {
            break;
        }
        ran += jobs.len();
        for job in jobs {
            run(app, &job).await?;
        }
    }
    Ok(ran)
}

/// Runs one claimed job and settles it. Each job is idempotent: a crash in between runs it again.
async fn run(app: &App, job: &Model) -> Result<()> {
    let outcome = match job.kind.as_str() {
        kind::DISPATCH => crate::dispatch::run_wave(app, job)
            .await
            .map(|()| Next::Done),
        kind::SEND_MESSAGE => send_message::run(app, job).await.map(|()| Next::Done),
        kind::CLEAN_UP => clean_up::run(app).await.map(Next::Again),
        kind::DEVICE_REVIEW => review_device::run(app, job).await.map(|()| Next::Done),
        kind::FOLLOW_TASK => crate::follow_up::tick(app, job)
            .await
            .map(|next| next.map_or(Next::Done, Next::Again)),
        kind::FOLLOW_PLAN => crate::follow_up::extend(app, job)
            .await
            .map(|()| Next::Done),
        kind::SOS_ESCALATION => crate::safety::sos::escalate(app, job)
            .await
            .map(|()| Next::Done),
        kind::OVERDUE => crate::safety::overdue::look(app, job)
            .await
            .map(|()| Next::Done),
        kind::COMPLAINT_DUE => crate::safety::complaints::due(app, job)
            .await
            .map(|()| Next::Done),
        kind::ALERT_ESCALATION => crate::signals::flags::escalate(app, job)
            .await
            .map(|()| Next::Done),
        kind::REVIEW_DUE => crate::safety::reports::review_due(app, job)
            .await
            .map(|()| Next::Done),
        other => Err(Error::internal(format!("no job of kind {other}"))),
    };
    in_write!(app.db, "settle_job", |tx| {
        match &outcome {
            Ok(Next::Done) => store::job::finish(tx, job).await,
            Ok(Next::Again(at)) => store::job::again(tx, job, *at).await,
            Err(error) => {
                tracing::warn!(kind = job.kind, attempt = job.attempts, %error, "job failed");
                let retry = (job.attempts < MAX_ATTEMPTS).then(|| {
                    app.now()
                        + TimeDelta::seconds(
                            5 * 2_i64.pow(job.attempts.clamp(0, 10).unsigned_abs()),
                        )
                });
                store::job::put_back(tx, job, retry, &error.to_string()).await
            }
        }
    })
}

/// Runs jobs until told to stop.
pub async fn work(app: App, stop: CancellationToken) {
    let mut commits = app.db.commits();
    loop {
        if let Err(error) = run_due(&app).await {
            tracing::warn!(%error, "jobs cannot be run");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = pause(POLL) => {}
            _ = commits.changed() => {}
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the job loop waits for its next look at the table"
)]
async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
