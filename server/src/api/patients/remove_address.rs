//! `DELETE /v1/patients/{patient_id}/addresses/{address_id}`: nobody is visited there any more.

use axum::extract::State;
use axum::http::StatusCode;
use entity::ids::{AddressId, PatientId};
use serde_json::json;

use super::event_of;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, May, grants};
use crate::problem::Code;
use crate::{in_write, store};

/// Remove an address.
///
/// One that an unfinished order goes to stays.
#[utoipa::path(
    delete, path = "/v1/patients/{patient_id}/addresses/{address_id}", tag = "patients",
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("address_id" = AddressId, Path, description = "An address of the patient"),
    ),
    responses((status = 204, description = "Removed"))
)]
pub async fn remove_address(
    State(app): State<App>,
    may: May<grants::ChangePatients>,
    Id((id, address)): Id<(PatientId, AddressId)>,
) -> Result<StatusCode> {
    in_write!(app.db, "remove_address", |tx| {
        let patient = store::patient::get_to_change(tx, &app, &may.scope, id).await?;
        let mut row = store::address::get(&**tx, may.community, id, address).await?;
        if store::address::in_use(&**tx, &row).await? {
            return Err(Code::AddressInUse.into());
        }
        row.removed_at = Some(app.now());
        store::address::update(tx, row).await?;
        let event = event_of(EventKind::AddressRemoved, &patient, may.account)
            .payload(json!({ "address_id": address }));
        store::event::append(tx, &app, may.community, event).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
