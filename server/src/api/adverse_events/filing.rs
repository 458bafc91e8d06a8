//! Taking a report down: what it is about, whose it is, and the clock that begins.

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::{HarmSeverity, ReportSort, ReportState};
use entity::ids::{InstitutionId, PatientId, SafetyReportId, VisitId};
use entity::safety_report;
use uuid::Uuid;

use super::SafetyReport;
use crate::answer::Answer;
use crate::api::visits::step::Act;
use crate::app::App;
use crate::db::Tx;
use crate::domain::device::check_past;
use crate::domain::event::EventKind;
use crate::domain::harm::{HarmError, check, is_late, is_urgent, review_due};
use crate::domain::sync::corrected;
use crate::error::Result;
use crate::extract::{Caller, May, grants};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::safety::reports::{begin, leave_event};
use crate::store;
use crate::store::scope::Scope;

/// Who reports, and when.
pub(crate) struct Filing<'a> {
    /// The transaction.
    pub tx: &'a Tx,
    /// The service.
    pub app: &'a App,
    /// Who reports.
    pub by: &'a Caller,
    /// What the reporter may see.
    pub scope: &'a Scope,
    /// When it was told, by our clock; earlier than now when there was no signal.
    pub at: DateTime<Utc>,
    /// When it was told, by the device, when there was no signal.
    pub device_at: Option<DateTime<Utc>>,
    /// By how much the clock was ahead that told when it happened.
    pub ahead: TimeDelta,
}

impl<'a> Filing<'a> {
    /// What is told as it is known.
    pub(crate) fn now(tx: &'a Tx, app: &'a App, by: &'a May<grants::ReportHarm>) -> Self {
        Self {
            tx,
            app,
            by,
            scope: &by.scope,
            at: app.now(),
            device_at: None,
            ahead: TimeDelta::zero(),
        }
    }

    /// What a nurse told as an act of a visit of hers.
    pub(crate) fn of(act: &Act<'a>, by: &'a May<grants::ReportHarm>) -> Self {
        Self {
            at: act.at,
            device_at: act.device_at,
            ahead: act.ahead,
            ..Self::now(act.tx, act.app, by)
        }
    }
}

/// What is reported.
pub(crate) struct Filed<'a> {
    pub sort: ReportSort,
    pub kind: &'a str,
    pub tube: Option<&'a str>,
    pub injury_level: Option<i32>,
    pub severity: HarmSeverity,
    pub near_miss: bool,
    pub occurred_at: DateTime<Utc>,
    pub what: &'a str,
    pub action: Option<&'a str>,
    pub visit: Option<VisitId>,
    pub patient: Option<PatientId>,
    pub device: Option<Uuid>,
    pub institution: Option<InstitutionId>,
}

/// Checks a report and takes it down.
pub(crate) async fn file(filing: &Filing<'_>, filed: &Filed<'_>) -> Result<Answer> {
    let (tx, app) = (filing.tx, filing.app);
    let book = RuleBook::at(&**tx, app, filing.by.community, filing.at).await?;
    check(
        &book.harm,
        filed.sort,
        filed.kind,
        filed.tube,
        filed.injury_level,
    )
    .map_err(refused)?;
    let occurred_at = corrected(filed.occurred_at, filing.ahead);
    check_past(occurred_at, filing.at)
        .map_err(|_| Problem::new(Code::InvalidRequest).field("occurred_at", Code::DateFuture))?;
    // By a clock a little ahead: it happened before it was told.
    let occurred_at = occurred_at.min(filing.at);
    let (patient, institution) = whose(filing, filed).await?;
    check_device(filing, filed, patient).await?;
    let (id, config) = (app.new_id::<SafetyReportId>(), &app.config.safety);
    let seal = |column, text| store::safety_report::seal(app, id, column, text);
    let row = safety_report::Model {
        community_id: filing.by.community,
        id,
        sort: filed.sort,
        kind: filed.kind.to_owned(),
        tube: filed.tube.map(str::to_owned),
        injury_level: filed.injury_level,
        severity: filed.severity,
        near_miss: filed.near_miss,
        institution_id: institution,
        patient_id: patient,
        visit_id: filed.visit,
        device_id: filed.device,
        occurred_at,
        reported_at: filing.at,
        reported_late: is_late(occurred_at, filing.at, config.report_late_h),
        reported_by: filing.by.account,
        what_enc: seal("what_enc", filed.what),
        action_enc: filed.action.map(|text| seal("action_enc", text)),
        state: ReportState::Reported,
        // From now: who reviews cannot begin before it is here.
        review_due_at: review_due(app.now(), config.review_due_h),
        escalated_at: None,
        review_by: None,
        review_at: None,
        closed_by: None,
        closed_at: None,
        finding_enc: None,
        version: 1,
    };
    store::safety_report::insert(tx, row.clone()).await?;
    let by = (Some(filing.by.account), filing.device_at);
    leave_event(tx, app, EventKind::ReportFiled, &row, by).await?;
    begin(tx, app, &row, is_urgent(row.severity, row.near_miss)).await?;
    let path = match row.sort {
        ReportSort::AdverseEvent => "adverse-events",
        ReportSort::Incident => "incidents",
    };
    Answer::created(format!("/v1/{path}/{id}"), &SafetyReport::of(app, &row)?)
}

/// The patient and the institution of a report: those of the visit, else of the patient, else the reporter's own.
async fn whose(
    filing: &Filing<'_>,
    filed: &Filed<'_>,
) -> Result<(Option<PatientId>, InstitutionId)> {
    let (db, scope) = (&**filing.tx, filing.scope);
    if let Some(id) = filed.visit {
        let (visit, order) = store::visit::find_or_lost(db, scope, id)
            .await?
            .ok_or(Code::NotFound)?;
        if filed
            .patient
            .is_some_and(|patient| patient != visit.patient_id)
        {
            return Err(Code::NotFound.into());
        }
        return Ok((Some(visit.patient_id), order.institution_id));
    }
    if let Some(id) = filed.patient {
        let patient = store::patient::get(db, scope, id).await?;
        return Ok((Some(id), patient.institution_id));
    }
    if let Some(id) = filed.institution {
        let known = scope.reaches(id);
        return known.then_some((None, id)).ok_or_else(institution_unknown);
    }
    let nurse = match scope.nurse {
        Some(nurse) => store::nurse::get(db, scope.community, nurse).await?,
        None => None,
    };
    let own = nurse.map(|nurse| nurse.institution_id);
    own.map(|own| (None, own)).ok_or_else(institution_unknown)
}

/// A device that is named stands in the register, as one of the patient's.
async fn check_device(
    filing: &Filing<'_>,
    filed: &Filed<'_>,
    patient: Option<PatientId>,
) -> Result<()> {
    let Some(id) = filed.device else {
        return Ok(());
    };
    let found = store::device::get(&**filing.tx, filing.by.community, id.into()).await?;
    if found.is_some_and(|device| Some(device.patient_id) == patient) {
        return Ok(());
    }
    Err(Problem::new(Code::InvalidRequest)
        .field("device_id", Code::DeviceUnknown)
        .into())
}

fn institution_unknown() -> crate::error::Error {
    Problem::new(Code::InvalidRequest)
        .field("institution_id", Code::InstitutionUnknown)
        .into()
}

fn refused(error: HarmError) -> Problem {
    let code = Code::parse(error.code).unwrap_or(Code::FieldInvalid);
    Problem::new(Code::InvalidRequest).field_with(error.field, code, vec![error.param])
}
