//! `POST /v1/alerts/{alert_id}/close`: it was dealt with.

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

/// What came of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseAlert {
    /// What was done.
    #[schema(inline, example = "已联系家属,送县医院急诊")]
    pub outcome: Text<1, 500>,
}

/// Close an alert that somebody took.
#[utoipa::path(
    post, path = "/v1/alerts/{alert_id}/close", tag = "alerts", request_body = CloseAlert,
    params(("alert_id" = AlertId, Path, description = "An alert of the caller's institutions")),
    responses((status = 200, description = "Closed", body = Alert))
)]
pub async fn close_alert(
    State(app): State<App>,
    may: May<grants::HandleAlerts>,
    Id(id): Id<AlertId>,
    request: IdempotencyKey<CloseAlert>,
) -> Result<Answer> {
    once!(app, may, request.key, "close_alert", |tx| {
        let row = store::alert::require(&**tx, &may.scope, id).await?;
        let outcome = request.body.outcome.as_str();
        let row = store::alert::close(tx, &app, row, may.account, outcome).await?;
        Answer::ok(&Alert::of(&row))
    })
}
