//! `GET /v1/patients/{patient_id}/merges`: who was merged into a patient.

use axum::extract::State;
use entity::ids::PatientId;
use serde::Serialize;
use utoipa::ToSchema;

use super::{PatientMerge, told};
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::store;

/// Merges into a patient.
#[derive(Debug, Serialize, ToSchema)]
pub struct PatientMerges {
    /// Newest first; those taken back say so.
    pub items: Vec<PatientMerge>,
}

/// List merges into a patient.
#[utoipa::path(
    get, path = "/v1/patients/{patient_id}/merges", tag = "patients",
    params(("patient_id" = PatientId, Path, description = "A patient of the caller's institutions")),
    responses((status = 200, description = "Merges, newest first", body = PatientMerges))
)]
pub async fn list_patient_merges(
    State(app): State<App>,
    may: May<grants::MergePatients>,
    Id(id): Id<PatientId>,
) -> Result<Json<PatientMerges>> {
    let db = app.db.reader();
    let patient = store::patient::get(db, &may.scope, id).await?;
    let rows = store::patient_merge::of_patient(db, may.community, patient.id).await?;
    let items = told(db, &app, &rows).await?;
    Ok(Json(PatientMerges { items }))
}
