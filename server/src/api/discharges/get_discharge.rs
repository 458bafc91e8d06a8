//! `GET /v1/discharges/{discharge_id}`: one discharge. Recorded as a read.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use entity::ids::DischargeId;

use super::create_discharge::whole;
use super::sight;
use super::view::DischargeWhole;
use crate::answer::Answer;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, May, grants};
use crate::{in_write, store};

/// One discharge, with its diagnoses and its plans.
///
/// Who read it is recorded.
#[utoipa::path(
    get, path = "/v1/discharges/{discharge_id}", tag = "discharges",
    params(("discharge_id" = DischargeId, Path, description = "A discharge")),
    responses((status = 200, description = "The discharge", body = DischargeWhole, headers(
        ("ETag" = String, description = "Version of the discharge"),
    )))
)]
pub async fn get_discharge(
    State(app): State<App>,
    may: May<grants::SeeDischarges>,
    Id(id): Id<DischargeId>,
) -> Result<Response> {
    let answer = in_write!(app.db, "get_discharge", |tx| {
        let row = store::discharge::get(&**tx, &sight(&may), id).await?;
        let (patient, operation) = (row.patient_id, "get_discharge");
        store::patient_read::record(tx, &app, may.community, patient, may.account, operation)
            .await?;
        Ok(Answer::ok(&whole(tx, &app, &row).await?)?.version(row.version))
    })?;
    Ok(answer.into_response())
}
