//! A contact that serves several plans asks no more for those that are over.

use std::collections::BTreeMap;

use entity::enums::{FollowResolve, FollowTaskState};
use entity::follow_task;
use entity::ids::{CommunityId, PatientId};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::fit::first_of;
use crate::app::App;
use crate::db::Tx;
use crate::domain::follow_up::{Content, FollowUpRules, Form};
use crate::error::Result;
use crate::{rules, store};

/// Takes from the contacts of a patient what no running plan asks for. Only those whose time has not begun: what
/// somebody may be answering stays as it was asked.
pub(super) async fn narrow(
    tx: &Tx,
    app: &App,
    (community, patient): (CommunityId, PatientId),
) -> Result<()> {
    let mut waiting = store::follow_up::live_of(&**tx, community, patient).await?;
    waiting.retain(|task| task.state == FollowTaskState::Waiting);
    let plans = store::follow_up::active_plans(&**tx, community, patient).await?;
    if waiting.is_empty() || plans.is_empty() {
        return Ok(());
    }
    let mut running = BTreeMap::new();
    for plan in plans {
        let stay = store::discharge::of_plan(&**tx, &plan).await?;
        let rules = rules::follow_up(&**tx, app, community, plan.rules_version).await?;
        let conditions = store::discharge::conditions(&stay)?;
        running.insert(plan.id, (plan, rules, conditions));
    }
    let ids: Vec<_> = waiting.iter().map(|task| task.id).collect();
    let points = store::follow_up::points_of(&**tx, community, &ids).await?;
    for task in &waiting {
        let mut content = Content::default();
        let mut rules = None;
        for point in points.get(&task.id).into_iter().flatten() {
            let Some((plan, of_plan, conditions)) = running.get(&point.plan_id) else {
                continue;
            };
            let (Ok(day), Some(schedule)) =
                (u32::try_from(point.day), of_plan.schedule(&plan.schedule))
            else {
                continue;
            };
            schedule.ask_on(day, conditions, &mut content);
            rules = Some(of_plan);
        }
        if let Some(rules) = rules {
            lessen(tx, rules, task, &content).await?;
        }
    }
    Ok(())
}

async fn lessen(
    tx: &Tx,
    rules: &FollowUpRules,
    task: &follow_task::Model,
    content: &Content,
) -> Result<()> {
    let Some(form) = content.form else {
        return Ok(());
    };
    let (asks, scores) = (json!(content.questionnaires), json!(content.scales));
    let at_home = task.resolve_if == FollowResolve::Visited;
    if asks == task.questionnaires && scores == task.scales && at_home == (form == Form::Visit) {
        return Ok(());
    }
    let channels = rules.channels(form);
    let first = first_of(channels)?;
    store::follow_up::update(tx, task, |row| {
        row.resolve_if = Set(form.resolve_if(!content.questionnaires.is_empty()));
        row.questionnaires = Set(asks);
        row.scales = Set(scores);
        row.channel = Set(first);
        row.channels = Set(json!(channels));
    })
    .await?;
    Ok(())
}
