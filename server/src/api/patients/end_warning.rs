//! `DELETE /v1/patients/{patient_id}/addresses/{address_id}/warning`: there is nothing to be careful of any more.

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

/// End the warning about an address, and what nurses proposed.
#[utoipa::path(
    delete, path = "/v1/patients/{patient_id}/addresses/{address_id}/warning", tag = "patients",
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("address_id" = AddressId, Path, description = "An address of the patient"),
    ),
    responses((status = 204, description = "Ended"))
)]
pub async fn end_warning(
    State(app): State<App>,
    may: May<grants::WarnOfAddresses>,
    Id((id, address)): Id<(PatientId, AddressId)>,
) -> Result<StatusCode> {
    let (community, by) = (may.community, may.account);
    in_write!(app.db, "end_warning", |tx| {
        let patient = store::patient::get_locked(tx, &may.scope, id).await?;
        store::address::get(&**tx, community, id, address).await?;
        let now = app.now();
        if store::address_warning::end_all(tx, community, address, by, now).await? == 0 {
            return Err(Code::NotFound.into());
        }
        let payload = json!({ "address_id": address });
        let event = event_of(EventKind::WarningEnded, &patient, by).payload(payload);
        store::event::append(tx, &app, community, event).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
