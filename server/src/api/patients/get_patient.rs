//! `GET /v1/patients/{patient_id}`: a patient, unmasked; who read it is recorded.

use axum::extract::State;
use entity::ids::PatientId;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{IdNumberShown, Patient, may_book};
use crate::app::App;
use crate::error::Result;
use crate::extract::{ETag, Id, Json, May, Query, grants};
use crate::{in_write, store};

/// What else to show.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reveal {
    /// The whole id number. Coordinators, doctors and supervisors only; recorded by itself.
    IdNumber,
}

/// How much to show.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RevealQuery {
    /// `id_number` shows the whole id number.
    #[param(inline)]
    pub reveal: Option<Reveal>,
}

/// Read a patient.
#[utoipa::path(
    get, path = "/v1/patients/{patient_id}", tag = "patients",
    params(("patient_id" = PatientId, Path, description = "A patient")),
    responses((status = 200, description = "The patient", body = Patient, headers(
        ("ETag" = String, description = "Version of the patient"),
    )))
)]
pub async fn get_patient(
    State(app): State<App>,
    may: May<grants::SeePatients>,
    Id(id): Id<PatientId>,
    Query(query): Query<RevealQuery>,
) -> Result<(ETag, Json<Patient>)> {
    let (scope, shown, operation) = match query.reveal {
        None => (may.scope.clone(), IdNumberShown::Masked, "get_patient"),
        Some(Reveal::IdNumber) => (
            may.scope_for::<grants::RevealIdNumbers>()?,
            IdNumberShown::Whole,
            "reveal_id_number",
        ),
    };
    let row = store::patient::get(app.db.reader(), &scope, id).await?;
    let booking = may_book(&app, &may, std::slice::from_ref(&row)).await?;
    let patient = Patient::of(&app, &row, booking.contains(&true), shown)?;
    in_write!(app.db, "get_patient", |tx| {
        store::patient_read::record(tx, &app, may.community, id, may.account, operation).await
    })?;
    Ok((ETag(row.version), Json(patient)))
}
