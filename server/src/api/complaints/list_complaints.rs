//! `GET /v1/complaints`: complaints in scope.

use axum::extract::State;
use entity::enums::ComplaintState;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Complaint;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, May, Query, grants};
use crate::store;
use crate::wire::{Cursor, Page};

/// Which complaints.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ComplaintQuery {
    /// Only those that stand so.
    pub state: Option<ComplaintState>,
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
    /// Items wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// List complaints, newest first.
///
/// Families see those about the patients they care for, staff those of their institutions. What was said stands in
/// `GET /v1/complaints/{complaint_id}`.
#[utoipa::path(
    get, path = "/v1/complaints", tag = "complaints",
    responses((status = 200, description = "A page of complaints", body = Page<Complaint>))
)]
pub async fn list_complaints(
    State(app): State<App>,
    may: May<grants::Complain>,
    Query(query): Query<ComplaintQuery>,
) -> Result<Json<Page<Complaint>>> {
    let cursor = Cursor::new(query.cursor.as_deref(), query.limit)?;
    let db = app.db.reader();
    let rows = store::complaint::list(db, &may.scope, query.state, &cursor).await?;
    Ok(Json(cursor.page(
        rows,
        |row| row.id.0,
        |row| Complaint::of(&row),
    )))
}
