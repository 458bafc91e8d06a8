//! `GET /v1/patients/{patient_id}/card`: what is printed on the patient's card.

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::ids::{CommunityId, PatientId};
use entity::patient_card;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::event_of;
use crate::app::App;
use crate::crypto::token_hash;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::{in_write, store};

/// A patient's card.
#[derive(Debug, Serialize, ToSchema)]
pub struct PatientCard {
    /// The patient.
    pub patient_id: PatientId,
    /// Number of the card; a new one voids those before.
    pub serial: i32,
    /// Text of the QR code. It proves to the server that a nurse stood where the card is kept.
    pub token: String,
    /// When this card was first made.
    pub issued_at: DateTime<Utc>,
}

impl PatientCard {
    pub(super) fn of(app: &App, community: CommunityId, row: &patient_card::Model) -> Self {
        Self {
            patient_id: row.patient_id,
            serial: row.serial,
            token: store::arrival::card_token(app, community, row.patient_id, row.serial),
            issued_at: row.issued_at,
        }
    }
}

/// Get the patient's card.
///
/// To be printed as a QR code and kept at home. Nurses do not get it here: it is what they show. Recorded as a read.
#[utoipa::path(
    get, path = "/v1/patients/{patient_id}/card", tag = "patients",
    params(("patient_id" = PatientId, Path, description = "A patient")),
    responses((status = 200, description = "The card", body = PatientCard))
)]
pub async fn get_card(
    State(app): State<App>,
    may: May<grants::PrintCards>,
    Id(id): Id<PatientId>,
) -> Result<Json<PatientCard>> {
    let row = in_write!(app.db, "get_card", |tx| {
        store::patient::get(&**tx, &may.scope, id).await?;
        let reader = (may.community, id, may.account);
        store::patient_read::record(tx, &app, reader.0, reader.1, reader.2, "get_card").await?;
        match store::arrival::card(&**tx, may.community, id).await? {
            Some(row) => Ok(row),
            None => issue(tx, &app, &may, id, 1).await,
        }
    })?;
    Ok(Json(PatientCard::of(&app, may.community, &row)))
}

/// Makes the card with a number.
pub(super) async fn issue(
    tx: &Tx,
    app: &App,
    may: &May<grants::PrintCards>,
    id: PatientId,
    serial: i32,
) -> Result<patient_card::Model> {
    let patient = store::patient::get_locked(tx, &may.scope, id).await?;
    let token = store::arrival::card_token(app, may.community, id, serial);
    let row = patient_card::Model {
        community_id: may.community,
        patient_id: id,
        serial,
        token_hash: token_hash(&token),
        issued_by: may.account,
        issued_at: app.now(),
    };
    store::arrival::put_card(tx, row.clone()).await?;
    let event =
        event_of(EventKind::CardIssued, &patient, may.account).payload(json!({ "serial": serial }));
    store::event::append(tx, app, may.community, event).await?;
    Ok(row)
}
