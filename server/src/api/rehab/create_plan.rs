//! `POST /v1/patients/{patient_id}/rehab-plans`: a plan is made.

use axum::extract::State;
use entity::enums::RehabState;
use entity::ids::{NurseId, PatientId, RehabPlanId};
use entity::{patient, rehab_plan};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::view::{self, RehabPlan};
use super::wire::{PlannedExercise, approve, leave_event};
use crate::answer::Answer;
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::local_date;
use crate::domain::event::EventKind;
use crate::domain::rehab::MAX_EXERCISES;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::store::rehab::Sealed;
use crate::wire::{Day, Text};
use crate::{once, store};

/// A plan to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRehabPlan {
    /// The goal, in words that the patient understands.
    #[schema(inline, example = "走到院门口")]
    pub goal: Text<2, 100>,
    /// First day; left out: today. Not before today.
    pub starts_on: Option<Day>,
    /// The nurse who leads it; left out: the calling nurse, if a nurse calls.
    pub nurse_id: Option<NurseId>,
    /// One to five exercises.
    #[schema(min_items = 1, max_items = 5)]
    pub exercises: Vec<PlannedExercise>,
}

/// Make a rehabilitation plan.
///
/// A patient has one at a time, with at most five exercises a day. What a nurse or doctor puts on it here is approved.
#[utoipa::path(
    post, path = "/v1/patients/{patient_id}/rehab-plans", tag = "rehabilitation", request_body = NewRehabPlan,
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((
        status = 201, description = "Made", body = RehabPlan,
        headers(("Location" = String, description = "Address of the plan"))
    ))
)]
pub async fn create_plan(
    State(app): State<App>,
    may: May<grants::PlanRehab>,
    Id(id): Id<PatientId>,
    IdempotencyKey { key, body }: IdempotencyKey<NewRehabPlan>,
) -> Result<Answer> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    once!(app, may, key, "create_plan", |tx| {
        let patient = store::patient::get_locked(tx, &may.scope, id).await?;
        let plan = row(tx, &app, &may, &patient, &body).await?;
        store::rehab::insert(tx, plan.clone()).await?;
        if body.exercises.is_empty() {
            return Err(Problem::new(Code::FieldMissing)
                .with("name", "exercises")
                .field("exercises", Code::FieldMissing)
                .into());
        }
        for (slot, wanted) in (1..).zip(&body.exercises) {
            if slot > MAX_EXERCISES {
                let problem = Problem::new(Code::RehabFiveADay);
                return Err(problem.field("exercises", Code::RehabFiveADay).into());
            }
            let field = format!("exercises[{}].", slot - 1);
            let mut exercise = wanted.row(&app, &book, &plan, may.account, &field)?;
            approve(&app, &mut exercise, may.account, slot, plan.starts_on);
            store::rehab::insert_exercise(tx, exercise).await?;
        }
        let payload = json!({ "plan_id": plan.id, "exercises": body.exercises.len() });
        let kind = EventKind::RehabPlanned;
        leave_event(tx, &app, kind, &plan, may.account, payload).await?;
        let shown = view::show(&**tx, &app, &book, &plan).await?;
        Answer::created(format!("/v1/rehab-plans/{}", plan.id), &shown)
    })
}

async fn row(
    tx: &Tx,
    app: &App,
    may: &May<grants::PlanRehab>,
    patient: &patient::Model,
    new: &NewRehabPlan,
) -> Result<rehab_plan::Model> {
    let today = local_date(app.now());
    let starts_on = new.starts_on.map_or(today, |day| day.0);
    if starts_on < today {
        return Err(Problem::new(Code::TimeOrder)
            .field("starts_on", Code::TimeOrder)
            .into());
    }
    let nurse_id = new.nurse_id.or(may.scope.nurse);
    if let Some(nurse) = new.nurse_id {
        let found = store::nurse::get(&**tx, may.community, nurse).await?;
        if found.is_none_or(|nurse| !nurse.active) {
            let problem = Problem::new(Code::NotFound);
            return Err(problem.field("nurse_id", Code::NotFound).into());
        }
    }
    let id = app.new_id::<RehabPlanId>();
    Ok(rehab_plan::Model {
        community_id: may.community,
        id,
        patient_id: patient.id,
        institution_id: patient.institution_id,
        nurse_id,
        goal_enc: Sealed::Goal.seal(app, id.0, new.goal.as_str()),
        state: RehabState::Active,
        starts_on,
        created_by: may.account,
        created_at: app.now(),
        seen_by: None,
        seen_at: None,
        stop_cause: None,
        stop_note_enc: None,
        stopped_by: None,
        stopped_at: None,
        version: 1,
    })
}
