//! `POST /v1/complaints/{complaint_id}/appeal`: the answer is not accepted.

use axum::extract::State;
use entity::ids::ComplaintId;
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ComplaintDetail, advance, leave_event};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::complaint::{Step, due};
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::safety::complaints;
use crate::store::complaint::Sealed;
use crate::wire::Text;
use crate::{once, store};

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComplaintAppeal {
    /// Why the answer is not accepted.
    #[schema(inline, example = "没有说明为什么没有提前通知")]
    pub reason: Text<1, 2000>,
}

/// Appeal against the answer.
///
/// Once. A supervisor answers then, within a clock of its own.
#[utoipa::path(
    post, path = "/v1/complaints/{complaint_id}/appeal", tag = "complaints", request_body = ComplaintAppeal,
    params(("complaint_id" = ComplaintId, Path, description = "A complaint about a patient of the caller's")),
    responses((status = 200, description = "Noted", body = ComplaintDetail))
)]
pub async fn appeal_complaint(
    State(app): State<App>,
    may: May<grants::AppealComplaints>,
    Id(id): Id<ComplaintId>,
    request: IdempotencyKey<ComplaintAppeal>,
) -> Result<Answer> {
    once!(app, may, request.key, "appeal_complaint", |tx| {
        let row = store::complaint::require(&**tx, &may.scope, id).await?;
        let to = advance(&row, Step::Appeal)?;
        let (now, by) = (app.now(), may.account);
        let sealed = Sealed::Appeal.seal(&app, id, request.body.reason.as_str());
        let row = store::complaint::update(tx, &row, |row| {
            row.state = Set(to);
            row.appeal_enc = Set(Some(sealed));
            row.appealed_by = Set(Some(by));
            row.appealed_at = Set(Some(now));
            row.due_at = Set(due(now, app.config.care.complaint_answer_h));
        })
        .await?;
        leave_event(tx, &app, EventKind::ComplaintAppealed, &row, by).await?;
        complaints::call(tx, &app, &row).await?;
        complaints::begin(tx, &app, &row).await?;
        Answer::ok(&ComplaintDetail::of(&app, &row)?)
    })
}
