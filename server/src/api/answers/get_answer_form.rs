//! `GET /v1/follow-tasks/{follow_task_id}/form`: what to ask.

use axum::extract::State;
use entity::ids::FollowTaskId;

use crate::api::follow_tasks::sight;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::rules::RuleBook;
use crate::signals::sheet::{self, AnswerForm};
use crate::store;

/// What a follow-up task asks: its questions in order, and the scales that go with it.
///
/// Several plans of one person share a task; what their questionnaires share is asked once.
#[utoipa::path(
    get, path = "/v1/follow-tasks/{follow_task_id}/form", tag = "answers",
    params(("follow_task_id" = FollowTaskId, Path, description = "A follow-up task")),
    responses((status = 200, description = "What to ask", body = AnswerForm))
)]
pub async fn get_answer_form(
    State(app): State<App>,
    may: May<grants::SeeFollowUp>,
    Id(id): Id<FollowTaskId>,
) -> Result<Json<AnswerForm>> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    let sight = sight(&app, &may);
    let task = store::follow_up::get(app.db.reader(), &sight, id).await?;
    Ok(Json(sheet::form(&book, &task, false)?))
}
