//! Contacts that come again and again end when the device register takes over, or a wound has healed.

use entity::enums::{FollowStop, SubjectKind};
use entity::ids::{AccountId, CommunityId, FollowTaskId, PatientId};
use entity::{discharge, follow_plan};
use serde_json::json;

use super::narrow::narrow;
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::day_start;
use crate::domain::event::EventKind;
use crate::domain::follow_up::{RepeatEnd, Schedule};
use crate::error::Result;
use crate::store::event::NewEvent;
use crate::{rules, store};

/// Ends the repeated contacts of a patient's plans whose end has come, by whoever brought it about. A task that is being
/// worked on stays.
pub async fn end_repeats(
    tx: &Tx,
    app: &App,
    (community, patient): (CommunityId, PatientId),
    by: Option<AccountId>,
    in_hand: Option<FollowTaskId>,
) -> Result<()> {
    for plan in store::follow_up::active_plans(&**tx, community, patient).await? {
        let rules = rules::follow_up(&**tx, app, community, plan.rules_version).await?;
        let Some(schedule) = rules.schedule(&plan.schedule) else {
            continue;
        };
        if plan.repeats_ended_at.is_some() || schedule.until.is_none() {
            continue;
        }
        let discharge = store::discharge::of_plan(&**tx, &plan).await?;
        if are_over(tx, &discharge, &plan, schedule).await? {
            end(tx, app, &plan, schedule, (by, in_hand)).await?;
        }
    }
    Ok(())
}

/// Whether what ends the repeated contacts of a plan has come. A device counts that was entered or looked at since the
/// stay began: an older one need not be what the discharge is about.
pub(super) async fn are_over(
    tx: &Tx,
    discharge: &discharge::Model,
    plan: &follow_plan::Model,
    schedule: &Schedule,
) -> Result<bool> {
    let whose = (plan.community_id, plan.patient_id);
    match &schedule.until {
        None => Ok(false),
        Some(RepeatEnd::Device { kinds }) => {
            let from = day_start(discharge.admitted_on);
            store::device::looked_after(&**tx, whose, kinds, from).await
        }
        Some(RepeatEnd::Score { scale, at_most }) => {
            let from = day_start(plan.starts_on);
            let total =
                store::scale_score::newest_total(&**tx, whose, scale.as_str(), from).await?;
            Ok(total.is_some_and(|total| total <= *at_most))
        }
    }
}

/// Ends the repeated contacts of a plan: those still to be made that serve no other plan are stopped as `completed`,
/// those that do serve one are made for that one alone, and the plan is over when nothing is left of it.
pub(super) async fn end(
    tx: &Tx,
    app: &App,
    plan: &follow_plan::Model,
    schedule: &Schedule,
    (by, in_hand): (Option<AccountId>, Option<FollowTaskId>),
) -> Result<()> {
    if !store::follow_up::end_repeats(tx, app, plan).await? {
        return Ok(());
    }
    let community = plan.community_id;
    let points = store::follow_up::live_points(&**tx, community, plan.id).await?;
    let repeated = |day: i32| u32::try_from(day).is_ok_and(|day| schedule.repeats_on(day));
    let tasks: Vec<_> = points
        .into_iter()
        .filter(|(task, day)| repeated(*day) && Some(*task) != in_hand)
        .map(|(task, _)| task)
        .collect();
    let cause = FollowStop::Completed;
    let stopped = store::follow_up::stop_unless_shared(tx, app, plan, &tasks, cause).await?;
    store::follow_up::unlink_waiting(tx, plan, &tasks).await?;
    narrow(tx, app, (community, plan.patient_id)).await?;
    let empty = store::follow_up::without_tasks(&**tx, community, &[plan.id]).await?;
    store::follow_up::finish_plans(tx, community, &empty).await?;
    let (kind, subject) = (EventKind::FollowUpRepeatsEnded, SubjectKind::Patient);
    let event = NewEvent::new(kind, subject, plan.patient_id.0, by)
        .institution(plan.institution_id)
        .patient(plan.patient_id)
        .payload(json!({ "plan_id": plan.id, "until": schedule.until, "tasks": stopped }));
    store::event::append(tx, app, community, event).await
}
