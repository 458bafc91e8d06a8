//! `POST /v1/visits/{visit_id}/start`: the procedure begins.

use axum::extract::State;
use entity::ids::VisitId;
use entity::{care_order, visit};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::step::{Act, StepReport, VisitState, place_of};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::consent::missing_for_visit;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::Command;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::Code;
use crate::{once, rules, store};

/// Start the procedure.
///
/// Refused while the patient is not recognised by two identifiers (`identity_missing`), and while a consent to an
/// item is not signed for this visit (`consent_missing`, `missing` lists the texts).
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
    check_identity(act, &visit).await?;
    check_consents(act, (&visit, &order)).await?;
    let visit =
        store::visit::update(act.tx, &visit, |row| row.started_at = Set(Some(act.at))).await?;
    let kind = EventKind::VisitStarted;
    act.leave_event(kind, (&visit, &order), place.as_ref(), json!({}))
        .await?;
    Ok(Answer::ok(&VisitState::of(&visit, &order))?.version(visit.version))
}

/// R12: nobody touches a patient before knowing who it is.
async fn check_identity(act: &Act<'_>, visit: &visit::Model) -> Result<()> {
    let known = store::visit_identity::of_visit(&**act.tx, visit.community_id, visit.id).await?;
    let checked = known.is_some_and(|known| known.checked_at.is_some());
    if checked {
        Ok(())
    } else {
        Err(Code::IdentityMissing.into())
    }
}

/// R9: every item is consented to, for this visit, under the text that holds.
async fn check_consents(
    act: &Act<'_>,
    (visit, order): (&visit::Model, &care_order::Model),
) -> Result<()> {
    let texts = rules::consents(act.app, order.community_id, act.at).await?;
    let ordered = super::ordered_items(act, order).await?;
    let rows = store::consent::of_visit(&**act.tx, visit.community_id, visit.id).await?;
    let given = store::consent::given(&rows);
    let missing = missing_for_visit(&texts, &ordered.items(), visit.id, &given, act.at);
    store::consent::refuse(&missing)
}
