//! `POST /v1/work-items/{action_id}/settle`: a person has put it right.

use axum::extract::State;
use entity::enums::SubjectKind;
use entity::ids::SyncActionId;
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::view::WorkItem;
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::Code;
use crate::store::event::NewEvent;
use crate::store::sync_action::Sealed;
use crate::wire::Text;
use crate::{once, store};

/// What was done about it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Settle {
    /// For whoever reads the trail.
    #[schema(inline, example = "已电话核实,按纸质记录补录")]
    pub note: Text<1, 500>,
}

/// Put it right.
///
/// The act itself stays as it was told; the note says what was done instead. The acts that wait behind it are its nurse's
/// to tell again: they do not wait for it any more.
#[utoipa::path(
    post, path = "/v1/work-items/{action_id}/settle", tag = "offline", request_body = Settle,
    params(("action_id" = SyncActionId, Path, description = "An open entry in sight")),
    responses((status = 200, description = "Off the list", body = WorkItem))
)]
pub async fn settle_work_item(
    State(app): State<App>,
    may: May<grants::SettleWork>,
    Id(id): Id<SyncActionId>,
    request: IdempotencyKey<Settle>,
) -> Result<Answer> {
    once!(app, may, request.key, "settle_work_item", |tx| {
        let row = store::sync_action::in_sight(&**tx, &may.scope, id)
            .await?
            .ok_or(Code::NotFound)?;
        let now = app.now();
        let change = entity::sync_action::ActiveModel {
            settled_at: Set(Some(now)),
            settled_by: Set(Some(may.account)),
            settle_note_enc: Set(Some(Sealed::Note.seal(
                &app,
                id,
                request.body.note.as_str(),
            ))),
            ..Default::default()
        };
        if !store::sync_action::settle(tx, change, &row).await? {
            return Err(Code::WorkSettled.into());
        }
        let (kind, actor) = (EventKind::SyncSettled, Some(may.account));
        let event = match row.order_id {
            Some(order) => NewEvent::new(kind, SubjectKind::Order, order.0, actor),
            None => NewEvent::new(kind, SubjectKind::Nurse, row.nurse_id.0, actor),
        };
        let event = event
            .institution(row.institution_id)
            .nurse(row.nurse_id)
            .payload(json!({ "action_id": id, "visit_id": row.visit_id }));
        store::event::append(tx, &app, may.community, event).await?;
        let mut shown = WorkItem::of(row);
        shown.settled_at = Some(now);
        Answer::ok(&shown)
    })
}
