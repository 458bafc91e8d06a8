//! `POST /v1/patients/{patient_id}/admissions`: the patient was in hospital.

use axum::extract::State;
use chrono::NaiveDate;
use entity::enums::AdmissionKind;
use entity::ids::PatientId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::event_of;
use super::list_admissions::Admission;
use crate::answer::Answer;
use crate::app::App;
use crate::dispatch;
use crate::domain::calendar::local_date;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::follow_up;
use crate::problem::{Code, Problem};
use crate::store::assessment::Stay;
use crate::wire::Day;
use crate::{once, store};

/// A stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdmitPatient {
    /// First day; not in the future.
    #[schema(inline)]
    pub admitted_on: Day,
    /// Last day, when it is over; not before the first, not in the future.
    #[schema(inline)]
    pub discharged_on: Option<Day>,
    /// Whether it was planned; left out: not told, which counts as unplanned in the indicators.
    pub kind: Option<AdmissionKind>,
}

/// Register a stay in hospital.
///
/// It voids every first assessment made until its first day: orders that relied on one wait for a new one. Told
/// again with the last day or the kind, a stay that had none is completed.
#[utoipa::path(
    post, path = "/v1/patients/{patient_id}/admissions", tag = "patients", request_body = AdmitPatient,
    params(("patient_id" = PatientId, Path, description = "A patient")),
    responses((status = 201, description = "Registered", body = Admission, headers(
        ("Location" = String, description = "Address of the patient's stays"),
    )))
)]
pub async fn admit_patient(
    State(app): State<App>,
    may: May<grants::RegisterAdmissions>,
    Id(id): Id<PatientId>,
    request: IdempotencyKey<AdmitPatient>,
) -> Result<Answer> {
    let (from, to) = (request.body.admitted_on.0, request.body.discharged_on);
    let (to, kind) = (to.map(|day| day.0), request.body.kind);
    once!(app, may, request.key, "admit_patient", |tx| {
        let patient = store::patient::get_locked(tx, &may.scope, id).await?;
        check_days(from, to, local_date(app.now()))?;
        let stay = Stay {
            admitted_on: from,
            discharged_on: to,
            kind,
            by: may.account,
        };
        let row = store::assessment::admit(tx, &app, &patient, stay).await?;
        let event = event_of(EventKind::AdmissionRecorded, &patient, may.account)
            .payload(json!({ "admitted_on": from, "discharged_on": to, "kind": kind }));
        store::event::append(tx, &app, may.community, event).await?;
        follow_up::readmitted(tx, &app, &patient, from, Some(may.account)).await?;
        dispatch::settle(tx, &app, &patient, may.account).await?;
        let location = format!("/v1/patients/{id}/admissions");
        Answer::created(location, &Admission::of(&row))
    })
}

fn check_days(from: NaiveDate, to: Option<NaiveDate>, today: NaiveDate) -> Result<()> {
    let (field, code) = if from > today {
        ("admitted_on", Code::DateFuture)
    } else if to.is_some_and(|to| to > today) {
        ("discharged_on", Code::DateFuture)
    } else if to.is_some_and(|to| to < from) {
        ("discharged_on", Code::DateOrder)
    } else {
        return Ok(());
    };
    Err(Problem::new(Code::InvalidRequest).field(field, code).into())
}
