//! `POST /v1/patients/{patient_id}/assessments`: a first assessment by a doctor.

use axum::extract::State;
use entity::enums::{AssessmentResult, Role};
use entity::ids::{PatientId, VisitId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::assessment::{Assessment, AssessmentText, Said, check_assessor};
use crate::answer::Answer;
use crate::app::App;
use crate::db::Tx;
use crate::dispatch;
use crate::domain::catalogue::ItemCode;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::Code;
use crate::rules::RuleBook;
use crate::store::assessment::NewAssessment;
use crate::{once, store};

/// What was found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssessPatient {
    /// A visit of the patient that it was made on; absent: made from the record.
    pub visit_id: Option<VisitId>,
    /// The result.
    pub result: AssessmentResult,
    /// Codes of 1 to 20 different items it speaks of.
    #[schema(min_items = 1, max_items = 20)]
    pub items: Vec<ItemCode>,
    /// Under which conditions; with that result only.
    #[schema(inline)]
    pub conditions: Option<AssessmentText>,
    /// Why not; with a refusal only.
    #[schema(inline)]
    pub reason: Option<AssessmentText>,
    /// Where to go instead; with a refusal only.
    #[schema(inline)]
    pub advice: Option<AssessmentText>,
}

/// Record a first assessment.
///
/// It is never changed; a newer one supersedes it. Orders that waited for it go on, a refusal refuses them with its
/// reason. Which roles may is configuration (`care.assessor_roles`); nurses assess on a visit
/// (`POST /v1/visits/{visit_id}/assessment`).
#[utoipa::path(
    post, path = "/v1/patients/{patient_id}/assessments", tag = "patients", request_body = AssessPatient,
    params(("patient_id" = PatientId, Path, description = "A patient")),
    responses((
        status = 201, description = "Recorded", body = Assessment,
        headers(("Location" = String, description = "Address of the assessment"))
    ))
)]
pub async fn assess_patient(
    State(app): State<App>,
    may: May<grants::AssessPatients>,
    Id(id): Id<PatientId>,
    IdempotencyKey { key, body }: IdempotencyKey<AssessPatient>,
) -> Result<Answer> {
    let catalogue = RuleBook::current(app.db.reader(), &app, may.community)
        .await?
        .catalogue;
    once!(app, may, key, "assess_patient", |tx| {
        let patient = store::patient::get_locked(tx, &may.scope, id).await?;
        check_assessor(&app, &may, &[Role::Doctor, Role::Coordinator])?;
        let said = Said {
            result: body.result,
            items: &body.items,
            conditions: body.conditions.as_ref(),
            reason: body.reason.as_ref(),
            advice: body.advice.as_ref(),
        };
        let (items, texts) = said.check(&catalogue)?;
        check_visit(tx, &may, id, body.visit_id).await?;
        let new = NewAssessment {
            visit: body.visit_id,
            result: body.result,
            items,
            texts,
            by: may.account,
            at: app.now(),
        };
        let row = dispatch::assess(tx, &app, &patient, new).await?;
        let location = format!("/v1/patients/{id}/assessments/{}", row.id);
        Answer::created(location, &Assessment::of(&row)?)
    })
}

/// A visit that is named is one of the patient's, and somebody arrived.
async fn check_visit(
    tx: &Tx,
    may: &May<grants::AssessPatients>,
    patient: PatientId,
    visit: Option<VisitId>,
) -> Result<()> {
    let Some(visit) = visit else { return Ok(()) };
    let found = store::visit::find(&**tx, &may.scope, visit).await?;
    let (visit, _) = found
        .filter(|(visit, _)| visit.patient_id == patient)
        .ok_or(Code::NotFound)?;
    if visit.arrived_at.is_none() {
        return Err(Code::NotAssessmentVisit.into());
    }
    Ok(())
}
