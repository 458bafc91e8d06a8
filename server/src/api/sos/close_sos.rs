//! `POST /v1/sos/{sos_id}/close`: the nurse is safe.

use axum::extract::State;
use entity::enums::{SosOutcome, SosState};
use entity::ids::SosId;
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{SosAlarm, settled};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::Code;
use crate::wire::Text;
use crate::{once, store};

/// How it ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseSos {
    /// The outcome, a false alarm among them.
    pub outcome: SosOutcome,
    /// What happened and what was done.
    #[schema(inline)]
    pub note: Option<Text<1, 1000>>,
}

/// Close an alarm.
///
/// One that nobody had taken is taken by the same act.
#[utoipa::path(
    post, path = "/v1/sos/{sos_id}/close", tag = "sos", request_body = CloseSos,
    params(("sos_id" = SosId, Path, description = "An alarm in scope that is not closed")),
    responses((status = 200, description = "Closed", body = SosAlarm))
)]
pub async fn close_sos(
    State(app): State<App>,
    may: May<grants::AnswerAlarms>,
    Id(id): Id<SosId>,
    request: IdempotencyKey<CloseSos>,
) -> Result<Answer> {
    once!(app, may, request.key, "close_sos", |tx| {
        let report = &request.body;
        let alarm = store::sos::require(&**tx, &may.scope, id).await?;
        if alarm.state == SosState::Closed {
            return Err(Code::AlreadySettled.into());
        }
        let note = report.note.as_ref();
        let note = note.map(|note| store::sos::seal_note(&app, id, note.as_str()));
        let now = app.now();
        let alarm = store::sos::update(tx, &alarm, |row| {
            row.state = Set(SosState::Closed);
            row.taken_by = Set(alarm.taken_by.or(Some(may.account)));
            row.taken_at = Set(alarm.taken_at.or(Some(now)));
            row.closed_by = Set(Some(may.account));
            row.closed_at = Set(Some(now));
            row.outcome = Set(Some(report.outcome));
            row.note_enc = Set(note);
        })
        .await?;
        settled(tx, &app, EventKind::SosClosed, &alarm, may.account).await
    })
}
