//! `POST /v1/adverse-events/{report_id}/review`: somebody looks into an adverse event.

use axum::extract::State;
use entity::enums::ReportSort;
use entity::ids::SafetyReportId;

use super::{ReviewReport, SafetyReport, review};
use crate::answer::Answer;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::once;

/// Begin to look into an adverse event.
#[utoipa::path(
    post, path = "/v1/adverse-events/{report_id}/review", tag = "safety", request_body = ReviewReport,
    params(("report_id" = SafetyReportId, Path, description = "A report in scope that nobody looked into")),
    responses((status = 200, description = "The caller looks into it", body = SafetyReport))
)]
pub async fn review_adverse_event(
    State(app): State<App>,
    may: May<grants::ReviewHarm>,
    Id(id): Id<SafetyReportId>,
    request: IdempotencyKey<ReviewReport>,
) -> Result<Answer> {
    once!(app, may, request.key, "review_adverse_event", |tx| {
        let ReviewReport {} = request.body;
        let by = (&may.scope, may.account);
        review(tx, &app, by, ReportSort::AdverseEvent, id).await
    })
}
