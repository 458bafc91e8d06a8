//! `POST /v1/follow-tasks/{follow_task_id}/link`: the family is asked to answer by itself.

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::ids::{AnswerLinkId, FollowTaskId};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::Answer;
use crate::api::follow_tasks::sight;
use crate::app::App;
use crate::error::{Error, Result};
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::Code;
use crate::rules::RuleBook;
use crate::signals::{link, sheet};
use crate::{once, store};

/// Nothing to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendAnswerLink {}

/// A link that is on its way. Neither token nor code is shown to anybody but the family.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswerLinkSent {
    /// The link.
    pub id: AnswerLinkId,
    /// When it goes out: at once within the hours of contact, else when they begin.
    pub sends_at: DateTime<Utc>,
    /// End of its time.
    pub expires_at: DateTime<Utc>,
}

/// Send the family a link to answer a follow-up task.
///
/// When a task opens the first link goes out by itself; this sends another. Link and code go in two messages to whoever may
/// book for the patient, else to the patient. A new link voids the ones before. Outside the hours in which families are contacted it goes out when they begin (`sends_at`), once however often it
/// is asked for; when that is after the last day of the task, none is sent (`answer_link_hours`).
#[utoipa::path(
    post, path = "/v1/follow-tasks/{follow_task_id}/link", tag = "answers", request_body = SendAnswerLink,
    params(
        ("follow_task_id" = FollowTaskId, Path, description = "An open follow-up task"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "On its way", body = AnswerLinkSent))
)]
pub async fn send_answer_link(
    State(app): State<App>,
    may: May<grants::DoFollowUp>,
    Id(id): Id<FollowTaskId>,
    IdempotencyKey { key, body }: IdempotencyKey<SendAnswerLink>,
) -> Result<Answer> {
    let SendAnswerLink {} = body;
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    once!(app, may, key, "send_answer_link", |tx| {
        let task = store::follow_up::get(&**tx, &sight(&app, &may), id).await?;
        sheet::check_open(&task)?;
        let patient =
            store::patient::in_community(&**tx, task.community_id, task.patient_id).await?;
        let patient = patient.ok_or_else(|| Error::internal("a task without its patient"))?;
        let to = link::receiver(tx, &app, &patient).await?;
        let to = to.ok_or(Code::AnswerLinkPhoneNone)?;
        let sent = link::send(tx, &app, &book, &task, (&to, Some(may.account))).await?;
        if sent.message.is_some() {
            store::follow_up::update(tx, &task, |row| row.message_id = Set(sent.message)).await?;
        }
        Answer::ok(&AnswerLinkSent {
            id: sent.link.id,
            sends_at: sent.link.sent_at,
            expires_at: sent.link.expires_at,
        })
    })
}
