//! `GET /v1/patients/{patient_id}/consents`: what was consented to for a patient.

use axum::extract::State;
use entity::ids::PatientId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::consents::Consent;
use crate::app::App;
use crate::domain::consent::{Missing, missing_for_booking};
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::rules::RuleBook;
use crate::store;

/// Consents of a patient.
#[derive(Debug, Serialize, ToSchema)]
pub struct PatientConsents {
    /// What is still missing before a visit can be booked.
    pub missing: Vec<Missing>,
    /// All that were given, for visits too, withdrawn ones too, oldest first.
    pub items: Vec<Consent>,
}

/// Consents of a patient.
#[utoipa::path(
    get, path = "/v1/patients/{patient_id}/consents", tag = "patients",
    params(("patient_id" = PatientId, Path, description = "A patient")),
    responses((status = 200, description = "Missing and given", body = PatientConsents))
)]
pub async fn list_patient_consents(
    State(app): State<App>,
    may: May<grants::SeePatients>,
    Id(id): Id<PatientId>,
) -> Result<Json<PatientConsents>> {
    let db = app.db.reader();
    let patient = store::patient::get(db, &may.scope, id).await?;
    let texts = RuleBook::at(db, &app, may.community, app.now())
        .await?
        .consents;
    let rows = store::consent::of_patient(db, may.community, patient.id).await?;
    let given = store::consent::given(&rows);
    Ok(Json(PatientConsents {
        missing: missing_for_booking(&texts, &given, app.now()),
        items: rows
            .iter()
            .map(|row| Consent::of(&app, row))
            .collect::<Result<_>>()?,
    }))
}
