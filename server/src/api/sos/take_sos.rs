//! `POST /v1/sos/{sos_id}/take`: somebody looks after the nurse now.

use axum::extract::State;
use entity::enums::SosState;
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
use crate::{once, store};

/// Nothing to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeSos {}

/// Take an alarm.
///
/// From here on it does not go to further people. The nurse hears that somebody has it.
#[utoipa::path(
    post, path = "/v1/sos/{sos_id}/take", tag = "sos", request_body = TakeSos,
    params(("sos_id" = SosId, Path, description = "An open alarm in scope")),
    responses((status = 200, description = "Taken by the caller", body = SosAlarm))
)]
pub async fn take_sos(
    State(app): State<App>,
    may: May<grants::AnswerAlarms>,
    Id(id): Id<SosId>,
    request: IdempotencyKey<TakeSos>,
) -> Result<Answer> {
    once!(app, may, request.key, "take_sos", |tx| {
        let TakeSos {} = request.body;
        let alarm = store::sos::require(&**tx, &may.scope, id).await?;
        if alarm.state != SosState::Open {
            return Err(Code::AlreadySettled.into());
        }
        let alarm = store::sos::update(tx, &alarm, |row| {
            row.state = Set(SosState::Taken);
            row.taken_by = Set(Some(may.account));
            row.taken_at = Set(Some(app.now()));
        })
        .await?;
        settled(tx, &app, EventKind::SosTaken, &alarm, may.account).await
    })
}
