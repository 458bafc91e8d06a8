//! `GET /v1/adverse-events`: adverse events, newest first.

use axum::extract::State;
use entity::enums::ReportSort;

use super::{ReportQuery, SafetyReport, page};
use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, May, Query, grants};
use crate::wire::Page;

/// List adverse events.
///
/// Coordinators and supervisors see those of their institutions, everybody those they reported.
#[utoipa::path(
    get, path = "/v1/adverse-events", tag = "safety",
    responses((status = 200, description = "Reports, newest first", body = Page<SafetyReport>))
)]
pub async fn list_adverse_events(
    State(app): State<App>,
    may: May<grants::ReportHarm>,
    Query(query): Query<ReportQuery>,
) -> Result<Json<Page<SafetyReport>>> {
    Ok(Json(
        page(&app, &may, ReportSort::AdverseEvent, &query).await?,
    ))
}
