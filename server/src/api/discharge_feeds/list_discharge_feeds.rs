//! `GET /v1/discharge-feeds`: the systems of the caller's institutions.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::DischargeFeed;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, May, grants};
use crate::store;

/// Systems that tell of discharges.
#[derive(Debug, Serialize, ToSchema)]
pub struct DischargeFeeds {
    /// Newest first.
    pub items: Vec<DischargeFeed>,
}

/// The systems that tell of discharges, without their secrets.
#[utoipa::path(
    get, path = "/v1/discharge-feeds", tag = "discharges",
    responses((status = 200, description = "Feeds, newest first", body = DischargeFeeds))
)]
pub async fn list_discharge_feeds(
    State(app): State<App>,
    may: May<grants::ManageFeeds>,
) -> Result<Json<DischargeFeeds>> {
    let db = app.db.reader();
    let rows = store::discharge::feeds(db, may.community, &may.scope.institutions).await?;
    Ok(Json(DischargeFeeds {
        items: rows.iter().map(DischargeFeed::of).collect(),
    }))
}
