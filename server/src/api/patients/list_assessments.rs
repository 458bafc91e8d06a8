//! `GET /v1/patients/{patient_id}/assessments`: what assessments said.

use axum::extract::State;
use entity::ids::PatientId;

use super::assessment::Assessment;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, May, Query, grants};
use crate::store;
use crate::wire::{Page, PageQuery};

/// List first assessments of a patient, newest first, without their texts.
#[utoipa::path(
    get, path = "/v1/patients/{patient_id}/assessments", tag = "patients",
    params(("patient_id" = PatientId, Path, description = "A patient")),
    responses((status = 200, description = "A page of assessments", body = Page<Assessment>))
)]
pub async fn list_assessments(
    State(app): State<App>,
    may: May<grants::SeePatients>,
    Id(id): Id<PatientId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Assessment>>> {
    let cursor = query.cursor()?;
    let db = app.db.reader();
    store::patient::get(db, &may.scope, id).await?;
    let rows = store::assessment::page(db, may.community, id, &cursor).await?;
    let page = cursor.page(rows, |row| row.id.0, |row| row);
    Ok(Json(page.try_map(|row| Assessment::of(&row))?))
}
