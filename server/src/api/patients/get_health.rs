//! `GET /v1/patients/{patient_id}/health`: allergies, diagnoses and conditions.

use axum::extract::State;
use entity::ids::PatientId;

use super::health::HealthFacts;
use crate::app::App;
use crate::domain::patient::HealthRecord;
use crate::error::Result;
use crate::extract::{ETag, Id, Json, May, grants};
use crate::{in_write, store};

/// What is known of this patient's health.
///
/// Who read it is recorded.
#[utoipa::path(
    get, path = "/v1/patients/{patient_id}/health", tag = "patients",
    params(("patient_id" = PatientId, Path, description = "A patient")),
    responses((status = 200, description = "What holds now", body = HealthFacts, headers(
        ("ETag" = String, description = "Version of the patient"),
    )))
)]
pub async fn get_health(
    State(app): State<App>,
    may: May<grants::SeePatients>,
    Id(id): Id<PatientId>,
) -> Result<(ETag, Json<HealthFacts>)> {
    let db = app.db.reader();
    let patient = store::patient::get(db, &may.scope, id).await?;
    let facts = store::health_fact::live(db, &app, may.community, id).await?;
    let record = HealthRecord::of(facts.into_iter().map(|(_, fact)| fact));
    in_write!(app.db, "get_health", |tx| {
        let operation = "get_health";
        store::patient_read::record(tx, &app, may.community, id, may.account, operation).await
    })?;
    Ok((ETag(patient.version), Json(HealthFacts::of(record)?)))
}
