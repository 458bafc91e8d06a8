//! `POST /v1/rehab-plans/{rehab_id}/exercises`: another exercise, or more of one, is proposed.

use axum::extract::State;
use entity::enums::{RehabExerciseState, RehabState};
use entity::ids::{RehabExerciseId, RehabPlanId};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::view::{self, RehabPlan};
use super::wire::{PlannedExercise, leave_event, patient_of};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::{once, store};

/// A proposal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeExercise {
    /// What is proposed.
    pub planned: PlannedExercise,
    /// The exercise of this plan whose place it takes, such as the same one with another dose.
    pub replaces_id: Option<RehabExerciseId>,
}

/// Propose an exercise for a plan.
///
/// Nothing changes at home before a nurse or doctor has approved it.
#[utoipa::path(
    post, path = "/v1/rehab-plans/{rehab_id}/exercises", tag = "rehabilitation", request_body = ProposeExercise,
    params(
        ("rehab_id" = RehabPlanId, Path, description = "A plan of a patient in scope, or one the calling nurse leads"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((
        status = 201, description = "Proposed", body = RehabPlan,
        headers(("Location" = String, description = "Address of the plan"))
    ))
)]
pub async fn propose_exercise(
    State(app): State<App>,
    may: May<grants::ProposeRehab>,
    Id(id): Id<RehabPlanId>,
    IdempotencyKey { key, body }: IdempotencyKey<ProposeExercise>,
) -> Result<Answer> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    once!(app, may, key, "propose_exercise", |tx| {
        let plan = store::rehab::require(&**tx, &may.scope, id).await?;
        if may.scope.nurse.is_none() {
            let patient = patient_of(tx, &plan).await?;
            store::patient::check_may_act(&**tx, &app, &may.scope, &patient).await?;
        }
        if plan.state != RehabState::Active {
            return Err(Code::RehabPlanStopped.into());
        }
        let mut row = body
            .planned
            .row(&app, &book, &plan, may.account, "planned.")?;
        if let Some(replaced) = body.replaces_id {
            let all = store::rehab::exercises(&**tx, may.community, &[plan.id]).await?;
            let there = all
                .iter()
                .any(|one| one.id == replaced && one.state == RehabExerciseState::Approved);
            if !there {
                let problem = Problem::new(Code::RehabDecided);
                return Err(problem.field("replaces_id", Code::RehabDecided).into());
            }
        }
        row.replaces_id = body.replaces_id;
        store::rehab::insert_exercise(tx, row.clone()).await?;
        let payload = json!({
            "plan_id": plan.id, "exercise_id": row.id, "exercise": row.exercise, "replaces_id": row.replaces_id,
        });
        let kind = EventKind::RehabProposed;
        leave_event(tx, &app, kind, &plan, may.account, payload).await?;
        let shown = view::show(&**tx, &app, &book, &plan).await?;
        Answer::created(format!("/v1/rehab-plans/{}", plan.id), &shown)
    })
}
