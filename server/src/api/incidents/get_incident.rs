//! `GET /v1/incidents/{report_id}`: one incident.

use axum::extract::State;
use entity::enums::ReportSort;
use entity::ids::SafetyReportId;

use crate::api::adverse_events::{SafetyReport, one};
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};

/// Read an incident.
///
/// Who read it is recorded.
#[utoipa::path(
    get, path = "/v1/incidents/{report_id}", tag = "safety",
    params(("report_id" = SafetyReportId, Path, description = "A report of the caller or in scope")),
    responses((status = 200, description = "The report", body = SafetyReport))
)]
pub async fn get_incident(
    State(app): State<App>,
    may: May<grants::ReportHarm>,
    Id(id): Id<SafetyReportId>,
) -> Result<Json<SafetyReport>> {
    Ok(Json(one(&app, &may, ReportSort::Incident, id).await?))
}
