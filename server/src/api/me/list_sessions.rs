//! `GET /v1/me/sessions`: where the caller is logged in.

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::ids::SessionId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, May, grants};
use crate::store;

/// A login on one device.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// The session.
    pub id: SessionId,
    /// What the device called itself.
    pub device: String,
    /// Logged in at.
    pub created_at: DateTime<Utc>,
    /// Last refresh.
    pub last_seen_at: DateTime<Utc>,
    /// Ends at, unless used before.
    pub expires_at: DateTime<Utc>,
    /// The session this was asked with.
    pub current: bool,
}

/// The caller's sessions.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sessions {
    /// Newest first.
    pub items: Vec<Session>,
}

/// Where am I logged in.
#[utoipa::path(
    get, path = "/v1/me/sessions", tag = "me",
    responses((status = 200, description = "Sessions that live", body = Sessions))
)]
pub async fn list_sessions(
    State(app): State<App>,
    may: May<grants::BeLoggedIn>,
) -> Result<Json<Sessions>> {
    let rows =
        store::session::live_of(app.db.reader(), may.community, may.account, app.now()).await?;
    let items = rows
        .into_iter()
        .map(|row| Session {
            id: row.id,
            device: row.device,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            expires_at: row.expires_at,
            current: row.id == may.session,
        })
        .collect();
    Ok(Json(Sessions { items }))
}
