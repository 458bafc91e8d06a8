//! What time does to tasks: they open, fall due and end. People are told within the hours of contact alone.

use chrono::{DateTime, Days, Utc};
use entity::enums::{ContactChannel, FollowPlanState, FollowResolution, FollowTaskState, Language};
use entity::ids::{FollowPlanId, FollowTaskId};
use entity::{account, follow_task, job};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::attempt::{done, enough, event, lose, settle};
use super::plan;
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::day_start;
use crate::domain::event::EventKind;
use crate::domain::follow_up::{choose, is_automatic, is_live, next_hour};
use crate::error::{Error, Result};
use crate::message::Message;
use crate::rules::{self, RuleBook};
use crate::{in_write, store};

/// Moves a task on and says when to look at it again; `None` when it is over.
pub(crate) async fn tick(app: &App, job: &job::Model) -> Result<Option<DateTime<Utc>>> {
    let (community, id) = (job.community_id, FollowTaskId(job.subject_id));
    let book = RuleBook::current(app, community).await?;
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
    if task.state == FollowTaskState::Open && is_automatic(task.channel) {
        fall_due(tx, app, &task).await?;
    }
    Ok(Some(ends_at))
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
    let message = remind(tx, app, task, &patient).await?;
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

/// Tells one person of the family that somebody will ask: whoever may book for the patient, else the patient.
async fn remind(
    tx: &Tx,
    app: &App,
    task: &follow_task::Model,
    patient: &entity::patient::Model,
) -> Result<Option<entity::ids::MessageId>> {
    let message = Message::FollowUp {
        patient: store::patient::name(app, patient)?.masked(),
        due: task.due_on.format("%m-%d").to_string(),
        visit: task.resolve_if == entity::enums::FollowResolve::Visited,
    };
    let community = task.community_id;
    let carers = store::carer::of_patient(&**tx, community, patient.id).await?;
    let carer = carers.into_iter().find(|(carer, _)| carer.may_book);
    let (phone, account, language) = match carer {
        Some((_, account)) => {
            let phone = store::account::phone(app, &account)?;
            (phone, Some(account.id), account.language)
        }
        None => match store::patient::phone(app, patient)? {
            Some(phone) => (phone, None, Language::Zh),
            None => return Ok(None),
        },
    };
    let to = (community, account);
    let id = store::message::queue(tx, app, to, phone.reveal(), language, &message).await?;
    Ok(Some(id))
}

/// Nobody has answered by the due day: the nurse calls.
async fn fall_due(tx: &Tx, app: &App, task: &follow_task::Model) -> Result<()> {
    let order: Vec<ContactChannel> =
        serde_json::from_value(task.channels.clone()).map_err(Error::internal)?;
    let personal = order.into_iter().find(|channel| !is_automatic(*channel));
    let row = store::follow_up::update(tx, task, |row| {
        row.channel = Set(personal.unwrap_or(task.channel));
    })
    .await?;
    if let Some(account) = owner(tx, &row).await? {
        let message = Message::FollowUpDue {
            due: row.due_on.format("%m-%d").to_string(),
        };
        store::message::to_account(tx, app, &account, &message).await?;
    }
    let payload = json!({ "task_id": row.id, "channel": row.channel });
    event(tx, app, EventKind::FollowTaskDue, &row, None, payload).await
}

async fn owner(tx: &Tx, task: &follow_task::Model) -> Result<Option<account::Model>> {
    let Some(nurse) = task.owner_nurse_id else {
        return Ok(None);
    };
    let row = store::nurse::get(&**tx, task.community_id, nurse).await?;
    match row.and_then(|row| row.account_id) {
        Some(account) => store::account::get(&**tx, task.community_id, account).await,
        None => Ok(None),
    }
}

/// The window is over: reached is done without its answers, enough tries are lost, anything else is missed.
async fn close(tx: &Tx, app: &App, book: &RuleBook, task: &follow_task::Model) -> Result<()> {
    if task.state == FollowTaskState::Reached {
        done(tx, app, task, FollowResolution::Contact).await?;
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
    let book = RuleBook::current(app, community).await?;
    let rules = rules::follow_up(app, community, found.rules_version).await?;
    in_write!(app.db, "follow_plan", |tx| {
        store::job::finish(tx, job).await?;
        let plan = store::follow_up::plan(&**tx, community, id).await?;
        match plan.filter(|plan| plan.state == FollowPlanState::Active) {
            Some(plan) => plan::extend(tx, app, &book, &rules, &plan).await,
            None => Ok(()),
        }
    })
}
