//! `POST /v1/exceptions/{exception_id}/resolve`: a coordinator decides on an arrival in question.

use axum::extract::State;
use entity::enums::ArrivalDecision;
use entity::ids::ArrivalExceptionId;
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::ArrivalException;
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::error::{Error, Result};
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::Code;
use crate::store::event::NewEvent;
use crate::wire::Text;
use crate::{once, safety, store};

/// A decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveException {
    /// She was there, or not.
    pub decision: ArrivalDecision,
    /// Why.
    #[schema(inline)]
    pub note: Option<Text<1, 500>>,
}

/// Decide on an arrival in question.
///
/// The visit stays as it is: the decision is for those who look at it later. An accepted arrival with a sharp fix
/// may propose a better point for the address.
#[utoipa::path(
    post, path = "/v1/exceptions/{exception_id}/resolve", tag = "exceptions", request_body = ResolveException,
    params(("exception_id" = ArrivalExceptionId, Path, description = "An exception in scope that waits")),
    responses((status = 200, description = "Decided", body = ArrivalException))
)]
pub async fn resolve_exception(
    State(app): State<App>,
    may: May<grants::ResolveExceptions>,
    Id(id): Id<ArrivalExceptionId>,
    request: IdempotencyKey<ResolveException>,
) -> Result<Answer> {
    once!(app, may, request.key, "resolve_exception", |tx| {
        let report = &request.body;
        let exception = store::arrival::require(&**tx, &may.scope, id).await?;
        if exception.decision.is_some() {
            return Err(Code::AlreadySettled.into());
        }
        let note = report.note.as_ref();
        let note = note.map(|note| store::arrival::seal(&app, id, "note_enc", note.as_str()));
        let exception = store::arrival::update(tx, &exception, |row| {
            row.decision = Set(Some(report.decision));
            row.resolved_by = Set(Some(may.account));
            row.resolved_at = Set(Some(app.now()));
            row.note_enc = Set(note);
        })
        .await?;
        let (visit, order) = store::visit::in_community(&**tx, may.community, exception.visit_id)
            .await?
            .ok_or_else(|| Error::internal("an exception without its visit"))?;
        let payload = json!({ "exception_id": id, "decision": report.decision });
        let event = NewEvent::of_order(EventKind::ArrivalResolved, &order, Some(may.account))
            .nurse(exception.nurse_id)
            .payload(payload);
        store::event::append(tx, &app, may.community, event).await?;
        if report.decision == ArrivalDecision::Accepted {
            safety::arrival::propose_home(tx, &app, (&visit, &order), exception.mock).await?;
        }
        Answer::ok(&ArrivalException::of(&app, &exception)?)
    })
}
