//! `GET /v1/patients/{patient_id}/carers`: who acts for a patient.

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::enums::{CarerRelation, ConsentBasis};
use entity::ids::{AccountId, CarerId, PatientId};
use entity::{account, carer};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::name::PersonName;
use crate::error::{Error, Result};
use crate::extract::{Id, Json, May, grants};
use crate::store;

/// Somebody who acts for a patient.
#[derive(Debug, Serialize, ToSchema)]
pub struct Carer {
    /// This entry.
    pub id: CarerId,
    /// The carer's name, masked.
    #[schema(example = "王*明")]
    pub name: String,
    /// The carer's phone, masked.
    #[schema(example = "138****1234")]
    pub phone: String,
    /// What the carer is to the patient.
    pub relation: CarerRelation,
    /// How the patient agreed.
    pub consent: ConsentBasis,
    /// May book and change things, not only look.
    pub may_book: bool,
    /// This is the caller.
    pub me: bool,
    /// Since.
    pub added_at: DateTime<Utc>,
}

impl Carer {
    pub(super) fn of(
        app: &App,
        row: &carer::Model,
        account: &account::Model,
        caller: AccountId,
    ) -> Result<Self> {
        let name = PersonName::parse(&store::account::name(app, account)?);
        Ok(Self {
            id: row.id,
            name: name.map_err(Error::internal)?.masked(),
            phone: store::account::phone(app, account)?.masked(),
            relation: row.relation,
            consent: row.consent,
            may_book: row.may_book,
            me: row.account_id == caller,
            added_at: row.added_at,
        })
    }
}

/// The carers of a patient.
#[derive(Debug, Serialize, ToSchema)]
pub struct Carers {
    /// Oldest first, at most 20.
    pub items: Vec<Carer>,
}

/// Who acts for this patient.
#[utoipa::path(
    get, path = "/v1/patients/{patient_id}/carers", tag = "patients",
    params(("patient_id" = PatientId, Path, description = "A patient")),
    responses((status = 200, description = "Carers, masked", body = Carers))
)]
pub async fn list_carers(
    State(app): State<App>,
    may: May<grants::SeePatients>,
    Id(id): Id<PatientId>,
) -> Result<Json<Carers>> {
    let db = app.db.reader();
    let patient = store::patient::get(db, &may.scope, id).await?;
    let rows = store::carer::of_patient(db, may.community, patient.id).await?;
    let items = rows
        .iter()
        .map(|(row, account)| Carer::of(&app, row, account, may.account))
        .collect::<Result<_>>()?;
    Ok(Json(Carers { items }))
}
