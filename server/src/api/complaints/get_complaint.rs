//! `GET /v1/complaints/{complaint_id}`: one complaint. Recorded as a read.

use axum::extract::State;
use entity::ids::ComplaintId;

use super::ComplaintDetail;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::{in_write, store};

/// Read a complaint.
#[utoipa::path(
    get, path = "/v1/complaints/{complaint_id}", tag = "complaints",
    params(("complaint_id" = ComplaintId, Path, description = "A complaint in scope")),
    responses((status = 200, description = "The complaint", body = ComplaintDetail))
)]
pub async fn get_complaint(
    State(app): State<App>,
    may: May<grants::Complain>,
    Id(id): Id<ComplaintId>,
) -> Result<Json<ComplaintDetail>> {
    let row = in_write!(app.db, "get_complaint", |tx| {
        let row = store::complaint::require(&**tx, &may.scope, id).await?;
        let (community, account) = (may.community, may.account);
        let (patient, operation) = (row.patient_id, "get_complaint");
        store::patient_read::record(tx, &app, community, patient, account, operation).await?;
        Ok(row)
    })?;
    Ok(Json(ComplaintDetail::of(&app, &row)?))
}
