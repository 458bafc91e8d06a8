//! `POST /v1/visits/{visit_id}/close`: the proof is complete.

use axum::extract::State;
use entity::ids::VisitId;
use entity::{care_order, visit};
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::Ordered;
use super::refused::traced;
use super::step::{Act, VisitState};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::Command;
use crate::domain::visit::{CloseRefused, Located, MissingFact, Papers, VisitFacts, close_gate};
use crate::error::{Error, Result};
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::{once, store};

/// Nothing to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseVisit {}

/// Close the visit.
///
/// Refused while one of the six facts of visit verification is missing (service, patient, date, location,
/// nurse, begin and end; `missing` lists them), while the record is not written or not signed, or while waste that an
/// item makes is not returned.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/close", tag = "visits", request_body = CloseVisit,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((status = 200, description = "Proven and closed", body = VisitState))
)]
pub async fn close_visit(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<CloseVisit>,
) -> Result<Answer> {
    let outcome = once!(app, may, request.key, "close_visit", |tx| {
        apply(&Act::now(tx, &app, &may, None), id, &request.body).await
    });
    traced(&app, &may, (id, "close_visit"), outcome).await
}

/// Closes it, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &CloseVisit) -> Result<Answer> {
    let CloseVisit {} = report;
    let (visit, order) = act.mine_to_lead(id).await?;
    check_proof(act, &visit, &order).await?;
    let order = store::order::advance(act.tx, act.app, &order, Command::Close, |_| {}).await?;
    let visit =
        store::visit::update(act.tx, &visit, |row| row.closed_at = Set(Some(act.at))).await?;
    let kind = EventKind::VisitClosed;
    act.leave_event(kind, (&visit, &order), None, json!({}))
        .await?;
    Ok(Answer::ok(&VisitState::of(&visit, &order))?.version(visit.version))
}

async fn check_proof(act: &Act<'_>, visit: &visit::Model, order: &care_order::Model) -> Result<()> {
    let record = store::visit::record(act.app, visit)?;
    let facts = VisitFacts {
        items_done: record.as_ref().map_or(0, |record| record.items_done.len()),
        patient: Some(visit.patient_id),
        nurse: Some(visit.nurse_id),
        located: match (visit.arrived_at, visit.arrived_lng) {
            (Some(_), Some(_)) => Located::Fix,
            // Without a fix its reason is in the arrival's event: arrive asks for it.
            (Some(_), None) => Located::WithoutFix,
            (None, _) => Located::Unknown,
        },
        begun_at: visit.started_at,
        ended_at: visit.finished_at,
    };
    let papers = papers(act, visit, order, record.is_some()).await?;
    match close_gate(order.state, &facts, papers) {
        Ok(_) => Ok(()),
        Err(CloseRefused::WrongState(wrong)) => Err(store::order::wrong_state(wrong)),
        Err(CloseRefused::Missing(missing)) => Err(missing_facts(&missing)),
        Err(CloseRefused::NoRecord) => Err(Code::RecordMissing.into()),
        Err(CloseRefused::Unsigned) => Err(Code::RecordUnsigned.into()),
        Err(CloseRefused::Waste) => Err(Code::WasteMissing.into()),
        Err(CloseRefused::SecondThere) => Err(Code::SecondNurseNotLeft.into()),
    }
}

/// Record, signature and waste of a visit, and who is still there.
async fn papers(
    act: &Act<'_>,
    visit: &visit::Model,
    order: &care_order::Model,
    recorded: bool,
) -> Result<Papers> {
    let (db, community) = (&**act.tx, order.community_id);
    let ordered = Ordered::of(db, act.app, order).await?;
    let signature = store::record::signature(db, community, visit.id).await?;
    let waste = store::record::waste(db, community, visit.id).await?;
    Ok(Papers {
        recorded,
        signed: signature.is_some(),
        makes_waste: ordered.makes_waste(),
        waste_returned: waste.is_some(),
        second_there: store::visit::second_is_there(db, visit).await?,
    })
}

fn missing_facts(missing: &[MissingFact]) -> Error {
    use entity::enums::Language;
    let list: Vec<_> = missing
        .iter()
        .map(|fact| json!({ "code": fact.code(), "zh": fact.text(Language::Zh), "en": fact.text(Language::En) }))
        .collect();
    Problem::new(Code::VisitNotProven)
        .member("missing", list)
        .into()
}
