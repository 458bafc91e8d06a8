//! `GET /v1/patients/{patient_id}/assessments/{assessment_id}`: one assessment with its texts.

use axum::extract::State;
use entity::ids::{AssessmentId, PatientId};

use super::assessment::AssessmentWhole;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::{in_write, store};

/// One first assessment, with conditions, reason and advice.
///
/// Who read it is recorded.
#[utoipa::path(
    get, path = "/v1/patients/{patient_id}/assessments/{assessment_id}", tag = "patients",
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("assessment_id" = AssessmentId, Path, description = "An assessment of the patient"),
    ),
    responses((status = 200, description = "The assessment", body = AssessmentWhole))
)]
pub async fn get_assessment(
    State(app): State<App>,
    may: May<grants::SeePatients>,
    Id((patient, id)): Id<(PatientId, AssessmentId)>,
) -> Result<Json<AssessmentWhole>> {
    let db = app.db.reader();
    store::patient::get(db, &may.scope, patient).await?;
    let row = store::assessment::get(db, may.community, patient, id).await?;
    let operation = "get_assessment";
    in_write!(app.db, "get_assessment", |tx| {
        store::patient_read::record(tx, &app, may.community, patient, may.account, operation).await
    })?;
    Ok(Json(AssessmentWhole::of(&app, &row)?))
}
