//! `DELETE /v1/nurses/{nurse_id}/leave/{leave_id}`: a nurse will not be away after all.

use axum::extract::State;
use axum::http::StatusCode;
use entity::ids::{LeaveId, NurseId};

use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, May, grants};
use crate::{in_write, store};

/// Remove a leave.
#[utoipa::path(
    delete, path = "/v1/nurses/{nurse_id}/leave/{leave_id}", tag = "nurses",
    params(
        ("nurse_id" = NurseId, Path, description = "A nurse within the caller's scope"),
        ("leave_id" = LeaveId, Path, description = "A leave of hers"),
    ),
    responses((status = 204, description = "Removed"))
)]
pub async fn remove_nurse_leave(
    State(app): State<App>,
    may: May<grants::ManageRoster>,
    Id((nurse, leave)): Id<(NurseId, LeaveId)>,
) -> Result<StatusCode> {
    in_write!(app.db, "remove_nurse_leave", |tx| {
        let nurse = store::nurse::find(&**tx, &may.scope, nurse).await?;
        store::nurse::remove_leave(tx, &app, &nurse, leave, may.account).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
