//! `POST /v1/incidents/{report_id}/review`: somebody looks into an incident.

use axum::extract::State;
use entity::enums::ReportSort;
use entity::ids::SafetyReportId;

use crate::answer::Answer;
use crate::api::adverse_events::{ReviewReport, SafetyReport, review};
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::once;

/// Begin to look into an incident.
#[utoipa::path(
    post, path = "/v1/incidents/{report_id}/review", tag = "safety", request_body = ReviewReport,
    params(("report_id" = SafetyReportId, Path, description = "A report in scope that nobody looked into")),
    responses((status = 200, description = "The caller looks into it", body = SafetyReport))
)]
pub async fn review_incident(
    State(app): State<App>,
    may: May<grants::HandleIncidents>,
    Id(id): Id<SafetyReportId>,
    request: IdempotencyKey<ReviewReport>,
) -> Result<Answer> {
    once!(app, may, request.key, "review_incident", |tx| {
        let ReviewReport {} = request.body;
        let by = (&may.scope, may.account);
        review(tx, &app, by, ReportSort::Incident, id).await
    })
}
