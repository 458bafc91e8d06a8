//! `GET /v1/patients/{patient_id}/addresses/{address_id}/warning`: what dispatch has to know of an address.

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::address_warning;
use entity::enums::WarningState;
use entity::ids::{AccountId, AddressId, AddressWarningId, PatientId, VisitId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::{in_write, store};

/// A warning about an address.
#[derive(Debug, Serialize, ToSchema)]
pub struct AddressWarning {
    /// The warning.
    pub id: AddressWarningId,
    /// Its state.
    pub state: WarningState,
    /// The warning itself.
    pub text: String,
    /// The visit after which a nurse proposed it.
    pub visit_id: Option<VisitId>,
    /// Who wrote it.
    pub set_by: AccountId,
    /// When.
    pub set_at: DateTime<Utc>,
}

impl AddressWarning {
    pub(super) fn of(app: &App, row: &address_warning::Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            state: row.state,
            text: store::address_warning::text(app, row)?,
            visit_id: row.visit_id,
            set_by: row.set_by,
            set_at: row.set_at,
        })
    }
}

/// The warnings about an address.
#[derive(Debug, Serialize, ToSchema)]
pub struct AddressWarnings {
    /// The one in force, and those that nurses proposed; oldest first.
    pub items: Vec<AddressWarning>,
}

/// Read the warnings about an address.
///
/// Seen by coordinators and supervisors, and the one in force by the nurse of a visit (in the visit). Neither the
/// family nor other nurses see it. Recorded as a read.
#[utoipa::path(
    get, path = "/v1/patients/{patient_id}/addresses/{address_id}/warning", tag = "patients",
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("address_id" = AddressId, Path, description = "An address of the patient"),
    ),
    responses((status = 200, description = "The warnings", body = AddressWarnings))
)]
pub async fn get_warning(
    State(app): State<App>,
    may: May<grants::WarnOfAddresses>,
    Id((id, address)): Id<(PatientId, AddressId)>,
) -> Result<Json<AddressWarnings>> {
    let (community, account) = (may.community, may.account);
    let rows = in_write!(app.db, "get_warning", |tx| {
        store::patient::get(&**tx, &may.scope, id).await?;
        store::address::get(&**tx, community, id, address).await?;
        store::patient_read::record(tx, &app, community, id, account, "get_warning").await?;
        store::address_warning::of_address(&**tx, community, address).await
    })?;
    let items = rows.iter().map(|row| AddressWarning::of(&app, row));
    Ok(Json(AddressWarnings {
        items: items.collect::<Result<_>>()?,
    }))
}
