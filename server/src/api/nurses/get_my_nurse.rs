//! `GET /v1/nurses/me`: a nurse reads her own profile.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::Nurse;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, May, grants};
use crate::problem::Code;
use crate::store;
use crate::wire::PlaceOut;

/// The caller as a nurse.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyNurse {
    /// What the roster says of her.
    pub nurse: Nurse,
    /// Where her phone was last; nobody else is shown this.
    pub last_place: Option<PlaceOut>,
    /// When that was.
    pub last_place_at: Option<DateTime<Utc>>,
}

/// My profile, certificates and duty.
#[utoipa::path(
    get, path = "/v1/nurses/me", tag = "nurses",
    responses((status = 200, description = "The caller as a nurse", body = MyNurse))
)]
pub async fn get_my_nurse(
    State(app): State<App>,
    may: May<grants::DoVisits>,
) -> Result<Json<MyNurse>> {
    let db = app.db.reader();
    let id = may.nurse.ok_or(Code::NoNurseProfile)?;
    let row = store::nurse::get(db, may.community, id)
        .await?
        .ok_or(Code::NoNurseProfile)?;
    Ok(Json(MyNurse {
        nurse: Nurse::read(db, &app, &row).await?,
        last_place: PlaceOut::from_columns(row.last_lng, row.last_lat, row.last_accuracy_m),
        last_place_at: row.last_place_at,
    }))
}
