//! `POST /v1/visits/{visit_id}/abort`: the visit is broken off, on the way or at the door.

use axum::extract::State;
use entity::enums::{AlertKind, AlertSeverity};
use entity::ids::VisitId;
use entity::{care_order, visit};
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::Ordered;
use super::arrive::NoFixReason;
use super::leaving::{LeaveReport, Left};
use super::step::{Act, VisitState, place_of};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::{Command, cancel_stage};
use crate::domain::place::SourcePlace;
use crate::domain::price::{Fee, Quote, cancellation_fee};
use crate::domain::steps;
use crate::error::{Error, Result};
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::safety::overdue;
use crate::store::alert::NewAlert;
use crate::store::order::Sealed;
use crate::wire::{Moment, PlaceIn, Text};
use crate::{once, store};

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AbortVisit {
    /// What stood against it; the coordinator reads it.
    #[schema(inline, example = "患者发热 39.2 ℃,已建议就医")]
    pub reason: Text<1, 500>,
    /// She is not at the patient's, or not any more: nothing has to be told with `leave`.
    #[serde(default)]
    pub left: bool,
    /// When, by the device. Kept beside the server's time.
    pub device_at: Option<Moment>,
    /// Where.
    pub place: Option<PlaceIn>,
    /// Why there is no place.
    pub no_fix_reason: Option<NoFixReason>,
}

/// Break off the visit.
///
/// The fee follows the price rules by how far the visit had come. For the family the visit is over and the nurse's place is
/// not shown any more. She is watched over until she has left: send `leave` then, or `left` with this when she is not there. When the procedure
/// had begun, its record may still be written and is to be signed: an alert (`record_owed`) stays open until it is. When an item makes waste,
/// another (`waste_owed`) does until the waste is back.
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
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    })
}

/// Breaks it off, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &AbortVisit) -> Result<Answer> {
    let place = place_of(report.place)?;
    let (visit, order) = act.mine_to_lead(id).await?;
    let left = LeaveReport {
        device_at: report.device_at,
        place: report.place,
        no_fix_reason: report.no_fix_reason,
        mock: false,
    };
    let left = if report.left {
        Some(Left::judge(act, &order, &left).await?)
    } else {
        None
    };
    let leaving = (place.as_ref(), left.as_ref());
    let reason = report.reason.as_str();
    let (visit, order) = break_off(act, (&visit, &order), reason, leaving).await?;
    Ok(Answer::ok(&VisitState::of(&visit, &order))?.version(visit.version))
}

/// Ends the visit with its fee. Where she was then, and how she left, if she has.
pub(super) async fn break_off(
    act: &Act<'_>,
    (visit, order): (&visit::Model, &care_order::Model),
    reason: &str,
    (place, left): (Option<&SourcePlace>, Option<&Left>),
) -> Result<(visit::Model, care_order::Model)> {
    let (tx, app) = (act.tx, act.app);
    let fee = fee(act, order).await?;
    let sealed = Sealed::EndReason.seal(app, order.id, reason);
    let amount = fee.as_ref().map(|fee| fee.fen);
    let order = store::order::advance(tx, app, order, Command::Abort, |row| {
        row.end_reason_enc = Set(Some(sealed));
        row.fee_fen = Set(amount);
    })
    .await?;
    act.keep_position(visit, place).await?;
    let visit = store::visit::update(tx, visit, |row| {
        row.live = Set(false);
        if let Some(left) = left {
            left.write(row, act.at);
        }
    })
    .await?;
    overdue::heard(tx, app, &visit, act.may.account).await?;
    ask_for_what_is_owed(act, &visit, &order).await?;
    // The second nurse is free again, too; on her way she is called back, at the patient's she has to leave.
    let freed = store::order::release_visit(tx, app, &order, false).await?;
    overdue::called_off(tx, app, &order, &freed).await?;
    if visit.left_at.is_none() {
        let of = (visit.community_id, visit.id);
        overdue::broken_off(tx, app, of, act.at).await?;
    }
    let payload = json!({
        "fee_fen": amount, "fee_rule": fee.map(|fee| fee.rule), "left": left.map(Left::payload),
    });
    let kind = EventKind::VisitAborted;
    act.leave_event(kind, (&visit, &order), place, payload)
        .await?;
    Ok((visit, order))
}

/// A procedure that had begun is to be recorded, and leaves waste behind (R17). Nothing is closed any more that would ask for
/// them, so alerts do. The desk is sent no message about the record, which is still to be written.
async fn ask_for_what_is_owed(
    act: &Act<'_>,
    visit: &visit::Model,
    order: &care_order::Model,
) -> Result<()> {
    let makes_waste = Ordered::of(&**act.tx, act.app, order).await?.makes_waste();
    let begun = visit.started_at.is_some();
    let alert = |kind| {
        let alert = NewAlert::of_order(act.app, kind, AlertSeverity::Warning, order, act.at);
        alert.visit(visit).by(act.may.account)
    };
    if steps::owes_record(order.state, begun, false) {
        store::alert::keep(act.tx, act.app, alert(AlertKind::RecordOwed)).await?;
    }
    if steps::owes_waste(order.state, begun, makes_waste, false) {
        store::alert::open(act.tx, act.app, alert(AlertKind::WasteOwed)).await?;
    }
    Ok(())
}

/// What is kept of the price, by the rules the order was priced with.
async fn fee(act: &Act<'_>, order: &care_order::Model) -> Result<Option<Fee>> {
    let Some(stage) = cancel_stage(order.state, true) else {
        return Ok(None);
    };
    let quote: Quote = serde_json::from_value(order.price.clone()).map_err(Error::internal)?;
    let version = i32::try_from(quote.price_version).map_err(Error::internal)?;
    let rules = crate::rules::prices(&**act.tx, act.app, order.community_id, version).await?;
    Ok(Some(cancellation_fee(
        &rules,
        &quote,
        stage,
        act.at,
        order.window_start,
    )))
}
