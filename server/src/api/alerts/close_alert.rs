//! `POST /v1/alerts/{alert_id}/close`: it was dealt with.

use axum::extract::State;
use entity::alert;
use entity::enums::AlertResult;
use entity::ids::{AlertId, OrderId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::Alert;
use crate::answer::Answer;
use crate::app::App;
use crate::db::Tx;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::store::alert::Outcome;
use crate::wire::Text;
use crate::{once, safety, store};

/// What came of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseAlert {
    /// What was done.
    #[schema(inline, example = "已联系家属,送县医院急诊")]
    pub outcome: Text<1, 500>,
    /// What became of it.
    pub result: Option<AlertResult>,
    /// The order that became of it; goes with `order` and with nothing else.
    pub order_id: Option<OrderId>,
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
        let row = store::alert::require_to_handle(&**tx, &may.scope, id).await?;
        check_order(tx, &row, &request.body).await?;
        let outcome = Outcome {
            text: request.body.outcome.as_str(),
            result: request.body.result,
            order: request.body.order_id,
        };
        let row = store::alert::close(tx, &app, row, may.account, outcome).await?;
        safety::overdue::looked_after(tx, &app, &row).await?;
        Answer::ok(&Alert::of(&row))
    })
}

/// An order that is named is one of the patient's.
async fn check_order(tx: &Tx, row: &alert::Model, body: &CloseAlert) -> Result<()> {
    let wrong = || Problem::new(Code::AlertResult).field("order_id", Code::AlertResult);
    if (body.result == Some(AlertResult::Order)) != body.order_id.is_some() {
        return Err(wrong().into());
    }
    let Some(id) = body.order_id else {
        return Ok(());
    };
    let order = store::order::in_community(&**tx, row.community_id, id).await?;
    let order = order.filter(|order| order.patient_id == row.patient_id);
    order.map(|_| ()).ok_or_else(|| wrong().into())
}
