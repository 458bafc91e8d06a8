//! `GET /v1/sync/pack`: what a nurse takes along to where there is no signal.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::get_changes::{Sheet, near_visits, record_reads, sheets};
use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, May, grants};
use crate::in_write;
use crate::problem::Code;

/// Today's and tomorrow's visits.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pack {
    /// Our clock; the phone shows when its own differs.
    pub server_time: DateTime<Utc>,
    /// The visits, at most 40.
    #[schema(max_items = 40)]
    pub visits: Vec<Sheet>,
}

/// Take the visits along.
///
/// Today's and tomorrow's visits, and those under way whatever their day, with all that is needed at the door, as
/// `GET /v1/visits/{visit_id}` shows them. The phone keeps them sealed and deletes what `GET /v1/sync/changes` tells it
/// to. Each patient shown is recorded as read.
#[utoipa::path(
    get, path = "/v1/sync/pack", tag = "offline",
    responses((status = 200, description = "Visits of today and tomorrow", body = Pack))
)]
pub async fn get_pack(State(app): State<App>, may: May<grants::DoVisits>) -> Result<Json<Pack>> {
    let nurse = may.nurse.ok_or(Code::NoNurseProfile)?;
    let visits = in_write!(app.db, "get_pack", |tx| {
        let near = near_visits(tx, &app, may.community, nurse).await?;
        let sheets = sheets(tx, &app, may.community, near).await?;
        record_reads(tx, &app, &may, &sheets, "get_pack").await?;
        Ok(sheets)
    })?;
    Ok(Json(Pack {
        server_time: app.now(),
        visits,
    }))
}
