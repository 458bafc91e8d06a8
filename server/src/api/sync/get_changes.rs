//! `GET /v1/sync/changes`: what changed of the visits that a phone has with it.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::OrderState;
use entity::ids::{CommunityId, NurseId, VisitId};
use entity::{care_order, visit};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::owing::owing;
use crate::api::devices::view::{self, Device};
use crate::api::patients::health::HealthFacts;
use crate::api::rehab::view::glances;
use crate::api::visits::Ordered;
use crate::api::visits::get_screening::{DoorScreening, at_the_door};
use crate::api::visits::get_visit::{Glances, To, Visit, show};
use crate::api::visits::list_visit_consents::{VisitConsents, around};
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::{day_bounds, local_date};
use crate::domain::patient::{Fact, HealthRecord, age_on};
use crate::domain::screening::PatientFacts;
use crate::error::{Error, Result};
use crate::extract::{Json, May, Query, grants};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::store::visit_rows::{DoorRows, VisitRows};
use crate::{in_write, store};

/// Visits that one phone may hold.
const MOST: usize = 40;
/// Digits of a tag: 40 of them fit into an address.
const TAG_DIGITS: usize = 32;
/// How long a closed visit may stay on a phone, so that the nurse can look once more.
const KEEP_CLOSED: TimeDelta = TimeDelta::hours(12);

/// What the phone has.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Has {
    /// `visit_id:tag` of each visit on the phone, with commas between; at most 40.
    #[param(max_length = 4000)]
    pub have: Option<String>,
}

/// A visit with its tag.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sheet {
    /// Changes whenever anything of the sheet does, whoever changed it: a step, a warning, an allergy, a device.
    pub tag: String,
    /// The visit.
    pub visit: Visit,
    /// What is asked at the door, until it was.
    pub screening: Option<DoorScreening>,
    /// What has to be signed, and by whom, until the procedure began.
    pub consents: Option<VisitConsents>,
    /// Allergies, diagnoses and conditions.
    pub health: HealthFacts,
    /// What the patient carries.
    pub devices: Vec<Device>,
}

/// A pack is the nurse's own.
const MINE: To = To {
    own: true,
    desk: false,
    staff: false,
};

/// Why a visit is not the phone's business any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gone {
    /// It was taken from her, or she gave it back.
    Released,
    /// The order was called off, refused or expired.
    Cancelled,
    /// It was broken off, and she has left; of a procedure that had begun the record is signed and the waste back.
    Aborted,
    /// It was closed some time ago.
    Closed,
    /// She never had it.
    Unknown,
}

/// A visit to be taken off the phone.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tombstone {
    /// The visit.
    pub visit_id: VisitId,
    /// Why.
    pub reason: Gone,
    /// Delete all of the patient's data that came with it. Acts not told yet are told all the same.
    pub purge: bool,
}

/// What changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Changes {
    /// Our clock.
    pub server_time: DateTime<Utc>,
    /// Visits that are new or changed.
    pub updates: Vec<Sheet>,
    /// Visits to be taken off the phone.
    pub tombstones: Vec<Tombstone>,
}

/// What changed.
///
/// Held against what the phone says it has, so nothing is missed however long it was away.
#[utoipa::path(
    get, path = "/v1/sync/changes", tag = "offline",
    responses((status = 200, description = "Changed visits, and those to delete", body = Changes))
)]
pub async fn get_changes(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Query(query): Query<Has>,
) -> Result<Json<Changes>> {
    let nurse = may.nurse.ok_or(Code::NoNurseProfile)?;
    let have = read(query.have.as_deref().unwrap_or_default())?;
    let (updates, tombstones) = in_write!(app.db, "get_changes", |tx| {
        let ids: Vec<VisitId> = have.keys().copied().collect();
        let held = store::visit::of_nurse(&**tx, may.community, nurse, &ids).await?;
        let owed = owing(tx, &app, may.community, &held).await?;
        let owes = |visit: &visit::Model| owed.contains(&visit.id);
        let mut tombstones = Vec::new();
        for id in &ids {
            let found = held.iter().find(|(visit, _)| visit.id == *id);
            let reason = match found {
                Some((visit, order)) => gone(visit, order, owes(visit), app.now()),
                None => Some(Gone::Unknown),
            };
            tombstones.extend(reason.map(|reason| Tombstone {
                visit_id: *id,
                reason,
                purge: true,
            }));
        }
        let mut changed = near_visits(tx, &app, may.community, nurse).await?;
        let near: Vec<VisitId> = changed.iter().map(|(visit, _)| visit.id).collect();
        changed.extend(held.into_iter().filter(|(visit, order)| {
            !near.contains(&visit.id) && gone(visit, order, owes(visit), app.now()).is_none()
        }));
        let mut updates = sheets(tx, &app, may.community, changed).await?;
        updates.retain(|sheet| have.get(&sheet.visit.id) != Some(&sheet.tag));
        record_reads(tx, &app, &may, &updates, "get_changes").await?;
        Ok((updates, tombstones))
    })?;
    Ok(Json(Changes {
        server_time: app.now(),
        updates,
        tombstones,
    }))
}

fn read(have: &str) -> Result<BTreeMap<VisitId, String>> {
    let wrong = || Problem::new(Code::InvalidRequest).field("have", Code::FieldInvalid);
    let entries: Vec<&str> = have.split(',').filter(|entry| !entry.is_empty()).collect();
    if entries.len() > MOST {
        return Err(wrong().into());
    }
    let entry = |entry: &str| {
        let (id, tag) = entry.split_once(':')?;
        Some((id.parse().ok()?, tag.to_owned()))
    };
    entries
        .into_iter()
        .map(|text| entry(text).ok_or_else(|| wrong().into()))
        .collect()
}

/// Why a visit is to be taken off the phone. `owes`: it was broken off, and its record or its waste is still owed.
fn gone(
    visit: &visit::Model,
    order: &care_order::Model,
    owes: bool,
    now: DateTime<Utc>,
) -> Option<Gone> {
    // Broken off, and she is still there, or taken from her on her way: the number to call for help stays with her.
    if !visit.live && store::visit::way(visit).is_open() {
        return None;
    }
    if visit.released_at.is_some() {
        return Some(Gone::Released);
    }
    match order.state {
        OrderState::Cancelled | OrderState::Expired | OrderState::Refused => Some(Gone::Cancelled),
        OrderState::Aborted => (!owes).then_some(Gone::Aborted),
        OrderState::Closed => visit
            .closed_at
            .is_none_or(|at| now - at >= KEEP_CLOSED)
            .then_some(Gone::Closed),
        _ => None,
    }
}

/// Visits of today and tomorrow that are still to be done or not closed yet, and those of days before that are under
/// way; the next one first.
pub(super) async fn near_visits(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    nurse: NurseId,
) -> Result<Vec<(visit::Model, care_order::Model)>> {
    let (today, end) = day_bounds(local_date(app.now()));
    let until = end + TimeDelta::days(1);
    let found = store::visit::near(&**tx, community, nurse, (today, until), MOST).await?;
    let owed = owing(tx, app, community, &found).await?;
    let open = |(visit, order): &(visit::Model, care_order::Model)| {
        let gone = gone(visit, order, owed.contains(&visit.id), app.now());
        gone.is_none() && order.state != OrderState::Closed
    };
    Ok(found.into_iter().filter(open).collect())
}

/// Shows visits as the nurse sees them. As many statements for one as for many.
pub(super) async fn sheets(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    visits: Vec<(visit::Model, care_order::Model)>,
) -> Result<Vec<Sheet>> {
    let db = &**tx;
    let book = RuleBook::current(db, app, community).await?;
    let rows = VisitRows::read(db, app, community, &visits).await?;
    let door = DoorRows::read(db, app, community, &visits).await?;
    let on_plan = visits.iter().map(|(visit, _)| visit.patient_id);
    let rehab = glances(db, app, &book, community, on_plan).await?;
    let mut sheets = Vec::with_capacity(visits.len());
    for pair in &visits {
        let ordered = Ordered::read(db, app, &pair.1, rows.items(&pair.1)).await?;
        let known = (&rows, &door, &ordered, &rehab);
        let mut sheet = sheet(app, &book, pair, known)?;
        sheet.tag = tag(app, &sheet)?;
        sheets.push(sheet);
    }
    Ok(sheets)
}

/// Records that the nurse read of the patients of these sheets.
pub(super) async fn record_reads(
    tx: &Tx,
    app: &App,
    may: &May<grants::DoVisits>,
    sheets: &[Sheet],
    operation: &'static str,
) -> Result<()> {
    let (community, account) = (may.community, may.account);
    let patients: BTreeSet<_> = sheets.iter().map(|sheet| sheet.visit.patient.id).collect();
    store::patient_read::record_all(tx, app, community, patients, account, operation).await
}

/// A hash of all that is shown: what changes at the door has no one version. Keyed, for it comes back in an address.
fn tag(app: &App, sheet: &Sheet) -> Result<String> {
    let shown = serde_json::to_string(sheet).map_err(Error::internal)?;
    let mut hash = app.lookup.hash("sheet", &shown);
    hash.truncate(TAG_DIGITS);
    Ok(hash)
}

/// Everything that is needed at one door, out of what was read.
fn sheet(
    app: &App,
    book: &RuleBook,
    pair: &(visit::Model, care_order::Model),
    (rows, door, ordered, rehab): (&VisitRows, &DoorRows, &Ordered, &Glances),
) -> Result<Sheet> {
    let (visit, order) = pair;
    let patient = rows.patient(order)?;
    let before = visit.started_at.is_none();
    let facts = door.facts.get(&patient.id).map(Vec::as_slice);
    let facts = facts
        .unwrap_or_default()
        .iter()
        .map(|(_, fact)| fact.clone());
    let asked = PatientFacts {
        age_years: age_on(patient.birth_date, local_date(app.now())),
        sex: patient.sex,
        conditions: conditions(facts.clone()),
    };
    let outcome = door.screened.get(&visit.id).cloned();
    let consents = door.consents.get(&visit.id).map(Vec::as_slice);
    let carers = door.carers.get(&patient.id).map(Vec::as_slice);
    let signed = (consents.unwrap_or_default(), carers.unwrap_or_default());
    let around = || around(app, &book.consents, visit.id, (ordered, patient), signed);
    let devices = door.devices.get(&patient.id).map(Vec::as_slice);
    let nurse = door.responsible.get(&patient.id).copied();
    let devices = devices.unwrap_or_default();
    Ok(Sheet {
        tag: String::new(),
        screening: before.then(|| at_the_door(ordered, &asked, outcome)),
        consents: before.then(around).transpose()?,
        health: HealthFacts::of(HealthRecord::of(facts))?,
        devices: view::laid_out(app, book, devices, &door.device_visits, nurse)?,
        visit: show(app, book, pair, (rows, ordered, rehab), MINE)?,
    })
}

fn conditions(facts: impl Iterator<Item = Fact>) -> BTreeSet<String> {
    let code = |fact| match fact {
        Fact::Condition(condition) => Some(condition.code),
        _ => None,
    };
    facts.filter_map(code).collect()
}
