//! Contacts of plans become tasks of a person, beside those that there are.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::enums::{
    ContactChannel, FollowResolution, FollowResolve, FollowStop, FollowTaskState, SubjectKind,
};
use entity::ids::{CommunityId, FollowTaskId, PatientId};
use entity::{discharge, follow_plan, follow_task};
use sea_orm::ActiveValue::Set;
use sea_orm::IntoActiveModel;
use serde_json::{Value, json};

use super::plan::link_of;
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::{day_start, local_date};
use crate::domain::event::EventKind;
use crate::domain::follow_up::{FollowUpRules, Form, Joined, Slot, Wanted, join};
use crate::error::{Error, Result};
use crate::jobs::kind::FOLLOW_TASK;
use crate::rules::RuleBook;
use crate::store;
use crate::store::event::NewEvent;

/// Joins contacts to the person's tasks and writes what comes of it; how many tasks are new.
pub(super) async fn fit(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    (discharge, plans): (&discharge::Model, &[follow_plan::Model]),
    wanted: Vec<(usize, Wanted)>,
) -> Result<usize> {
    let (community, patient) = (discharge.community_id, discharge.patient_id);
    let live = store::follow_up::live_of(&**tx, community, patient).await?;
    let slots = live.iter().map(slot_of).collect::<Result<Vec<_>>>()?;
    let today = local_date(app.now());
    let busy = busy_days(tx, (community, patient), today).await?;
    let Joined { slots, crowded } = join(slots, wanted, (today, &busy), &book.calendar);
    let (mut fresh, mut changed, mut links) = (Vec::new(), Vec::new(), Vec::new());
    for slot in slots.iter().filter(|slot| !slot.joined.is_empty()) {
        let known = live.iter().find(|task| Some(task.id) == slot.task);
        let id = known.map_or_else(|| app.new_id::<FollowTaskId>(), |task| task.id);
        let points = slot.joined.iter();
        links.extend(points.map(|(place, day, on)| link_of(&plans[*place], id, (*day, *on))));
        match known {
            None => fresh.push(task_of(app, &book.follow_up, discharge, id, slot)?),
            Some(task) => changed.push((task.clone(), widened(book, task, slot)?)),
        }
    }
    let left = left_out(app, &book.follow_up, discharge, &crowded)?;
    links.extend(
        left.iter()
            .zip(&crowded)
            .map(|(task, (place, one))| link_of(&plans[*place], task.id, (one.day, one.due_on))),
    );
    store::follow_up::insert_tasks(tx, &fresh).await?;
    store::follow_up::insert_tasks(tx, &left).await?;
    store::follow_up::join_tasks(tx, changed).await?;
    store::follow_up::link(tx, &links).await?;
    for task in &fresh {
        let (kind, at) = (FOLLOW_TASK, day_start(task.opens_on).max(app.now()));
        store::job::enqueue(tx, app, community, kind, task.id.0, Value::Null, at).await?;
    }
    tell_left_out(tx, app, discharge, &left).await?;
    Ok(fresh.len())
}

/// Days from today on on which the person was called or answered: nothing new falls on them.
pub(super) async fn busy_days(
    tx: &Tx,
    (community, patient): (CommunityId, PatientId),
    today: NaiveDate,
) -> Result<BTreeSet<NaiveDate>> {
    let from = day_start(today);
    let busy = store::follow_up::busy_since(&**tx, community, patient, from).await?;
    Ok(busy.into_iter().map(local_date).collect())
}

/// A task that serves more than before.
pub(super) fn widened(
    book: &RuleBook,
    task: &follow_task::Model,
    slot: &Slot<FollowTaskId>,
) -> Result<follow_task::ActiveModel> {
    let mut row = task.clone().into_active_model();
    row.opens_on = Set(slot.opens_on);
    row.ends_on = Set(slot.ends_on);
    row.questionnaires = Set(json!(slot.questionnaires));
    row.scales = Set(json!(slot.scales));
    row.resolve_if = Set(slot.form.resolve_if(!slot.questionnaires.is_empty()));
    if slot.form == Form::Visit && task.resolve_if != FollowResolve::Visited {
        let channels = book.follow_up.channels(slot.form);
        row.channel = Set(first_of(channels)?);
        row.channels = Set(json!(channels));
    }
    Ok(row)
}

/// Contacts for which no day was free, as tasks that are over: each says why it is not made.
fn left_out(
    app: &App,
    rules: &FollowUpRules,
    discharge: &discharge::Model,
    crowded: &[(usize, Wanted)],
) -> Result<Vec<follow_task::Model>> {
    let over = |(_, one): &(usize, Wanted)| {
        let slot = Slot::of(0, one.clone(), one.due_on);
        let task = task_of(app, rules, discharge, app.new_id::<FollowTaskId>(), &slot)?;
        Ok(follow_task::Model {
            state: FollowTaskState::Stopped,
            stop_cause: Some(FollowStop::Crowded),
            resolved_by: Some(FollowResolution::Stop),
            resolved_at: Some(app.now()),
            ..task
        })
    };
    crowded.iter().map(over).collect()
}

async fn tell_left_out(
    tx: &Tx,
    app: &App,
    discharge: &discharge::Model,
    left: &[follow_task::Model],
) -> Result<()> {
    if left.is_empty() {
        return Ok(());
    }
    let tasks: Vec<_> = left.iter().map(|task| task.id).collect();
    let (kind, subject) = (EventKind::FollowUpStopped, SubjectKind::Patient);
    let event = NewEvent::new(kind, subject, discharge.patient_id.0, None)
        .institution(discharge.institution_id)
        .patient(discharge.patient_id)
        .payload(json!({ "tasks": tasks, "cause": FollowStop::Crowded }));
    store::event::append(tx, app, discharge.community_id, event).await
}

pub(super) fn slot_of(task: &follow_task::Model) -> Result<Slot<FollowTaskId>> {
    let codes = |value: &Value| serde_json::from_value(value.clone()).map_err(Error::internal);
    Ok(Slot {
        task: Some(task.id),
        open: task.state != FollowTaskState::Reached,
        opens_on: task.opens_on,
        due_on: task.due_on,
        ends_on: task.ends_on,
        form: match task.resolve_if {
            FollowResolve::Visited => Form::Visit,
            _ => Form::Contact,
        },
        questionnaires: codes(&task.questionnaires)?,
        scales: codes(&task.scales)?,
        joined: Vec::new(),
    })
}

fn task_of(
    app: &App,
    rules: &FollowUpRules,
    discharge: &discharge::Model,
    id: FollowTaskId,
    slot: &Slot<FollowTaskId>,
) -> Result<follow_task::Model> {
    let channels = rules.channels(slot.form);
    Ok(follow_task::Model {
        community_id: discharge.community_id,
        id,
        patient_id: discharge.patient_id,
        institution_id: discharge.institution_id,
        owner_nurse_id: discharge.nurse_id,
        opens_on: slot.opens_on,
        due_on: slot.due_on,
        ends_on: slot.ends_on,
        channel: first_of(channels)?,
        channels: json!(channels),
        questionnaires: json!(slot.questionnaires),
        scales: json!(slot.scales),
        resolve_if: slot.form.resolve_if(!slot.questionnaires.is_empty()),
        state: FollowTaskState::Waiting,
        stop_cause: None,
        reached_at: None,
        reached_by_proxy: false,
        resolved_by: None,
        resolved_at: None,
        attempts: 0,
        message_id: None,
        created_at: app.now(),
        version: 1,
    })
}

pub(super) fn first_of(channels: &[ContactChannel]) -> Result<ContactChannel> {
    let first = channels.first().copied();
    first.ok_or_else(|| Error::internal("no channel"))
}
