//! `GET /v1/patients/{patient_id}/admissions`: when the patient was in hospital.

use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use entity::admission;
use entity::enums::AdmissionKind;
use entity::ids::{AccountId, AdmissionId, PatientId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::store;

/// A stay in hospital.
#[derive(Debug, Serialize, ToSchema)]
pub struct Admission {
    /// The stay.
    pub id: AdmissionId,
    /// First day.
    pub admitted_on: NaiveDate,
    /// Last day; null: not over, or not told.
    pub discharged_on: Option<NaiveDate>,
    /// Whether it was planned; null: not told.
    pub kind: Option<AdmissionKind>,
    /// Who registered it.
    pub recorded_by: AccountId,
    /// When it was registered.
    pub recorded_at: DateTime<Utc>,
}

impl Admission {
    pub(super) fn of(row: &admission::Model) -> Self {
        Self {
            id: row.id,
            admitted_on: row.admitted_on,
            discharged_on: row.discharged_on,
            kind: row.kind,
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at,
        }
    }
}

/// The stays of a patient.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdmissionList {
    /// The latest first.
    pub items: Vec<Admission>,
}

/// List stays in hospital.
#[utoipa::path(
    get, path = "/v1/patients/{patient_id}/admissions", tag = "patients",
    params(("patient_id" = PatientId, Path, description = "A patient")),
    responses((status = 200, description = "Stays", body = AdmissionList))
)]
pub async fn list_admissions(
    State(app): State<App>,
    may: May<grants::SeePatients>,
    Id(id): Id<PatientId>,
) -> Result<Json<AdmissionList>> {
    let db = app.db.reader();
    store::patient::get(db, &may.scope, id).await?;
    let rows = store::assessment::admissions(db, may.community, id).await?;
    let items = rows.iter().map(Admission::of).collect();
    Ok(Json(AdmissionList { items }))
}
