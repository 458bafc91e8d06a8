//! `POST /v1/follow-tasks/{follow_task_id}/attempts`: somebody tried to reach the person.

use axum::extract::State;
use entity::enums::{CarerRelation, ContactChannel, ContactResult};
use entity::ids::FollowTaskId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::get_follow_task::read;
use super::sight;
use super::view::FollowTaskWhole;
use crate::answer::Answer;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::follow_up::{self, NewAttempt};
use crate::rules::RuleBook;
use crate::wire::{Moment, Text};
use crate::{once, store};

/// An attempt to reach somebody.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttemptMade {
    /// When; left out: now. Not before the first day of the task.
    pub at: Option<Moment>,
    /// Which way.
    pub channel: ContactChannel,
    /// What came of it.
    pub result: ContactResult,
    /// Who answered for the person; with `reached_proxy`, and only then.
    pub proxy: Option<CarerRelation>,
    /// What was said.
    #[schema(inline)]
    pub note: Option<Text<1, 1000>>,
    /// True: made knowingly although somebody was reached that day for another contact of the person. It is kept with the
    /// attempt.
    #[serde(default)]
    #[schema(required = false)]
    pub confirm: bool,
}

/// Record an attempt to reach somebody.
///
/// An attempt is not a reach. Reached resolves a task that asks for no more; else the answers or the visit are awaited.
/// `refused`, `died`, `readmitted` and `moved` stop all plans of the person. Where somebody was reached on that day for another
/// contact of the person, it answers `person_reached_today` unless it is sent with `confirm`: nobody is called again on a day
/// by mistake.
#[utoipa::path(
    post, path = "/v1/follow-tasks/{follow_task_id}/attempts", tag = "follow-up", request_body = AttemptMade,
    params(
        ("follow_task_id" = FollowTaskId, Path, description = "An open follow-up task"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "The task as it is now", body = FollowTaskWhole))
)]
pub async fn record_attempt(
    State(app): State<App>,
    may: May<grants::DoFollowUp>,
    Id(id): Id<FollowTaskId>,
    IdempotencyKey { key, body }: IdempotencyKey<AttemptMade>,
) -> Result<Answer> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    once!(app, may, key, "record_attempt", |tx| {
        let task = store::follow_up::get(&**tx, &sight(&app, &may), id).await?;
        let new = NewAttempt {
            at: body.at.map_or_else(|| app.now(), Into::into),
            channel: body.channel,
            result: body.result,
            proxy: body.proxy,
            note: body.note.as_ref().map(|note| note.as_str().to_owned()),
            nurse: may.scope.nurse,
            by: may.account,
            confirm: body.confirm,
        };
        let task = follow_up::record(tx, &app, &book, &task, &new).await?;
        Answer::ok(&read(tx, &app, &task, may.account, "record_attempt").await?)
    })
}
