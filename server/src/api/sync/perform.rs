//! An act that is told later, done by the function of its own operation.

use entity::enums::ActKind;
use entity::ids::{DeviceId, VisitId};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::api::adverse_events::{Filing, report_adverse_event};
use crate::api::devices::{place_device, remove_device, replace_device, review_device};
use crate::api::incidents::report_incident;
use crate::api::visits::step::Act;
use crate::api::visits::{
    abort_visit, amend_record, arrive, assess_visit, check_identity, close_visit, depart,
    finish_visit, give_consent, leave_visit, propose_warning, prove_arrival, raise_sos,
    record_visit, report_positions, return_waste, screen_visit, sign_visit, start_procedure,
    still_fine, withdraw_consent,
};
use crate::error::Result;
use crate::extract::{grants, parse};
use crate::problem::{Code, Problem};

/// Does it, as of its moment. The body is that of the operation of the same name, where it has one.
pub(super) async fn perform(
    act: &Act<'_>,
    kind: ActKind,
    visit: VisitId,
    body: &str,
) -> Result<Answer> {
    match kind {
        ActKind::Depart => depart::apply(act, visit, &read(body)?).await,
        ActKind::Arrive => arrive::apply(act, visit, &read(body)?).await,
        ActKind::ArrivalProof => prove_arrival::apply(act, visit, &read(body)?).await,
        ActKind::Identity => check_identity::apply(act, visit, &read(body)?).await,
        ActKind::Screening => screen_visit::apply(act, visit, &read(body)?).await,
        ActKind::Consent => give_consent::apply(act, visit, &read(body)?).await,
        ActKind::ConsentWithdrawn => {
            withdraw_consent::apply_to_text(act, visit, &read(body)?).await
        }
        ActKind::Start => start_procedure::apply(act, visit, &read(body)?).await,
        ActKind::Record => {
            // Her chain says which of its texts is the later one; whether one that was put there at once is newer, the times say.
            let kept = record_visit::apply(act, visit, &read(body)?, None).await?;
            Answer::ok(&kept)
        }
        ActKind::Assessment => assess_visit::apply(act, visit, &read(body)?).await,
        ActKind::Finish => finish_visit::apply(act, visit, &read(body)?).await,
        ActKind::Sign => sign_visit::apply(act, visit, &read(body)?).await,
        ActKind::Amend => amend_record::apply(act, visit, &read(body)?).await,
        ActKind::Waste => return_waste::apply(act, visit, &read(body)?).await,
        ActKind::Close => close_visit::apply(act, visit, &read(body)?).await,
        ActKind::Abort => abort_visit::apply(act, visit, &read(body)?).await,
        ActKind::Leave => leave_visit::apply(act, visit, &read(body)?).await,
        ActKind::DevicePlaced
        | ActKind::DeviceReviewed
        | ActKind::DeviceReplaced
        | ActKind::DeviceRemoved => on_device(act, kind, visit, body).await,
        ActKind::Warning => propose_warning::apply(act, visit, &read(body)?).await,
        // A body that cannot be read does not stop an alarm.
        ActKind::Sos => raise_sos::apply(act, visit, &read(body).unwrap_or_default()).await,
        ActKind::AdverseEvent | ActKind::Incident => on_harm(act, kind, visit, body).await,
        ActKind::StillFine => still_fine::apply(act, visit, &read(body)?).await,
        ActKind::Positions => {
            report_positions::apply(act, visit, &read(body)?).await?;
            Ok(Answer::empty())
        }
    }
}

/// Operations on devices have the patient or the device in their address, and the visit in their body.
async fn on_device(act: &Act<'_>, kind: ActKind, visit: VisitId, body: &str) -> Result<Answer> {
    let mut body = with_visit(body, visit)?;
    if kind == ActKind::DevicePlaced {
        let (visit, _) = act.mine(visit).await?;
        return place_device::apply(act, visit.patient_id, &of(body)?).await;
    }
    let id = body.remove("device_id");
    let id: Option<DeviceId> = id.and_then(|id| id.as_str()?.parse().ok());
    let Some(id) = id else {
        let problem = Problem::new(Code::InvalidRequest);
        return Err(problem.field("device_id", Code::FieldInvalid).into());
    };
    match kind {
        ActKind::DeviceReplaced => replace_device::apply(act, id, &of(body)?).await,
        ActKind::DeviceRemoved => remove_device::apply(act, id, &of(body)?).await,
        _ => review_device::apply(act, id, &of(body)?).await,
    }
}

/// Reports of harm name the visit in their body. Any member of staff may make them, so a permission of their own is asked.
async fn on_harm(act: &Act<'_>, kind: ActKind, visit: VisitId, body: &str) -> Result<Answer> {
    let body = with_visit(body, visit)?;
    let may = act.may.also::<grants::ReportHarm>()?;
    let filing = Filing::of(act, &may);
    match kind {
        ActKind::Incident => report_incident::apply(&filing, &of(body)?).await,
        _ => report_adverse_event::apply(&filing, &of(body)?).await,
    }
}

/// A body that names the visit of the act.
fn with_visit(body: &str, visit: VisitId) -> Result<Map<String, Value>> {
    let mut body: Map<String, Value> = read(body)?;
    let told = body.insert("visit_id".to_owned(), Value::String(visit.to_string()));
    if told.is_some_and(|told| told != visit.to_string()) {
        let problem = Problem::new(Code::InvalidRequest);
        return Err(problem.field("visit_id", Code::FieldInvalid).into());
    }
    Ok(body)
}

fn of<T: DeserializeOwned>(body: Map<String, Value>) -> Result<T> {
    read(&Value::Object(body).to_string())
}

fn read<T: DeserializeOwned>(body: &str) -> Result<T> {
    parse(body.as_bytes())
}
