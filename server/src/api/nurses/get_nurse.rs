//! `GET /v1/nurses/{nurse_id}`: one nurse with papers and duty.

use axum::extract::State;
use entity::ids::NurseId;

use super::Nurse;
use crate::app::App;
use crate::error::Result;
use crate::extract::{ETag, Id, Json, May, grants};
use crate::store;

/// A nurse.
#[utoipa::path(
    get, path = "/v1/nurses/{nurse_id}", tag = "nurses",
    params(("nurse_id" = NurseId, Path, description = "A nurse within the caller's scope")),
    responses((status = 200, description = "The nurse", body = Nurse, headers(("ETag" = String, description = "Send it as If-Match to change her"))))
)]
pub async fn get_nurse(
    State(app): State<App>,
    may: May<grants::SeeRoster>,
    Id(nurse): Id<NurseId>,
) -> Result<(ETag, Json<Nurse>)> {
    let db = app.db.reader();
    let row = store::nurse::find(db, &may.scope, nurse).await?;
    let nurse = Nurse::read(db, &app, &row).await?;
    Ok((ETag(row.version), Json(nurse)))
}
