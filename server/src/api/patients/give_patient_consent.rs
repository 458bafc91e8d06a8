//! `POST /v1/patients/{patient_id}/consents`: consent to the use of health data, or of location.

use axum::extract::State;
use entity::enums::{ConsentDevice, ConsentPurpose};
use entity::ids::{ConsentId, PatientId};
use entity::{carer, consent, patient};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::event_of;
use crate::answer::Answer;
use crate::api::consents::{Consent, SignatureIn, SignerIn, check_version, signed, text_unknown};
use crate::app::App;
use crate::db::Tx;
use crate::domain::catalogue::Key;
use crate::domain::event::EventKind;
use crate::domain::name::PersonName;
use crate::error::{Error, Result};
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::wire::NameText;
use crate::{once, store};

/// A consent for a patient.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivePatientConsent {
    /// Code of the text: of the one for health data, or of the one for location.
    #[schema(example = "health_data")]
    pub text: Key,
    /// Version of the text that was read.
    #[schema(minimum = 1, example = 1)]
    pub version: u32,
    /// Who consents. A carer is the signer and leaves it out; staff says who signed.
    pub signer: Option<SignerIn>,
    /// The image of a signature, when there is one.
    pub signature: Option<SignatureIn>,
}

/// Consent to the use of health data or location.
///
/// Each is asked for by itself, and both before the first booking. Given by a carer who may book, or taken down by
/// a coordinator of the patient's institution.
#[utoipa::path(
    post, path = "/v1/patients/{patient_id}/consents", tag = "patients", request_body = GivePatientConsent,
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 201, description = "Given", body = Consent, headers(
        ("Location" = String, description = "Where the consents can be read"),
    )))
)]
pub async fn give_patient_consent(
    State(app): State<App>,
    may: May<grants::ChangePatients>,
    Id(id): Id<PatientId>,
    IdempotencyKey { key, body }: IdempotencyKey<GivePatientConsent>,
) -> Result<Answer> {
    once!(app, may, key, "give_patient_consent", |tx| {
        let patient = store::patient::get_to_change(tx, &app, &may.scope, id).await?;
        let row = row(tx, &app, &may, &patient, &body).await?;
        store::consent::insert(tx, row.clone()).await?;
        let event = event_of(EventKind::ConsentGiven, &patient, may.account).payload(json!({
            "consent_id": row.id,
            "text": row.text_code,
            "version": row.text_version,
            "relation": row.relation,
        }));
        store::event::append(tx, &app, may.community, event).await?;
        let location = format!("/v1/patients/{id}/consents");
        Answer::created(location, &Consent::of(&app, &row)?)
    })
}

async fn row(
    tx: &Tx,
    app: &App,
    may: &May<grants::ChangePatients>,
    patient: &patient::Model,
    body: &GivePatientConsent,
) -> Result<consent::Model> {
    if let Some(signature) = &body.signature {
        signature.check()?;
    }
    let texts = RuleBook::at(&**tx, app, may.community, app.now())
        .await?
        .consents;
    let text = texts
        .text(body.text.as_str())
        .filter(|text| text.purpose != ConsentPurpose::Care)
        .ok_or_else(|| text_unknown(body.text.as_str()))?;
    let text_version = check_version(text, body.version)?;
    let carers = store::carer::live(&**tx, may.community, patient.id).await?;
    let (signer, device) = signer(tx, app, may, &carers, body).await?;
    let signed = signed(&**tx, patient, &carers, &signer, app.now()).await?;
    let id = app.new_id::<ConsentId>();
    let at_desk = device == ConsentDevice::Desk;
    let account_id = signed.carer.map(|carer| carer.account_id);
    Ok(consent::Model {
        community_id: may.community,
        id,
        patient_id: patient.id,
        order_id: None,
        visit_id: None,
        purpose: text.purpose,
        text_code: text.code.to_string(),
        text_version,
        relation: signed.relation,
        carer_id: signed.carer.map(|carer| carer.id),
        account_id: account_id.or((!at_desk).then_some(may.account)),
        signer_name_enc: store::consent::seal_name(app, id, signer.name.0.reveal()),
        signature_sha256: body
            .signature
            .as_ref()
            .map(|one| one.sha256.as_str().to_owned()),
        signature_bytes: body.signature.as_ref().map(|one| one.bytes),
        device,
        signed_at: app.now(),
        device_at: None,
        recorded_by: may.account,
        recorded_at: app.now(),
        withdrawn_at: None,
        withdrawn_by: None,
        withdraw_reason_enc: None,
    })
}

/// A carer signs for themselves, whatever they send; staff has to say who signed.
async fn signer(
    tx: &Tx,
    app: &App,
    may: &May<grants::ChangePatients>,
    carers: &[carer::Model],
    body: &GivePatientConsent,
) -> Result<(SignerIn, ConsentDevice)> {
    let mine = carers
        .iter()
        .find(|carer| Some(carer.account_id) == may.scope.carer);
    let Some(carer) = mine else {
        let signer = body.signer.clone().ok_or_else(|| {
            let code = Code::SignerNotAllowed;
            Problem::new(code).field("signer", code)
        })?;
        return Ok((signer, ConsentDevice::Desk));
    };
    let account = store::account::get(&**tx, may.community, carer.account_id)
        .await?
        .ok_or_else(|| Error::internal("a carer has no account"))?;
    let name = PersonName::parse(&store::account::name(app, &account)?);
    let signer = SignerIn {
        name: NameText(name.map_err(Error::internal)?),
        carer_id: Some(carer.id),
        // They say so by signing; a birth date on record is looked at besides.
        of_age: true,
    };
    Ok((signer, ConsentDevice::Family))
}
