//! `GET /v1/adverse-event-kinds`: the kinds of adverse events, tubes and incidents.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::harm::{HarmKind, HarmKinds};
use crate::error::Result;
use crate::extract::{Json, May, grants};
use crate::rules::RuleBook;

/// The kinds in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct HarmKindList {
    /// Version of the list.
    pub version: u32,
    /// Where it comes from, and who approved it.
    pub source: String,
    /// Kinds of adverse events.
    pub adverse_events: Vec<HarmKind>,
    /// Tubes.
    pub tubes: Vec<HarmKind>,
    /// Kinds of incidents.
    pub incidents: Vec<HarmKind>,
}

/// List the kinds of adverse events and incidents.
#[utoipa::path(
    get, path = "/v1/adverse-event-kinds", tag = "safety",
    responses((status = 200, description = "The kinds", body = HarmKindList))
)]
pub async fn list_adverse_event_kinds(
    State(app): State<App>,
    may: May<grants::ReportHarm>,
) -> Result<Json<HarmKindList>> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    let kinds = HarmKinds::clone(&book.harm);
    Ok(Json(HarmKindList {
        version: kinds.version,
        source: kinds.source,
        adverse_events: kinds.adverse_events,
        tubes: kinds.tubes,
        incidents: kinds.incidents,
    }))
}
