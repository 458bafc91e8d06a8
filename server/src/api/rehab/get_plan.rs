//! `GET /v1/rehab-plans/{rehab_id}`: a plan. Recorded as a read.

use axum::extract::State;
use entity::ids::RehabPlanId;

use super::view::{self, RehabPlan};
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::rules::RuleBook;
use crate::{in_write, store};

/// A rehabilitation plan, with its cards and how much of it was done.
///
/// Adherence is what was done of what was planned in the seven days before today; what was only opened stands apart.
/// Who read it is recorded.
#[utoipa::path(
    get, path = "/v1/rehab-plans/{rehab_id}", tag = "rehabilitation",
    params(("rehab_id" = RehabPlanId, Path, description = "A plan of a patient in scope, or one the calling nurse leads")),
    responses((status = 200, description = "The plan", body = RehabPlan))
)]
pub async fn get_plan(
    State(app): State<App>,
    may: May<grants::SeePatients>,
    Id(id): Id<RehabPlanId>,
) -> Result<Json<RehabPlan>> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    let shown = in_write!(app.db, "get_plan", |tx| {
        let plan = store::rehab::require(&**tx, &may.scope, id).await?;
        let (community, patient, operation) = (may.community, plan.patient_id, "get_plan");
        store::patient_read::record(tx, &app, community, patient, may.account, operation).await?;
        view::show(&**tx, &app, &book, &plan).await
    })?;
    Ok(Json(shown))
}
