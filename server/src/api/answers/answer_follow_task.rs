//! `POST /v1/follow-tasks/{follow_task_id}/answers`: what was answered on the phone or at home.

use std::collections::BTreeMap;

use axum::extract::State;
use entity::enums::{ScaleRater, ScaleSkip, SheetSource};
use entity::follow_task;
use entity::ids::{FollowTaskId, VisitId};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::answer::Answer;
use crate::api::follow_tasks::sight;
use crate::app::App;
use crate::db::Tx;
use crate::domain::code::Key;
use crate::domain::screening::{Answers, AnswersSchema};
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::Code;
use crate::rules::RuleBook;
use crate::signals::sheet::{self, AnswersKept, NewSheet};
use crate::signals::task_scales::NewScales;
use crate::{once, store};

/// Answers, written down by who asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskAnswers {
    /// Answers by the code of their question.
    #[schema(value_type = AnswersSchema)]
    pub answers: Answers,
    /// Scales that were filled in with it: answers by the code of the scale.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, AnswersSchema>)]
    pub scales: BTreeMap<Key, Answers>,
    /// Scales of the task that are left out, each with the reason.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, ScaleSkip>)]
    pub scales_skipped: BTreeMap<Key, ScaleSkip>,
    /// Somebody else answered for the patient.
    pub proxy: bool,
    /// The visit on which it was asked; left out: on the phone.
    pub visit_id: Option<VisitId>,
}

/// Write down the answers to a follow-up task.
///
/// What follows is told at once: scores, and the red flags that are up with what to do now. Answers that another answer
/// hides are left out. The task is done by it, unless it asks for a visit or lacks scales (`scales_missing`): fill them in, or
/// leave them out with a reason.
#[utoipa::path(
    post, path = "/v1/follow-tasks/{follow_task_id}/answers", tag = "answers", request_body = TaskAnswers,
    params(
        ("follow_task_id" = FollowTaskId, Path, description = "An open follow-up task"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "Kept", body = AnswersKept))
)]
pub async fn answer_follow_task(
    State(app): State<App>,
    may: May<grants::DoFollowUp>,
    Id(id): Id<FollowTaskId>,
    IdempotencyKey { key, body }: IdempotencyKey<TaskAnswers>,
) -> Result<Answer> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    once!(app, may, key, "answer_follow_task", |tx| {
        let task = store::follow_up::get(&**tx, &sight(&app, &may), id).await?;
        check_visit(tx, &task, body.visit_id).await?;
        let source = match body.visit_id {
            Some(_) => SheetSource::Visit,
            None => SheetSource::Call,
        };
        let new = NewSheet {
            answers: &body.answers,
            scales: NewScales {
                filled: &body.scales,
                skipped: &body.scales_skipped,
                rater: ScaleRater::Nurse,
                by: Some(may.account),
                visit: body.visit_id,
            },
            source,
            proxy: body.proxy,
            by: Some(may.account),
            visit: body.visit_id,
        };
        Answer::ok(&sheet::keep(tx, &app, &book, &task, &new).await?)
    })
}

/// A visit that is named is one of the patient's, and somebody arrived.
pub(super) async fn check_visit(
    tx: &Tx,
    task: &follow_task::Model,
    visit: Option<VisitId>,
) -> Result<()> {
    let Some(visit) = visit else { return Ok(()) };
    let found = store::visit::in_community(&**tx, task.community_id, visit).await?;
    found
        .filter(|(visit, _)| visit.patient_id == task.patient_id && visit.arrived_at.is_some())
        .map(|_| ())
        .ok_or_else(|| Code::NotFound.into())
}
