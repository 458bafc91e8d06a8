//! Plans of a discharge, and the tasks that come of them.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use entity::enums::{ContactChannel, FollowPlanState, FollowResolve, FollowTaskState, SubjectKind};
use entity::ids::{FollowPlanId, FollowTaskId};
use entity::{discharge, follow_plan, follow_task, follow_task_plan};
use sea_orm::ActiveValue::Set;
use sea_orm::IntoActiveModel;
use serde_json::{Value, json};

use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::{day_start, local_date};
use crate::domain::event::EventKind;
use crate::domain::follow_up::{Asked, FollowUpRules, Form, Slot, Wanted, join};
use crate::error::{Error, Result};
use crate::jobs::kind::{FOLLOW_PLAN, FOLLOW_TASK};
use crate::rules::RuleBook;
use crate::store;
use crate::store::event::NewEvent;

/// Days before the end of what is planned on which a plan that repeats is planned on.
const EXTEND_BEFORE: u64 = 60;

/// Makes the plans of a discharge and joins their contacts to what the person has already.
pub async fn make(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    discharge: &discharge::Model,
    asked: &Asked,
) -> Result<()> {
    let rules = &book.follow_up;
    let today = local_date(app.now());
    let to = later(today.max(discharge.discharged_on), rules.horizon_days);
    let plans: Vec<_> = asked
        .schedules
        .iter()
        .map(|schedule| plan_of(app, discharge, schedule, rules, to))
        .collect();
    store::follow_up::insert_plans(tx, &plans).await?;
    let mut wanted = Vec::new();
    for (place, plan) in plans.iter().enumerate() {
        let days = (discharge.discharged_on, None, to);
        let found = wanted_of(rules, plan, &asked.conditions, days)?;
        wanted.extend(found.into_iter().map(|one| (place, one)));
    }
    let made = fit(tx, app, book, (discharge, &plans), wanted).await?;
    for plan in &plans {
        enqueue_extension(tx, app, rules, plan).await?;
    }
    let schedules: Vec<_> = plans.iter().map(|plan| &plan.schedule).collect();
    let event = NewEvent::new(
        EventKind::FollowUpPlanned,
        SubjectKind::Patient,
        discharge.patient_id.0,
        None,
    )
    .institution(discharge.institution_id)
    .patient(discharge.patient_id)
    .payload(json!({ "discharge_id": discharge.id, "schedules": schedules, "tasks": made }));
    store::event::append(tx, app, discharge.community_id, event).await
}

/// Plans on for a plan that repeats; false when it does not run any more.
pub(super) async fn extend(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    rules: &FollowUpRules,
    plan: &follow_plan::Model,
) -> Result<()> {
    let found = store::discharge::in_community(&**tx, plan.community_id, plan.discharge_id).await?;
    let discharge = found.ok_or_else(|| Error::internal("a plan without its discharge"))?;
    let to = later(local_date(app.now()), rules.horizon_days);
    if to <= plan.planned_to {
        return enqueue_extension(tx, app, rules, plan).await;
    }
    let conditions = store::discharge::conditions(&discharge)?;
    let days = (plan.starts_on, Some(plan.planned_to), to);
    let wanted = wanted_of(rules, plan, &conditions, days)?;
    let wanted = wanted.into_iter().map(|one| (0, one)).collect();
    store::follow_up::planned_to(tx, plan, to).await?;
    let plan = follow_plan::Model {
        planned_to: to,
        ..plan.clone()
    };
    let plans = std::slice::from_ref(&plan);
    fit(tx, app, book, (&discharge, plans), wanted).await?;
    enqueue_extension(tx, app, rules, &plan).await
}

fn plan_of(
    app: &App,
    discharge: &discharge::Model,
    schedule: &str,
    rules: &FollowUpRules,
    to: NaiveDate,
) -> follow_plan::Model {
    follow_plan::Model {
        community_id: discharge.community_id,
        id: app.new_id::<FollowPlanId>(),
        discharge_id: discharge.id,
        patient_id: discharge.patient_id,
        institution_id: discharge.institution_id,
        schedule: schedule.to_owned(),
        rules_version: i32::try_from(rules.version).unwrap_or(0),
        starts_on: discharge.discharged_on,
        planned_to: to,
        state: FollowPlanState::Active,
        stop_cause: None,
        stopped_at: None,
        created_at: app.now(),
        version: 1,
    }
}

fn wanted_of(
    rules: &FollowUpRules,
    plan: &follow_plan::Model,
    conditions: &BTreeSet<String>,
    (from, after, to): (NaiveDate, Option<NaiveDate>, NaiveDate),
) -> Result<Vec<Wanted>> {
    let schedule = rules
        .schedule(&plan.schedule)
        .ok_or_else(|| Error::internal(format!("no schedule {}", plan.schedule)))?;
    Ok(schedule.wanted(rules, from, conditions, (after, to)))
}

/// Joins contacts to the person's tasks and writes what comes of it; how many tasks are new.
async fn fit(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    (discharge, plans): (&discharge::Model, &[follow_plan::Model]),
    wanted: Vec<(usize, Wanted)>,
) -> Result<usize> {
    let community = discharge.community_id;
    let live = store::follow_up::live_of(&**tx, community, discharge.patient_id).await?;
    let slots = live.iter().map(slot_of).collect::<Result<Vec<_>>>()?;
    let today = local_date(app.now());
    let slots = join(slots, wanted, today, &book.calendar);
    let (mut fresh, mut changed, mut links) = (Vec::new(), Vec::new(), Vec::new());
    for slot in slots.iter().filter(|slot| !slot.joined.is_empty()) {
        let known = live.iter().find(|task| Some(task.id) == slot.task);
        let id = known.map_or_else(|| app.new_id::<FollowTaskId>(), |task| task.id);
        links.extend(
            slot.joined
                .iter()
                .map(|(place, day, wanted_on)| follow_task_plan::Model {
                    community_id: community,
                    task_id: id,
                    plan_id: plans[*place].id,
                    day: i32::try_from(*day).unwrap_or(i32::MAX),
                    wanted_on: *wanted_on,
                }),
        );
        match known {
            None => fresh.push(task_of(app, &book.follow_up, discharge, id, slot)?),
            Some(task) => {
                let mut row = task.clone().into_active_model();
                row.opens_on = Set(slot.opens_on);
                row.ends_on = Set(slot.ends_on);
                row.questionnaires = Set(json!(slot.questionnaires));
                row.scales = Set(json!(slot.scales));
                if slot.form == Form::Visit && task.resolve_if != FollowResolve::Visited {
                    let channels = book.follow_up.channels(slot.form);
                    row.resolve_if = Set(slot.form.resolve_if(true));
                    row.channel = Set(first_of(channels)?);
                    row.channels = Set(json!(channels));
                }
                changed.push((task.clone(), row));
            }
        }
    }
    store::follow_up::insert_tasks(tx, &fresh).await?;
    store::follow_up::join_tasks(tx, changed).await?;
    store::follow_up::link(tx, &links).await?;
    for task in &fresh {
        let (kind, at) = (FOLLOW_TASK, day_start(task.opens_on).max(app.now()));
        store::job::enqueue(tx, app, community, kind, task.id.0, Value::Null, at).await?;
    }
    Ok(fresh.len())
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

fn first_of(channels: &[ContactChannel]) -> Result<ContactChannel> {
    let first = channels.first().copied();
    first.ok_or_else(|| Error::internal("no channel"))
}

async fn enqueue_extension(
    tx: &Tx,
    app: &App,
    rules: &FollowUpRules,
    plan: &follow_plan::Model,
) -> Result<()> {
    let repeats = rules
        .schedule(&plan.schedule)
        .is_some_and(crate::domain::follow_up::Schedule::repeats);
    if !repeats {
        return Ok(());
    }
    let day = plan
        .planned_to
        .checked_sub_days(Days::new(EXTEND_BEFORE))
        .unwrap_or(plan.planned_to);
    let at = day_start(day).max(app.now());
    let (community, kind, id) = (plan.community_id, FOLLOW_PLAN, plan.id.0);
    store::job::enqueue(tx, app, community, kind, id, Value::Null, at).await
}

fn later(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(u64::from(days)))
        .unwrap_or(NaiveDate::MAX)
}
