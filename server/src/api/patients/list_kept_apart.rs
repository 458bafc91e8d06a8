//! `GET /v1/patients/{patient_id}/kept-apart`: nurses that are not sent to a patient.

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::ids::{AccountId, NurseId, PatientId};
use entity::nurse_refusal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::patient::RefusedBy;
use crate::error::{Error, Result};
use crate::extract::{Id, Json, May, grants};
use crate::store;

/// A nurse that is not sent to a patient.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeptApart {
    /// The nurse.
    pub nurse_id: NurseId,
    /// Whose wish it is.
    pub refused_by: RefusedBy,
    /// Why.
    pub reason: String,
    /// Who wrote it down.
    pub recorded_by: AccountId,
    /// When.
    pub recorded_at: DateTime<Utc>,
}

impl KeptApart {
    pub(super) fn of(app: &App, row: &nurse_refusal::Model) -> Result<Self> {
        let refused_by = RefusedBy::parse(&row.refused_by);
        Ok(Self {
            nurse_id: row.nurse_id,
            refused_by: refused_by.ok_or_else(|| Error::internal("refused by nobody known"))?,
            reason: store::nurse_refusal::reason(app, row)?,
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at,
        })
    }
}

/// The nurses that a patient is kept apart from.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeptApartList {
    /// In the order the nurses came onto the roster.
    pub items: Vec<KeptApart>,
}

/// Which nurses are not sent to this patient.
#[utoipa::path(
    get, path = "/v1/patients/{patient_id}/kept-apart", tag = "patients",
    params(("patient_id" = PatientId, Path, description = "A patient")),
    responses((status = 200, description = "Nurses and reasons", body = KeptApartList))
)]
pub async fn list_kept_apart(
    State(app): State<App>,
    may: May<grants::KeepApart>,
    Id(id): Id<PatientId>,
) -> Result<Json<KeptApartList>> {
    let db = app.db.reader();
    store::patient::get(db, &may.scope, id).await?;
    let rows = store::nurse_refusal::of_patient(db, may.community, id).await?;
    let items = rows
        .iter()
        .map(|row| KeptApart::of(&app, row))
        .collect::<Result<_>>()?;
    Ok(Json(KeptApartList { items }))
}
