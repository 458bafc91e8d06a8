//! What time does to tasks: they open, fall due and end. People are told within the hours of contact alone.

use chrono::{DateTime, Days, Utc};
use entity::enums::{FollowPlanState, FollowResolution, FollowTaskState};
use entity::ids::{FollowPlanId, FollowTaskId};
use entity::{follow_task, job};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::attempt::{done, enough, event, lose, settle};
use super::complete::resolution;
use super::plan;
use super::remind::{hand_over, remind};
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::day_start;
use crate::domain::event::EventKind;
use crate::domain::follow_up::{choose, is_automatic, is_live, next_hour};
use crate::error::{Error, Result};
use crate::rules::{self, RuleBook};
use crate::{in_write, store};

/// Moves a task on and says when to look at it again; `None` when it is over.
pub(crate) async fn tick(app: &App, job: &job::Model) -> Result<Option<DateTime<Utc>>> {
    let (community, id) = (job.community_id, FollowTaskId(job.subject_id));
    let book = RuleBook::current(app.db.reader(), app, community).await?;
    in_write!(app.db, "follow_task", |tx| {
        let Some(task) = store::follow_up::in_community(&**tx, community, id).await? else {
            return Ok(None);
        };
        look(tx, app, &book, task).await
    })
}

async fn look(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    task: follow_task::Model,
) -> Result<Option<DateTime<Utc>>> {
    let now = app.now();
    let ends_at = day_start(
        task.ends_on
            .checked_add_days(Days::new(1))
            .unwrap_or(task.ends_on),
    );
    if !is_live(task.state) {
        return Ok(None);
    }
    if now >= ends_at {
        close(tx, app, book, &task).await?;
        return Ok(None);
    }
    let hour = |from| next_hour(&book.follow_up, &book.calendar, from, task.ends_on);
    if task.state == FollowTaskState::Waiting {
        let until = task.due_on;
        let from = now.max(day_start(task.opens_on));
        let opens_at = next_hour(&book.follow_up, &book.calendar, from, until);
        if opens_at > now {
            return Ok(Some(opens_at));
        }
        let task = open(tx, app, book, &task).await?;
        return Ok(Some(hour(now.max(day_start(task.due_on))).max(now)));
    }
    let due_at = hour(now.max(day_start(task.due_on)));
    if due_at > now {
        return Ok(Some(due_at.min(ends_at)));
    }
    if is_automatic(task.channel) && is_waited_for(tx, &task).await? {
        // Nobody has answered by the due day.
        hand_over(tx, app, &task, EventKind::FollowTaskDue).await?;
    }
    Ok(Some(ends_at))
}

/// Whether a nurse has to call: nobody has answered, or what was answered lacks a scale.
async fn is_waited_for(tx: &Tx, task: &follow_task::Model) -> Result<bool> {
    match task.state {
        FollowTaskState::Open => Ok(true),
        FollowTaskState::Reached => {
            let missing = store::follow_up::missing_scales(&**tx, task).await?;
            Ok(!missing.is_empty())
        }
        _ => Ok(false),
    }
}

/// Opens a task: somebody gets it, and the family hears of it once.
async fn open(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    task: &follow_task::Model,
) -> Result<follow_task::Model> {
    let found = store::patient::in_community(&**tx, task.community_id, task.patient_id).await?;
    let patient = found.ok_or_else(|| Error::internal("a task without its patient"))?;
    let (now, home) = (app.now(), patient.institution_id);
    let carriers = store::follow_up::carriers(&**tx, task, home, now).await?;
    let named = task
        .owner_nurse_id
        .filter(|nurse| carriers.iter().any(|one| one.nurse == *nurse));
    let owner = named.or_else(|| choose(&carriers, book.follow_up.spread_margin));
    let message = remind(tx, app, book, task, &patient).await?;
    let row = store::follow_up::update(tx, task, |row| {
        row.state = Set(FollowTaskState::Open);
        row.owner_nurse_id = Set(owner);
        row.message_id = Set(message);
    })
    .await?;
    let payload = json!({ "task_id": row.id, "due_on": row.due_on, "channel": row.channel });
    event(tx, app, EventKind::FollowTaskOpened, &row, None, payload).await?;
    Ok(row)
}

/// The window is over: reached is done with what there is, enough tries are lost, anything else is missed.
async fn close(tx: &Tx, app: &App, book: &RuleBook, task: &follow_task::Model) -> Result<()> {
    if task.state == FollowTaskState::Reached {
        let how = resolution(tx, task).await?;
        done(tx, app, task, how.unwrap_or(FollowResolution::Contact)).await?;
    } else if enough(tx, book, task).await? {
        lose(tx, app, task, None).await?;
    } else {
        let end = (FollowTaskState::Missed, FollowResolution::Window);
        settle(tx, app, task, end, None).await?;
    }
    Ok(())
}

/// Plans on for a plan that repeats.
pub(crate) async fn extend(app: &App, job: &job::Model) -> Result<()> {
    let (community, id) = (job.community_id, FollowPlanId(job.subject_id));
    let Some(found) = store::follow_up::plan(app.db.reader(), community, id).await? else {
        return Ok(());
    };
    let book = RuleBook::current(app.db.reader(), app, community).await?;
    let rules = rules::follow_up(app.db.reader(), app, community, found.rules_version).await?;
    in_write!(app.db, "follow_plan", |tx| {
        store::job::finish(tx, job).await?;
        let plan = store::follow_up::plan(&**tx, community, id).await?;
        match plan.filter(|plan| plan.state == FollowPlanState::Active) {
            Some(plan) => plan::extend(tx, app, &book, &rules, &plan).await,
            None => Ok(()),
        }
    })
}
