//! `GET /v1/follow-tasks`: the contacts to be made.

use axum::extract::State;
use entity::enums::FollowTaskState;
use entity::ids::{NurseId, PatientId};
use serde::Deserialize;
use utoipa::IntoParams;

use super::sight;
use super::view::{FollowTask, show};
use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, May, Query, grants};
use crate::store;
use crate::store::follow_up::TaskFilter;
use crate::wire::{Cursor, Day, Page};

/// Which tasks.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FollowTaskQuery {
    /// Only in this state.
    pub state: Option<FollowTaskState>,
    /// Only of this patient.
    pub patient_id: Option<PatientId>,
    /// Only of this nurse.
    pub nurse_id: Option<NurseId>,
    /// True: only those that nobody owns.
    pub pool: Option<bool>,
    /// Only those due until this day.
    pub due_until: Option<Day>,
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
    /// Items wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// List follow-up tasks, newest first.
///
/// Staff see those of their institutions; a nurse her own, and of her institution those that are open and nobody's, or late.
#[utoipa::path(
    get, path = "/v1/follow-tasks", tag = "follow-up",
    responses((status = 200, description = "A page of tasks", body = Page<FollowTask>))
)]
pub async fn list_follow_tasks(
    State(app): State<App>,
    may: May<grants::SeeFollowUp>,
    Query(query): Query<FollowTaskQuery>,
) -> Result<Json<Page<FollowTask>>> {
    let cursor = Cursor::new(query.cursor.as_deref(), query.limit)?;
    let wanted = TaskFilter {
        states: query.state.into_iter().collect(),
        patient: query.patient_id,
        owner: query.nurse_id,
        pool: query.pool == Some(true),
        due_until: query.due_until.map(|day| day.0),
    };
    let db = app.db.reader();
    let rows = store::follow_up::list(db, &sight(&app, &may), &wanted, &cursor).await?;
    let page = cursor.page(rows, |row| row.id.0, |row| row);
    let items = show(db, &app, &page.items).await?;
    Ok(Json(Page {
        items,
        next_cursor: page.next_cursor,
    }))
}
