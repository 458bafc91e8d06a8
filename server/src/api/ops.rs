//! For the operator's monitor: alive, and able to serve. Not part of the API.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::app::App;

/// The process answers.
pub async fn healthz() -> Json<Value> {
    Json(json!({ "status": "alive" }))
}

/// The process can serve: its database answers.
pub async fn readyz(State(app): State<App>) -> (StatusCode, Json<Value>) {
    match app.db.reader().ping().await {
        Ok(()) => (StatusCode::OK, Json(json!({ "status": "ready" }))),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({ "status": "database away" })),
        ),
    }
}
