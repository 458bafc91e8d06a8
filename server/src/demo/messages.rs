//! `GET /demo/messages`: what went to the phones of a simulation, with its codes. Whoever simulates is the families too.
//! Only beside a movable clock, on this machine alone; neither part of `/v1` nor of the spec.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use entity::enums::MessageState;
use entity::ids::MessageId;
use serde::{Deserialize, Serialize};

use super::clock::is_near;
use crate::app::App;
use crate::error::Result;
use crate::store;

/// Messages of one answer.
const PAGE: u64 = 500;

/// Which messages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Code of the community.
    community: String,
    /// Only those made after this one.
    after: Option<MessageId>,
}

/// Messages, in the order they were made.
#[derive(Debug, Serialize)]
struct Messages {
    items: Vec<PhoneMessage>,
}

/// A message to a phone.
#[derive(Debug, Serialize)]
struct PhoneMessage {
    id: MessageId,
    /// The whole number.
    phone: String,
    /// Name of the text.
    template: String,
    text: String,
    state: MessageState,
    /// When the gateway took it.
    sent_at: Option<DateTime<Utc>>,
}

pub(super) fn routes(app: App) -> Router {
    Router::new()
        .route("/demo/messages", get(list))
        .with_state(app)
}

async fn list(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Query(wanted): Query<Wanted>,
) -> Response {
    if !is_near(peer) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match read(&app, &wanted).await {
        Ok(items) => Json(Messages { items }).into_response(),
        Err(error) => error.into_response(),
    }
}

async fn read(app: &App, wanted: &Wanted) -> Result<Vec<PhoneMessage>> {
    let db = app.db.reader();
    let community = store::account::community(db, &wanted.community).await?.id;
    let opened = store::message::made_after(db, app, community, wanted.after, PAGE).await?;
    let shown = |one: store::message::Opened| PhoneMessage {
        id: one.row.id,
        phone: one.phone,
        template: one.row.template,
        text: one.text,
        state: one.row.state,
        sent_at: one.row.sent_at,
    };
    Ok(opened.into_iter().map(shown).collect())
}
