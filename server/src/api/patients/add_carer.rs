//! `POST /v1/patients/{patient_id}/carers`: let somebody act for a patient.

use axum::extract::State;
use entity::enums::{CarerRelation, ConsentBasis};
use entity::ids::PatientId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::list_carers::Carer;
use super::{event_of, refused};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::patient::{MAX_CARERS, check_carer, check_room};
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::wire::PhoneText;
use crate::{once, store};

/// Somebody who shall act for a patient.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCarer {
    /// Phone of the account; its owner has logged in once.
    #[schema(inline)]
    pub phone: PhoneText,
    /// What the carer is to the patient. Who may book for a patient under 18, or
    /// one without capacity, is a parent or guardian.
    pub relation: CarerRelation,
    /// How the patient agreed.
    pub consent: ConsentBasis,
    /// May book and change things, not only look.
    pub may_book: bool,
}

/// Add a carer.
///
/// Done by a carer who may book, or by a coordinator of the patient's institution.
#[utoipa::path(
    post, path = "/v1/patients/{patient_id}/carers", tag = "patients", request_body = NewCarer,
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 201, description = "Added", body = Carer, headers(
        ("Location" = String, description = "Where the carers can be read"),
    )))
)]
pub async fn add_carer(
    State(app): State<App>,
    may: May<grants::ChangePatients>,
    Id(id): Id<PatientId>,
    IdempotencyKey { key, body }: IdempotencyKey<NewCarer>,
) -> Result<Answer> {
    once!(app, may, key, "add_carer", |tx| {
        let patient = store::patient::get_to_change(tx, &app, &may.scope, id).await?;
        let ward = store::patient::is_ward(&app, &patient);
        check_carer(ward, body.relation, body.consent, body.may_book).map_err(refused)?;
        let there_are = store::carer::live(&**tx, may.community, id).await?.len();
        check_room(there_are, MAX_CARERS).map_err(refused)?;
        let account = store::carer::account_of(&**tx, &app, may.community, &body.phone.0).await?;
        let new = store::carer::NewCarer {
            community: may.community,
            patient: id,
            account: account.id,
            relation: body.relation,
            consent: body.consent,
            may_book: body.may_book,
            added_by: may.account,
        };
        let row = store::carer::insert(tx, &app, new).await?;
        let event = event_of(EventKind::CarerAdded, &patient, may.account).payload(json!({
            "carer_id": row.id,
            "account_id": row.account_id,
            "relation": row.relation,
            "consent": row.consent,
            "may_book": row.may_book,
        }));
        store::event::append(tx, &app, may.community, event).await?;
        let carer = Carer::of(&app, &row, &account, may.account)?;
        Answer::created(format!("/v1/patients/{id}/carers"), &carer)
    })
}
