//! `GET /v1/incidents`: incidents, newest first.

use axum::extract::State;
use entity::enums::ReportSort;

use crate::api::adverse_events::{ReportQuery, SafetyReport, page};
use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, May, Query, grants};
use crate::wire::Page;

/// List incidents.
///
/// Coordinators and supervisors see those of their institutions, everybody those they reported.
#[utoipa::path(
    get, path = "/v1/incidents", tag = "safety",
    responses((status = 200, description = "Reports, newest first", body = Page<SafetyReport>))
)]
pub async fn list_incidents(
    State(app): State<App>,
    may: May<grants::ReportHarm>,
    Query(query): Query<ReportQuery>,
) -> Result<Json<Page<SafetyReport>>> {
    Ok(Json(page(&app, &may, ReportSort::Incident, &query).await?))
}
