//! `POST /v1/rehab-plans/{rehab_id}/seen`: a nurse or doctor has looked at it.

use axum::extract::State;
use entity::ids::RehabPlanId;
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::view::{self, RehabPlan};
use super::wire::leave_event;
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::rules::RuleBook;
use crate::{once, store};

/// Nothing to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeeRehabPlan {}

/// Say that one has looked at a plan.
///
/// What was told so far is settled and does not call for attention any more; silence counts from today.
#[utoipa::path(
    post, path = "/v1/rehab-plans/{rehab_id}/seen", tag = "rehabilitation", request_body = SeeRehabPlan,
    params(
        ("rehab_id" = RehabPlanId, Path, description = "A plan of a patient in scope, or one the calling nurse leads"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "Noted", body = RehabPlan))
)]
pub async fn see_plan(
    State(app): State<App>,
    may: May<grants::PlanRehab>,
    Id(id): Id<RehabPlanId>,
    IdempotencyKey { key, body }: IdempotencyKey<SeeRehabPlan>,
) -> Result<Answer> {
    let SeeRehabPlan {} = body;
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    once!(app, may, key, "see_plan", |tx| {
        let plan = store::rehab::require(&**tx, &may.scope, id).await?;
        let plan = store::rehab::update(tx, &plan, |row| {
            row.seen_by = Set(Some(may.account));
            row.seen_at = Set(Some(app.now()));
        })
        .await?;
        let payload = json!({ "plan_id": plan.id });
        let kind = EventKind::RehabSeen;
        leave_event(tx, &app, kind, &plan, may.account, payload).await?;
        Answer::ok(&view::show(&**tx, &app, &book, &plan).await?)
    })
}
