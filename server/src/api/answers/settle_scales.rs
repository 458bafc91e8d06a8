//! `POST /v1/follow-tasks/{follow_task_id}/scales`: scales of a task are filled in after its answers, or left out.

use std::collections::BTreeMap;

use axum::extract::State;
use entity::enums::{FollowTaskState, ReadingSource, ScaleRater, ScaleSkip};
use entity::ids::{FollowTaskId, VisitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer_follow_task::check_visit;
use crate::answer::Answer;
use crate::api::follow_tasks::sight;
use crate::app::App;
use crate::domain::code::Key;
use crate::domain::screening::{Answers, AnswersSchema};
use crate::error::{Error, Result};
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::follow_up;
use crate::rules::RuleBook;
use crate::signals::flags::{self, RaisedFlag, Told};
use crate::signals::sheet;
use crate::signals::task_scales::{self, NewScales, SheetScore};
use crate::{once, store};

/// Scales of a follow-up task.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskScales {
    /// Filled in: answers by the code of the scale.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, AnswersSchema>)]
    pub scales: BTreeMap<Key, Answers>,
    /// Left out, each with the reason.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, ScaleSkip>)]
    pub scales_skipped: BTreeMap<Key, ScaleSkip>,
    /// The visit on which they were filled in.
    pub visit_id: Option<VisitId>,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskScalesKept {
    /// The task.
    pub task_id: FollowTaskId,
    /// Its state now.
    pub state: FollowTaskState,
    /// What the scales came to.
    pub scores: Vec<SheetScore>,
    /// Scales that are still to be filled in, or left out with a reason.
    pub scales_missing: Vec<String>,
    /// Red flags that are up: what to do now, the most urgent first.
    pub red_flags: Vec<RaisedFlag>,
}

/// Fill in scales of a follow-up task, or leave them out with a reason.
///
/// For what its answers left open, such as scales that a family cannot fill in. With the last of them the task is done, when it
/// waits for nothing else. A score of the patient within the task's window counts too, wherever it was made.
#[utoipa::path(
    post, path = "/v1/follow-tasks/{follow_task_id}/scales", tag = "answers", request_body = TaskScales,
    params(
        ("follow_task_id" = FollowTaskId, Path, description = "An open follow-up task"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "Kept", body = TaskScalesKept))
)]
pub async fn settle_scales(
    State(app): State<App>,
    may: May<grants::DoFollowUp>,
    Id(id): Id<FollowTaskId>,
    IdempotencyKey { key, body }: IdempotencyKey<TaskScales>,
) -> Result<Answer> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    once!(app, may, key, "settle_scales", |tx| {
        let task = store::follow_up::get(&**tx, &sight(&app, &may), id).await?;
        sheet::check_open(&task)?;
        check_visit(tx, &task, body.visit_id).await?;
        let patient = store::patient::in_community(&**tx, may.community, task.patient_id).await?;
        let patient = patient.ok_or_else(|| Error::internal("a task has no patient"))?;
        let new = NewScales {
            filled: &body.scales,
            skipped: &body.scales_skipped,
            rater: ScaleRater::Nurse,
            by: Some(may.account),
            visit: body.visit_id,
        };
        let source = (
            ReadingSource::Scale,
            app.new_id::<entity::ids::ReadingId>().0,
        );
        let mut told = Told::new(source, app.now(), new.by);
        told.nurse = task.owner_nurse_id;
        told.visit = body.visit_id;
        let of = (&patient, &task);
        let scores = task_scales::keep(tx, &app, &book, of, &new, &mut told).await?;
        let red_flags = flags::judge(tx, &app, &book, &patient, &told).await?;
        let task = follow_up::finish(tx, &app, &task).await?;
        Answer::ok(&TaskScalesKept {
            task_id: task.id,
            state: task.state,
            scores,
            scales_missing: store::follow_up::missing_scales(&**tx, &task).await?,
            red_flags,
        })
    })
}
