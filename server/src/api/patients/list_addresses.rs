//! `GET /v1/patients/{patient_id}/addresses`: where a patient can be visited.

use axum::extract::State;
use entity::ids::PatientId;
use serde::Serialize;
use utoipa::ToSchema;

use super::address::Address;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::{in_write, store};

/// The addresses of a patient.
#[derive(Debug, Serialize, ToSchema)]
pub struct Addresses {
    /// Oldest first, at most 20.
    pub items: Vec<Address>,
}

/// Where can this patient be visited.
///
/// The texts are unmasked; who read them is recorded.
#[utoipa::path(
    get, path = "/v1/patients/{patient_id}/addresses", tag = "patients",
    params(("patient_id" = PatientId, Path, description = "A patient")),
    responses((status = 200, description = "Addresses", body = Addresses))
)]
pub async fn list_addresses(
    State(app): State<App>,
    may: May<grants::SeePatients>,
    Id(id): Id<PatientId>,
) -> Result<Json<Addresses>> {
    let db = app.db.reader();
    store::patient::get(db, &may.scope, id).await?;
    let rows = store::address::of_patient(db, may.community, id).await?;
    let items = rows
        .iter()
        .map(|row| Address::of(&app, row))
        .collect::<Result<_>>()?;
    in_write!(app.db, "list_addresses", |tx| {
        let operation = "list_addresses";
        store::patient_read::record(tx, &app, may.community, id, may.account, operation).await
    })?;
    Ok(Json(Addresses { items }))
}
