//! `PUT /v1/visits/{visit_id}/record`: what was done, measured and used.

use axum::extract::State;
use axum::response::IntoResponse;
use entity::enums::ReadingSource;
use entity::ids::VisitId;
use entity::visit;
use sea_orm::ActiveValue::Set;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::critical;
use super::step::{Act, VisitState, record_refused};
use crate::api::devices::recorded::{self, RegisterChange};
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::record_form::FormFlag;
use crate::domain::steps;
use crate::domain::visit_record::{self, RecordProblem, VisitRecord};
use crate::domain::vitals::{VitalFlag, VitalReading};
use crate::error::{Error, Result};
use crate::extract::{ETag, Id, IfMatch, Json, May, grants};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::signals::flags::{self, RaisedFlag, Told};
use crate::signals::{facts, vitals};
use crate::{in_write, store};

/// The visit after its record was written.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordKept {
    /// The visit.
    pub visit: VisitState,
    /// Vital signs beyond a critical limit, with what to do.
    pub flags: Vec<VitalFlag>,
    /// Values of the forms that call for somebody, with what to do.
    pub form_flags: Vec<FormFlag>,
    /// Red flags that its vital signs raise: what to do now, the most urgent first.
    pub red_flags: Vec<RaisedFlag>,
    /// What became of the device register, for each item done that has to do with a device.
    pub register: Vec<RegisterChange>,
}

/// Write the record.
///
/// From the start of the procedure until the record is signed, also after it was broken off; a later text replaces the one before, and each
/// leaves an event. What was done is written into the form of its item. Implausible values are refused, critical ones
/// are flagged. Vital signs are held against the red flags, which have a deadline and an owner; for each other critical value
/// that neither the text before had nor one that is kept in the work list the desk gets an alert. What the form of an item says
/// about a device is done to the device register at once; what the nurse told the register herself on the visit is not
/// done again.
#[utoipa::path(
    put, path = "/v1/visits/{visit_id}/record", tag = "visits", request_body = VisitRecord,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((status = 200, description = "Kept", body = RecordKept))
)]
pub async fn record_visit(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    if_match: IfMatch,
    Json(record): Json<VisitRecord>,
) -> Result<impl IntoResponse> {
    let kept = in_write!(app.db, "record_visit", |tx| {
        apply(
            &Act::now(tx, &app, &may, None),
            id,
            &record,
            Some(&if_match),
        )
        .await
    })?;
    Ok((ETag(kept.visit.version), Json(kept)))
}

/// Writes it, as of the act. Without `if_match` the text replaces what is there, but for a newer one.
pub(crate) async fn apply(
    act: &Act<'_>,
    id: VisitId,
    record: &VisitRecord,
    if_match: Option<&IfMatch>,
) -> Result<RecordKept> {
    let (tx, app) = (act.tx, act.app);
    refuse(visit_record::check_shape(record))?;
    let book = RuleBook::at(&**tx, app, act.may.community, act.at).await?;
    let rules = &book.vitals;
    let vital_flags = rules
        .check(&record.vitals)
        .map_err(|problems| vitals::refused(rules, &record.vitals, &problems, "vitals"))?;
    let text = serde_json::to_string(record).map_err(Error::internal)?;
    let (visit, order) = act.mine_to_lead(id).await?;
    if let Some(if_match) = if_match {
        if_match.check(visit.version)?;
    }
    let signature = store::record::signature(&**tx, act.may.community, id).await?;
    steps::record(order.state, visit.started_at.is_some(), signature.is_some())
        .map_err(|refused| record_refused(refused, &order))?;
    let ordered = store::matching::item_codes(&**tx, act.may.community, order.id).await?;
    refuse(visit_record::check_items(record, &ordered))?;
    let form_flags = match book.record_forms.check(record, &ordered) {
        Ok(flags) => flags,
        Err(problems) => return Err(told(problems)),
    };
    let found = critical::lines(&vital_flags, &form_flags);
    let known = critical::known(tx, app, &book, &visit).await?;
    let before = store::visit::record(app, &visit)?;
    let standing = before.as_ref().zip(visit.recorded_at);
    if if_match.is_none() && visit_record::gives_way((record, act.at), standing) {
        return Err(Code::PreconditionFailed.into());
    }
    let before = before.map(|text| text.vitals);
    let sealed = store::visit::seal_record(app, visit.id, &text);
    // The same text told again, after its answer was lost, stays as new as it is.
    let recorded_at = visit.recorded_at.max(Some(act.at));
    let visit = store::visit::update(tx, &visit, |row| {
        row.record_enc = Set(Some(sealed));
        row.recorded_at = Set(recorded_at);
    })
    .await?;
    let vitals = vital_flags.iter().map(|flag| flag.red_flag.as_str());
    let forms = form_flags.iter().map(|flag| flag.red_flag.as_str());
    let flagged: Vec<_> = vitals.chain(forms).map(str::to_owned).collect();
    let payload = json!({ "items_done": record.items_done, "red_flags": flagged });
    let kind = EventKind::VisitRecorded;
    act.leave_event(kind, (&visit, &order), None, payload)
        .await?;
    let register = recorded::follow(act, &visit, record, &book).await?;
    let red_flags = follow(act, &book, &visit, record, &before.unwrap_or_default()).await?;
    let raised = |flag: &str| red_flags.iter().any(|one| one.code.as_str() == flag);
    let new = found
        .into_iter()
        .filter(|(line, flag)| !known.contains(line) && !raised(flag));
    let new = new.map(|(line, _)| line).collect();
    let told = (act.may.account, act.at);
    critical::call(tx, app, (&visit, &order), told, &new).await?;
    Ok(RecordKept {
        visit: VisitState::of(&visit, &order),
        flags: vital_flags,
        form_flags,
        red_flags,
        register,
    })
}

/// Holds the vital signs against the red flags. A text that says the same numbers again raises nothing again.
async fn follow(
    act: &Act<'_>,
    book: &RuleBook,
    visit: &visit::Model,
    record: &VisitRecord,
    before: &[VitalReading],
) -> Result<Vec<RaisedFlag>> {
    let patient =
        store::patient::in_community(&**act.tx, visit.community_id, visit.patient_id).await?;
    let patient = patient.ok_or_else(|| Error::internal("a visit has no patient"))?;
    let numbers = |vitals: &[VitalReading]| facts::vitals_of(book, &patient, act.at, vitals);
    let source = (ReadingSource::Visit, visit.id.0);
    let mut told = Told::new(source, act.at, Some(act.may.account));
    told.numbers = numbers(&record.vitals);
    if told.numbers.is_empty() || told.numbers == numbers(before) {
        return Ok(Vec::new());
    }
    told.nurse = Some(visit.nurse_id);
    told.visit = Some(visit.id);
    flags::judge(act.tx, act.app, book, &patient, &told).await
}

fn refuse(problems: Vec<RecordProblem>) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    Err(told(problems))
}

fn told(problems: Vec<RecordProblem>) -> Error {
    let all = Problem::new(Code::InvalidRequest);
    let all = problems.into_iter().fold(all, |all, problem| {
        let code = Code::parse(problem.code).unwrap_or(Code::FieldInvalid);
        all.field_with(problem.field, code, problem.param.into_iter().collect())
    });
    all.into()
}
