//! `POST /v1/visits/{visit_id}/start`: the procedure begins.

use axum::extract::State;
use entity::enums::CarerRelation;
use entity::ids::{CarerId, VisitId};
use entity::{care_order, visit};
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::Ordered;
use super::refused::traced;
use super::step::{Act, VisitState, place_of};
use crate::answer::Answer;
use crate::api::orders::problems;
use crate::app::App;
use crate::domain::calendar::local_date;
use crate::domain::consent::{Missing, missing_for_visit};
use crate::domain::event::EventKind;
use crate::domain::lifecycle::Command;
use crate::domain::patient::of_age;
use crate::domain::seats::{LEAD, second_there};
use crate::domain::steps::{self, Beginning, StartRefused};
use crate::domain::visit_rules::Present;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::wire::{Moment, NameText, PlaceIn};
use crate::{dispatch, once, store};

/// Most people that are noted.
const MOST_PRESENT: usize = 10;

/// What is reported as the procedure begins.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartReport {
    /// When it began, by the device. Kept beside the server's time.
    pub device_at: Option<Moment>,
    /// Where.
    pub place: Option<PlaceIn>,
    /// Who of the family is there, at most 10.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub present: Vec<PresentIn>,
    /// On a visit by two: the second nurse is there, though her phone could not tell that she arrived.
    #[serde(default)]
    pub second_nurse_present: bool,
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
    /// The carer, when it is one: then a birth date on record counts besides.
    pub carer_id: Option<CarerId>,
    /// 18 or older.
    pub of_age: bool,
}

/// Start the procedure.
///
/// Refused when the consent to health data or location was taken back (`data_consent_missing`), when no first assessment
/// covers it any more (`assessment_missing`), on a visit by two before the second nurse is there (`second_nurse_absent`: her
/// arrival is known, or the leading nurse says so), while the patient is not
/// recognised by two identifiers (`identity_missing`), and while a consent to an
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
    let outcome = once!(app, may, request.key, "start_procedure", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    });
    traced(&app, &may, (id, "start_procedure"), outcome).await
}

/// Starts it, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &StartReport) -> Result<Answer> {
    let place = place_of(report.place)?;
    let (visit, order) = act.mine_to_lead(id).await?;
    check(act, (&visit, &order), report).await?;
    let order = store::order::advance(act.tx, act.app, &order, Command::Start, |_| {}).await?;
    note_present(act, &visit, report).await?;
    let visit =
        store::visit::update(act.tx, &visit, |row| row.started_at = Set(Some(act.at))).await?;
    let relations: Vec<_> = report.present.iter().map(|one| one.relation).collect();
    let mut payload = json!({ "present": relations });
    if report.second_nurse_present && order.persons > LEAD {
        payload["second_nurse_present"] = json!(true);
    }
    let kind = EventKind::VisitStarted;
    act.leave_event(kind, (&visit, &order), place.as_ref(), payload)
        .await?;
    Ok(Answer::ok(&VisitState::of(&visit, &order))?.version(visit.version))
}

/// Everything that the begin hangs on, asked at once.
async fn check(
    act: &Act<'_>,
    (visit, order): (&visit::Model, &care_order::Model),
    report: &StartReport,
) -> Result<()> {
    let db = &**act.tx;
    let ordered = Ordered::of(db, act.app, order).await?;
    let unsigned = unsigned(act, (visit, order), &ordered).await?;
    let today = local_date(act.at);
    let unprescribed = act.unprescribed(order, &ordered, today).await?;
    let unassessed = dispatch::missing_assessments(db, act.app, order, today, act.at).await?;
    let unallowed = act.unallowed(order).await?;
    let second = store::visit::second_arrived(db, order, act.at).await?;
    let known = store::visit_identity::of_visit(db, visit.community_id, visit.id).await?;
    let asked = store::visit_screening::newest(db, visit.community_id, visit.id).await?;
    let facts = Beginning {
        unallowed: &unallowed,
        unassessed: &unassessed,
        complete: second_there(order.persons, second, report.second_nurse_present),
        recognised: known.is_some_and(|known| known.checked_at.is_some()),
        unsigned: &unsigned,
        family_needed: act.gates(order, &ordered, act.at).await?.family_present,
        present: &present(act, order, report).await?,
        screened: asked.is_some(),
        unprescribed: &unprescribed,
    };
    match steps::start(order.state, &facts) {
        Ok(_) => Ok(()),
        Err(StartRefused::WrongState(wrong)) => Err(store::order::wrong_state(wrong)),
        Err(StartRefused::Unallowed) => Err(store::consent::unallowed(&unallowed)),
        Err(StartRefused::Unassessed) => Err(dispatch::unassessed(&unassessed).into()),
        Err(StartRefused::SecondAbsent) => Err(Code::SecondNurseAbsent.into()),
        Err(StartRefused::Unrecognised) => Err(Code::IdentityMissing.into()),
        Err(StartRefused::Unsigned) => store::consent::refuse(&unsigned),
        Err(StartRefused::FamilyAbsent) => Err(Code::FamilyAbsent.into()),
        Err(StartRefused::Unscreened) => Err(Code::ScreeningMissing.into()),
        Err(StartRefused::Unprescribed) => Err(problems::prescriptions(&unprescribed)),
    }
}

/// R9: the texts that hold, and are not signed for this visit.
async fn unsigned(
    act: &Act<'_>,
    (visit, order): (&visit::Model, &care_order::Model),
    ordered: &Ordered,
) -> Result<Vec<Missing>> {
    let texts = RuleBook::at(&**act.tx, act.app, order.community_id, act.at)
        .await?
        .consents;
    let rows = store::consent::of_visit(&**act.tx, visit.community_id, visit.id).await?;
    let given = store::consent::given(&rows);
    let items = ordered.items();
    Ok(missing_for_visit(&texts, &items, visit.id, &given, act.at))
}

/// R11: who is there. Whose birth date is on record is no adult by word alone.
async fn present(
    act: &Act<'_>,
    order: &care_order::Model,
    report: &StartReport,
) -> Result<Vec<Present>> {
    if report.present.len() > MOST_PRESENT {
        let params = vec![("reason", format!("0..={MOST_PRESENT}"))];
        return Err(Problem::new(Code::InvalidRequest)
            .field_with("present", Code::FieldInvalid, params)
            .into());
    }
    let (db, community, today) = (&**act.tx, order.community_id, local_date(act.at));
    let carers: Vec<_> = report
        .present
        .iter()
        .filter_map(|one| one.carer_id)
        .collect();
    let born = store::carer::birth_dates(db, community, order.patient_id, &carers).await?;
    let present = report.present.iter().map(|one| {
        let born = one.carer_id.and_then(|id| born.get(&id).copied());
        Present {
            relation: one.relation,
            of_age: of_age(one.of_age, born, today),
        }
    });
    Ok(present.collect())
}

/// Keeps who is there.
async fn note_present(act: &Act<'_>, visit: &visit::Model, report: &StartReport) -> Result<()> {
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
