//! Plans of a discharge, and the tasks that come of them.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use entity::enums::{FollowPlanState, SubjectKind};
use entity::ids::{FollowPlanId, FollowTaskId};
use entity::{discharge, follow_plan, follow_task_plan};
use serde_json::{Value, json};

use super::fit::fit;
use super::repeats;
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::{day_start, local_date};
use crate::domain::event::EventKind;
use crate::domain::follow_up::{Asked, FollowUpRules, Schedule, Wanted};
use crate::error::{Error, Result};
use crate::jobs::kind::FOLLOW_PLAN;
use crate::rules::RuleBook;
use crate::store;
use crate::store::event::NewEvent;

/// Days before the end of what is planned on which a plan that repeats is planned on, at most.
const EXTEND_BEFORE: u32 = 60;

/// Makes the plans of a discharge and joins their contacts to what the person has already. A point that was served
/// under an earlier plan of the discharge is not asked again: what served it serves the new plan.
pub async fn make(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    discharge: &discharge::Model,
    asked: &Asked,
) -> Result<()> {
    let rules = &book.follow_up;
    let community = discharge.community_id;
    let mut plans = Vec::with_capacity(asked.schedules.len());
    for code in &asked.schedules {
        let schedule = schedule_of(rules, code)?;
        let mut plan = plan_of(app, discharge, schedule, rules);
        if repeats::are_over(tx, discharge, &plan, schedule).await? {
            plan.repeats_ended_at = Some(app.now());
        }
        plans.push(plan);
    }
    store::follow_up::insert_plans(tx, &plans).await?;
    let served = store::follow_up::served(&**tx, community, discharge.id).await?;
    let (mut wanted, mut links) = (Vec::new(), Vec::new());
    for (place, plan) in plans.iter().enumerate() {
        let days = (discharge.discharged_on, None, plan.planned_to);
        for one in wanted_of(rules, plan, &asked.conditions, days)? {
            let day = i32::try_from(one.day).unwrap_or(i32::MAX);
            match served.get(&(plan.schedule.clone(), day)) {
                Some(task) => links.push(link_of(plan, *task, (one.day, one.due_on))),
                None => wanted.push((place, one)),
            }
        }
    }
    store::follow_up::link(tx, &links).await?;
    let made = fit(tx, app, book, (discharge, &plans), wanted).await?;
    finish_empty(tx, rules, &plans).await?;
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
    store::event::append(tx, app, community, event).await
}

/// Plans that ask for nothing that is still to come are over.
async fn finish_empty(tx: &Tx, rules: &FollowUpRules, plans: &[follow_plan::Model]) -> Result<()> {
    let Some(first) = plans.first() else {
        return Ok(());
    };
    let community = first.community_id;
    let last = plans.iter().filter(|plan| !goes_on(rules, plan));
    let last: Vec<_> = last.map(|plan| plan.id).collect();
    let empty = store::follow_up::without_tasks(&**tx, community, &last).await?;
    store::follow_up::finish_plans(tx, community, &empty).await
}

/// Plans on for a plan that repeats, until what ends it has come.
pub(super) async fn extend(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    rules: &FollowUpRules,
    plan: &follow_plan::Model,
) -> Result<()> {
    let discharge = store::discharge::of_plan(&**tx, plan).await?;
    let schedule = schedule_of(rules, &plan.schedule)?;
    if plan.repeats_ended_at.is_some() {
        return Ok(());
    }
    if repeats::are_over(tx, &discharge, plan, schedule).await? {
        return repeats::end(tx, app, plan, schedule, (None, None)).await;
    }
    let to = later(local_date(app.now()), schedule.ahead(rules));
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
    schedule: &Schedule,
    rules: &FollowUpRules,
) -> follow_plan::Model {
    let from = local_date(app.now()).max(discharge.discharged_on);
    follow_plan::Model {
        community_id: discharge.community_id,
        id: app.new_id::<FollowPlanId>(),
        discharge_id: discharge.id,
        patient_id: discharge.patient_id,
        institution_id: discharge.institution_id,
        schedule: schedule.code.to_string(),
        rules_version: i32::try_from(rules.version).unwrap_or(0),
        starts_on: discharge.discharged_on,
        planned_to: later(from, schedule.ahead(rules)),
        repeats_ended_at: None,
        state: FollowPlanState::Active,
        stop_cause: None,
        stopped_at: None,
        created_at: app.now(),
        version: 1,
    }
}

fn schedule_of<'a>(rules: &'a FollowUpRules, code: &str) -> Result<&'a Schedule> {
    let found = rules.schedule(code);
    found.ok_or_else(|| Error::internal(format!("no schedule {code}")))
}

/// Whether contacts of a plan come again and again, still.
pub(super) fn goes_on(rules: &FollowUpRules, plan: &follow_plan::Model) -> bool {
    let repeats = rules
        .schedule(&plan.schedule)
        .is_some_and(Schedule::repeats);
    repeats && plan.repeats_ended_at.is_none()
}

pub(super) fn link_of(
    plan: &follow_plan::Model,
    task: FollowTaskId,
    (day, wanted_on): (u32, NaiveDate),
) -> follow_task_plan::Model {
    follow_task_plan::Model {
        community_id: plan.community_id,
        task_id: task,
        plan_id: plan.id,
        day: i32::try_from(day).unwrap_or(i32::MAX),
        wanted_on,
    }
}

fn wanted_of(
    rules: &FollowUpRules,
    plan: &follow_plan::Model,
    conditions: &BTreeSet<String>,
    (from, after, to): (NaiveDate, Option<NaiveDate>, NaiveDate),
) -> Result<Vec<Wanted>> {
    let schedule = schedule_of(rules, &plan.schedule)?;
    let mut wanted = schedule.wanted(rules, from, conditions, (after, to));
    if plan.repeats_ended_at.is_some() {
        wanted.retain(|one| !schedule.repeats_on(one.day));
    }
    Ok(wanted)
}

async fn enqueue_extension(
    tx: &Tx,
    app: &App,
    rules: &FollowUpRules,
    plan: &follow_plan::Model,
) -> Result<()> {
    if !goes_on(rules, plan) {
        return Ok(());
    }
    let ahead = schedule_of(rules, &plan.schedule)?.ahead(rules);
    let before = Days::new(u64::from(EXTEND_BEFORE.min(ahead / 2)));
    let day = plan
        .planned_to
        .checked_sub_days(before)
        .unwrap_or(plan.planned_to);
    let at = day_start(day).max(app.now());
    let (community, kind, id) = (plan.community_id, FOLLOW_PLAN, plan.id.0);
    store::job::enqueue(tx, app, community, kind, id, Value::Null, at).await
}

fn later(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(u64::from(days)))
        .unwrap_or(NaiveDate::MAX)
}
