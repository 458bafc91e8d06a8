//! `POST /v1/incidents/{report_id}/close`: an incident ends with its finding.

use axum::extract::State;
use entity::enums::ReportSort;
use entity::ids::SafetyReportId;

use crate::answer::Answer;
use crate::api::adverse_events::{CloseReport, SafetyReport, close};
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::once;

/// Close an incident.
#[utoipa::path(
    post, path = "/v1/incidents/{report_id}/close", tag = "safety", request_body = CloseReport,
    params(("report_id" = SafetyReportId, Path, description = "A report in scope that is not closed")),
    responses((status = 200, description = "Closed", body = SafetyReport))
)]
pub async fn close_incident(
    State(app): State<App>,
    may: May<grants::HandleIncidents>,
    Id(id): Id<SafetyReportId>,
    request: IdempotencyKey<CloseReport>,
) -> Result<Answer> {
    once!(app, may, request.key, "close_incident", |tx| {
        let by = (&may.scope, may.account);
        close(tx, &app, by, (ReportSort::Incident, id), &request.body).await
    })
}
