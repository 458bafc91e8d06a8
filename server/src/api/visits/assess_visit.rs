//! `POST /v1/visits/{visit_id}/assessment`: the nurse assesses on a visit that was ordered for it.

use axum::extract::State;
use entity::enums::{AssessmentResult, Role};
use entity::ids::VisitId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::step::Act;
use crate::answer::Answer;
use crate::api::patients::assessment::{Assessment, AssessmentText, Said, check_assessor};
use crate::app::App;
use crate::dispatch;
use crate::domain::assessment::ASSESS;
use crate::domain::catalogue::ItemCode;
use crate::domain::steps;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::Code;
use crate::rules::RuleBook;
use crate::store::assessment::NewAssessment;
use crate::wire::Moment;
use crate::{once, store};

/// What was found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssessOnVisit {
    /// When, by the device. Kept beside the server's time.
    pub device_at: Option<Moment>,
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

/// Record a first assessment on a visit.
///
/// On a visit with the item `ASSESS`, from arrival until it is closed. Orders of the patient that waited for it go
/// on, a refusal refuses them with its reason.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/assessment", tag = "visits", request_body = AssessOnVisit,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((
        status = 201, description = "Recorded", body = Assessment,
        headers(("Location" = String, description = "Address of the assessment"))
    ))
)]
pub async fn assess_visit(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<AssessOnVisit>,
) -> Result<Answer> {
    once!(app, may, request.key, "assess_visit", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    })
}

/// Records it, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &AssessOnVisit) -> Result<Answer> {
    let (tx, app) = (act.tx, act.app);
    let (visit, order) = act.mine_to_lead(id).await?;
    // The patient first, like whatever else changes her orders: what is booked at this moment is not left waiting.
    store::patient::lock(tx, order.community_id, order.patient_id).await?;
    check_assessor(app, act.may, &[Role::Nurse])?;
    let ordered = store::matching::item_codes(&**tx, order.community_id, order.id).await?;
    if !steps::may_assess(order.state) || !ordered.iter().any(|code| code == ASSESS) {
        return Err(Code::NotAssessmentVisit.into());
    }
    let catalogue = RuleBook::at(&**tx, app, order.community_id, act.at)
        .await?
        .catalogue;
    let said = Said {
        result: report.result,
        items: &report.items,
        conditions: report.conditions.as_ref(),
        reason: report.reason.as_ref(),
        advice: report.advice.as_ref(),
    };
    let (items, texts) = said.check(&catalogue)?;
    let (patient, _) = store::visit::patient_and_address(&**tx, &order).await?;
    let new = NewAssessment {
        visit: Some(visit.id),
        result: report.result,
        items,
        texts,
        by: act.may.account,
        at: act.at,
    };
    let row = dispatch::assess(tx, app, &patient, new).await?;
    let location = format!("/v1/patients/{}/assessments/{}", row.patient_id, row.id);
    Answer::created(location, &Assessment::of(&row)?)
}
