//! `PUT /v1/patients/{patient_id}/addresses/{address_id}/warning`: warn whoever goes there.

use axum::extract::State;
use entity::address_warning;
use entity::enums::WarningState;
use entity::ids::{AddressId, AddressWarningId, PatientId};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::event_of;
use super::get_warning::AddressWarning;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::wire::Text;
use crate::{in_write, store};

/// A warning.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutWarning {
    /// What to be careful of.
    #[schema(inline, example = "院内有大狗,请先打电话")]
    pub text: Text<1, 500>,
}

/// Set the warning about an address.
///
/// It replaces the one in force and settles what nurses proposed.
#[utoipa::path(
    put, path = "/v1/patients/{patient_id}/addresses/{address_id}/warning", tag = "patients",
    request_body = PutWarning,
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("address_id" = AddressId, Path, description = "An address of the patient"),
    ),
    responses((status = 200, description = "In force", body = AddressWarning))
)]
pub async fn put_warning(
    State(app): State<App>,
    may: May<grants::WarnOfAddresses>,
    Id((id, address)): Id<(PatientId, AddressId)>,
    Json(body): Json<PutWarning>,
) -> Result<Json<AddressWarning>> {
    let (community, by) = (may.community, may.account);
    let row = in_write!(app.db, "put_warning", |tx| {
        let patient = store::patient::get_locked(tx, &may.scope, id).await?;
        store::address::get(&**tx, community, id, address).await?;
        let (warning, now) = (app.new_id::<AddressWarningId>(), app.now());
        store::address_warning::end_all(tx, community, address, by, now).await?;
        let row = address_warning::Model {
            community_id: community,
            id: warning,
            address_id: address,
            patient_id: id,
            state: WarningState::Active,
            text_enc: store::address_warning::seal(&app, warning, body.text.as_str()),
            visit_id: None,
            set_by: by,
            set_at: now,
            ended_by: None,
            ended_at: None,
        };
        store::address_warning::insert(tx, row.clone()).await?;
        let payload = json!({ "address_id": address, "warning_id": warning });
        let event = event_of(EventKind::WarningSet, &patient, by).payload(payload);
        store::event::append(tx, &app, community, event).await?;
        Ok(row)
    })?;
    Ok(Json(AddressWarning::of(&app, &row)?))
}
