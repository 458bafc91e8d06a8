//! `POST /v1/patients/{patient_id}/card`: another card, when the old one is lost.

use axum::extract::State;
use entity::ids::PatientId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::get_card::{PatientCard, issue};
use crate::answer::Answer;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::{once, store};

/// Nothing to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceCard {}

/// Replace the patient's card.
///
/// The card before proves nothing any more.
#[utoipa::path(
    post, path = "/v1/patients/{patient_id}/card", tag = "patients", request_body = ReplaceCard,
    params(("patient_id" = PatientId, Path, description = "A patient")),
    responses((status = 200, description = "The new card", body = PatientCard))
)]
pub async fn replace_card(
    State(app): State<App>,
    may: May<grants::PrintCards>,
    Id(id): Id<PatientId>,
    request: IdempotencyKey<ReplaceCard>,
) -> Result<Answer> {
    once!(app, may, request.key, "replace_card", |tx| {
        let ReplaceCard {} = request.body;
        store::patient::get_locked(tx, &may.scope, id).await?;
        let old = store::arrival::card(&**tx, may.community, id).await?;
        let serial = old.map_or(1, |old| old.serial + 1);
        let row = issue(tx, &app, &may, id, serial).await?;
        Answer::ok(&PatientCard::of(&app, may.community, &row))
    })
}
