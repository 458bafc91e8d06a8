//! `POST /v1/nurses/{nurse_id}/leave`: a nurse will be away.

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::enums::LeaveKind;
use entity::ids::{LeaveId, NurseId};
use entity::nurse_leave;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::refuse;
use crate::answer::Answer;
use crate::app::App;
use crate::domain::roster::check_leave;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::wire::{Moment, Text};
use crate::{once, store};

/// A time away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLeave {
    /// Why.
    pub kind: LeaveKind,
    /// First moment away.
    pub starts_at: Moment,
    /// First moment back; later than now, at most 400 days after the start.
    pub ends_at: Moment,
    /// A note for those who plan. Nothing about health.
    #[schema(inline)]
    pub note: Option<Text<1, 200>>,
}

/// A time in which a nurse is away.
#[derive(Debug, Serialize, ToSchema)]
pub struct Leave {
    /// The leave.
    pub id: LeaveId,
    /// The nurse.
    pub nurse_id: NurseId,
    /// Why.
    pub kind: LeaveKind,
    /// First moment away.
    pub starts_at: DateTime<Utc>,
    /// First moment back.
    pub ends_at: DateTime<Utc>,
    /// A note for those who plan.
    pub note: Option<String>,
}

impl From<nurse_leave::Model> for Leave {
    fn from(row: nurse_leave::Model) -> Self {
        Self {
            id: row.id,
            nurse_id: row.nurse_id,
            kind: row.kind,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            note: row.note,
        }
    }
}

/// Add a leave.
///
/// Visits she has accepted in that time stay hers; a coordinator reassigns them.
#[utoipa::path(
    post, path = "/v1/nurses/{nurse_id}/leave", tag = "nurses", request_body = NewLeave,
    params(("nurse_id" = NurseId, Path, description = "A nurse within the caller's scope")),
    responses((status = 201, description = "Added", body = Leave))
)]
pub async fn add_nurse_leave(
    State(app): State<App>,
    may: May<grants::ManageRoster>,
    Id(nurse): Id<NurseId>,
    IdempotencyKey { key, body }: IdempotencyKey<NewLeave>,
) -> Result<Answer> {
    let (starts_at, ends_at) = (*body.starts_at, *body.ends_at);
    once!(app, may, key, "add_nurse_leave", |tx| {
        let nurse = store::nurse::find(&**tx, &may.scope, nurse).await?;
        // In here, because a retry that comes when the leave is over gets the first answer.
        let flaw = check_leave(starts_at, ends_at, app.now()).err();
        refuse(flaw.map(|error| ("ends_at", error)).into_iter().collect())?;
        let row = nurse_leave::Model {
            community_id: may.community,
            id: app.new_id(),
            nurse_id: nurse.id,
            kind: body.kind,
            starts_at,
            ends_at,
            note: body.note.clone().map(Text::into_string),
        };
        store::nurse::add_leave(tx, &app, &nurse, row.clone(), may.account).await?;
        let location = format!("/v1/nurses/{}/leave/{}", nurse.id, row.id);
        Answer::created(location, &Leave::from(row))
    })
}
