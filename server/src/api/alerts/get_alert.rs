//! `GET /v1/alerts/{alert_id}`: what was found.

use axum::extract::State;
use entity::ids::AlertId;

use super::view::AlertWhole;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::{in_write, store};

/// One alert, with what was found and what came of it.
///
/// Who read it is recorded.
#[utoipa::path(
    get, path = "/v1/alerts/{alert_id}", tag = "alerts",
    params(("alert_id" = AlertId, Path, description = "An alert of the caller's institutions")),
    responses((status = 200, description = "The alert", body = AlertWhole))
)]
pub async fn get_alert(
    State(app): State<App>,
    may: May<grants::SeeAlerts>,
    Id(id): Id<AlertId>,
) -> Result<Json<AlertWhole>> {
    let row = store::alert::require(app.db.reader(), &may.scope, id).await?;
    let (patient, operation) = (row.patient_id, "get_alert");
    in_write!(app.db, "get_alert", |tx| {
        store::patient_read::record(tx, &app, may.community, patient, may.account, operation).await
    })?;
    Ok(Json(AlertWhole::of(&app, &row)?))
}
