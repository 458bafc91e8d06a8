//! `GET /v1/patients/{patient_id}/devices`: what the patient carries. Recorded as a read.

use axum::extract::State;
use entity::ids::PatientId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::view::{self, Device};
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, May, Query, grants};
use crate::rules::RuleBook;
use crate::{in_write, store};

/// Which devices.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeviceQuery {
    /// True: those in place alone.
    pub current: Option<bool>,
}

/// The devices of a patient.
#[derive(Debug, Serialize, ToSchema)]
pub struct Devices {
    /// Newest first.
    pub items: Vec<Device>,
}

/// The devices of a patient.
///
/// Each that is in place says in `rebook` what to book for its review, with the nurse who came last as first choice.
/// Who read it is recorded.
#[utoipa::path(
    get, path = "/v1/patients/{patient_id}/devices", tag = "devices",
    params(("patient_id" = PatientId, Path, description = "A patient")),
    responses((status = 200, description = "Devices, newest first", body = Devices))
)]
pub async fn list_devices(
    State(app): State<App>,
    may: May<grants::SeePatients>,
    Id(id): Id<PatientId>,
    Query(query): Query<DeviceQuery>,
) -> Result<Json<Devices>> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    let items = in_write!(app.db, "list_devices", |tx| {
        let db = &**tx;
        store::patient::get(db, &may.scope, id).await?;
        let (community, operation) = (may.community, "list_devices");
        store::patient_read::record(tx, &app, community, id, may.account, operation).await?;
        let current = query.current == Some(true);
        let rows = store::device::of_patient(db, community, id, current).await?;
        view::show(db, &app, &book, &rows).await
    })?;
    Ok(Json(Devices { items }))
}
