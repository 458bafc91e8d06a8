//! `POST /v1/visits/{visit_id}/identity`: the nurse has made sure who the patient is.

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::enums::PatientIdentifier;
use entity::ids::VisitId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::step::{Act, not_now};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::recognition::recognised;
use crate::domain::steps;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::store::visit_identity::Checked;
use crate::wire::{Moment, Text};
use crate::{once, store};

/// How the patient was recognised.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckIdentity {
    /// When, by the device. Kept beside the server's time.
    pub device_at: Option<Moment>,
    /// Two or more different identifiers that agreed.
    #[schema(min_items = 2, max_items = 6)]
    pub identifiers: Vec<PatientIdentifier>,
    /// Why the family has not verified the nurse's code; needed when it has not.
    #[schema(inline, example = "家属没有智能手机")]
    pub nurse_not_verified: Option<Text<1, 200>>,
}

/// Who was recognised.
#[derive(Debug, Serialize, ToSchema)]
pub struct IdentityChecked {
    /// The visit.
    pub visit_id: VisitId,
    /// When the patient was recognised.
    pub checked_at: DateTime<Utc>,
    /// By what.
    pub identifiers: Vec<PatientIdentifier>,
    /// When the family's phone verified the nurse's code; null: it did not, and the reason is kept.
    pub nurse_verified_at: Option<DateTime<Utc>>,
}

/// Recognise the patient.
///
/// At the door, by two identifiers; no procedure begins without. Whether the family has verified the nurse's code is
/// noted with it: done, or why not.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/identity", tag = "visits", request_body = CheckIdentity,
    params(
        ("visit_id" = VisitId, Path, description = "A visit of the caller"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "Noted", body = IdentityChecked))
)]
pub async fn check_identity(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<CheckIdentity>,
) -> Result<Answer> {
    once!(app, may, request.key, "check_identity", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    })
}

/// Notes it, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &CheckIdentity) -> Result<Answer> {
    let wrong = |field: &str, code| Problem::new(Code::InvalidRequest).field(field, code);
    if !recognised(&report.identifiers) {
        return Err(wrong("identifiers", Code::IdentifiersTooFew).into());
    }
    let (visit, order) = act.mine_to_lead(id).await?;
    if !visit.live || !steps::at_the_door(order.state) {
        return Err(not_now(&order));
    }
    let known = store::visit_identity::of_visit(&**act.tx, visit.community_id, visit.id).await?;
    let verified_at = known.and_then(|known| known.nurse_verified_at);
    let reason = report.nurse_not_verified.as_ref();
    if verified_at.is_none() && reason.is_none() {
        return Err(wrong("nurse_not_verified", Code::BadgeReasonMissing).into());
    }
    let checked = Checked {
        identifiers: &report.identifiers,
        at: act.at,
        device_at: act.device_at,
        nurse_not_verified: reason.map(Text::as_str),
    };
    store::visit_identity::check_patient(act.tx, act.app, visit.community_id, visit.id, checked)
        .await?;
    let payload = json!({
        "identifiers": report.identifiers,
        "nurse_verified": verified_at.is_some(),
    });
    let kind = EventKind::IdentityChecked;
    act.leave_event(kind, (&visit, &order), None, payload)
        .await?;
    Answer::ok(&IdentityChecked {
        visit_id: visit.id,
        checked_at: act.at,
        identifiers: report.identifiers.clone(),
        nurse_verified_at: verified_at,
    })
}
