//! `POST /v1/visits/{visit_id}/start`: the procedure begins.

use axum::extract::State;
use entity::care_order;
use entity::ids::VisitId;
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::step::{Act, StepReport, VisitState, place_of};
use crate::answer::Answer;
use crate::api::orders::problems;
use crate::app::App;
use crate::domain::calendar::local_date;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::Command;
use crate::domain::prescription;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::Code;
use crate::{once, store};

/// Start the procedure.
///
/// Refused before the screening was asked again at the door (`screening_missing`), and without a prescription that
/// holds now for each item that needs one (`prescription_missing`).
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/start", tag = "visits", request_body = StepReport,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((status = 200, description = "Begun", body = VisitState))
)]
pub async fn start_procedure(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<StepReport>,
) -> Result<Answer> {
    once!(app, may, request.key, "start_procedure", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    })
}

/// Starts it, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &StepReport) -> Result<Answer> {
    let place = place_of(report.place)?;
    let (visit, order) = act.mine(id).await?;
    let order = store::order::advance(act.tx, act.app, &order, Command::Start, |_| {}).await?;
    check_screened(act, id).await?;
    check_prescriptions(act, &order).await?;
    let visit =
        store::visit::update(act.tx, &visit, |row| row.started_at = Set(Some(act.at))).await?;
    let kind = EventKind::VisitStarted;
    act.leave_event(kind, (&visit, &order), place.as_ref(), json!({}))
        .await?;
    Ok(Answer::ok(&VisitState::of(&visit, &order))?.version(visit.version))
}

/// The second time that prescriptions are asked for: one may have run out or been withdrawn since (R7).
async fn check_prescriptions(act: &Act<'_>, order: &care_order::Model) -> Result<()> {
    let (community, tx) = (order.community_id, act.tx);
    let codes = store::matching::item_codes(&**tx, community, order.id).await?;
    let catalogue = crate::rules::catalogue(act.app, community, order.catalogue_version).await?;
    let items: Vec<_> = codes
        .iter()
        .filter_map(|code| catalogue.item(code))
        .collect();
    let held = store::prescription::held(&**tx, community, order.patient_id, codes.clone()).await?;
    prescription::choose(items, &held, local_date(act.at), act.at)
        .map_err(|missing| problems::prescriptions(&missing))?;
    Ok(())
}

/// The questions were asked again at the door (R6). After a hard answer the state refuses already.
async fn check_screened(act: &Act<'_>, id: VisitId) -> Result<()> {
    let newest = store::visit_screening::newest(&**act.tx, act.may.community, id).await?;
    match newest {
        Some(_) => Ok(()),
        None => Err(Code::ScreeningMissing.into()),
    }
}
