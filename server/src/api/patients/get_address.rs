//! `GET /v1/patients/{patient_id}/addresses/{address_id}`: one address.

use axum::extract::State;
use entity::ids::{AddressId, PatientId};

use super::address::Address;
use crate::app::App;
use crate::error::Result;
use crate::extract::{ETag, Id, Json, May, grants};
use crate::{in_write, store};

/// Read an address.
#[utoipa::path(
    get, path = "/v1/patients/{patient_id}/addresses/{address_id}", tag = "patients",
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("address_id" = AddressId, Path, description = "An address of the patient"),
    ),
    responses((status = 200, description = "The address", body = Address, headers(
        ("ETag" = String, description = "Version of the address"),
    )))
)]
pub async fn get_address(
    State(app): State<App>,
    may: May<grants::SeePatients>,
    Id((id, address)): Id<(PatientId, AddressId)>,
) -> Result<(ETag, Json<Address>)> {
    let db = app.db.reader();
    store::patient::get(db, &may.scope, id).await?;
    let row = store::address::get(db, may.community, id, address).await?;
    let answer = Address::of(&app, &row)?;
    in_write!(app.db, "get_address", |tx| {
        let operation = "get_address";
        store::patient_read::record(tx, &app, may.community, id, may.account, operation).await
    })?;
    Ok((ETag(row.version), Json(answer)))
}
