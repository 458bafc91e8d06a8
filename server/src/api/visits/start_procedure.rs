//! `POST /v1/visits/{visit_id}/start`: the procedure begins.

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::enums::CarerRelation;
use entity::ids::VisitId;
use entity::{care_order, visit};
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::Ordered;
use super::step::{Act, VisitState, place_of};
use crate::answer::Answer;
use crate::api::orders::problems;
use crate::app::App;
use crate::domain::calendar::local_date;
use crate::domain::consent::missing_for_visit;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::Command;
use crate::domain::prescription;
use crate::domain::visit_rules::{Present, family_is_there};
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::wire::{NameText, PlaceIn};
use crate::{once, store};

/// Most people that are noted.
const MOST_PRESENT: usize = 10;

/// What is reported as the procedure begins.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartReport {
    /// When it began, by the device. Kept beside the server's time.
    pub device_at: Option<DateTime<Utc>>,
    /// Where.
    pub place: Option<PlaceIn>,
    /// Who of the family is there, at most 10.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub present: Vec<PresentIn>,
}

/// Somebody who is there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PresentIn {
    /// Name.
    #[schema(inline, example = "张小明")]
    pub name: NameText,
    /// What they are to the patient.
    pub relation: CarerRelation,
    /// 18 or older.
    pub of_age: bool,
}

/// Start the procedure.
///
/// Refused while the patient is not recognised by two identifiers (`identity_missing`), and while a consent to an
/// item is not signed for this visit (`consent_missing`, `missing` lists the texts), and where
/// the rules want an adult of the family there, while nobody is (`family_absent`). Refused as well before the
/// screening was asked again at the door (`screening_missing`), and without a prescription that holds now for each
/// item that needs one (`prescription_missing`).
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/start", tag = "visits", request_body = StartReport,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((status = 200, description = "Begun", body = VisitState))
)]
pub async fn start_procedure(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<StartReport>,
) -> Result<Answer> {
    once!(app, may, request.key, "start_procedure", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    })
}

/// Starts it, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &StartReport) -> Result<Answer> {
    let place = place_of(report.place)?;
    let (visit, order) = act.mine_to_lead(id).await?;
    let order = store::order::advance(act.tx, act.app, &order, Command::Start, |_| {}).await?;
    check_identity(act, &visit).await?;
    let ordered = Ordered::of(&**act.tx, act.app, &order).await?;
    check_consents(act, (&visit, &order), &ordered).await?;
    check_family(act, (&visit, &order), report).await?;
    check_screened(act, id).await?;
    check_prescriptions(act, &order, &ordered).await?;
    let visit =
        store::visit::update(act.tx, &visit, |row| row.started_at = Set(Some(act.at))).await?;
    let relations: Vec<_> = report.present.iter().map(|one| one.relation).collect();
    let payload = json!({ "present": relations });
    let kind = EventKind::VisitStarted;
    act.leave_event(kind, (&visit, &order), place.as_ref(), payload)
        .await?;
    Ok(Answer::ok(&VisitState::of(&visit, &order))?.version(visit.version))
}

/// The second time that prescriptions are asked for: one may have run out or been withdrawn since (R7).
async fn check_prescriptions(
    act: &Act<'_>,
    order: &care_order::Model,
    ordered: &Ordered,
) -> Result<()> {
    let (community, codes) = (order.community_id, ordered.codes.clone());
    let held = store::prescription::held(&**act.tx, community, order.patient_id, codes).await?;
    prescription::choose(ordered.items(), &held, local_date(act.at), act.at)
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
    ordered: &Ordered,
) -> Result<()> {
    let texts = RuleBook::at(act.app, order.community_id, act.at)
        .await?
        .consents;
    let rows = store::consent::of_visit(&**act.tx, visit.community_id, visit.id).await?;
    let given = store::consent::given(&rows);
    let missing = missing_for_visit(&texts, &ordered.items(), visit.id, &given, act.at);
    store::consent::refuse(&missing)
}

/// R11: who is there is kept, and where the rules say so somebody has to be.
async fn check_family(
    act: &Act<'_>,
    (visit, order): (&visit::Model, &care_order::Model),
    report: &StartReport,
) -> Result<()> {
    if report.present.len() > MOST_PRESENT {
        let params = vec![("reason", format!("0..={MOST_PRESENT}"))];
        return Err(Problem::new(Code::InvalidRequest)
            .field_with("present", Code::FieldInvalid, params)
            .into());
    }
    let present: Vec<_> = report
        .present
        .iter()
        .map(|one| Present {
            relation: one.relation,
            of_age: one.of_age,
        })
        .collect();
    if store::gates::of(order)?.family_present && !family_is_there(&present) {
        return Err(Code::FamilyAbsent.into());
    }
    let names: Vec<_> = report
        .present
        .iter()
        .map(|one| json!({ "name": one.name.0.reveal(), "relation": one.relation }))
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    store::visit_identity::note_present(act.tx, act.app, visit, &json!(names).to_string()).await
}
