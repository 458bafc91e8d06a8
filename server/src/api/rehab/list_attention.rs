//! `GET /v1/rehab-attention`: who of those in rehabilitation has to be looked at.

use axum::extract::State;
use entity::ids::{NurseId, PatientId, RehabPlanId};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::Around;
use crate::app::App;
use crate::domain::rehab::{Adherence, Attention};
use crate::error::Result;
use crate::extract::{Json, May, grants};
use crate::rules::RuleBook;
use crate::store;

/// Most plans that are looked through; a community has fewer people in rehabilitation at once.
const MOST: u64 = 5_000;

/// Whom to look at.
#[derive(Debug, Serialize, ToSchema)]
pub struct RehabAttention {
    /// Active plans in scope.
    pub active: usize,
    /// Those that call for somebody, the most pressing first.
    pub items: Vec<RehabCall>,
}

/// A plan that calls for somebody.
#[derive(Debug, Serialize, ToSchema)]
pub struct RehabCall {
    /// The plan.
    pub plan_id: RehabPlanId,
    /// The patient.
    pub patient_id: PatientId,
    /// The nurse who leads it.
    pub nurse_id: Option<NurseId>,
    /// Why, the most pressing first.
    pub reasons: Vec<Attention>,
    /// How much was done in the seven days before today.
    pub adherence: Adherence,
}

/// Whom of those in rehabilitation a nurse has to look at: a new symptom, strong or rising pain, days without a word.
///
/// Nurses see the plans they lead and those of patients they visit, staff those of their institutions.
#[utoipa::path(
    get, path = "/v1/rehab-attention", tag = "rehabilitation",
    responses((status = 200, description = "The most pressing first", body = RehabAttention))
)]
pub async fn list_attention(
    State(app): State<App>,
    may: May<grants::WatchRehab>,
) -> Result<Json<RehabAttention>> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    let db = app.db.reader();
    let plans = store::rehab::active(db, &may.scope, MOST).await?;
    let around = Around::read(db, &app, &book, &plans).await?;
    let mut items: Vec<_> = plans
        .iter()
        .filter_map(|plan| {
            let reasons = around.attention(&book.exercises, plan);
            (!reasons.is_empty()).then(|| RehabCall {
                plan_id: plan.id,
                patient_id: plan.patient_id,
                nurse_id: plan.nurse_id,
                reasons,
                adherence: around.adherence(plan.id),
            })
        })
        .collect();
    items.sort_by_key(|one| {
        let first = one.reasons.first().map(|reason| reason.pressing());
        (first, one.plan_id)
    });
    Ok(Json(RehabAttention {
        active: plans.len(),
        items,
    }))
}
