//! `POST /v1/visits/{visit_id}/consents/{consent_id}/withdraw`: somebody changes their mind at the door.

use axum::extract::State;
use entity::ids::{ConsentId, VisitId};
use entity::{care_order, visit};
use serde::Deserialize;
use serde_json::json;

use super::step::Act;
use crate::answer::Answer;
use crate::api::consents::{Consent, WithdrawConsent};
use crate::app::App;
use crate::domain::catalogue::Key;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::Code;
use crate::store::consent::Of;
use crate::wire::Text;
use crate::{once, store};

/// The same, told later.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WithdrawText {
    /// Code of the text that was signed for this visit.
    text: Key,
    /// Why, when it was said.
    reason: Option<Text<1, 300>>,
}

/// Withdraw a consent to care.
///
/// The consent stays on record and counts no more. A procedure that has begun is broken off with `abort`.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/consents/{consent_id}/withdraw", tag = "visits",
    request_body = WithdrawConsent,
    params(
        ("visit_id" = VisitId, Path, description = "A visit of the caller"),
        ("consent_id" = ConsentId, Path, description = "A consent signed for this visit"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "Withdrawn", body = Consent))
)]
pub async fn withdraw_consent(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id((id, consent)): Id<(VisitId, ConsentId)>,
    request: IdempotencyKey<WithdrawConsent>,
) -> Result<Answer> {
    once!(app, may, request.key, "withdraw_consent", |tx| {
        let report = &request.body;
        apply(
            &Act::now(tx, &app, &may, report.device_at),
            (id, consent),
            report,
        )
        .await
    })
}

/// Withdraws it, as of the act.
pub(crate) async fn apply(
    act: &Act<'_>,
    (id, consent): (VisitId, ConsentId),
    report: &WithdrawConsent,
) -> Result<Answer> {
    let visited = act.mine_to_lead(id).await?;
    take_back(act, &visited, consent, report.reason.as_ref()).await
}

/// Withdraws the consent to a text, as of the act: one that was signed without signal has no id on the phone. One that was
/// taken back already is answered as it stands.
pub(crate) async fn apply_to_text(
    act: &Act<'_>,
    id: VisitId,
    report: &WithdrawText,
) -> Result<Answer> {
    let visited = act.mine_to_lead(id).await?;
    let (community, visit) = (visited.0.community_id, visited.0.id);
    let signed = store::consent::of_visit(&**act.tx, community, visit).await?;
    let text = report.text.as_str();
    let of_it = signed.iter().filter(|one| one.text_code == text);
    // The valid one, or the last that was withdrawn.
    let consent = of_it.max_by_key(|one| (one.withdrawn_at.is_none(), one.id));
    let consent = consent.ok_or(Code::NotFound)?;
    // The family may have said so itself before this is told: that must not hold what she did after it.
    if consent.withdrawn_at.is_some() {
        return Answer::ok(&Consent::of(act.app, consent)?);
    }
    take_back(act, &visited, consent.id, report.reason.as_ref()).await
}

async fn take_back(
    act: &Act<'_>,
    (visit, order): &(visit::Model, care_order::Model),
    consent: ConsentId,
    reason: Option<&Text<1, 300>>,
) -> Result<Answer> {
    let reason = reason.map(Text::as_str);
    let by = (act.may.account, act.at);
    let of = (Of::Visit(visit.id), consent);
    let row = store::consent::withdraw(act.tx, act.app, order.community_id, of, by, reason).await?;
    let payload =
        json!({ "consent_id": row.id, "text": row.text_code, "version": row.text_version });
    let kind = EventKind::ConsentWithdrawn;
    act.leave_event(kind, (visit, order), None, payload).await?;
    Answer::ok(&Consent::of(act.app, &row)?)
}
