//! `GET /v1/discharges`: who was discharged.

use axum::extract::State;
use entity::enums::DischargeState;
use entity::ids::PatientId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::sight;
use super::view::Discharge;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, May, Query, grants};
use crate::store;
use crate::store::discharge::DischargeFilter;
use crate::wire::{Cursor, Page};

/// Which discharges.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DischargeQuery {
    /// Only of this patient.
    pub patient_id: Option<PatientId>,
    /// Only in this state.
    pub state: Option<DischargeState>,
    /// Only those whose first diagnosis no group has.
    pub unknown_diagnosis: Option<bool>,
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
    /// Items wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// List discharges, newest first.
///
/// Staff see those of their institutions, a nurse those that name her or that she registered. Diagnoses stand in
/// `GET /v1/discharges/{discharge_id}`, which is recorded as a read.
#[utoipa::path(
    get, path = "/v1/discharges", tag = "discharges",
    responses((status = 200, description = "A page of discharges", body = Page<Discharge>))
)]
pub async fn list_discharges(
    State(app): State<App>,
    may: May<grants::SeeDischarges>,
    Query(query): Query<DischargeQuery>,
) -> Result<Json<Page<Discharge>>> {
    let cursor = Cursor::new(query.cursor.as_deref(), query.limit)?;
    let wanted = DischargeFilter {
        patient: query.patient_id,
        state: query.state,
        unknown_diagnosis: query.unknown_diagnosis == Some(true),
    };
    let rows = store::discharge::list(app.db.reader(), &sight(&may), &wanted, &cursor).await?;
    let page = cursor.page(rows, |row| row.id.0, |row| row);
    page.try_map(|row| Discharge::of(&row)).map(Json)
}
