//! Work to be done later: claimed, committed, then run by the same domain and store that requests use.

mod clean_up;
mod drop_photos;
mod lanes;
mod review_device;
mod send_message;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::JobLane;
use entity::job::Model;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::domain::retention::next_clean_up;
use crate::error::{Error, Result};
use crate::{in_write, store};

pub use lanes::lease;
pub(crate) use lanes::of_kind;

/// Jobs claimed at once where one runs after the other.
const BATCH: u32 = 20;
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

/// Runs every job that is due now, and what these make due, one after the other. Returns how many ran.
pub async fn run_due(app: &App) -> Result<usize> {
    let _turn = app.job_turn.write().await;
    let mut ran = 0;
    loop {
        let before = ran;
        for lane in JobLane::ALL {
            ran += drain(app, *lane).await?;
        }
        // What ran last may have queued something for a lane that was looked at before.
        if ran == before {
            return Ok(ran);
        }
    }
}

/// Runs what is due in a lane, one after the other.
async fn drain(app: &App, lane: JobLane) -> Result<usize> {
    let mut ran = 0;
    loop {
        let jobs = claim(app, lane, BATCH, BATCH).await?;
        if jobs.is_empty() {
            return Ok(ran);
        }
        ran += jobs.len();
        for job in jobs {
            run(app, &job).await?;
        }
    }
}

/// Claims jobs of a lane, of which at most so many run one after the other. None are due, or other processes were quicker:
/// none.
async fn claim(app: &App, lane: JobLane, limit: u32, in_turn: u32) -> Result<Vec<Model>> {
    if !store::job::any_due(app.db.background(), lane, app.now()).await? {
        return Ok(Vec::new());
    }
    let lease = lease(lane, in_turn);
    in_write!(app.db, "claim_jobs", |tx| {
        store::job::claim(tx, lane, app.now(), lease, limit).await
    })
}

/// Runs one claimed job and settles it. Each job is idempotent: a crash in between runs it again.
async fn run(app: &App, job: &Model) -> Result<()> {
    let pace = lanes::pace(job.lane);
    let outcome = timeout(pace.longest, perform(app, job)).await;
    let outcome = outcome.unwrap_or_else(|_| Err(Error::internal("it took too long")));
    in_write!(app.db, "settle_job", |tx| {
        match &outcome {
            Ok(Next::Done) => store::job::finish(tx, job).await,
            Ok(Next::Again(at)) => store::job::again(tx, job, *at).await,
            Err(error) => {
                tracing::warn!(kind = job.kind, attempt = job.attempts, %error, "job failed");
                let retry = (job.attempts < MAX_ATTEMPTS).then(|| {
                    let doubled = 2_i64.pow(job.attempts.clamp(1, 11).unsigned_abs() - 1);
                    app.now() + TimeDelta::seconds(pace.retry_s * doubled)
                });
                let reason = error.to_string();
                if retry.is_none() && job.kind == kind::SEND_MESSAGE {
                    send_message::give_up(tx, app, job, &reason).await?;
                }
                store::job::put_back(tx, job, retry, &reason).await
            }
        }
    })
}

async fn perform(app: &App, job: &Model) -> Result<Next> {
    match job.kind.as_str() {
        kind::SEND_MESSAGE => return send_message::run(app, job).await,
        kind::CLEAN_UP => return clean_up::run(app).await.map(Next::Again),
        kind::FOLLOW_TASK => {
            let next = crate::follow_up::tick(app, job).await?;
            return Ok(next.map_or(Next::Done, Next::Again));
        }
        kind::DISPATCH => crate::dispatch::run_wave(app, job).await,
        kind::DEVICE_REVIEW => review_device::run(app, job).await,
        kind::FOLLOW_PLAN => crate::follow_up::extend(app, job).await,
        kind::SOS_ESCALATION => crate::safety::sos::escalate(app, job).await,
        kind::OVERDUE => crate::safety::overdue::look(app, job).await,
        kind::COMPLAINT_DUE => crate::safety::complaints::due(app, job).await,
        kind::ALERT_ESCALATION => crate::signals::flags::escalate(app, job).await,
        kind::REVIEW_DUE => crate::safety::reports::review_due(app, job).await,
        other => Err(Error::internal(format!("no job of kind {other}"))),
    }?;
    Ok(Next::Done)
}

/// Runs the jobs of a lane until told to stop; those that run then are let finish.
pub async fn work(app: App, lane: JobLane, stop: CancellationToken) {
    let at_once = lanes::pace(lane).at_once;
    let mut commits = app.db.commits();
    let mut running = JoinSet::new();
    loop {
        let free = at_once - running.len();
        if free > 0
            && let Err(error) = begin(&app, lane, free, &mut running).await
        {
            tracing::warn!(%lane, %error, "jobs cannot be run");
        }
        tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = running.join_next() => if let Err(error) = ended {
                // Its lease runs out, and it is tried again.
                tracing::error!(%lane, %error, "a job broke off");
            },
            () = pause(POLL) => {}
            _ = commits.changed(), if running.len() < at_once => {}
        }
    }
    while running.join_next().await.is_some() {}
}

/// Begins as many due jobs as there is room for.
async fn begin(app: &App, lane: JobLane, room: usize, running: &mut JoinSet<()>) -> Result<()> {
    // Whoever runs jobs by hand waits for all of these, and finds none half done.
    let turn = Arc::new(app.job_turn.clone().read_owned().await);
    for job in claim(app, lane, u32::try_from(room).unwrap_or(u32::MAX), 1).await? {
        let (app, turn) = (app.clone(), turn.clone());
        running.spawn(async move {
            let _turn = turn;
            if let Err(error) = run(&app, &job).await {
                tracing::warn!(kind = job.kind, %error, "a job cannot be settled");
            }
        });
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the job loop waits for its next look at the table"
)]
async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
