//! `PUT /v1/nurses/{nurse_id}/duty`: the weekly windows of a nurse.

use axum::extract::State;
use entity::ids::NurseId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{DutyWindow, Nurse, code_of};
use crate::app::App;
use crate::domain::roster::{DutySpan, MAX_WINDOWS, RosterError, check_duty};
use crate::error::Result;
use crate::extract::{ETag, Id, IfMatch, Json, May, grants};
use crate::problem::{Code, Problem};
use crate::{in_write, store};

/// The whole week of a nurse; what it does not name is off duty.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetDuty {
    /// Windows that do not overlap, at most 42. None at all: she is never on duty.
    #[schema(max_items = 42)]
    pub windows: Vec<DutyWindow>,
}

/// Set the duty windows of a nurse.
///
/// Replaces all of them. They share the nurse's version.
#[utoipa::path(
    put, path = "/v1/nurses/{nurse_id}/duty", tag = "nurses", request_body = SetDuty,
    params(("nurse_id" = NurseId, Path, description = "A nurse within the caller's scope")),
    responses((status = 200, description = "Set", body = Nurse, headers(("ETag" = String))))
)]
pub async fn set_nurse_duty(
    State(app): State<App>,
    may: May<grants::ManageRoster>,
    Id(nurse): Id<NurseId>,
    version: IfMatch,
    Json(week): Json<SetDuty>,
) -> Result<(ETag, Json<Nurse>)> {
    let windows = spans(&week)?;
    let (version, nurse) = in_write!(app.db, "set_nurse_duty", |tx| {
        let row = store::nurse::find(&**tx, &may.scope, nurse).await?;
        version.check(row.version)?;
        let version = store::nurse::set_duty(tx, &app, &row, &windows, may.account).await?;
        Ok((version, Nurse::read(&**tx, &app, &row).await?))
    })?;
    Ok((ETag(version), Json(nurse)))
}

fn spans(week: &SetDuty) -> Result<Vec<DutySpan>> {
    let wrong = |path: String, error: &RosterError| {
        Problem::new(Code::InvalidRequest).field_with(path, code_of(error), error.params("windows"))
    };
    if week.windows.len() > MAX_WINDOWS {
        let too_many = RosterError::NumberRange { min: 0, max: 42 };
        return Err(wrong("windows".to_owned(), &too_many).into());
    }
    let windows: Vec<_> = (0..)
        .zip(&week.windows)
        .map(|(index, window): (usize, _)| window.span(&format!("windows[{index}]")))
        .collect::<Result<_>>()?;
    check_duty(&windows).map_err(|(index, error)| wrong(format!("windows[{index}]"), &error))?;
    Ok(windows)
}
