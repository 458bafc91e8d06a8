//! `POST /v1/alerts/{alert_id}/act`: something was done about it.

use axum::extract::State;
use entity::ids::AlertId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::Alert;
use crate::answer::Answer;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::wire::Text;
use crate::{once, store};

/// What was done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActOnAlert {
    /// In words.
    #[schema(inline, example = "已电话联系家属,指导停止喂食")]
    pub action: Text<1, 500>,
}

/// Note what was done about an alert that somebody took.
///
/// It stays open until it is closed with what came of it. Said again, the newer word stands; both are in the trail.
#[utoipa::path(
    post, path = "/v1/alerts/{alert_id}/act", tag = "alerts", request_body = ActOnAlert,
    params(("alert_id" = AlertId, Path, description = "An alert in scope")),
    responses((status = 200, description = "Noted", body = Alert))
)]
pub async fn act_alert(
    State(app): State<App>,
    may: May<grants::HandleAlerts>,
    Id(id): Id<AlertId>,
    request: IdempotencyKey<ActOnAlert>,
) -> Result<Answer> {
    once!(app, may, request.key, "act_alert", |tx| {
        let row = store::alert::require_to_handle(&**tx, &may.scope, id).await?;
        let action = request.body.action.as_str();
        let row = store::alert::act(tx, &app, row, may.account, action).await?;
        Answer::ok(&Alert::of(&row))
    })
}
