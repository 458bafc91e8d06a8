//! `GET /v1/patients/{patient_id}/rehab-plans`: plans of a patient. Recorded as a read.

use axum::extract::State;
use entity::ids::PatientId;
use serde::Serialize;
use utoipa::ToSchema;

use super::view::{Around, RehabPlan};
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::rules::RuleBook;
use crate::{in_write, store};

/// The rehabilitation plans of a patient.
#[derive(Debug, Serialize, ToSchema)]
pub struct RehabPlans {
    /// Newest first.
    pub items: Vec<RehabPlan>,
}

/// The rehabilitation plans of a patient, newest first.
///
/// Who read it is recorded.
#[utoipa::path(
    get, path = "/v1/patients/{patient_id}/rehab-plans", tag = "rehabilitation",
    params(("patient_id" = PatientId, Path, description = "A patient")),
    responses((status = 200, description = "Plans", body = RehabPlans))
)]
pub async fn list_plans(
    State(app): State<App>,
    may: May<grants::SeePatients>,
    Id(id): Id<PatientId>,
) -> Result<Json<RehabPlans>> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    let items = in_write!(app.db, "list_plans", |tx| {
        let db = &**tx;
        store::patient::get(db, &may.scope, id).await?;
        let (community, operation) = (may.community, "list_plans");
        store::patient_read::record(tx, &app, community, id, may.account, operation).await?;
        let plans = store::rehab::of_patient(db, community, id).await?;
        let around = Around::read(db, &app, &book, &plans).await?;
        let totals = store::scale_score::totals(db, community, id).await?;
        let items = plans
            .iter()
            .map(|plan| around.plan(&app, &book, plan, &totals));
        items.collect::<Result<Vec<_>>>()
    })?;
    Ok(Json(RehabPlans { items }))
}
