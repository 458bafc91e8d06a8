//! `GET /v1/patient-duplicates`: the work list of patients who may be registered twice.

use axum::extract::State;
use entity::enums::DuplicateState;
use entity::ids::PatientId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{PatientDuplicate, told};
use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, May, Query, grants};
use crate::store;
use crate::wire::{Cursor, Page};

/// Which pairs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DuplicateQuery {
    /// Only pairs of this patient.
    pub patient_id: Option<PatientId>,
    /// What was decided; those that nobody has decided on when left out.
    pub state: Option<DuplicateState>,
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
    /// Items wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// List patients who may be registered twice, newest first.
///
/// A pair is noted when a patient is registered, or gets another name, phone or papers, and looks like somebody who is
/// there. Nothing is merged by itself. Only pairs of which the caller's institutions have both. Masked.
#[utoipa::path(
    get, path = "/v1/patient-duplicates", tag = "patients",
    responses((status = 200, description = "A page of pairs", body = Page<PatientDuplicate>))
)]
pub async fn list_patient_duplicates(
    State(app): State<App>,
    may: May<grants::MergePatients>,
    Query(query): Query<DuplicateQuery>,
) -> Result<Json<Page<PatientDuplicate>>> {
    let cursor = Cursor::new(query.cursor.as_deref(), query.limit)?;
    let (db, state) = (app.db.reader(), query.state.unwrap_or(DuplicateState::Open));
    let patient = query.patient_id;
    let rows = store::patient_duplicate::list(db, &may.scope, state, patient, &cursor).await?;
    let page = cursor.page(rows, |row| row.id.0, |row| row);
    let items = told(db, &app, page.items).await?;
    Ok(Json(Page {
        items,
        next_cursor: page.next_cursor,
    }))
}
