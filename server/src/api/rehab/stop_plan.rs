//! `POST /v1/rehab-plans/{rehab_id}/stop`: a plan ends.

use axum::extract::State;
use entity::enums::{RehabExerciseState, RehabState, RehabStop};
use entity::ids::RehabPlanId;
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::decide_exercise::ended;
use super::view::{self, RehabPlan};
use super::wire::leave_event;
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::Code;
use crate::rules::RuleBook;
use crate::store::rehab::Sealed;
use crate::wire::Text;
use crate::{once, store};

/// Why it ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StopRehabPlan {
    /// The cause.
    pub cause: RehabStop,
    /// In words.
    #[schema(inline)]
    pub note: Option<Text<1, 500>>,
}

/// End a rehabilitation plan.
///
/// What was done before and is told later is still taken in.
#[utoipa::path(
    post, path = "/v1/rehab-plans/{rehab_id}/stop", tag = "rehabilitation", request_body = StopRehabPlan,
    params(
        ("rehab_id" = RehabPlanId, Path, description = "A plan of a patient in scope, or one the calling nurse leads"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "Ended", body = RehabPlan))
)]
pub async fn stop_plan(
    State(app): State<App>,
    may: May<grants::PlanRehab>,
    Id(id): Id<RehabPlanId>,
    IdempotencyKey { key, body }: IdempotencyKey<StopRehabPlan>,
) -> Result<Answer> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    once!(app, may, key, "stop_plan", |tx| {
        let plan = store::rehab::require(&**tx, &may.scope, id).await?;
        if plan.state != RehabState::Active {
            return Err(Code::RehabPlanStopped.into());
        }
        let approved = RehabExerciseState::Approved;
        for row in store::rehab::exercises(&**tx, may.community, &[plan.id]).await? {
            if row.state == approved {
                store::rehab::update_exercise(tx, approved, ended(&app, row)).await?;
            }
        }
        let note = body.note.as_ref();
        let note = note.map(|note| Sealed::StopNote.seal(&app, plan.id.0, note.as_str()));
        let plan = store::rehab::update(tx, &plan, |row| {
            row.state = Set(RehabState::Stopped);
            row.stop_cause = Set(Some(body.cause));
            row.stop_note_enc = Set(note);
            row.stopped_by = Set(Some(may.account));
            row.stopped_at = Set(Some(app.now()));
        })
        .await?;
        let payload = json!({ "plan_id": plan.id, "cause": body.cause });
        let kind = EventKind::RehabStopped;
        leave_event(tx, &app, kind, &plan, may.account, payload).await?;
        Answer::ok(&view::show(&**tx, &app, &book, &plan).await?)
    })
}
