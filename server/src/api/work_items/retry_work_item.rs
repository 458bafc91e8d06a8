//! `POST /v1/work-items/{action_id}/retry`: the same act once more, as of the moment it was.

use axum::extract::State;
use entity::ids::SyncActionId;

use crate::api::sync::retry;
use crate::api::sync::send_batch::ActionResult;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, Lang, May, grants};
use crate::problem::Code;
use crate::store;

/// Try it again.
///
/// For the nurse who did it, once the hindrance is gone. What was said is not changed; safe to send twice: what took effect
/// answers as it did then.
#[utoipa::path(
    post, path = "/v1/work-items/{action_id}/retry", tag = "offline",
    params(("action_id" = SyncActionId, Path, description = "An open entry of the caller's own")),
    responses((status = 200, description = "What came of it", body = ActionResult))
)]
pub async fn retry_work_item(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Lang(language): Lang,
    Id(id): Id<SyncActionId>,
) -> Result<Json<ActionResult>> {
    let nurse = may.nurse.ok_or(Code::NoNurseProfile)?;
    let kept = store::sync_action::find(app.db.reader(), may.community, nurse, id)
        .await?
        .ok_or(Code::NotFound)?;
    if kept.settled_at.is_some() {
        return Err(Code::WorkSettled.into());
    }
    // Places that were told long ago are not kept.
    if kept.body_enc.is_empty() {
        return Err(Code::SyncTooOld.into());
    }
    let outcome = retry(&app, &may, &kept, language).await?;
    Ok(Json(ActionResult {
        id,
        result: outcome.result,
        answer: outcome.answer,
    }))
}
