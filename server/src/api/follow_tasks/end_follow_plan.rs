//! `POST /v1/patients/{patient_id}/follow-up/{plan_id}/end`: what was followed is over.

use axum::extract::State;
use entity::enums::FollowPlanState;
use entity::enums::FollowStop;
use entity::ids::{FollowPlanId, PatientId};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::answer::Answer;
use crate::api::discharges::FollowPlan;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::follow_up;
use crate::problem::Code;
use crate::{once, store};

/// Nothing is asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndFollowPlan {}

/// End a follow-up plan: the wound has healed, the tube is out. Told again it stays so.
#[utoipa::path(
    post, path = "/v1/patients/{patient_id}/follow-up/{plan_id}/end", tag = "follow-up", request_body = EndFollowPlan,
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("plan_id" = FollowPlanId, Path, description = "A plan of the patient"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "The plan as it is now", body = FollowPlan))
)]
pub async fn end_follow_plan(
    State(app): State<App>,
    may: May<grants::DirectFollowUp>,
    Id((patient, plan)): Id<(PatientId, FollowPlanId)>,
    IdempotencyKey { key, .. }: IdempotencyKey<EndFollowPlan>,
) -> Result<Answer> {
    once!(app, may, key, "end_follow_plan", |tx| {
        store::patient::get_locked(tx, &may.scope, patient).await?;
        let found = || async {
            let row = store::follow_up::plan(&**tx, may.community, plan).await?;
            row.filter(|row| row.patient_id == patient)
                .ok_or_else(|| crate::error::Error::from(Code::NotFound))
        };
        let row = found().await?;
        if row.state == FollowPlanState::Active {
            let plans = std::slice::from_ref(&row);
            let (cause, by) = (FollowStop::Completed, Some(may.account));
            follow_up::stop(tx, &app, plans, cause, by).await?;
        }
        Answer::ok(&FollowPlan::of(&found().await?))
    })
}
