//! `POST /v1/visits/{visit_id}/abort`: the visit is broken off, on the way or at the door.

use axum::extract::State;
use entity::ids::VisitId;
use entity::{care_order, visit};
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::step::{Act, VisitState};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::{Command, cancel_stage};
use crate::domain::price::{Fee, Quote, cancellation_fee};
use crate::error::{Error, Result};
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::store::order::Sealed;
use crate::wire::Text;
use crate::{once, store};

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AbortVisit {
    /// What stood against it; the coordinator reads it.
    #[schema(inline, example = "患者发热 39.2 ℃,已建议就医")]
    pub reason: Text<1, 500>,
}

/// Break off the visit.
///
/// The fee follows the price rules by how far the visit had come.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/abort", tag = "visits", request_body = AbortVisit,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((status = 200, description = "Broken off", body = VisitState))
)]
pub async fn abort_visit(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<AbortVisit>,
) -> Result<Answer> {
    once!(app, may, request.key, "abort_visit", |tx| {
        apply(&Act::now(tx, &app, &may, None), id, &request.body).await
    })
}

/// Breaks it off, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &AbortVisit) -> Result<Answer> {
    let (visit, order) = act.mine_to_lead(id).await?;
    let (visit, order) = break_off(act, (&visit, &order), report.reason.as_str()).await?;
    Ok(Answer::ok(&VisitState::of(&visit, &order))?.version(visit.version))
}

/// Ends the visit with its fee.
pub(super) async fn break_off(
    act: &Act<'_>,
    (visit, order): (&visit::Model, &care_order::Model),
    reason: &str,
) -> Result<(visit::Model, care_order::Model)> {
    let fee = fee(act, order).await?;
    let sealed = Sealed::EndReason.seal(act.app, order.id, reason);
    let amount = fee.as_ref().map(|fee| fee.fen);
    let order = store::order::advance(act.tx, act.app, order, Command::Abort, |row| {
        row.end_reason_enc = Set(Some(sealed));
        row.fee_fen = Set(amount);
    })
    .await?;
    let visit = store::visit::update(act.tx, visit, |row| row.live = Set(false)).await?;
    // The second nurse is free again, too.
    store::order::release_visit(act.tx, act.app, &order, false).await?;
    let payload = json!({ "fee_fen": amount, "fee_rule": fee.map(|fee| fee.rule) });
    let kind = EventKind::VisitAborted;
    act.leave_event(kind, (&visit, &order), None, payload)
        .await?;
    Ok((visit, order))
}

/// What is kept of the price, by the rules the order was priced with.
async fn fee(act: &Act<'_>, order: &care_order::Model) -> Result<Option<Fee>> {
    let Some(stage) = cancel_stage(order.state) else {
        return Ok(None);
    };
    let quote: Quote = serde_json::from_value(order.price.clone()).map_err(Error::internal)?;
    let version = i32::try_from(quote.price_version).map_err(Error::internal)?;
    let rules = crate::rules::prices(act.app, order.community_id, version).await?;
    Ok(Some(cancellation_fee(
        &rules,
        &quote,
        stage,
        act.at,
        order.window_start,
    )))
}
