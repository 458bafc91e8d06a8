//! The clock of a report: supervisors are called at once after harm, and again when nobody looks into it.

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::{ReportSort, ReportState, SubjectKind};
use entity::ids::{AccountId, SafetyReportId};
use entity::{job, safety_report};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::in_write;
use crate::jobs::kind::REVIEW_DUE;
use crate::message::Message;
use crate::store;
use crate::store::event::NewEvent;

/// Begins the clock of a report.
pub(crate) async fn begin(
    tx: &Tx,
    app: &App,
    report: &safety_report::Model,
    urgent: bool,
) -> Result<()> {
    if urgent {
        call(tx, app, report).await?;
    }
    let (community, id) = (report.community_id, report.id.0);
    let due = report.review_due_at;
    store::job::enqueue(tx, app, community, REVIEW_DUE, id, json!({}), due).await
}

/// Tells the supervisors whose scope reaches the institution.
async fn call(tx: &Tx, app: &App, report: &safety_report::Model) -> Result<()> {
    let (community, institution) = (report.community_id, report.institution_id);
    let supervisors = store::account::supervisors_of(&**tx, community, institution).await?;
    let message = Message::ReportWaits {
        incident: report.sort == ReportSort::Incident,
        severity: report.severity,
    };
    store::message::to_all(tx, app, &supervisors, &message).await?;
    Ok(())
}

/// Calls the supervisors while nobody looks into a report. The job ends in the transaction of its effect.
pub(crate) async fn review_due(app: &App, job: &job::Model) -> Result<()> {
    in_write!(app.db, "review_due", |tx| {
        store::job::finish(tx, job).await?;
        let (community, id) = (job.community_id, SafetyReportId(job.subject_id));
        let report = store::safety_report::in_community(&**tx, community, id).await?;
        let Some(report) = report.filter(|report| report.state == ReportState::Reported) else {
            return Ok(());
        };
        call(tx, app, &report).await?;
        leave_event(tx, app, EventKind::ReportEscalated, &report, (None, None)).await?;
        let now = app.now();
        store::safety_report::update(tx, &report, |row| row.escalated_at = Set(Some(now))).await?;
        let again = now + TimeDelta::hours(i64::from(app.config.safety.review_due_h));
        store::job::enqueue(tx, app, community, REVIEW_DUE, id.0, json!({}), again).await
    })
}

/// Leaves an event of a report; it is heard by the institution's staff and tells codes only.
pub(crate) async fn leave_event(
    tx: &Tx,
    app: &App,
    kind: EventKind,
    report: &safety_report::Model,
    (by, device_at): (Option<AccountId>, Option<DateTime<Utc>>),
) -> Result<()> {
    let institution = report.institution_id;
    let payload = json!({
        "report_id": report.id, "sort": report.sort, "kind": report.kind,
        "severity": report.severity, "near_miss": report.near_miss, "late": report.reported_late,
    });
    let event = NewEvent::new(kind, SubjectKind::Institution, institution.0, by)
        .institution(institution)
        .device_at(device_at)
        .payload(payload);
    store::event::append(tx, app, report.community_id, event).await
}
