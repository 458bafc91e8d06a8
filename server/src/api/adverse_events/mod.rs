//! Harm to patients, or nearly: reported, reviewed, closed with a finding. Incidents share all of it.

pub mod close_adverse_event;
pub mod count_adverse_events;
pub mod get_adverse_event;
pub mod list_adverse_event_kinds;
pub mod list_adverse_events;
pub mod report_adverse_event;
pub mod review_adverse_event;

mod filing;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::enums::{HarmSeverity, ReportSort, ReportState};
use entity::ids::{AccountId, InstitutionId, PatientId, SafetyReportId, VisitId};
use entity::safety_report;
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

pub(crate) use filing::{Filed, Filing, file};

use crate::answer::Answer;
use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Caller, grants};
use crate::problem::Code;
use crate::safety::reports::leave_event;
use crate::store::safety_report::Reader;
use crate::store::scope::Scope;
use crate::wire::{Cursor, Page, Text};
use crate::{in_write, store};

/// A report.
#[derive(Debug, Serialize, ToSchema)]
pub struct SafetyReport {
    /// The report.
    pub id: SafetyReportId,
    /// What it is about.
    pub sort: ReportSort,
    /// Code of its kind.
    pub kind: String,
    /// Code of the tube.
    pub tube: Option<String>,
    /// Level of injury after a fall, 0 to 3.
    pub injury_level: Option<i32>,
    /// How bad it was.
    pub severity: HarmSeverity,
    /// It nearly happened.
    pub near_miss: bool,
    /// The institution.
    pub institution_id: InstitutionId,
    /// The patient.
    pub patient_id: Option<PatientId>,
    /// The visit.
    pub visit_id: Option<VisitId>,
    /// The device.
    pub device_id: Option<Uuid>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// When it was reported.
    pub reported_at: DateTime<Utc>,
    /// Reported later than it should be (24 hours).
    pub reported_late: bool,
    /// Who reported it.
    pub reported_by: AccountId,
    /// What happened.
    pub what: String,
    /// What was done at once.
    pub action: Option<String>,
    /// Its state.
    pub state: ReportState,
    /// Until when somebody should look into it.
    pub review_due_at: DateTime<Utc>,
    /// When supervisors were called because nobody did.
    pub escalated_at: Option<DateTime<Utc>>,
    /// Who looks into it.
    pub review_by: Option<AccountId>,
    /// Since when.
    pub review_at: Option<DateTime<Utc>>,
    /// Who closed it.
    pub closed_by: Option<AccountId>,
    /// When.
    pub closed_at: Option<DateTime<Utc>>,
    /// What was found.
    pub finding: Option<String>,
}

impl SafetyReport {
    /// A report as it is shown.
    pub(crate) fn of(app: &App, row: &safety_report::Model) -> Result<Self> {
        let open = |column, sealed| store::safety_report::open(app, row.id, column, sealed);
        Ok(Self {
            id: row.id,
            sort: row.sort,
            kind: row.kind.clone(),
            tube: row.tube.clone(),
            injury_level: row.injury_level,
            severity: row.severity,
            near_miss: row.near_miss,
            institution_id: row.institution_id,
            patient_id: row.patient_id,
            visit_id: row.visit_id,
            device_id: row.device_id,
            occurred_at: row.occurred_at,
            reported_at: row.reported_at,
            reported_late: row.reported_late,
            reported_by: row.reported_by,
            what: open("what_enc", Some(&row.what_enc))?.unwrap_or_default(),
            action: open("action_enc", row.action_enc.as_ref())?,
            state: row.state,
            review_due_at: row.review_due_at,
            escalated_at: row.escalated_at,
            review_by: row.review_by,
            review_at: row.review_at,
            closed_by: row.closed_by,
            closed_at: row.closed_at,
            finding: open("finding_enc", row.finding_enc.as_ref())?,
        })
    }
}

/// Which reports.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// Only those in this state.
    pub state: Option<ReportState>,
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
    /// Reports wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// What was found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseReport {
    /// Cause, and what is changed so that it does not happen again.
    #[schema(inline, example = "固定不牢;已改用加强固定贴并培训")]
    pub finding: Text<1, 2000>,
}

/// Nothing to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewReport {}

/// Reports that the caller may read: of the institutions looked after, and one's own.
fn reader(caller: &Caller) -> Reader {
    let blind = Scope {
        community: caller.community,
        carer: None,
        nurse: None,
        institutions: BTreeSet::new(),
    };
    let scope = caller.scope_for::<grants::HandleIncidents>();
    Reader {
        scope: scope.unwrap_or(blind),
        own: caller.account,
    }
}

/// A page of reports.
pub(crate) async fn page(
    app: &App,
    caller: &Caller,
    sort: ReportSort,
    query: &ReportQuery,
) -> Result<Page<SafetyReport>> {
    let cursor = Cursor::new(query.cursor.as_deref(), query.limit)?;
    let (db, reader) = (app.db.reader(), reader(caller));
    let rows = store::safety_report::list(db, &reader, sort, query.state, &cursor).await?;
    let page = cursor.page(rows, |row| row.id.0, |row| row);
    record_reads(app, caller, &page.items, "list_reports").await?;
    page.try_map(|row| SafetyReport::of(app, &row))
}

/// One report that the caller may read.
pub(crate) async fn one(
    app: &App,
    caller: &Caller,
    sort: ReportSort,
    id: SafetyReportId,
) -> Result<SafetyReport> {
    let db = app.db.reader();
    let row = store::safety_report::require(db, &reader(caller), sort, id).await?;
    record_reads(app, caller, std::slice::from_ref(&row), "get_report").await?;
    SafetyReport::of(app, &row)
}

/// A report tells what happened to a patient: who read it is recorded (R20).
async fn record_reads(
    app: &App,
    caller: &Caller,
    rows: &[safety_report::Model],
    operation: &'static str,
) -> Result<()> {
    let patients: BTreeSet<_> = rows.iter().filter_map(|row| row.patient_id).collect();
    if patients.is_empty() {
        return Ok(());
    }
    in_write!(app.db, "read_reports", |tx| {
        let (community, account) = (caller.community, caller.account);
        let patients = patients.iter().copied();
        store::patient_read::record_all(tx, app, community, patients, account, operation).await
    })
}

/// Somebody looks into it now.
pub(crate) async fn review(
    tx: &Tx,
    app: &App,
    (scope, by): (&Scope, AccountId),
    sort: ReportSort,
    id: SafetyReportId,
) -> Result<Answer> {
    let report = store::safety_report::require_to_handle(&**tx, scope, sort, id).await?;
    if report.state != ReportState::Reported {
        return Err(Code::AlreadySettled.into());
    }
    let report = store::safety_report::update(tx, &report, |row| {
        row.state = Set(ReportState::Reviewing);
        row.review_by = Set(Some(by));
        row.review_at = Set(Some(app.now()));
    })
    .await?;
    let (kind, by) = (EventKind::ReportReviewing, (Some(by), None));
    leave_event(tx, app, kind, &report, by).await?;
    Answer::ok(&SafetyReport::of(app, &report)?)
}

/// Closed with a finding; who closes what nobody looked into has looked into it.
pub(crate) async fn close(
    tx: &Tx,
    app: &App,
    (scope, by): (&Scope, AccountId),
    (sort, id): (ReportSort, SafetyReportId),
    body: &CloseReport,
) -> Result<Answer> {
    let report = store::safety_report::require_to_handle(&**tx, scope, sort, id).await?;
    if report.state == ReportState::Closed {
        return Err(Code::AlreadySettled.into());
    }
    let (now, finding) = (app.now(), body.finding.as_str());
    let finding = store::safety_report::seal(app, id, "finding_enc", finding);
    let report = store::safety_report::update(tx, &report, |row| {
        row.state = Set(ReportState::Closed);
        row.review_by = Set(report.review_by.or(Some(by)));
        row.review_at = Set(report.review_at.or(Some(now)));
        row.closed_by = Set(Some(by));
        row.closed_at = Set(Some(now));
        row.finding_enc = Set(Some(finding));
    })
    .await?;
    leave_event(tx, app, EventKind::ReportClosed, &report, (Some(by), None)).await?;
    Answer::ok(&SafetyReport::of(app, &report)?)
}
