//! `GET /v1/patients`: the patients the caller may see.

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::enums::Sex;
use entity::ids::{InstitutionId, PatientId};
use entity::patient;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::may_book;
use crate::app::App;
use crate::domain::calendar::local_date;
use crate::domain::patient::age_on;
use crate::error::Result;
use crate::extract::{Json, May, Query, grants};
use crate::store;
use crate::wire::{Cursor, Page};

/// Which patients.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PatientQuery {
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
    /// Items wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
    /// Only patients of this institution.
    pub institution_id: Option<InstitutionId>,
}

/// A patient in a list, masked.
#[derive(Debug, Serialize, ToSchema)]
pub struct PatientSummary {
    /// The patient.
    pub id: PatientId,
    /// The responsible institution.
    pub institution_id: InstitutionId,
    /// The name, masked.
    #[schema(example = "王*英")]
    pub name: String,
    /// The phone, masked.
    #[schema(example = "138****1234")]
    pub phone: Option<String>,
    /// Full years today, in Asia/Shanghai.
    pub age_years: u16,
    /// Sex.
    pub sex: Sex,
    /// The caller may book and change things for this patient.
    pub may_book: bool,
    /// Registered at.
    pub created_at: DateTime<Utc>,
}

/// A page of patients.
pub type PatientPage = Page<PatientSummary>;

/// Which patients may I see.
///
/// Newest first. Families see those they care for, nurses those of their visits, staff those of their institutions.
#[utoipa::path(
    get, path = "/v1/patients", tag = "patients",
    responses((status = 200, description = "Patients, masked", body = Page<PatientSummary>))
)]
pub async fn list_patients(
    State(app): State<App>,
    may: May<grants::SeePatients>,
    Query(query): Query<PatientQuery>,
) -> Result<Json<PatientPage>> {
    let cursor = Cursor::new(query.cursor.as_deref(), query.limit)?;
    let rows = store::patient::page(
        app.db.reader(),
        &may.scope,
        query.institution_id,
        cursor.before,
        cursor.read(),
    )
    .await?;
    let booking = may_book(&app, &may, &rows).await?;
    let rows: Vec<_> = rows.into_iter().zip(booking).collect();
    let page = cursor.page(rows, |(row, _)| row.id.0, |pair| pair);
    Ok(Json(
        page.try_map(|(row, booking)| summary(&app, &row, booking))?,
    ))
}

fn summary(app: &App, row: &patient::Model, may_book: bool) -> Result<PatientSummary> {
    Ok(PatientSummary {
        id: row.id,
        institution_id: row.institution_id,
        name: store::patient::name(app, row)?.masked(),
        phone: store::patient::phone(app, row)?.map(|phone| phone.masked()),
        age_years: age_on(row.birth_date, local_date(app.now())),
        sex: row.sex,
        may_book,
        created_at: row.created_at,
    })
}
