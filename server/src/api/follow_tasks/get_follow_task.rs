//! `GET /v1/follow-tasks/{follow_task_id}`: whom to call, and what for. Recorded as a read.

use axum::extract::State;
use entity::follow_task;
use entity::ids::{AccountId, FollowTaskId};

use super::sight;
use super::view::{FollowTaskWhole, whole};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::extract::{Id, Json, May, grants};
use crate::{in_write, store};

/// One follow-up task, with the phones to call and what was tried.
///
/// Who read it is recorded.
#[utoipa::path(
    get, path = "/v1/follow-tasks/{follow_task_id}", tag = "follow-up",
    params(("follow_task_id" = FollowTaskId, Path, description = "A follow-up task")),
    responses((status = 200, description = "The task", body = FollowTaskWhole))
)]
pub async fn get_follow_task(
    State(app): State<App>,
    may: May<grants::SeeFollowUp>,
    Id(id): Id<FollowTaskId>,
) -> Result<Json<FollowTaskWhole>> {
    in_write!(app.db, "get_follow_task", |tx| {
        let row = store::follow_up::get(&**tx, &sight(&app, &may), id).await?;
        read(tx, &app, &row, may.account, "get_follow_task").await
    })
    .map(Json)
}

/// A task with all of it, recorded as a read of an operation.
pub(super) async fn read(
    tx: &Tx,
    app: &App,
    row: &follow_task::Model,
    account: AccountId,
    operation: &str,
) -> Result<FollowTaskWhole> {
    let (community, patient) = (row.community_id, row.patient_id);
    store::patient_read::record(tx, app, community, patient, account, operation).await?;
    let found = store::patient::in_community(&**tx, community, patient).await?;
    let patient = found.ok_or_else(|| Error::internal("a task without its patient"))?;
    whole(&**tx, app, row, &patient).await
}
