//! `GET /v1/alerts`: what has to be looked at.

use axum::extract::State;
use entity::enums::AlertKind;
use entity::ids::PatientId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::view::Alert;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, May, Query, grants};
use crate::store;
use crate::store::alert::AlertFilter;
use crate::wire::{Cursor, Page};

/// Which alerts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AlertQuery {
    /// Only closed ones, or only those that are not.
    pub closed: Option<bool>,
    /// Only of this kind.
    pub kind: Option<AlertKind>,
    /// Only of this patient.
    pub patient_id: Option<PatientId>,
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
    /// Items wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// List alerts of the caller's institutions, newest first.
///
/// What was found stands in `GET /v1/alerts/{alert_id}`, which is recorded as a read.
#[utoipa::path(
    get, path = "/v1/alerts", tag = "alerts",
    responses((status = 200, description = "A page of alerts", body = Page<Alert>))
)]
pub async fn list_alerts(
    State(app): State<App>,
    may: May<grants::SeeAlerts>,
    Query(query): Query<AlertQuery>,
) -> Result<Json<Page<Alert>>> {
    let cursor = Cursor::new(query.cursor.as_deref(), query.limit)?;
    let wanted = AlertFilter {
        closed: query.closed,
        kind: query.kind,
        patient: query.patient_id,
    };
    let rows = store::alert::list(app.db.reader(), &may.scope, &wanted, &cursor).await?;
    Ok(Json(cursor.page(
        rows,
        |row| row.id.0,
        |row| Alert::of(&row),
    )))
}
