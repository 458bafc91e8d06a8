//! `POST /v1/patients/{patient_id}/addresses`: a place where a patient can be visited.

use axum::extract::State;
use entity::ids::PatientId;
use serde_json::json;

use super::address::{Address, NewAddress};
use super::{event_of, refused};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::patient::{MAX_ADDRESSES, check_room};
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::{once, store};

/// Add an address.
#[utoipa::path(
    post, path = "/v1/patients/{patient_id}/addresses", tag = "patients", request_body = NewAddress,
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 201, description = "Added", body = Address, headers(
        ("Location" = String, description = "Where the address can be read"),
        ("ETag" = String, description = "Version of the address"),
    )))
)]
pub async fn add_address(
    State(app): State<App>,
    may: May<grants::ChangePatients>,
    Id(id): Id<PatientId>,
    IdempotencyKey { key, body }: IdempotencyKey<NewAddress>,
) -> Result<Answer> {
    once!(app, may, key, "add_address", |tx| {
        let patient = store::patient::get_to_change(tx, &app, &may.scope, id).await?;
        let there_are = store::address::of_patient(&**tx, may.community, id).await?;
        check_room(there_are.len(), MAX_ADDRESSES).map_err(refused)?;
        let row = body.store(tx, &app, may.community, id, "").await?;
        let event = event_of(EventKind::AddressAdded, &patient, may.account).payload(json!({
            "address_id": row.id,
            "with_place": row.lng.is_some(),
            "far_confirmed": row.far_confirmed,
        }));
        store::event::append(tx, &app, may.community, event).await?;
        let operation = "add_address";
        store::patient_read::record(tx, &app, may.community, id, may.account, operation).await?;
        let location = format!("/v1/patients/{id}/addresses/{}", row.id);
        Ok(Answer::created(location, &Address::of(&app, &row)?)?.version(row.version))
    })
}
