//! `GET /v1/work-items`: what is to be put right.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::view::WorkItem;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, May, Query, grants};
use crate::store;
use crate::wire::{Cursor, Page};

/// Which entries.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WorkQuery {
    /// Those put right instead of those that are open.
    pub settled: Option<bool>,
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
    /// Items wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// The work list, newest first.
///
/// A nurse sees what her own phone told, coordinators and the nursing department what concerns their institutions.
#[utoipa::path(
    get, path = "/v1/work-items", tag = "offline",
    responses((status = 200, description = "A page of entries", body = Page<WorkItem>))
)]
pub async fn list_work_items(
    State(app): State<App>,
    may: May<grants::SeeWorkList>,
    Query(query): Query<WorkQuery>,
) -> Result<Json<Page<WorkItem>>> {
    let cursor = Cursor::new(query.cursor.as_deref(), query.limit)?;
    let settled = query.settled.unwrap_or(false);
    let rows = store::sync_action::work_list(app.db.reader(), &may.scope, settled, &cursor).await?;
    Ok(Json(cursor.page(rows, |row| row.id.0, WorkItem::of)))
}
