//! `PUT /v1/patients/{patient_id}/kept-apart/{nurse_id}`: this nurse is not sent to this patient.

use axum::extract::State;
use entity::ids::{NurseId, PatientId};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::event_of;
use super::list_kept_apart::KeptApart;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::patient::RefusedBy;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::wire::Text;
use crate::{in_write, store};

/// Why a nurse and a patient are kept apart.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeepApart {
    /// Whose wish it is.
    pub refused_by: RefusedBy,
    /// Why.
    #[schema(inline)]
    pub reason: Text<1, 300>,
}

/// Keep a nurse and a patient apart.
///
/// Matching never offers the patient's orders to the nurse. Said again, the newer reason counts.
#[utoipa::path(
    put, path = "/v1/patients/{patient_id}/kept-apart/{nurse_id}", tag = "patients",
    request_body = KeepApart,
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("nurse_id" = NurseId, Path, description = "A nurse of the community"),
    ),
    responses((status = 200, description = "They are kept apart", body = KeptApart))
)]
pub async fn keep_apart(
    State(app): State<App>,
    may: May<grants::KeepApart>,
    Id((id, nurse)): Id<(PatientId, NurseId)>,
    Json(body): Json<KeepApart>,
) -> Result<Json<KeptApart>> {
    let row = in_write!(app.db, "keep_apart", |tx| {
        let patient = store::patient::get_to_change(tx, &app, &may.scope, id).await?;
        let new = store::nurse_refusal::KeepApart {
            community: may.community,
            patient: id,
            nurse,
            refused_by: body.refused_by.as_str(),
            reason: body.reason.as_str(),
            recorded_by: may.account,
        };
        let row = store::nurse_refusal::put(tx, &app, new).await?;
        let event = event_of(EventKind::KeptApart, &patient, may.account)
            .payload(json!({ "nurse_id": nurse, "refused_by": body.refused_by }));
        store::event::append(tx, &app, may.community, event).await?;
        Ok(row)
    })?;
    Ok(Json(KeptApart::of(&app, &row)?))
}
