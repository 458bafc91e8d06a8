//! `GET` and `PUT /demo/clock`: the clock of a simulation. It stands still until it is moved, and never goes back. It walks:
//! on its way it stops wherever a job is due, so that what happens by itself happens at its own time.
//! Neither part of `/v1` nor of the spec.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Mutex;

use crate::app::App;
use crate::error::Result;
use crate::{jobs, store};

/// What the clock shows.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    /// Now.
    now: DateTime<Utc>,
}

/// One hand on the clock at a time.
#[derive(Clone)]
struct Hand {
    app: App,
    turn: Arc<Mutex<()>>,
}

pub(super) fn routes(app: App) -> Router {
    let turn = Arc::default();
    Router::new()
        .route("/demo/clock", get(show).put(set))
        .with_state(Hand { app, turn })
}

async fn show(State(hand): State<Hand>, ConnectInfo(peer): ConnectInfo<SocketAddr>) -> Response {
    if !is_near(peer) {
        return StatusCode::NOT_FOUND.into_response();
    }
    Json(Shown {
        now: hand.app.now(),
    })
    .into_response()
}

/// Moves the clock, and runs the jobs that are due on the way and then before it answers. To where it stands already: runs
/// what became due since.
async fn set(
    State(hand): State<Hand>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Json(wanted): Json<Shown>,
) -> Response {
    if !is_near(peer) {
        return StatusCode::NOT_FOUND.into_response();
    }
    // In a task of its own: a caller who hangs up does not leave half of the jobs undone.
    let moved = tokio::spawn(move_to(hand.clone(), wanted.now)).await;
    let now = hand.app.now();
    match moved {
        Ok(Ok(true)) => Json(Shown { now }).into_response(),
        Ok(Ok(false)) => {
            let why = json!({ "code": "clock_backwards", "now": now });
            (StatusCode::CONFLICT, Json(why)).into_response()
        }
        Ok(Err(error)) => error.into_response(),
        Err(error) => crate::error::Error::internal(error).into_response(),
    }
}

/// False when the clock stands later already.
async fn move_to(hand: Hand, to: DateTime<Utc>) -> Result<bool> {
    let _turn = hand.turn.lock().await;
    // Databases keep microseconds.
    let to = to.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(to);
    if to < hand.app.now() {
        return Ok(false);
    }
    let app = &hand.app;
    loop {
        let ran = jobs::run_due(app).await?;
        let next = store::job::next_due(app.db.background()).await?;
        let Some(next) = next.filter(|next| *next <= to) else {
            break;
        };
        // Due, and none ran: another process has it.
        if next <= app.now() && ran == 0 {
            break;
        }
        app.clock.stop_at(next.max(app.now()));
    }
    app.clock.stop_at(to);
    jobs::run_due(app).await?;
    Ok(true)
}

pub(super) fn is_near(peer: SocketAddr) -> bool {
    peer.ip().to_canonical().is_loopback()
}
