//! `POST /v1/patients/{patient_id}/consents/{consent_id}/withdraw`: take a consent back.

use axum::extract::State;
use entity::enums::AlertKind;
use entity::ids::{AccountId, ConsentId, PatientId};
use entity::{care_order, consent};
use serde_json::json;

use super::event_of;
use crate::answer::Answer;
use crate::api::consents::{Consent, WithdrawConsent};
use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::rules::RuleBook;
use crate::store::consent::Of;
use crate::store::visit_rows::Pair;
use crate::{once, store};

/// Withdraw a consent.
///
/// It stays on record and counts no more: without health data and location nothing can be booked, nobody sets out and no
/// procedure begins, and an alert is opened for each order that is not done yet. Without consent to care no procedure
/// begins; taken back while its visit is not done, an alert is opened for it at once, and its nurse hears of it.
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
        let visit = match row.visit_id {
            Some(visit) => store::visit::in_community(&**tx, may.community, visit).await?,
            None => None,
        };
        let mut event = event_of(EventKind::ConsentWithdrawn, &patient, may.account)
            .device_at(body.device_at.map(Into::into))
            .payload(json!({
                "consent_id": row.id,
                "text": row.text_code,
                "version": row.text_version,
                "visit_id": row.visit_id,
            }));
        if let Some((visit, _)) = &visit {
            event = event.nurse(visit.nurse_id);
        }
        store::event::append(tx, &app, may.community, event).await?;
        call_desk(tx, &app, (&row, visit), may.account).await?;
        Answer::ok(&Consent::of(&app, &row)?)
    })
}

/// Opens an alert for each order that it stops, at once where the nurse is on her way or there. Its nurse sees it too.
async fn call_desk(
    tx: &Tx,
    app: &App,
    (withdrawn, visit): (&consent::Model, Option<Pair>),
    by: AccountId,
) -> Result<()> {
    for order in stopped(tx, app, withdrawn, visit).await? {
        let (kind, severity) = (AlertKind::ConsentWithdrawn, store::alert::urgency(&order));
        let what = (kind, severity, withdrawn.text_code.as_str());
        store::alert::call(tx, app, &order, what, (Some(by), app.now())).await?;
    }
    Ok(())
}

/// Orders that a withdrawal stops: the one whose visit it was signed for, while its nurse is there, or all of the patient
/// that are not done yet.
async fn stopped(
    tx: &Tx,
    app: &App,
    withdrawn: &consent::Model,
    visit: Option<Pair>,
) -> Result<Vec<care_order::Model>> {
    if let Some((visit, order)) = visit {
        return Ok(visit.live.then_some(order).into_iter().collect());
    }
    let (db, now) = (&**tx, app.now());
    let (community, patient) = (withdrawn.community_id, withdrawn.patient_id);
    let texts = RuleBook::at(db, app, community, now).await?.consents;
    let of = (community, patient);
    let missing = store::consent::missing_on_visit(db, &texts, of, now).await?;
    // Another one to the same text may hold.
    if !missing.iter().any(|one| one.purpose == withdrawn.purpose) {
        return Ok(Vec::new());
    }
    store::order::undone_of_patient(db, community, patient).await
}
