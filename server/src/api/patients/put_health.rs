//! `PUT /v1/patients/{patient_id}/health`: replace allergies, diagnoses and conditions.

use std::collections::BTreeSet;

use axum::extract::State;
use entity::ids::{HealthFactId, PatientId};
use entity::patient;
use serde_json::json;

use super::event_of;
use super::health::HealthFacts;
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::local_date;
use crate::domain::catalogue::Catalogue;
use crate::domain::event::EventKind;
use crate::domain::patient::{Fact, FactProblem, HealthRecord, MAX_FACTS, changes, lost_of_staff};
use crate::error::Result;
use crate::extract::{Caller, ETag, Id, IfMatch, Json, May, grants};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::store::scope::Scope;
use crate::{dispatch, in_write, store};

/// Record what is known of this patient's health.
///
/// The request is the whole record. What stands in it already stays as it is; what is missing ends and is
/// kept as history. What staff recorded, only staff take back or word anew: send it as it was read. Orders whose procedure has
/// not begun are judged anew: where more is asked now, such as a second nurse, or the record stands against it, an alert is
/// opened (`gates_changed`).
#[utoipa::path(
    put, path = "/v1/patients/{patient_id}/health", tag = "patients", request_body = HealthFacts,
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses((status = 200, description = "What holds now", body = HealthFacts, headers(
        ("ETag" = String, description = "Version of the patient"),
    )))
)]
pub async fn put_health(
    State(app): State<App>,
    may: May<grants::ChangeHealthFacts>,
    Id(id): Id<PatientId>,
    if_match: IfMatch,
    Json(body): Json<HealthFacts>,
) -> Result<(ETag, Json<HealthFacts>)> {
    let wanted = body.into_record();
    let catalogue = RuleBook::current(app.db.reader(), &app, may.community)
        .await?
        .catalogue;
    let (version, record) = in_write!(app.db, "put_health", |tx| {
        let mut row = store::patient::get_to_change(tx, &app, &may.scope, id).await?;
        if_match.check(row.version)?;
        let on_record = store::health_fact::live(&**tx, &app, may.community, id).await?;
        check(&app, &row, &catalogue, &on_record, &wanted)?;
        check_of_staff(tx, &may.scope, &row, &on_record, &wanted).await?;
        let before = dispatch::standings(tx, &app, &row).await?;
        if replace(tx, &app, &may, id, on_record, &wanted).await? {
            row = store::patient::update(tx, row).await?;
            let event = event_of(EventKind::HealthFactsChanged, &row, may.account).payload(json!({
                "allergies": wanted.allergies.len(),
                "diagnoses": wanted.diagnoses.len(),
                "conditions": wanted.conditions.len(),
            }));
            store::event::append(tx, &app, may.community, event).await?;
            dispatch::tell_changed(tx, &app, &row, &before, may.account).await?;
        }
        let operation = "put_health";
        store::patient_read::record(tx, &app, may.community, id, may.account, operation).await?;
        let facts = store::health_fact::live(&**tx, &app, may.community, id).await?;
        let record = HealthRecord::of(facts.into_iter().map(|(_, fact)| fact));
        Ok((row.version, record))
    })?;
    Ok((ETag(version), Json(HealthFacts::of(record)?)))
}

/// Ends and adds what differs; true when anything did.
async fn replace(
    tx: &Tx,
    app: &App,
    caller: &Caller,
    patient: PatientId,
    on_record: Vec<(HealthFactId, Fact)>,
    wanted: &HealthRecord,
) -> Result<bool> {
    let change = changes(on_record, wanted.clone().into_facts());
    for id in &change.ended {
        store::health_fact::end(tx, caller.community, *id, app.now()).await?;
    }
    for fact in &change.added {
        let (community, by) = (caller.community, caller.account);
        store::health_fact::insert(tx, app, community, patient, by, fact).await?;
    }
    Ok(!change.ended.is_empty() || !change.added.is_empty())
}

fn check(
    app: &App,
    row: &patient::Model,
    catalogue: &Catalogue,
    on_record: &[(HealthFactId, Fact)],
    wanted: &HealthRecord,
) -> Result<()> {
    let code_of = |(_, fact): &(HealthFactId, Fact)| match fact {
        Fact::Condition(condition) => Some(condition.code.clone()),
        _ => None,
    };
    let known: BTreeSet<String> = on_record.iter().filter_map(code_of).collect();
    let today = local_date(app.now());
    let mistakes = wanted.check(catalogue, &known, row.birth_date, today);
    match mistakes.into_iter().next() {
        None => Ok(()),
        Some((path, problem)) => Err(told(&path, problem, wanted).into()),
    }
}

/// Fails for a family that leaves out what staff recorded.
async fn check_of_staff(
    tx: &Tx,
    scope: &Scope,
    row: &patient::Model,
    on_record: &[(HealthFactId, Fact)],
    wanted: &HealthRecord,
) -> Result<()> {
    let standing = store::patient::standing(&**tx, scope, row).await?;
    let of_staff = store::health_fact::of_staff(&**tx, row.community_id, row.id).await?;
    let change = changes(on_record.to_vec(), wanted.clone().into_facts());
    let lost = lost_of_staff(standing, &change, &of_staff);
    if lost.is_empty() {
        return Ok(());
    }
    let named = on_record.iter().filter(|(id, _)| lost.contains(id));
    let named: Vec<&str> = named.map(|(_, fact)| fact.about()).collect();
    Err(Problem::new(Code::HealthFactOfStaff)
        .with("facts", named.join(", "))
        .member("facts", named)
        .into())
}

/// The first mistake, told with its path.
fn told(path: &str, problem: FactProblem, wanted: &HealthRecord) -> Problem {
    let (code, params) = match problem {
        FactProblem::TooMany => (Code::TooMany, vec![("limit", MAX_FACTS.to_string())]),
        FactProblem::Twice => (Code::ValueTwice, Vec::new()),
        FactProblem::UnknownCondition(at) => {
            let code = wanted.conditions.get(at).map(|one| one.code.clone());
            (
                Code::ConditionUnknown,
                vec![("condition", code.unwrap_or_default())],
            )
        }
        FactProblem::Date(error) => (Code::DateImpossible, vec![("reason", error.to_string())]),
    };
    let general = code == Code::ValueTwice;
    let mut told = Problem::new(if general { Code::InvalidRequest } else { code });
    for (name, value) in &params {
        told = told.with(name, value);
    }
    told.field_with(path, code, params)
}
