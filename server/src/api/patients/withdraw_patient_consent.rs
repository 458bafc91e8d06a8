//! `POST /v1/patients/{patient_id}/consents/{consent_id}/withdraw`: take a consent back.

use axum::extract::State;
use entity::ids::{ConsentId, PatientId};
use serde_json::json;

use super::event_of;
use crate::answer::Answer;
use crate::api::consents::{Consent, WithdrawConsent};
use crate::app::App;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::store::consent::Of;
use crate::{once, store};

/// Withdraw a consent.
///
/// It stays on record and counts no more: without health data and location nothing can be booked, without
/// consent to care no procedure begins.
#[utoipa::path(
    post, path = "/v1/patients/{patient_id}/consents/{consent_id}/withdraw", tag = "patients",
    request_body = WithdrawConsent,
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("consent_id" = ConsentId, Path, description = "A consent of the patient"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "Withdrawn", body = Consent))
)]
pub async fn withdraw_patient_consent(
    State(app): State<App>,
    may: May<grants::ChangePatients>,
    Id((id, consent)): Id<(PatientId, ConsentId)>,
    IdempotencyKey { key, body }: IdempotencyKey<WithdrawConsent>,
) -> Result<Answer> {
    once!(app, may, key, "withdraw_patient_consent", |tx| {
        let patient = store::patient::get_to_change(tx, &app, &may.scope, id).await?;
        let reason = body.reason.as_ref().map(crate::wire::Text::as_str);
        let (of, by) = ((Of::Patient(id), consent), (may.account, app.now()));
        let row = store::consent::withdraw(tx, &app, may.community, of, by, reason).await?;
        let event = event_of(EventKind::ConsentWithdrawn, &patient, may.account)
            .device_at(body.device_at)
            .payload(json!({
                "consent_id": row.id,
                "text": row.text_code,
                "version": row.text_version,
                "visit_id": row.visit_id,
            }));
        store::event::append(tx, &app, may.community, event).await?;
        Answer::ok(&Consent::of(&app, &row)?)
    })
}
