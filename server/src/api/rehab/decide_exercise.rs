//! `POST /v1/rehab-exercises/{rehab_exercise_id}/decide`: a proposal is approved or declined.

use axum::extract::State;
use entity::enums::{RehabExerciseState, RehabState};
use entity::ids::{AccountId, RehabExerciseId};
use entity::{rehab_exercise, rehab_plan};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::view::{self, RehabPlan};
use super::wire::{approve, leave_event, refused};
use crate::answer::Answer;
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::local_date;
use crate::domain::event::EventKind;
use crate::domain::rehab::free_slot;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::Code;
use crate::rules::RuleBook;
use crate::{once, store};

/// A decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideExercise {
    /// True: it goes on the plan from today, and what it replaces comes off.
    pub approve: bool,
}

/// Decide on a proposed exercise.
#[utoipa::path(
    post, path = "/v1/rehab-exercises/{rehab_exercise_id}/decide", tag = "rehabilitation", request_body = DecideExercise,
    params(
        ("rehab_exercise_id" = RehabExerciseId, Path, description = "A proposed exercise of a plan in scope"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "Decided", body = RehabPlan))
)]
pub async fn decide_exercise(
    State(app): State<App>,
    may: May<grants::PlanRehab>,
    Id(id): Id<RehabExerciseId>,
    IdempotencyKey { key, body }: IdempotencyKey<DecideExercise>,
) -> Result<Answer> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    once!(app, may, key, "decide_exercise", |tx| {
        let (mut row, plan) = store::rehab::require_exercise(&**tx, &may.scope, id).await?;
        if row.state != RehabExerciseState::Proposed {
            return Err(Code::RehabDecided.into());
        }
        if body.approve {
            put_on(tx, &app, &plan, &mut row, may.account).await?;
        } else {
            row.state = RehabExerciseState::Declined;
            row.decided_by = Some(may.account);
            row.decided_at = Some(app.now());
        }
        let row = store::rehab::update_exercise(tx, RehabExerciseState::Proposed, row).await?;
        let payload = json!({
            "plan_id": plan.id, "exercise_id": row.id, "exercise": row.exercise, "approved": body.approve,
        });
        let kind = EventKind::RehabDecided;
        leave_event(tx, &app, kind, &plan, may.account, payload).await?;
        Answer::ok(&view::show(&**tx, &app, &book, &plan).await?)
    })
}

/// Gives it a slot; what it replaces comes off first.
async fn put_on(
    tx: &Tx,
    app: &App,
    plan: &rehab_plan::Model,
    row: &mut rehab_exercise::Model,
    by: AccountId,
) -> Result<()> {
    if plan.state != RehabState::Active {
        return Err(Code::RehabPlanStopped.into());
    }
    let today = local_date(app.now());
    let approved = RehabExerciseState::Approved;
    let mut on_plan = store::rehab::exercises(&**tx, plan.community_id, &[plan.id]).await?;
    on_plan.retain(|one| one.state == approved);
    let replaced = on_plan.iter().find(|one| Some(one.id) == row.replaces_id);
    let slot = replaced.and_then(|one| one.slot);
    if let Some(replaced) = replaced {
        let off = ended(app, replaced.clone());
        store::rehab::update_exercise(tx, approved, off).await?;
    }
    let taken: Vec<_> = on_plan.iter().filter_map(|one| one.slot).collect();
    let slot = free_slot(&taken, slot).map_err(|error| refused(error, ""))?;
    approve(app, row, by, slot, plan.starts_on.max(today));
    Ok(())
}

/// An exercise that comes off the plan: yesterday was its last day.
pub(super) fn ended(app: &App, mut row: rehab_exercise::Model) -> rehab_exercise::Model {
    let today = local_date(app.now());
    row.state = RehabExerciseState::Ended;
    row.ended_at = Some(app.now());
    row.ended_on = Some(today.pred_opt().unwrap_or(today));
    row
}
