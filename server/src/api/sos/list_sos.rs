//! `GET /v1/sos`: alarms in scope, newest first.

use axum::extract::State;
use entity::enums::SosState;
use serde::Deserialize;
use utoipa::IntoParams;

use super::SosAlarm;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, May, Query, grants};
use crate::store;
use crate::wire::{Cursor, Page};

/// Which alarms.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SosQuery {
    /// Only those in this state.
    pub state: Option<SosState>,
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
    /// Alarms wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// List alarms.
///
/// A nurse sees her own, staff those of their institutions.
#[utoipa::path(
    get, path = "/v1/sos", tag = "sos",
    responses((status = 200, description = "Alarms, newest first", body = Page<SosAlarm>))
)]
pub async fn list_sos(
    State(app): State<App>,
    may: May<grants::SeeAlarms>,
    Query(query): Query<SosQuery>,
) -> Result<Json<Page<SosAlarm>>> {
    let db = app.db.reader();
    let cursor = Cursor::new(query.cursor.as_deref(), query.limit)?;
    let rows = store::sos::list(db, &may.scope, query.state, &cursor).await?;
    let nurses = rows.iter().map(|row| row.nurse_id);
    let contacts = store::sos::contacts(db, &app, may.community, nurses).await?;
    let page = cursor.page(rows, |row| row.id.0, |row| row);
    Ok(Json(
        page.try_map(|row| SosAlarm::of(&app, &row, &contacts))?,
    ))
}
