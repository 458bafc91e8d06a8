//! `GET /v1/work-items/{action_id}`: one entry with all that was said. Recorded as a read.

use axum::extract::State;
use entity::ids::SyncActionId;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::view::WorkItem;
use crate::app::App;
use crate::error::{Error, Result};
use crate::extract::{Id, Json, May, grants};
use crate::problem::Code;
use crate::store::sync_action::Sealed;
use crate::{in_write, store};

/// An entry with its contents.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkItemDetail {
    /// The entry.
    pub item: WorkItem,
    /// What the phone sent.
    #[schema(value_type = Object)]
    pub body: Value,
    /// The problem it was refused with.
    #[schema(value_type = Option<Object>)]
    pub problem: Option<Value>,
    /// What was said when it was put right.
    pub note: Option<String>,
}

/// One entry of the work list.
#[utoipa::path(
    get, path = "/v1/work-items/{action_id}", tag = "offline",
    params(("action_id" = SyncActionId, Path, description = "An entry in sight")),
    responses((status = 200, description = "The entry", body = WorkItemDetail))
)]
pub async fn get_work_item(
    State(app): State<App>,
    may: May<grants::SeeWorkList>,
    Id(id): Id<SyncActionId>,
) -> Result<Json<WorkItemDetail>> {
    let row = in_write!(app.db, "get_work_item", |tx| {
        let row = store::sync_action::in_sight(&**tx, &may.scope, id)
            .await?
            .ok_or(Code::NotFound)?;
        if let Some(patient) = row.patient_id {
            let (community, account) = (may.community, may.account);
            store::patient_read::record(tx, &app, community, patient, account, "get_work_item")
                .await?;
        }
        Ok(row)
    })?;
    let json = |text: String| serde_json::from_str::<Value>(&text).map_err(Error::internal);
    let body = json(Sealed::Body.open(&app, id, &row.body_enc)?)?;
    let problem = json(Sealed::Answer.open(&app, id, &row.answer_enc)?)?;
    let note = row.settle_note_enc.as_deref();
    let note = note
        .map(|sealed| Sealed::Note.open(&app, id, sealed))
        .transpose()?;
    Ok(Json(WorkItemDetail {
        item: WorkItem::of(row),
        body,
        problem: (!problem.is_null()).then_some(problem),
        note,
    }))
}
