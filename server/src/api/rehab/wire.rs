//! What the operations of rehabilitation share: an exercise with its dose, the row it becomes, and how it is refused.

use chrono::NaiveDate;
use entity::enums::{RehabExerciseState, SubjectKind};
use entity::ids::{AccountId, RehabExerciseId};
use entity::{patient, rehab_exercise, rehab_plan};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::App;
use crate::db::Tx;
use crate::domain::code::Key;
use crate::domain::event::EventKind;
use crate::domain::rehab::{Dose, RehabError};
use crate::error::{Error, Result};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::store;
use crate::store::event::NewEvent;
use crate::store::rehab::Sealed;
use crate::wire::Text;

/// An exercise to be planned.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlannedExercise {
    /// Code of the exercise in the library.
    #[schema(example = "ankle_pump")]
    pub exercise: Key,
    /// How much.
    pub dose: Dose,
    /// What is to be known.
    #[schema(inline)]
    pub note: Option<Text<1, 300>>,
}

impl PlannedExercise {
    /// Its row as a proposal; `field` is where it stands in the request.
    pub(super) fn row(
        &self,
        app: &App,
        book: &RuleBook,
        plan: &rehab_plan::Model,
        by: AccountId,
        field: &str,
    ) -> Result<rehab_exercise::Model> {
        let checked = book
            .exercises
            .exercise(self.exercise.as_str())
            .and_then(|exercise| exercise.check(&self.dose));
        checked.map_err(|error| refused(error, field))?;
        let id = app.new_id::<RehabExerciseId>();
        let note = self.note.as_ref();
        Ok(rehab_exercise::Model {
            community_id: plan.community_id,
            id,
            plan_id: plan.id,
            exercise: self.exercise.to_string(),
            library_version: i32::try_from(book.exercises.version).map_err(Error::internal)?,
            slot: None,
            times_per_day: self.dose.times_per_day,
            repetitions: self.dose.repetitions,
            hold_s: self.dose.hold_s,
            minutes: self.dose.minutes,
            note_enc: note.map(|note| Sealed::ExerciseNote.seal(app, id.0, note.as_str())),
            state: RehabExerciseState::Proposed,
            replaces_id: None,
            proposed_by: by,
            proposed_at: app.now(),
            decided_by: None,
            decided_at: None,
            from_on: None,
            ended_on: None,
            ended_at: None,
        })
    }
}

/// Puts a proposed exercise on the plan.
pub(super) fn approve(
    app: &App,
    row: &mut rehab_exercise::Model,
    by: AccountId,
    slot: i32,
    from: NaiveDate,
) {
    row.state = RehabExerciseState::Approved;
    row.slot = Some(slot);
    row.from_on = Some(from);
    row.decided_by = Some(by);
    row.decided_at = Some(app.now());
}

/// The problem of a refused exercise; `field` is where it stands in the request.
pub(super) fn refused(error: RehabError, field: &str) -> Error {
    let code = Code::parse(error.code()).unwrap_or(Code::FieldInvalid);
    let path = match error {
        RehabError::Dose { field: number, .. } => format!("{field}dose.{number}"),
        _ => format!("{field}{}", error.field()),
    };
    let params = match error {
        RehabError::Dose { most, .. } => vec![("most", most.to_string())],
        _ => Vec::new(),
    };
    let problem = params
        .iter()
        .fold(Problem::new(code), |problem, (name, value)| {
            problem.with(name, value)
        });
    problem.field_with(path, code, params).into()
}

/// Leaves the event of a change of a plan.
pub(super) async fn leave_event(
    tx: &Tx,
    app: &App,
    kind: EventKind,
    plan: &rehab_plan::Model,
    by: AccountId,
    payload: Value,
) -> Result<()> {
    let mut event = NewEvent::new(kind, SubjectKind::Patient, plan.patient_id.0, Some(by))
        .institution(plan.institution_id)
        .patient(plan.patient_id)
        .payload(payload);
    if let Some(nurse) = plan.nurse_id {
        event = event.nurse(nurse);
    }
    store::event::append(tx, app, plan.community_id, event).await
}

/// The patient of a plan whose scope was checked before.
pub(super) async fn patient_of(tx: &Tx, plan: &rehab_plan::Model) -> Result<patient::Model> {
    let found = store::patient::in_community(&**tx, plan.community_id, plan.patient_id).await?;
    found.ok_or_else(|| Error::internal("a plan has no patient"))
}
