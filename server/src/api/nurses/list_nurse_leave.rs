//! `GET /v1/nurses/{nurse_id}/leave`: when a nurse is away.

use axum::extract::State;
use entity::ids::NurseId;

use super::add_nurse_leave::Leave;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, May, Query, grants};
use crate::store;
use crate::wire::{Page, PageQuery};

/// A page of leave.
pub type LeavePage = Page<Leave>;

/// The leave of a nurse, newest entry first.
#[utoipa::path(
    get, path = "/v1/nurses/{nurse_id}/leave", tag = "nurses",
    params(("nurse_id" = NurseId, Path, description = "A nurse within the caller's scope")),
    responses((status = 200, description = "Leave, past and to come", body = Page<Leave>))
)]
pub async fn list_nurse_leave(
    State(app): State<App>,
    may: May<grants::SeeRoster>,
    Id(nurse): Id<NurseId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<LeavePage>> {
    let cursor = page.cursor()?;
    let db = app.db.reader();
    let nurse = store::nurse::find(db, &may.scope, nurse).await?;
    let rows = store::nurse::leave_of(db, may.community, nurse.id, &cursor).await?;
    Ok(Json(cursor.page(rows, |row| row.id.0, Leave::from)))
}
