//! `POST /v1/patients/{patient_id}/entitlements`: something else pays for some of the care.

use axum::extract::State;
use entity::ids::PatientId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::list_entitlements::Entitlement;
use crate::answer::Answer;
use crate::api::patients::event_of;
use crate::app::App;
use crate::charges;
use crate::domain::code::Key;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::store::entitlement::NewEntitlement;
use crate::wire::{Day, Text};
use crate::{once, store};

/// An entitlement to be recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddEntitlement {
    /// A package of the rule file `entitlements`; it says who pays and for which items.
    #[schema(example = "long_term_care_home")]
    pub package: Key,
    /// Name of who pays. Kept sealed.
    #[schema(inline, example = "县医疗保障局")]
    pub payer: Text<1, 100>,
    /// Number of the contract or of the insured. Kept sealed.
    #[schema(inline, example = "CH-2026-00017")]
    pub number: Text<1, 50>,
    /// First day.
    #[schema(inline, example = "2026-01-01")]
    pub valid_from: Day,
    /// Last day; it counts.
    #[schema(inline, example = "2026-12-31")]
    pub valid_to: Day,
}

/// Record what else pays for a patient's care.
///
/// Orders whose items it pays for on their day go to review: nothing is charged for them before somebody has decided. Orders that
/// are done already do too, for they may have been charged twice.
#[utoipa::path(
    post, path = "/v1/patients/{patient_id}/entitlements", tag = "charges", request_body = AddEntitlement,
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 201, description = "Recorded", body = Entitlement, headers(
        ("Location" = String, description = "Address of the patient's entitlements"),
    )))
)]
pub async fn add_entitlement(
    State(app): State<App>,
    may: May<grants::RecordEntitlements>,
    Id(id): Id<PatientId>,
    IdempotencyKey { key, body }: IdempotencyKey<AddEntitlement>,
) -> Result<Answer> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    let package = book.entitlements.package(body.package.as_str());
    let package = package.ok_or_else(|| {
        let problem = Problem::new(Code::InvalidRequest);
        problem.field("package", Code::EntitlementPackageUnknown)
    })?;
    if body.valid_to < body.valid_from {
        let problem = Problem::new(Code::InvalidRequest);
        return Err(problem.field("valid_to", Code::DateOrder).into());
    }
    once!(app, may, key, "add_entitlement", |tx| {
        let patient = store::patient::get_locked(tx, &may.scope, id).await?;
        let new = NewEntitlement {
            kind: package.kind,
            package: package.code.as_str(),
            payer: body.payer.as_str(),
            number: body.number.as_str(),
            valid_from: body.valid_from.0,
            valid_to: body.valid_to.0,
            by: may.account,
        };
        let row = store::entitlement::insert(tx, &app, &patient, new).await?;
        let event =
            event_of(EventKind::EntitlementRecorded, &patient, may.account).payload(json!({
                "entitlement_id": row.id, "kind": row.kind, "package": row.package,
                "valid_from": row.valid_from, "valid_to": row.valid_to,
            }));
        store::event::append(tx, &app, may.community, event).await?;
        let whose = (may.community, patient.id);
        charges::settle_patient(tx, &app, &book, whose, may.account).await?;
        let location = format!("/v1/patients/{id}/entitlements");
        Answer::created(location, &Entitlement::of(&app, &book, &row)?)
    })
}
