//! `POST /v1/patients/{patient_id}/consents/{consent_id}/withdraw`: take a consent back.

use axum::extract::State;
use entity::consent;
use entity::enums::{AlertKind, AlertSeverity};
use entity::ids::{AccountId, ConsentId, PatientId};
use serde_json::json;

use super::event_of;
use crate::answer::Answer;
use crate::api::consents::{Consent, WithdrawConsent};
use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::position_visible;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::rules::RuleBook;
use crate::store::alert::NewAlert;
use crate::store::consent::Of;
use crate::{once, store};

/// Withdraw a consent.
///
/// It stays on record and counts no more: without health data and location nothing can be booked, nobody sets out and no
/// procedure begins, and an alert is opened for each order that is not done yet; without consent to care no procedure
/// begins.
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
            .device_at(body.device_at.map(Into::into))
            .payload(json!({
                "consent_id": row.id,
                "text": row.text_code,
                "version": row.text_version,
                "visit_id": row.visit_id,
            }));
        store::event::append(tx, &app, may.community, event).await?;
        call_desk(tx, &app, &row, may.account).await?;
        Answer::ok(&Consent::of(&app, &row)?)
    })
}

/// Opens an alert for each order of the patient that is not done yet, at once where the nurse is on her way or there.
/// Its nurse sees it too.
async fn call_desk(tx: &Tx, app: &App, withdrawn: &consent::Model, by: AccountId) -> Result<()> {
    let (db, now) = (&**tx, app.now());
    let (community, patient) = (withdrawn.community_id, withdrawn.patient_id);
    let texts = RuleBook::at(db, app, community, now).await?.consents;
    let of = (community, patient);
    let missing = store::consent::missing_on_visit(db, &texts, of, now).await?;
    // A consent to care stops its own visit only, and another one to the same text may hold.
    if !missing.iter().any(|one| one.purpose == withdrawn.purpose) {
        return Ok(());
    }
    for order in store::order::undone_of_patient(db, community, patient).await? {
        let severity = if position_visible(order.state) {
            AlertSeverity::Critical
        } else {
            AlertSeverity::Warning
        };
        let kind = AlertKind::ConsentWithdrawn;
        let mut alert = NewAlert::of_order(app, kind, severity, &order, now)
            .detail(&withdrawn.text_code)
            .by(by);
        let visit = store::visit::live_of_order(db, community, order.id).await?;
        if let Some(visit) = &visit {
            alert = alert.visit(visit);
        }
        store::alert::open(tx, app, alert).await?;
    }
    Ok(())
}
