//! `POST /v1/visits/{visit_id}/consents`: somebody signs for what is done on a visit.

use axum::extract::State;
use entity::enums::ConsentDevice;
use entity::ids::{ConsentId, VisitId};
use entity::{care_order, consent, visit};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::refused::traced;
use super::step::{Act, not_now};
use crate::answer::Answer;
use crate::api::consents::{Consent, SignatureIn, SignerIn, check_version, signed, text_unknown};
use crate::app::App;
use crate::domain::catalogue::Key;
use crate::domain::consent::ConsentText;
use crate::domain::event::EventKind;
use crate::domain::steps;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::rules::RuleBook;
use crate::wire::Moment;
use crate::{once, store};

/// A signature under a text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveConsent {
    /// When it was signed, by the device. Kept beside the server's time.
    pub device_at: Option<Moment>,
    /// Code of the text.
    #[schema(example = "care_catheter")]
    pub text: Key,
    /// Version of the text that was read.
    #[schema(minimum = 1, example = 1)]
    pub version: u32,
    /// Who signed.
    pub signer: SignerIn,
    /// The image of the signature.
    pub signature: SignatureIn,
    /// On whose device.
    pub device: ConsentDevice,
}

/// Consent to care.
///
/// At the door, before the procedure: the patient signs, or a guardian or carer who may act; nobody under 18. The
/// signature is for this visit alone.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/consents", tag = "visits", request_body = GiveConsent,
    params(
        ("visit_id" = VisitId, Path, description = "A visit of the caller"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 201, description = "Signed", body = Consent, headers(
        ("Location" = String, description = "Where the consents of the visit can be read"),
    )))
)]
pub async fn give_consent(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<GiveConsent>,
) -> Result<Answer> {
    let outcome = once!(app, may, request.key, "give_consent", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    });
    traced(&app, &may, (id, "give_consent"), outcome).await
}

/// Keeps it, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &GiveConsent) -> Result<Answer> {
    report.signature.check()?;
    let (visit, order) = act.mine_to_lead(id).await?;
    if !visit.live || !steps::at_the_door(order.state) {
        return Err(not_now(&order));
    }
    let texts = RuleBook::at(&**act.tx, act.app, order.community_id, act.at)
        .await?
        .consents;
    let asked = super::Ordered::of(&**act.tx, act.app, &order).await?;
    let asked = texts.for_items(&asked.items());
    let text = asked
        .iter()
        .map(|(text, _)| *text)
        .find(|text| text.code == report.text)
        .ok_or_else(|| text_unknown(report.text.as_str()))?;
    let row = row(act, (&visit, &order), text, report).await?;
    store::consent::insert(act.tx, row.clone()).await?;
    let payload = json!({
        "consent_id": row.id,
        "text": row.text_code,
        "version": row.text_version,
        "relation": row.relation,
        "signature_sha256": row.signature_sha256,
    });
    let kind = EventKind::ConsentGiven;
    act.leave_event(kind, (&visit, &order), None, payload)
        .await?;
    let location = format!("/v1/visits/{}/consents", visit.id);
    Answer::created(location, &Consent::of(act.app, &row)?)
}

async fn row(
    act: &Act<'_>,
    (visit, order): (&visit::Model, &care_order::Model),
    text: &ConsentText,
    report: &GiveConsent,
) -> Result<consent::Model> {
    let text_version = check_version(text, report.version)?;
    let db = &**act.tx;
    let (patient, _) = store::visit::patient_and_address(db, order).await?;
    let carers = store::carer::at(db, order.community_id, order.patient_id, act.at).await?;
    let signed = signed(db, &patient, &carers, &report.signer, act.at).await?;
    let id = act.app.new_id::<ConsentId>();
    Ok(consent::Model {
        community_id: order.community_id,
        id,
        patient_id: order.patient_id,
        order_id: Some(order.id),
        visit_id: Some(visit.id),
        purpose: text.purpose,
        text_code: text.code.to_string(),
        text_version,
        relation: signed.relation,
        carer_id: signed.carer.map(|carer| carer.id),
        account_id: signed.carer.map(|carer| carer.account_id),
        signer_name_enc: store::consent::seal_name(act.app, id, report.signer.name.0.reveal()),
        signature_sha256: Some(report.signature.sha256.as_str().to_owned()),
        signature_bytes: Some(report.signature.bytes),
        device: report.device,
        signed_at: act.at,
        device_at: act.device_at,
        recorded_by: act.may.account,
        recorded_at: act.app.now(),
        withdrawn_at: None,
        withdrawn_by: None,
        withdraw_reason_enc: None,
    })
}
