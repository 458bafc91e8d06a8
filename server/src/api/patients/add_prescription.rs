//! `POST /v1/patients/{patient_id}/prescriptions`: what a doctor prescribed.

use axum::extract::State;
use entity::enums::{DrugSource, Role};
use entity::ids::PatientId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::event_of;
use super::list_prescriptions::Prescription;
use crate::answer::Answer;
use crate::app::App;
use crate::domain::calendar::local_date;
use crate::domain::catalogue::{Catalogue, ItemCode};
use crate::domain::event::EventKind;
use crate::domain::prescription::{DaysError, check_days};
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::store::prescription::{NewPrescription, Prescribed};
use crate::wire::{Day, Text};
use crate::{once, store};

/// A prescription to be registered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddPrescription {
    /// An item that is done on a prescription.
    pub item: ItemCode,
    /// Name of the doctor who prescribed.
    #[schema(inline, example = "赵医生")]
    pub prescriber: Text<1, 50>,
    /// First day; not in the future.
    #[schema(inline, example = "2026-03-01")]
    pub prescribed_on: Day,
    /// Last day, which counts; the item says how many days at most.
    #[schema(inline, example = "2026-03-05")]
    pub valid_until: Day,
    /// The drug.
    #[schema(inline, example = "低分子肝素钠注射液")]
    pub drug: Text<1, 200>,
    /// How much of it.
    #[schema(inline, example = "4000 IU")]
    pub dose: Text<1, 100>,
    /// Which way.
    #[schema(inline, example = "皮下注射")]
    pub route: Text<1, 50>,
    /// How often.
    #[schema(inline, example = "每日一次")]
    pub frequency: Text<1, 100>,
    /// Where the drug comes from. A drug of unknown origin is not given.
    pub drug_source: DrugSource,
    /// Reference of its image; needed when it is transcribed by somebody who is no doctor.
    #[schema(inline)]
    pub image: Option<Text<1, 200>>,
}

/// Register a prescription.
///
/// By a doctor, or transcribed from an image by a coordinator.
#[utoipa::path(
    post, path = "/v1/patients/{patient_id}/prescriptions", tag = "patients", request_body = AddPrescription,
    params(("patient_id" = PatientId, Path, description = "A patient")),
    responses((status = 201, description = "Registered", body = Prescription, headers(
        ("Location" = String, description = "Address of the patient's prescriptions"),
    )))
)]
pub async fn add_prescription(
    State(app): State<App>,
    may: May<grants::Prescribe>,
    Id(id): Id<PatientId>,
    IdempotencyKey { key, body }: IdempotencyKey<AddPrescription>,
) -> Result<Answer> {
    let catalogue = RuleBook::current(app.db.reader(), &app, may.community)
        .await?
        .catalogue;
    once!(app, may, key, "add_prescription", |tx| {
        let patient = store::patient::get_locked(tx, &may.scope, id).await?;
        check(&app, &catalogue, &body)?;
        if !may.has_any(&[Role::Doctor]) && body.image.is_none() {
            let name = vec![("name", "image".to_owned())];
            let problem = Problem::new(Code::InvalidRequest);
            return Err(problem.field_with("image", Code::FieldMissing, name).into());
        }
        let own = |text: &str| text.to_owned();
        let new = NewPrescription {
            item: body.item.to_string(),
            prescribed_on: body.prescribed_on.0,
            valid_until: body.valid_until.0,
            drug_source: body.drug_source,
            detail: Prescribed {
                prescriber: own(body.prescriber.as_str()),
                drug: own(body.drug.as_str()),
                dose: own(body.dose.as_str()),
                route: own(body.route.as_str()),
                frequency: own(body.frequency.as_str()),
            },
            image: body.image.as_ref().map(|image| own(image.as_str())),
            by: may.account,
        };
        let row = store::prescription::insert(tx, &app, &patient, new).await?;
        let event = event_of(EventKind::PrescriptionAdded, &patient, may.account).payload(json!({
            "prescription_id": row.id, "item": row.item_code, "valid_until": row.valid_until,
        }));
        store::event::append(tx, &app, may.community, event).await?;
        let location = format!("/v1/patients/{id}/prescriptions");
        Answer::created(location, &Prescription::of(&app, &row)?)
    })
}

/// The item and the days.
fn check(app: &App, catalogue: &Catalogue, body: &AddPrescription) -> Result<()> {
    let item_problem = |code| {
        let params = vec![("item", body.item.to_string())];
        Problem::new(code)
            .with("item", &body.item)
            .field_with("item", code, params)
    };
    let item = catalogue
        .item(body.item.as_str())
        .ok_or_else(|| item_problem(Code::ItemUnknown))?;
    let days = item
        .prescription_valid_days
        .ok_or_else(|| item_problem(Code::PrescriptionNotNeeded))?;
    let today = local_date(app.now());
    let invalid = Problem::new(Code::InvalidRequest);
    match check_days(days, body.prescribed_on.0, body.valid_until.0, today) {
        Ok(()) => Ok(()),
        Err(DaysError::Future) => Err(invalid.field("prescribed_on", Code::DateFuture).into()),
        Err(DaysError::Order) => Err(invalid.field("valid_until", Code::DateOrder).into()),
        Err(DaysError::TooLong { days }) => {
            let params = vec![("days", days.to_string())];
            Err(invalid
                .field_with("valid_until", Code::PrescriptionTooLong, params)
                .into())
        }
    }
}
