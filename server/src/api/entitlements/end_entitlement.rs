//! `POST /v1/patients/{patient_id}/entitlements/{entitlement_id}/end`: it was recorded wrongly, or ended early.

use axum::extract::State;
use entity::ids::{EntitlementId, PatientId};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::list_entitlements::Entitlement;
use crate::answer::Answer;
use crate::api::patients::event_of;
use crate::app::App;
use crate::charges;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::rules::RuleBook;
use crate::wire::Text;
use crate::{once, store};

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndEntitlement {
    /// Kept sealed.
    #[schema(inline, example = "登记错误")]
    pub reason: Text<1, 300>,
}

/// End an entitlement: it pays for nothing any more, on no day.
///
/// One that ran for a time and stopped is ended and recorded anew with its right last day. Orders that waited for a decision
/// because of it alone are charged as priced; what the family was told that it pays is decided on again.
#[utoipa::path(
    post, path = "/v1/patients/{patient_id}/entitlements/{entitlement_id}/end", tag = "charges",
    request_body = EndEntitlement,
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("entitlement_id" = EntitlementId, Path, description = "An entitlement of the patient"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "Ended", body = Entitlement))
)]
pub async fn end_entitlement(
    State(app): State<App>,
    may: May<grants::RecordEntitlements>,
    Id((patient, id)): Id<(PatientId, EntitlementId)>,
    IdempotencyKey { key, body }: IdempotencyKey<EndEntitlement>,
) -> Result<Answer> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    once!(app, may, key, "end_entitlement", |tx| {
        let patient = store::patient::get_locked(tx, &may.scope, patient).await?;
        let row = store::entitlement::get(&**tx, may.community, patient.id, id).await?;
        let reason = body.reason.as_str();
        let row = store::entitlement::end(tx, &app, row, may.account, reason).await?;
        let event = event_of(EventKind::EntitlementEnded, &patient, may.account)
            .payload(json!({ "entitlement_id": row.id, "package": row.package }));
        store::event::append(tx, &app, may.community, event).await?;
        let whose = (may.community, patient.id);
        charges::settle_patient(tx, &app, &book, whose, may.account).await?;
        Answer::ok(&Entitlement::of(&app, &book, &row)?)
    })
}
