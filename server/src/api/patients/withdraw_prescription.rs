//! `POST /v1/patients/{patient_id}/prescriptions/{prescription_id}/withdraw`: it does not hold any more.

use axum::extract::State;
use entity::enums::AlertKind;
use entity::ids::{AccountId, PatientId, PrescriptionId};
use entity::prescription;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::event_of;
use super::list_prescriptions::Prescription;
use crate::answer::Answer;
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::local_date;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::wire::Text;
use crate::{once, store};

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawPrescription {
    /// Kept sealed.
    #[schema(inline, example = "改用口服药")]
    pub reason: Text<1, 300>,
}

/// Withdraw a prescription.
///
/// Nobody sets out for what relies on it, and no such procedure begins. An alert is opened for each order that is left
/// without one.
#[utoipa::path(
    post, path = "/v1/patients/{patient_id}/prescriptions/{prescription_id}/withdraw", tag = "patients",
    request_body = WithdrawPrescription,
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("prescription_id" = PrescriptionId, Path, description = "A prescription of the patient"),
    ),
    responses((status = 200, description = "Withdrawn", body = Prescription))
)]
pub async fn withdraw_prescription(
    State(app): State<App>,
    may: May<grants::Prescribe>,
    Id((patient, id)): Id<(PatientId, PrescriptionId)>,
    request: IdempotencyKey<WithdrawPrescription>,
) -> Result<Answer> {
    once!(app, may, request.key, "withdraw_prescription", |tx| {
        let patient = store::patient::get_locked(tx, &may.scope, patient).await?;
        let row = store::prescription::get(&**tx, may.community, patient.id, id).await?;
        let reason = request.body.reason.as_str();
        let row = store::prescription::withdraw(tx, &app, row, may.account, reason).await?;
        let event = event_of(EventKind::PrescriptionWithdrawn, &patient, may.account)
            .payload(json!({ "prescription_id": row.id, "item": row.item_code }));
        store::event::append(tx, &app, may.community, event).await?;
        call_desk(tx, &app, &row, may.account).await?;
        Answer::ok(&Prescription::of(&app, &row)?)
    })
}

/// Opens an alert for each order that has the item before it and no prescription left that holds on its day; its nurse sees
/// it too.
async fn call_desk(
    tx: &Tx,
    app: &App,
    withdrawn: &prescription::Model,
    by: AccountId,
) -> Result<()> {
    let (db, community, patient) = (&**tx, withdrawn.community_id, withdrawn.patient_id);
    let item = withdrawn.item_code.as_str();
    let orders = store::prescription::orders_waiting(db, community, patient, item).await?;
    if orders.is_empty() {
        return Ok(());
    }
    let held = store::prescription::held(db, community, patient, [item.to_owned()]).await?;
    let now = app.now();
    for order in &orders {
        let day = local_date(order.window_start);
        if held.iter().any(|one| one.lack(day, now).is_none()) {
            continue;
        }
        let severity = store::alert::urgency(order);
        let what = (AlertKind::PrescriptionWithdrawn, severity, item);
        store::alert::call(tx, app, order, what, (Some(by), now)).await?;
    }
    Ok(())
}
