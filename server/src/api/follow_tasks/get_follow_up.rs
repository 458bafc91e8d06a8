//! `GET /v1/patients/{patient_id}/follow-up`: the plans of a patient and the contacts still to come.

use axum::extract::State;
use entity::ids::PatientId;
use serde::Serialize;
use utoipa::ToSchema;

use super::view::{FollowTask, show};
use crate::api::discharges::FollowPlan;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::{in_write, store};

/// What follows the stays of a patient.
#[derive(Debug, Serialize, ToSchema)]
pub struct FollowUp {
    /// Plans, newest first.
    pub plans: Vec<FollowPlan>,
    /// Contacts that are not over, by due day.
    pub tasks: Vec<FollowTask>,
}

/// The follow-up of a patient.
///
/// Who read it is recorded.
#[utoipa::path(
    get, path = "/v1/patients/{patient_id}/follow-up", tag = "follow-up",
    params(("patient_id" = PatientId, Path, description = "A patient")),
    responses((status = 200, description = "Plans and contacts", body = FollowUp))
)]
pub async fn get_follow_up(
    State(app): State<App>,
    may: May<grants::SeePatients>,
    Id(id): Id<PatientId>,
) -> Result<Json<FollowUp>> {
    let shown = in_write!(app.db, "get_follow_up", |tx| {
        let db = &**tx;
        store::patient::get(db, &may.scope, id).await?;
        let (community, operation) = (may.community, "get_follow_up");
        store::patient_read::record(tx, &app, community, id, may.account, operation).await?;
        let plans = store::follow_up::plans_of_patient(db, community, id).await?;
        let tasks = store::follow_up::live_of(db, community, id).await?;
        Ok(FollowUp {
            plans: plans.iter().map(FollowPlan::of).collect(),
            tasks: show(db, &app, &tasks).await?,
        })
    })?;
    Ok(Json(shown))
}
