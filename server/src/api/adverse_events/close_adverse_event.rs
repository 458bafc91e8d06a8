//! `POST /v1/adverse-events/{report_id}/close`: an adverse event ends with its finding.

use axum::extract::State;
use entity::enums::ReportSort;
use entity::ids::SafetyReportId;

use super::{CloseReport, SafetyReport, close};
use crate::answer::Answer;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::once;

/// Close an adverse event.
#[utoipa::path(
    post, path = "/v1/adverse-events/{report_id}/close", tag = "safety", request_body = CloseReport,
    params(("report_id" = SafetyReportId, Path, description = "A report in scope that is not closed")),
    responses((status = 200, description = "Closed", body = SafetyReport))
)]
pub async fn close_adverse_event(
    State(app): State<App>,
    may: May<grants::ReviewHarm>,
    Id(id): Id<SafetyReportId>,
    request: IdempotencyKey<CloseReport>,
) -> Result<Answer> {
    once!(app, may, request.key, "close_adverse_event", |tx| {
        let by = (&may.scope, may.account);
        close(tx, &app, by, (ReportSort::AdverseEvent, id), &request.body).await
    })
}
