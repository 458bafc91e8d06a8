//! `POST /v1/alerts/{alert_id}/take`: somebody looks after it.

use axum::extract::State;
use entity::ids::AlertId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::Alert;
use crate::answer::Answer;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::{once, store};

/// Nothing to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeAlert {}

/// Take an alert.
///
/// One takes it; whoever comes later is told `alert_taken`. A nurse takes red flags that name her; what else names her, others
/// look after (`forbidden`).
#[utoipa::path(
    post, path = "/v1/alerts/{alert_id}/take", tag = "alerts", request_body = TakeAlert,
    params(("alert_id" = AlertId, Path, description = "An alert of the caller's institutions")),
    responses((status = 200, description = "Taken", body = Alert))
)]
pub async fn take_alert(
    State(app): State<App>,
    may: May<grants::HandleAlerts>,
    Id(id): Id<AlertId>,
    request: IdempotencyKey<TakeAlert>,
) -> Result<Answer> {
    let TakeAlert {} = request.body;
    once!(app, may, request.key, "take_alert", |tx| {
        let row = store::alert::require_to_handle(&**tx, &may.scope, id).await?;
        let row = store::alert::take(tx, &app, row, may.account).await?;
        Answer::ok(&Alert::of(&row))
    })
}
