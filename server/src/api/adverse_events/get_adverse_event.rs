//! `GET /v1/adverse-events/{report_id}`: one adverse event.

use axum::extract::State;
use entity::enums::ReportSort;
use entity::ids::SafetyReportId;

use super::{SafetyReport, reader};
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::store;

/// Read an adverse event.
#[utoipa::path(
    get, path = "/v1/adverse-events/{report_id}", tag = "safety",
    params(("report_id" = SafetyReportId, Path, description = "A report of the caller or in scope")),
    responses((status = 200, description = "The report", body = SafetyReport))
)]
pub async fn get_adverse_event(
    State(app): State<App>,
    may: May<grants::ReportHarm>,
    Id(id): Id<SafetyReportId>,
) -> Result<Json<SafetyReport>> {
    let (db, sort) = (app.db.reader(), ReportSort::AdverseEvent);
    let row = store::safety_report::require(db, &reader(&may), sort, id).await?;
    Ok(Json(SafetyReport::of(&app, &row)?))
}
