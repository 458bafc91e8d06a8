//! `POST /v1/follow-tasks/{follow_task_id}/assign`: another nurse makes the contact.

use axum::extract::State;
use entity::ids::{FollowTaskId, NurseId};
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::sight;
use super::view::{FollowTask, one};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::follow_up::is_live;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::follow_up;
use crate::problem::{Code, Problem};
use crate::{once, store};

/// Who makes the contact.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FollowTaskOwner {
    /// A nurse of the caller's institutions; null: anybody of the pool.
    pub nurse_id: Option<NurseId>,
}

/// Give a follow-up task to a nurse, or to the pool.
#[utoipa::path(
    post, path = "/v1/follow-tasks/{follow_task_id}/assign", tag = "follow-up", request_body = FollowTaskOwner,
    params(
        ("follow_task_id" = FollowTaskId, Path, description = "A follow-up task that is not over"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "The task as it is now", body = FollowTask))
)]
pub async fn assign_follow_task(
    State(app): State<App>,
    may: May<grants::DirectFollowUp>,
    Id(id): Id<FollowTaskId>,
    IdempotencyKey { key, body }: IdempotencyKey<FollowTaskOwner>,
) -> Result<Answer> {
    once!(app, may, key, "assign_follow_task", |tx| {
        let task = store::follow_up::get(&**tx, &sight(&app, &may), id).await?;
        if !is_live(task.state) {
            let problem = Problem::new(Code::FollowTaskState);
            return Err(problem.with("state", task.state).into());
        }
        if let Some(nurse) = body.nurse_id {
            let found = store::nurse::find(&**tx, &may.scope, nurse).await.ok();
            if !found.is_some_and(|row| row.active) {
                let code = Code::NurseUnknown;
                return Err(Problem::new(code).field("nurse_id", code).into());
            }
        }
        let task = store::follow_up::update(tx, &task, |row| {
            row.owner_nurse_id = Set(body.nurse_id);
        })
        .await?;
        let payload = json!({ "task_id": task.id, "nurse_id": body.nurse_id });
        let kind = EventKind::FollowTaskAssigned;
        follow_up::event(tx, &app, kind, &task, Some(may.account), payload).await?;
        Answer::ok(&one(&**tx, &app, &task).await?)
    })
}
