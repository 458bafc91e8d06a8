//! `POST /v1/complaints/{complaint_id}/close`: it is over.

use axum::extract::State;
use entity::ids::ComplaintId;
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Complaint, advance, leave_event};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::complaint::Step;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::{once, store};

/// Nothing more has to be said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseComplaint {}

/// Close a complaint that was answered.
///
/// By the family, who accepts the answer, or by a supervisor.
#[utoipa::path(
    post, path = "/v1/complaints/{complaint_id}/close", tag = "complaints", request_body = CloseComplaint,
    params(("complaint_id" = ComplaintId, Path, description = "A complaint that was answered")),
    responses((status = 200, description = "Closed", body = Complaint))
)]
pub async fn close_complaint(
    State(app): State<App>,
    may: May<grants::CloseComplaints>,
    Id(id): Id<ComplaintId>,
    request: IdempotencyKey<CloseComplaint>,
) -> Result<Answer> {
    let CloseComplaint {} = request.body;
    once!(app, may, request.key, "close_complaint", |tx| {
        let row = store::complaint::require(&**tx, &may.scope, id).await?;
        let to = advance(&row, Step::Close)?;
        let (now, by) = (app.now(), may.account);
        let row = store::complaint::update(tx, &row, |row| {
            row.state = Set(to);
            row.closed_by = Set(Some(by));
            row.closed_at = Set(Some(now));
        })
        .await?;
        leave_event(tx, &app, EventKind::ComplaintClosed, &row, by).await?;
        Answer::ok(&Complaint::of(&row))
    })
}
