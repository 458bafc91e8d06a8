//! Attempts to reach somebody, and what they do to the task and to the plans of the person.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::enums::{
    CarerRelation, ContactChannel, ContactResult, FollowResolution, FollowResolve, FollowStop,
    FollowTaskState, SubjectKind,
};
use entity::ids::{AccountId, ContactAttemptId, NurseId};
use entity::{contact_attempt, follow_task};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::complete::finish;
use super::plan::goes_on;
use super::remind::ask_by_link;
use super::stop;
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::{day_start, local_date, minute_text};
use crate::domain::event::EventKind;
use crate::domain::follow_up::{
    Attempted, ContactError, Effect, Tried, check_attempt, effect_of, is_automatic, next_channel,
    reached_on, tried_enough,
};
use crate::error::{Error, Result};
use crate::problem::{Code, Problem};
use crate::rules::{self, RuleBook};
use crate::store;
use crate::store::event::NewEvent;

/// An attempt as it is told.
#[derive(Clone, Debug)]
pub struct NewAttempt {
    /// When.
    pub at: DateTime<Utc>,
    /// Which way.
    pub channel: ContactChannel,
    /// What came of it.
    pub result: ContactResult,
    /// Who answered for the person.
    pub proxy: Option<CarerRelation>,
    /// What was said.
    pub note: Option<String>,
    /// The nurse who tried.
    pub nurse: Option<NurseId>,
    /// The account that tells it.
    pub by: AccountId,
    /// Made knowingly although somebody was reached that day for another task.
    pub confirm: bool,
}

/// Keeps an attempt and does what follows from it; the task as it is then.
pub async fn record(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    task: &follow_task::Model,
    new: &NewAttempt,
) -> Result<follow_task::Model> {
    let told = Attempted {
        at: new.at,
        result: new.result,
        proxy: new.proxy,
    };
    check_attempt(&told, task.state, task.opens_on, app.now()).map_err(refused)?;
    let before = reached_that_day(tx, task, new.at).await?;
    if let Some(at) = before.filter(|_| !new.confirm) {
        let problem = Problem::new(Code::PersonReachedToday);
        return Err(problem.with("at", minute_text(at)).into());
    }
    let confirmed = before.is_some();
    let id = app.new_id::<ContactAttemptId>();
    let note = new.note.as_ref();
    let attempt = contact_attempt::Model {
        community_id: task.community_id,
        id,
        task_id: task.id,
        patient_id: task.patient_id,
        at: new.at,
        channel: new.channel,
        result: new.result,
        proxy: new.proxy,
        note_enc: note.map(|text| store::follow_up::seal_note(app, id, text)),
        nurse_id: new.nurse,
        recorded_by: new.by,
        recorded_at: app.now(),
        confirmed,
    };
    store::follow_up::insert_attempt(tx, attempt).await?;
    let counted = count(tx, book, task).await?;
    let payload = json!({
        "task_id": task.id,
        "attempt_id": id,
        "channel": new.channel,
        "result": new.result,
        "at": new.at,
        "confirmed": confirmed,
    });
    event(
        tx,
        app,
        EventKind::ContactAttempted,
        &counted,
        Some(new.by),
        payload,
    )
    .await?;
    match effect_of(new.result, task.resolve_if) {
        Effect::Tried if is_automatic(counted.channel) && !is_automatic(task.channel) => {
            ask_by_link(tx, app, book, counted).await
        }
        Effect::Tried => Ok(counted),
        Effect::Done | Effect::Reached => {
            let who = (new.at, new.proxy.is_some(), Some(new.by));
            let row = reached(tx, app, &counted, who).await?;
            finish(tx, app, &row).await
        }
        Effect::Stop(cause) => end(tx, app, &counted, cause, new.by).await,
    }
}

/// When somebody was reached for another task of the person, on the day of an attempt.
async fn reached_that_day(
    tx: &Tx,
    task: &follow_task::Model,
    at: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    let (day, patient) = (local_date(at), task.patient_id);
    let whom = BTreeSet::from([patient]);
    let from = day_start(day);
    let touches = store::follow_up::touches_since(&**tx, task.community_id, &whom, from).await?;
    let touches = touches.get(&patient).map(Vec::as_slice);
    Ok(reached_on(day, task.id, touches.unwrap_or_default()))
}

/// The answers to an open task's questionnaires are in: whoever gave them was reached, and the task is done when
/// nothing else was asked. One that lacks scales stays, reached.
pub async fn answered(
    tx: &Tx,
    app: &App,
    task: &follow_task::Model,
    proxy: bool,
) -> Result<follow_task::Model> {
    let task = match task.reached_at {
        Some(_) => task.clone(),
        None => {
            store::follow_up::update(tx, task, |row| {
                row.reached_at = Set(Some(app.now()));
                row.reached_by_proxy = Set(proxy);
            })
            .await?
        }
    };
    let task = finish(tx, app, &task).await?;
    if task.state != FollowTaskState::Open || task.resolve_if == FollowResolve::Visited {
        return Ok(task);
    }
    let who = (
        task.reached_at.unwrap_or(app.now()),
        task.reached_by_proxy,
        None,
    );
    reached(tx, app, &task, who).await
}

/// Counts the attempt, and says which way is to be tried next.
async fn count(tx: &Tx, book: &RuleBook, task: &follow_task::Model) -> Result<follow_task::Model> {
    let known = store::follow_up::attempts_of(&**tx, task.community_id, &[task.id]).await?;
    let tried: Vec<_> = known
        .get(&task.id)
        .into_iter()
        .flatten()
        .map(|one| (one.channel, one.result))
        .collect();
    let order: Vec<ContactChannel> =
        serde_json::from_value(task.channels.clone()).map_err(Error::internal)?;
    let next = next_channel(&order, task.channel, &tried, book.follow_up.attempts.least);
    store::follow_up::update(tx, task, |row| {
        row.attempts = Set(task.attempts + 1);
        row.channel = Set(next);
    })
    .await
}

async fn reached(
    tx: &Tx,
    app: &App,
    task: &follow_task::Model,
    (at, proxy, by): (DateTime<Utc>, bool, Option<AccountId>),
) -> Result<follow_task::Model> {
    if task.state == FollowTaskState::Reached {
        return Ok(task.clone());
    }
    let row = store::follow_up::update(tx, task, |row| {
        row.state = Set(FollowTaskState::Reached);
        row.reached_at = Set(Some(at));
        row.reached_by_proxy = Set(proxy);
    })
    .await?;
    let payload = json!({ "task_id": row.id, "proxy": row.reached_by_proxy });
    event(tx, app, EventKind::FollowTaskReached, &row, by, payload).await?;
    Ok(row)
}

async fn end(
    tx: &Tx,
    app: &App,
    task: &follow_task::Model,
    cause: FollowStop,
    by: AccountId,
) -> Result<follow_task::Model> {
    let (community, patient) = (task.community_id, task.patient_id);
    let plans = store::follow_up::active_plans(&**tx, community, patient).await?;
    stop(tx, app, &plans, cause, Some(by)).await?;
    let row = store::follow_up::in_community(&**tx, community, task.id).await?;
    row.ok_or_else(|| Error::internal("a task that was there is gone"))
}

/// Nobody was reached after enough was tried: the task is lost. With less it is refused.
pub async fn give_up(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    task: &follow_task::Model,
    by: AccountId,
) -> Result<follow_task::Model> {
    if task.state != FollowTaskState::Open {
        return Err(refused(ContactError::TaskState(task.state)));
    }
    if !enough(tx, book, task).await? {
        let rule = book.follow_up.attempts;
        return Err(Problem::new(Code::AttemptsTooFew)
            .with("least", rule.least)
            .with("days", rule.days)
            .with("hours", rule.hours)
            .into());
    }
    lose(tx, app, task, Some(by)).await
}

/// Whether enough was tried for a task.
pub(super) async fn enough(tx: &Tx, book: &RuleBook, task: &follow_task::Model) -> Result<bool> {
    let known = store::follow_up::attempts_of(&**tx, task.community_id, &[task.id]).await?;
    let failed = known
        .get(&task.id)
        .into_iter()
        .flatten()
        .filter(|one| {
            matches!(
                one.result,
                ContactResult::NoAnswer | ContactResult::WrongNumber
            )
        })
        .map(|one| one.at);
    Ok(tried_enough(Tried::of(failed), book.follow_up.attempts))
}

pub(super) async fn lose(
    tx: &Tx,
    app: &App,
    task: &follow_task::Model,
    by: Option<AccountId>,
) -> Result<follow_task::Model> {
    let (state, how) = (FollowTaskState::Lost, FollowResolution::Attempts);
    settle(tx, app, task, (state, how), by).await
}

pub(super) async fn done(
    tx: &Tx,
    app: &App,
    task: &follow_task::Model,
    how: FollowResolution,
) -> Result<follow_task::Model> {
    settle(tx, app, task, (FollowTaskState::Done, how), None).await
}

/// Ends a task, with its event, and the plans that have nothing else.
pub(super) async fn settle(
    tx: &Tx,
    app: &App,
    task: &follow_task::Model,
    (state, how): (FollowTaskState, FollowResolution),
    by: Option<AccountId>,
) -> Result<follow_task::Model> {
    let row = store::follow_up::advance(tx, app, task, state, Some(how)).await?;
    let kind = match state {
        FollowTaskState::Lost => EventKind::FollowTaskLost,
        FollowTaskState::Missed => EventKind::FollowTaskMissed,
        _ => EventKind::FollowTaskDone,
    };
    let payload = json!({ "task_id": row.id, "resolved_by": how });
    event(tx, app, kind, &row, by, payload).await?;
    let ending = store::follow_up::plans_ending_with(&**tx, row.community_id, row.id).await?;
    let mut over = Vec::new();
    for plan in &ending {
        let rules = rules::follow_up(&**tx, app, plan.community_id, plan.rules_version).await?;
        over.extend((!goes_on(&rules, plan)).then_some(plan.id));
    }
    store::follow_up::finish_plans(tx, row.community_id, &over).await?;
    Ok(row)
}

/// Leaves an event about a task.
pub(crate) async fn event(
    tx: &Tx,
    app: &App,
    kind: EventKind,
    task: &follow_task::Model,
    by: Option<AccountId>,
    payload: serde_json::Value,
) -> Result<()> {
    let mut event = NewEvent::new(kind, SubjectKind::Patient, task.patient_id.0, by)
        .institution(task.institution_id)
        .patient(task.patient_id)
        .payload(payload);
    if let Some(nurse) = task.owner_nurse_id {
        event = event.nurse(nurse);
    }
    store::event::append(tx, app, task.community_id, event).await
}

/// The problem of a refused attempt.
pub(super) fn refused(error: ContactError) -> Error {
    let code = Code::parse(error.code()).unwrap_or(Code::FieldInvalid);
    match error {
        ContactError::TaskState(state) => Problem::new(code).with("state", state).into(),
        ContactError::Future | ContactError::TooEarly => {
            Problem::new(code).field("at", code).into()
        }
        ContactError::Proxy => Problem::new(code).field("proxy", code).into(),
    }
}
