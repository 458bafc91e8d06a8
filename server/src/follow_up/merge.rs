//! Two people who are one: their follow-up tasks are joined, so that nobody is called twice a day, and parted again.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::enums::{ContactChannel, FollowResolution, FollowResolve, FollowStop, FollowTaskState};
use entity::ids::{FollowPlanId, FollowTaskId};
use entity::{follow_task, patient_merge};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::fit::{busy_days, slot_of, widened};
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::local_date;
use crate::domain::follow_up::{Slot, Wanted, is_live, join};
use crate::error::{Error, Result};
use crate::jobs::kind::FOLLOW_TASK;
use crate::rules::RuleBook;
use crate::store;
use crate::store::patient_merge::{JOINED_TASK, TASK};

/// How a task of the merged patient stood before.
#[derive(Debug, Serialize, Deserialize)]
struct Before {
    state: FollowTaskState,
    opens_on: NaiveDate,
    due_on: NaiveDate,
    /// The task that serves its plans since, with the plans.
    joined: Option<(FollowTaskId, Vec<FollowPlanId>)>,
}

/// How a task of the survivor stood before it took over another.
#[derive(Debug, Serialize, Deserialize)]
struct Narrower {
    opens_on: NaiveDate,
    ends_on: NaiveDate,
    questionnaires: Value,
    scales: Value,
    resolve_if: FollowResolve,
    /// Merges of before did not change the ways.
    #[serde(default)]
    ways: Option<(ContactChannel, Value)>,
}

/// Joins the tasks of the merged patient to those of the survivor; false when two that cannot be joined or moved fall
/// on one day. The rows still are each one's own.
pub async fn join_up(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    merge: &patient_merge::Model,
) -> Result<bool> {
    let community = merge.community_id;
    let theirs = store::follow_up::live_of(&**tx, community, merge.survivor_id).await?;
    let mine = store::follow_up::live_of(&**tx, community, merge.merged_id).await?;
    let today = local_date(app.now());
    // What is late or waits for answers stays where it is.
    let (free, fixed): (Vec<_>, Vec<_>) = mine
        .into_iter()
        .partition(|task| task.state != FollowTaskState::Reached && task.due_on >= today);
    let taken: BTreeSet<_> = theirs.iter().map(|task| task.due_on).collect();
    if fixed.iter().any(|task| taken.contains(&task.due_on)) {
        return Ok(false);
    }
    let mut slots = theirs.iter().map(slot_of).collect::<Result<Vec<_>>>()?;
    for task in &fixed {
        let mut slot = slot_of(task)?;
        slot.open = false;
        slots.push(slot);
    }
    // One plan as it were, so that each task takes over at most one; its points are the places of the tasks.
    let wanted = free
        .iter()
        .zip(0u32..)
        .map(|(task, place)| Ok((0, wanted_of(task, place)?)))
        .collect::<Result<Vec<_>>>()?;
    let mut busy = busy_days(tx, (community, merge.survivor_id), today).await?;
    busy.extend(busy_days(tx, (community, merge.merged_id), today).await?);
    let mut fitted = join(
        slots.clone(),
        wanted.clone(),
        (today, &busy),
        &book.calendar,
    );
    if !fitted.crowded.is_empty() {
        // One whose last day is today falls on a day of a call: the list of the nurse holds it back.
        fitted = join(slots, wanted, (today, &BTreeSet::new()), &book.calendar);
    }
    if !fitted.crowded.is_empty() {
        return Ok(false);
    }
    let slots = fitted.slots;
    for slot in &slots {
        for (_, place, _) in &slot.joined {
            let task = free.get(usize::try_from(*place).unwrap_or(usize::MAX));
            let task = task.ok_or_else(|| Error::internal("a slot of no task"))?;
            match slot
                .task
                .and_then(|id| theirs.iter().find(|one| one.id == id))
            {
                Some(taker) => take_over(tx, (app, book), merge, (taker, task), slot).await?,
                None => shift(tx, merge, task, slot).await?,
            }
        }
    }
    Ok(true)
}

fn wanted_of(task: &follow_task::Model, place: u32) -> Result<Wanted> {
    let slot = slot_of(task)?;
    Ok(Wanted {
        day: place,
        opens_on: slot.opens_on,
        due_on: slot.due_on,
        ends_on: slot.ends_on,
        form: slot.form,
        questionnaires: slot.questionnaires,
        scales: slot.scales,
    })
}

/// One task serves what another one did, which ends.
async fn take_over(
    tx: &Tx,
    (app, book): (&App, &RuleBook),
    merge: &patient_merge::Model,
    (taker, task): (&follow_task::Model, &follow_task::Model),
    slot: &Slot<FollowTaskId>,
) -> Result<()> {
    let narrower = Narrower {
        opens_on: taker.opens_on,
        ends_on: taker.ends_on,
        questionnaires: taker.questionnaires.clone(),
        scales: taker.scales.clone(),
        resolve_if: taker.resolve_if,
        ways: Some((taker.channel, taker.channels.clone())),
    };
    store::patient_merge::note(tx, merge, JOINED_TASK, taker.id.0, json!(narrower)).await?;
    let wider = widened(book, taker, slot)?;
    store::follow_up::join_tasks(tx, vec![(taker.clone(), wider)]).await?;
    let plans = store::follow_up::hand_points(tx, task, taker.id, None).await?;
    let before = Before {
        state: task.state,
        opens_on: task.opens_on,
        due_on: task.due_on,
        joined: Some((taker.id, plans)),
    };
    store::patient_merge::note(tx, merge, TASK, task.id.0, json!(before)).await?;
    store::follow_up::update(tx, task, |row| {
        row.state = Set(FollowTaskState::Stopped);
        row.stop_cause = Set(Some(FollowStop::Merged));
        row.resolved_by = Set(Some(FollowResolution::Stop));
        row.resolved_at = Set(Some(app.now()));
    })
    .await?;
    Ok(())
}

/// A task that none takes over gets a day of its own.
async fn shift(
    tx: &Tx,
    merge: &patient_merge::Model,
    task: &follow_task::Model,
    slot: &Slot<FollowTaskId>,
) -> Result<()> {
    if slot.due_on == task.due_on {
        return Ok(());
    }
    let before = Before {
        state: task.state,
        opens_on: task.opens_on,
        due_on: task.due_on,
        joined: None,
    };
    store::patient_merge::note(tx, merge, TASK, task.id.0, json!(before)).await?;
    store::follow_up::update(tx, task, |row| {
        row.due_on = Set(slot.due_on);
        row.opens_on = Set(slot.opens_on);
    })
    .await?;
    Ok(())
}

/// Parts what a merge joined, after the rows went back. What was done since stays done: a task that served both is
/// not asked again of the one who got it back.
pub async fn part(tx: &Tx, app: &App, merge: &patient_merge::Model) -> Result<()> {
    let community = merge.community_id;
    store::follow_up::own_tasks_go_along(tx, merge).await?;
    let mut joined = Vec::new();
    for row in store::patient_merge::changed(&**tx, merge, TASK).await? {
        let before: Before = read(row.before)?;
        let id = FollowTaskId(row.row_id);
        let found = store::follow_up::in_community(&**tx, community, id).await?;
        let task = found.ok_or_else(|| Error::internal("a merge of no task"))?;
        match &before.joined {
            Some((taker, _)) => joined.push((*taker, before, task)),
            None => go_back(tx, &task, &before).await?,
        }
    }
    let narrower = store::patient_merge::changed(&**tx, merge, JOINED_TASK).await?;
    for (taker_id, before, task) in joined {
        let found = store::follow_up::in_community(&**tx, community, taker_id).await?;
        let taker = found.ok_or_else(|| Error::internal("a merge of no task"))?;
        if !is_live(taker.state) || task.state != FollowTaskState::Stopped {
            continue;
        }
        if is_taken(tx, &task, before.due_on).await? {
            continue;
        }
        let was = narrower.iter().find(|row| row.row_id == taker_id.0);
        if let Some(was) = was {
            let was: Narrower = read(was.before.clone())?;
            store::follow_up::update(tx, &taker, |row| {
                row.opens_on = Set(was.opens_on);
                row.ends_on = Set(was.ends_on);
                row.questionnaires = Set(was.questionnaires);
                row.scales = Set(was.scales);
                row.resolve_if = Set(was.resolve_if);
                if let Some((channel, channels)) = was.ways {
                    row.channel = Set(channel);
                    row.channels = Set(channels);
                }
            })
            .await?;
        }
        let plans = before.joined.map(|(_, plans)| plans).unwrap_or_default();
        store::follow_up::hand_points(tx, &taker, task.id, Some(&plans)).await?;
        store::follow_up::update(tx, &task, |row| {
            row.state = Set(before.state);
            row.opens_on = Set(before.opens_on);
            row.due_on = Set(before.due_on);
            row.stop_cause = Set(None);
            row.resolved_by = Set(None);
            row.resolved_at = Set(None);
        })
        .await?;
        // Its own job found it stopped and is over.
        let (kind, at) = (FOLLOW_TASK, app.now());
        store::job::enqueue(tx, app, community, kind, task.id.0, Value::Null, at).await?;
    }
    Ok(())
}

/// A task that got another day gets its own back, when it is still to be done and the day is free.
async fn go_back(tx: &Tx, task: &follow_task::Model, before: &Before) -> Result<()> {
    if !is_live(task.state) || is_taken(tx, task, before.due_on).await? {
        return Ok(());
    }
    store::follow_up::update(tx, task, |row| {
        row.opens_on = Set(before.opens_on);
        row.due_on = Set(before.due_on);
    })
    .await?;
    Ok(())
}

async fn is_taken(tx: &Tx, task: &follow_task::Model, day: NaiveDate) -> Result<bool> {
    let live = store::follow_up::live_of(&**tx, task.community_id, task.patient_id).await?;
    Ok(live
        .iter()
        .any(|one| one.due_on == day && one.id != task.id))
}

fn read<T: serde::de::DeserializeOwned>(before: Option<Value>) -> Result<T> {
    serde_json::from_value(before.unwrap_or_default()).map_err(Error::internal)
}
