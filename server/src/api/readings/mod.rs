//! Numbers measured between visits, such as a weight: told by families and nurses, followed over time.

pub mod list_readings;
pub mod tell_readings;

use entity::enums::Role;
use entity::ids::PatientId;
use entity::patient;
use sea_orm::ConnectionTrait;

use crate::api::follow_tasks::sight;
use crate::app::App;
use crate::error::{Error, Result};
use crate::extract::{May, Permission};
use crate::problem::Code;
use crate::store;

/// The patient in scope, or one whom the calling nurse follows: by a task within her sight, or by a rehabilitation plan
/// that she leads.
async fn patient_of<P: Permission>(
    db: &impl ConnectionTrait,
    app: &App,
    may: &May<P>,
    id: PatientId,
) -> Result<patient::Model> {
    let refused = match store::patient::get(db, &may.scope, id).await {
        Err(error) if error.code() == Some(Code::NotFound) && may.has_any(&[Role::Nurse]) => error,
        other => return other,
    };
    let plans = store::rehab::active_of(db, may.community, [id]).await?;
    let leads = |nurse| plans.iter().any(|plan| plan.nurse_id == Some(nurse));
    let follows = store::follow_up::sees(db, &sight(app, may), id).await?;
    if !follows && !may.scope.nurse.is_some_and(leads) {
        return Err(refused);
    }
    let patient = store::patient::in_community(db, may.community, id).await?;
    patient.ok_or_else(|| Error::internal("a task or plan has no patient"))
}
