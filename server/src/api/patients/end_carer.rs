//! `DELETE /v1/patients/{patient_id}/carers/{carer_id}`: somebody acts for a patient no more.

use axum::extract::State;
use axum::http::StatusCode;
use entity::carer::Model as Carer;
use entity::ids::{CarerId, PatientId};
use serde_json::json;

use super::event_of;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::patient::may_end;
use crate::error::Result;
use crate::extract::{Id, May, grants};
use crate::problem::Code;
use crate::{in_write, store};

/// End a carer.
///
/// Done by a carer who may book, by a coordinator, or by the carer. The last carer who may book stays; for a ward
/// that is the last guardian.
#[utoipa::path(
    delete, path = "/v1/patients/{patient_id}/carers/{carer_id}", tag = "patients",
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("carer_id" = CarerId, Path, description = "A carer of the patient"),
    ),
    responses((status = 204, description = "Ended; the carer sees nothing of the patient any more"))
)]
pub async fn end_carer(
    State(app): State<App>,
    may: May<grants::ChangePatients>,
    Id((id, carer)): Id<(PatientId, CarerId)>,
) -> Result<StatusCode> {
    in_write!(app.db, "end_carer", |tx| {
        let patient = store::patient::get_locked(tx, &may.scope, id).await?;
        let carers = store::carer::live(&**tx, may.community, id).await?;
        let ending = carers.iter().find(|one| one.id == carer);
        // Who only looks may still leave.
        if ending.is_none_or(|one| one.account_id != may.account) {
            store::patient::check_may_act(&**tx, &app, &may.scope, &patient).await?;
        }
        let ending = ending.ok_or(Code::NotFound)?;
        // Of a ward's carers only guardians may act: a child can go and come back as the guardian.
        let ward = store::patient::is_ward(&app, &patient);
        let acts = |one: &Carer| store::carer::standing_of(one).may_act(ward);
        let others = carers.iter().filter(|one| acts(one) && one.id != carer);
        if !may_end(acts(ending), others.count()) {
            return Err(Code::CarerLast.into());
        }
        store::carer::end(tx, may.community, carer, app.now()).await?;
        let event = event_of(EventKind::CarerEnded, &patient, may.account).payload(json!({
            "carer_id": carer,
            "account_id": ending.account_id,
        }));
        store::event::append(tx, &app, may.community, event).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
