//! `DELETE /v1/patients/{patient_id}/kept-apart/{nurse_id}`: they may meet again.

use axum::extract::State;
use axum::http::StatusCode;
use entity::ids::{NurseId, PatientId};
use serde_json::json;

use super::event_of;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, May, grants};
use crate::problem::Code;
use crate::{in_write, store};

/// Let a nurse and a patient meet again.
#[utoipa::path(
    delete, path = "/v1/patients/{patient_id}/kept-apart/{nurse_id}", tag = "patients",
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("nurse_id" = NurseId, Path, description = "A nurse the patient is kept apart from"),
    ),
    responses((status = 204, description = "They may meet again"))
)]
pub async fn end_keep_apart(
    State(app): State<App>,
    may: May<grants::KeepApart>,
    Id((id, nurse)): Id<(PatientId, NurseId)>,
) -> Result<StatusCode> {
    in_write!(app.db, "end_keep_apart", |tx| {
        let patient = store::patient::get_to_change(tx, &app, &may.scope, id).await?;
        if !store::nurse_refusal::remove(tx, may.community, id, nurse).await? {
            return Err(Code::NotFound.into());
        }
        let event = event_of(EventKind::KeptApartEnded, &patient, may.account)
            .payload(json!({ "nurse_id": nurse }));
        store::event::append(tx, &app, may.community, event).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
