//! `GET /v1/patients/{patient_id}/prescriptions`: what is prescribed.

use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::DrugSource;
use entity::ids::{AccountId, PatientId, PrescriptionId};
use entity::prescription;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::catalogue::ItemCode;
use crate::error::{Error, Result};
use crate::extract::{Id, Json, May, Query, grants};
use crate::wire::{Page, PageQuery};
use crate::{in_write, store};

/// A prescription.
#[derive(Debug, Serialize, ToSchema)]
pub struct Prescription {
    /// The prescription.
    pub id: PrescriptionId,
    /// The item it is for.
    pub item: ItemCode,
    /// Name of the doctor who prescribed.
    pub prescriber: String,
    /// First day.
    pub prescribed_on: NaiveDate,
    /// Last day; it counts.
    pub valid_until: NaiveDate,
    /// The drug.
    pub drug: String,
    /// How much of it.
    pub dose: String,
    /// Which way.
    pub route: String,
    /// How often.
    pub frequency: String,
    /// Where the drug comes from.
    pub drug_source: DrugSource,
    /// Reference of its image; those that were transcribed have one.
    pub image: Option<String>,
    /// Who registered it.
    pub registered_by: AccountId,
    /// When.
    pub registered_at: DateTime<Utc>,
    /// Since when it is withdrawn.
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Why.
    pub withdraw_reason: Option<String>,
}

impl Prescription {
    pub(crate) fn of(app: &App, row: &prescription::Model) -> Result<Self> {
        let detail = store::prescription::detail(app, row)?;
        let (image, withdraw_reason) = store::prescription::texts(app, row)?;
        Ok(Self {
            id: row.id,
            item: ItemCode::new(row.item_code.as_str()).map_err(Error::internal)?,
            prescriber: detail.prescriber,
            prescribed_on: row.prescribed_on,
            valid_until: row.valid_until,
            drug: detail.drug,
            dose: detail.dose,
            route: detail.route,
            frequency: detail.frequency,
            drug_source: row.drug_source,
            image,
            registered_by: row.registered_by,
            registered_at: row.registered_at,
            withdrawn_at: row.withdrawn_at,
            withdraw_reason,
        })
    }
}

/// List prescriptions of a patient, newest first.
///
/// Who read them is recorded.
#[utoipa::path(
    get, path = "/v1/patients/{patient_id}/prescriptions", tag = "patients",
    params(("patient_id" = PatientId, Path, description = "A patient")),
    responses((status = 200, description = "A page of prescriptions", body = Page<Prescription>))
)]
pub async fn list_prescriptions(
    State(app): State<App>,
    may: May<grants::SeePatients>,
    Id(id): Id<PatientId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Prescription>>> {
    let cursor = query.cursor()?;
    let db = app.db.reader();
    store::patient::get(db, &may.scope, id).await?;
    let rows = store::prescription::page(db, may.community, id, &cursor).await?;
    let operation = "list_prescriptions";
    in_write!(app.db, "list_prescriptions", |tx| {
        store::patient_read::record(tx, &app, may.community, id, may.account, operation).await
    })?;
    let page = cursor.page(rows, |row| row.id.0, |row| row);
    Ok(Json(page.try_map(|row| Prescription::of(&app, &row))?))
}
