//! `POST /v1/patients/{patient_id}/readings`: what was measured at home, judged at once.

use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::{AlertKind, AlertSeverity, ReadingSource, SubjectKind};
use entity::ids::{NurseId, PatientId, ReadingId};
use entity::patient;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::patient_of;
use crate::answer::Answer;
use crate::app::App;
use crate::db::Tx;
use crate::domain::device::check_past;
use crate::domain::event::EventKind;
use crate::domain::vitals::{VitalFlag, VitalProblem, VitalProblemKind, VitalReading};
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::signals::flags::{self, RaisedFlag, Told};
use crate::signals::{facts, vitals};
use crate::store::alert::NewAlert;
use crate::store::event::NewEvent;
use crate::wire::Moment;
use crate::{once, store};

/// Numbers measured together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReadings {
    /// Each a vital sign that red flags look at: weight, blood pressure, glucose, oxygen, temperature, pain.
    #[schema(min_items = 1, max_items = 10)]
    pub readings: Vec<VitalReading>,
    /// When they were measured; left out: now. At most as long ago as red flags look back, three days as shipped.
    pub taken_at: Option<Moment>,
}

/// What they say.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadingsKept {
    /// When they were measured.
    pub taken_at: DateTime<Utc>,
    /// Call 120 now.
    pub call_120: bool,
    /// Red flags that are up: what to do now, the most urgent first. Empty: nothing of the kind.
    pub red_flags: Vec<RaisedFlag>,
}

/// Tell numbers measured at home.
///
/// Of a patient in follow-up or rehabilitation, by the family or whoever looks after them. They are held at once against the red
/// flags, also by how they changed: a weight told today counts against yesterday's, whoever told it. Implausible numbers
/// are refused as in a record.
#[utoipa::path(
    post, path = "/v1/patients/{patient_id}/readings", tag = "readings", request_body = NewReadings,
    params(
        ("patient_id" = PatientId, Path, description = "A patient in scope, or one whom the calling nurse follows"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((
        status = 201, description = "Kept", body = ReadingsKept,
        headers(("Location" = String, description = "The patient's readings"))
    ))
)]
pub async fn tell_readings(
    State(app): State<App>,
    may: May<grants::TellReadings>,
    Id(id): Id<PatientId>,
    IdempotencyKey { key, body }: IdempotencyKey<NewReadings>,
) -> Result<Answer> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    once!(app, may, key, "tell_readings", |tx| {
        let patient = patient_of(&**tx, &app, &may, id).await?;
        let nurse = follower(tx, &patient).await?;
        let taken_at = taken_at(&app, &book, body.taken_at)?;
        let critical = check(&book, (&patient, taken_at), &body.readings)?;
        let source = (ReadingSource::Own, app.new_id::<ReadingId>().0);
        let mut told = Told::new(source, taken_at, Some(may.account));
        told.nurse = nurse;
        told.numbers = facts::vitals_of(&book, &patient, taken_at, &body.readings);
        let mut red_flags = flags::judge(tx, &app, &book, &patient, &told).await?;
        for later in flags::look_again(tx, &app, &book, &patient, &told).await? {
            if red_flags.iter().all(|one| one.alert_id != later.alert_id) {
                red_flags.push(later);
            }
        }
        leave_event(tx, &app, &patient, &told).await?;
        call(tx, &app, &patient, &told, (&critical, &red_flags)).await?;
        let shown = ReadingsKept {
            taken_at,
            call_120: red_flags.iter().any(|flag| flag.call_120),
            red_flags,
        };
        Answer::created(format!("/v1/patients/{id}/readings"), &shown)
    })
}

/// The nurse who follows the patient; fails for one who is not followed.
async fn follower(tx: &Tx, patient: &patient::Model) -> Result<Option<NurseId>> {
    let (db, community, id) = (&**tx, patient.community_id, patient.id);
    let rehab = store::rehab::active_of(db, community, [id]).await?;
    let tasks = store::follow_up::live_of(db, community, id).await?;
    let plans = store::follow_up::active_plans(db, community, id).await?;
    if rehab.is_empty() && plans.is_empty() && tasks.is_empty() {
        return Err(Code::PatientNotFollowed.into());
    }
    let led = rehab.iter().find_map(|plan| plan.nurse_id);
    Ok(led.or_else(|| tasks.iter().find_map(|task| task.owner_nurse_id)))
}

/// When it was measured: by now, and not longer ago than anything that is looked at.
fn taken_at(app: &App, book: &RuleBook, told: Option<Moment>) -> Result<DateTime<Utc>> {
    let Some(at) = told.map(Into::into) else {
        return Ok(app.now());
    };
    let refused = |code: Code| Problem::new(code).field("taken_at", code);
    check_past(at, app.now()).map_err(|_| refused(Code::TimeInFuture))?;
    let hours = book.red_flags.longest_look_h().max(1);
    if at < app.now() - TimeDelta::hours(i64::from(hours)) {
        let code = Code::ReadingTooOld;
        let params = vec![("hours", hours.to_string())];
        let problem = Problem::new(code).with("hours", hours);
        return Err(problem.field_with("taken_at", code, params).into());
    }
    Ok(at)
}

/// The critical ones of readings that can be true, each of a sign that red flags look at.
fn check(
    book: &RuleBook,
    (patient, at): (&patient::Model, DateTime<Utc>),
    readings: &[VitalReading],
) -> Result<Vec<VitalFlag>> {
    let refused = |problems: &[VitalProblem]| {
        let problem = vitals::refused(&book.vitals, readings, problems, "readings");
        Err(problem.into())
    };
    if !(1..=10).contains(&readings.len()) {
        let params = vec![("reason", "1..=10".to_owned())];
        let problem = Problem::new(Code::InvalidRequest);
        return Err(problem
            .field_with("readings", Code::FieldInvalid, params)
            .into());
    }
    let unseen: Vec<_> = readings
        .iter()
        .filter(|one| facts::vitals_of(book, patient, at, std::slice::from_ref(*one)).is_empty())
        .map(|one| VitalProblem {
            sign: one.code.clone(),
            kind: VitalProblemKind::Unknown,
        })
        .collect();
    if !unseen.is_empty() {
        return refused(&unseen);
    }
    match book.vitals.check(readings) {
        Ok(critical) => Ok(critical),
        Err(problems) => refused(&problems),
    }
}

async fn leave_event(tx: &Tx, app: &App, patient: &patient::Model, told: &Told) -> Result<()> {
    let facts: Vec<_> = told.numbers.keys().collect();
    let (kind, subject) = (EventKind::ReadingsTold, SubjectKind::Patient);
    let mut event = NewEvent::new(kind, subject, patient.id.0, told.by)
        .institution(patient.institution_id)
        .patient(patient.id)
        .payload(json!({ "source_id": told.source, "facts": facts }));
    if let Some(nurse) = told.nurse {
        event = event.nurse(nurse);
    }
    store::event::append(tx, app, patient.community_id, event).await
}

/// Critical values of which no red flag came go to the desk, unless an alert like that of the patient is open.
async fn call(
    tx: &Tx,
    app: &App,
    patient: &patient::Model,
    told: &Told,
    (critical, raised): (&[VitalFlag], &[RaisedFlag]),
) -> Result<()> {
    let quiet = |flag: &&VitalFlag| raised.iter().all(|one| one.code.as_str() != flag.red_flag);
    let lines: Vec<_> = critical.iter().filter(quiet).map(VitalFlag::line).collect();
    let kind = AlertKind::CriticalValue;
    let (community, id) = (patient.community_id, patient.id);
    if lines.is_empty() || store::alert::is_open(&**tx, community, id, kind).await? {
        return Ok(());
    }
    let lines = lines.join("\n");
    let mut alert = NewAlert::of_patient(app, kind, AlertSeverity::Warning, patient, told.at);
    if let Some(by) = told.by {
        alert = alert.by(by);
    }
    store::alert::open(tx, app, alert.detail(&lines)).await?;
    Ok(())
}
