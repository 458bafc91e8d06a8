//! `POST /v1/follow-tasks/{follow_task_id}/give-up`: nobody can be reached.

use axum::extract::State;
use entity::ids::FollowTaskId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::sight;
use super::view::{FollowTask, one};
use crate::answer::Answer;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::follow_up;
use crate::rules::RuleBook;
use crate::{once, store};

/// Nothing is asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveUpFollowTask {}

/// Count a person as lost for this contact.
///
/// Refused with `attempts_too_few` before enough was tried: three attempts on two days at two different hours, unless
/// the rules for follow-up say otherwise.
#[utoipa::path(
    post, path = "/v1/follow-tasks/{follow_task_id}/give-up", tag = "follow-up", request_body = GiveUpFollowTask,
    params(
        ("follow_task_id" = FollowTaskId, Path, description = "An open follow-up task"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "The task as it is now", body = FollowTask))
)]
pub async fn give_up_follow_task(
    State(app): State<App>,
    may: May<grants::DoFollowUp>,
    Id(id): Id<FollowTaskId>,
    IdempotencyKey { key, .. }: IdempotencyKey<GiveUpFollowTask>,
) -> Result<Answer> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    once!(app, may, key, "give_up_follow_task", |tx| {
        let task = store::follow_up::get(&**tx, &sight(&app, &may), id).await?;
        let task = follow_up::give_up(tx, &app, &book, &task, may.account).await?;
        Answer::ok(&one(&**tx, &app, &task).await?)
    })
}
