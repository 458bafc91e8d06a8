//! `POST /v1/rehab-plans/{rehab_id}/log`: what was done, told by one tap or many at once.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::{ReadingSource, RehabOutcome, SkipReason};
use entity::ids::{RehabExerciseId, RehabLogId, RehabPlanId};
use entity::{patient, rehab_exercise, rehab_log, rehab_plan};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::wire::{leave_event, patient_of};
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::local_date;
use crate::domain::code::Key;
use crate::domain::event::EventKind;
use crate::domain::rehab::{Entry, OnPlan, RehabError};
use crate::domain::sync::skew;
use crate::error::{Error, Result};
use crate::extract::{Id, Json, Lang, May, grants};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::signals::flags::{self, RaisedFlag, Told};
use crate::store::rehab::Sealed;
use crate::wire::{ActMoment, Moment, Text};
use crate::{in_write, store};

/// Most entries at once.
const MOST: usize = 100;

/// What was done, in any order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogBatch {
    /// The phone's clock as it speaks: what it told with a wrong clock is moved.
    pub sent_at: Option<Moment>,
    /// The entries, 1 to 100.
    #[schema(min_items = 1, max_items = 100)]
    pub entries: Vec<NewLogEntry>,
}

/// One tap.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLogEntry {
    /// `UUIDv7` made by the phone, the same each time this entry is sent.
    pub id: RehabLogId,
    /// The exercise of the plan.
    pub exercise_id: RehabExerciseId,
    /// What came of it.
    pub outcome: RehabOutcome,
    /// Why not; goes with `skipped` and with nothing else.
    pub reason: Option<SkipReason>,
    /// Pain before, 0 to 10.
    pub pain_before: Option<i32>,
    /// Pain after, 0 to 10.
    pub pain_after: Option<i32>,
    /// Effort, 0 to 10.
    pub effort: Option<i32>,
    /// A symptom that was not there before.
    #[serde(default)]
    pub new_symptom: bool,
    /// In words.
    #[schema(inline)]
    pub note: Option<Text<1, 300>>,
    /// When, by the phone.
    pub device_at: ActMoment,
}

/// What came of each entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogResults {
    /// In the order sent.
    pub results: Vec<LogResult>,
    /// Red flags that were raised: what to do now, the most urgent first.
    pub red_flags: Vec<RaisedFlag>,
}

/// What came of an entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogResult {
    /// The entry.
    pub id: RehabLogId,
    /// What came of it.
    pub result: LogOutcome,
    /// Problem code of a refused one.
    #[schema(example = "rehab_plan_stopped")]
    pub code: Option<String>,
    /// Why, in the caller's language.
    pub message: Option<String>,
}

/// What came of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogOutcome {
    /// Taken in.
    Applied,
    /// Taken in before.
    Duplicate,
    /// Not taken in; nothing else of the batch is lost by it.
    Refused,
}

/// Tell what was done of exercises.
///
/// One tap, or all that a phone kept while there was no signal. Each entry is judged by itself and has its own result;
/// sending one again is always safe. What was done before the plan ended is taken in after it too.
#[utoipa::path(
    post, path = "/v1/rehab-plans/{rehab_id}/log", tag = "rehabilitation", request_body = LogBatch,
    params(("rehab_id" = RehabPlanId, Path, description = "A plan of a patient in scope, or one the calling nurse leads")),
    responses((status = 200, description = "A result for each entry", body = LogResults))
)]
pub async fn log_exercises(
    State(app): State<App>,
    may: May<grants::LogRehab>,
    Id(id): Id<RehabPlanId>,
    Lang(language): Lang,
    Json(batch): Json<LogBatch>,
) -> Result<Json<LogResults>> {
    if !(1..=MOST).contains(&batch.entries.len()) {
        let params = vec![("reason", format!("1..={MOST}"))];
        return Err(Problem::new(Code::InvalidRequest)
            .field_with("entries", Code::FieldInvalid, params)
            .into());
    }
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    let ahead = batch
        .sent_at
        .map_or(TimeDelta::zero(), |sent| skew(*sent, app.now()));
    let shown = in_write!(app.db, "log_exercises", |tx| {
        let plan = store::rehab::require(&**tx, &may.scope, id).await?;
        let patient = patient_of(tx, &plan).await?;
        let on_plan = store::rehab::exercises(&**tx, may.community, &[plan.id]).await?;
        let log = Log {
            tx,
            app: &app,
            book: &book,
            may: &may,
            plan: &plan,
            patient: &patient,
            exercises: on_plan.iter().map(|row| (row.id, row)).collect(),
            ahead,
        };
        let mut results = LogResults {
            results: Vec::new(),
            red_flags: Vec::new(),
        };
        for entry in &batch.entries {
            let (result, code) = match log.take_in(entry, &mut results.red_flags).await? {
                Taken::Applied => (LogOutcome::Applied, None),
                Taken::Duplicate => (LogOutcome::Duplicate, None),
                Taken::Refused(code) => (LogOutcome::Refused, Some(code)),
            };
            results.results.push(LogResult {
                id: entry.id,
                result,
                code: code.map(|code| code.as_str().to_owned()),
                message: code.map(|code| code.text(language, &[])),
            });
        }
        let applied = results
            .results
            .iter()
            .filter(|one| one.result == LogOutcome::Applied);
        let payload = json!({ "plan_id": plan.id, "entries": applied.count() });
        if payload["entries"] != json!(0) {
            let kind = EventKind::RehabLogged;
            leave_event(tx, &app, kind, &plan, may.account, payload).await?;
        }
        Ok::<_, Error>(results)
    })?;
    Ok(Json(shown))
}

enum Taken {
    Applied,
    Duplicate,
    Refused(Code),
}

/// A batch that is taken in.
struct Log<'a> {
    tx: &'a Tx,
    app: &'a App,
    book: &'a RuleBook,
    may: &'a May<grants::LogRehab>,
    plan: &'a rehab_plan::Model,
    patient: &'a patient::Model,
    exercises: BTreeMap<RehabExerciseId, &'a rehab_exercise::Model>,
    ahead: TimeDelta,
}

impl Log<'_> {
    async fn take_in(&self, new: &NewLogEntry, raised: &mut Vec<RaisedFlag>) -> Result<Taken> {
        let (community, app) = (self.may.community, self.app);
        let there = store::rehab::log_entry(&**self.tx, community, new.id).await?;
        if let Some(row) = there {
            // Told before; what it said then stands.
            return Ok(if row.plan_id == self.plan.id {
                Taken::Duplicate
            } else {
                Taken::Refused(Code::LogIdInvalid)
            });
        }
        let Some(device_at) = new.device_at.0 else {
            return Ok(Taken::Refused(Code::DateTimeInvalid));
        };
        let row = match self.row(new, *device_at) {
            Ok(row) => row,
            Err(error) => {
                let code = Code::parse(error.code()).unwrap_or(Code::FieldInvalid);
                return Ok(Taken::Refused(code));
            }
        };
        if !store::rehab::insert_log(self.tx, row.clone()).await? {
            return Ok(Taken::Duplicate);
        }
        let told = told(self.plan, &row);
        if !told.numbers.is_empty() {
            let found = flags::judge(self.tx, app, self.book, self.patient, &told).await?;
            for flag in found {
                if raised.iter().all(|one| one.alert_id != flag.alert_id) {
                    raised.push(flag);
                }
            }
        }
        Ok(Taken::Applied)
    }

    fn row(
        &self,
        new: &NewLogEntry,
        device_at: DateTime<Utc>,
    ) -> Result<rehab_log::Model, RehabError> {
        let at = device_at - self.ahead;
        let exercise = self.exercises.get(&new.exercise_id);
        let exercise = exercise.ok_or(RehabError::UnknownExercise)?;
        let from = exercise.from_on.ok_or(RehabError::TooEarly)?;
        let entry = Entry {
            id: new.id.0,
            outcome: new.outcome,
            reason: new.reason,
            pain_before: new.pain_before,
            pain_after: new.pain_after,
            effort: new.effort,
            at,
        };
        let on_plan = OnPlan {
            from,
            ended_at: exercise.ended_at,
        };
        let day = local_date(at);
        entry.check(&on_plan, day, self.app.now())?;
        let note = new.note.as_ref();
        Ok(rehab_log::Model {
            community_id: self.may.community,
            id: new.id,
            plan_id: self.plan.id,
            exercise_id: new.exercise_id,
            outcome: new.outcome,
            reason: new.reason,
            pain_before: new.pain_before,
            pain_after: new.pain_after,
            effort: new.effort,
            new_symptom: new.new_symptom,
            note_enc: note.map(|note| Sealed::LogNote.seal(self.app, new.id.0, note.as_str())),
            day,
            at,
            device_at,
            received_at: self.app.now(),
            told_by: self.may.account,
        })
    }
}

/// What an entry says to the rules for red flags: its pain.
fn told(plan: &rehab_plan::Model, row: &rehab_log::Model) -> Told {
    let source = (ReadingSource::Exercise, row.id.0);
    let mut told = Told::new(source, row.at, Some(row.told_by));
    told.nurse = plan.nurse_id;
    let Ok(pain) = Key::new("pain") else {
        return told;
    };
    if let Some(after) = row.pain_after.or(row.pain_before) {
        told.numbers.insert(pain.clone(), f64::from(after));
    }
    if let Some(before) = row.pain_before.filter(|_| row.pain_after.is_some()) {
        told.before.insert(pain, f64::from(before));
    }
    told
}
