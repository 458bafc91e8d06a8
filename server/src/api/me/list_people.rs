//! `GET /v1/me/people`: whom a nurse follows, who needs her first. Recorded as a read of each.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{AlertKind, FollowTaskState};
use entity::ids::{
    AlertId, CommunityId, DeviceId, FollowTaskId, InstitutionId, NurseId, PatientId, RehabPlanId,
};
use entity::{alert, device, follow_task};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::rehab::view::Around;
use crate::app::App;
use crate::domain::calendar::{day_start, local_date};
use crate::domain::follow_up::{Touch, held};
use crate::domain::people::{self, Followed, Need, NeedCode, TaskStage};
use crate::domain::rulefile::Bilingual;
use crate::error::{Error, Result};
use crate::extract::{Json, May, Query, grants};
use crate::message::alert_text;
use crate::rules::RuleBook;
use crate::{in_write, store};

/// Most rows of each kind that are looked through; a nurse has fewer.
const MOST: u64 = 1_000;
/// Most people shown at once.
const MOST_PEOPLE: usize = 100;
/// People shown when the caller does not say.
const PEOPLE: usize = 30;

/// How many.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PeopleQuery {
    /// People wanted, 1 to 100; 30 when left out. Those who need the nurse first are shown.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<usize>,
}

/// The people of a nurse.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyPeople {
    /// How many she follows.
    pub followed: usize,
    /// How many of them need something.
    pub in_need: usize,
    /// Who needs her first stands first; those who need nothing come last, by their next day.
    pub items: Vec<MyPerson>,
}

/// Somebody whom a nurse follows.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyPerson {
    /// The patient.
    pub patient_id: PatientId,
    /// Name, masked.
    pub patient_name: String,
    /// The institution that is responsible.
    pub institution_id: InstitutionId,
    /// Why they need the nurse, the most pressing first; empty: nothing now.
    pub reasons: Vec<PersonNeed>,
    /// The next day on which a contact or a review is planned.
    pub next_on: Option<NaiveDate>,
}

/// Why somebody needs the nurse.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonNeed {
    /// Which reason.
    pub code: NeedCode,
    /// In words.
    pub text: Bilingual,
    /// Deadline of a red flag.
    pub due_at: Option<DateTime<Utc>>,
    /// Due day of a contact or of the review of a device.
    pub due_on: Option<NaiveDate>,
    /// The red flag.
    #[schema(example = "RF05")]
    pub rule: Option<String>,
    /// The alert, when it names the nurse; a red flag without it is a doctor's.
    pub alert_id: Option<AlertId>,
    /// The contact.
    pub follow_task_id: Option<FollowTaskId>,
    /// The rehabilitation plan.
    pub rehab_plan_id: Option<RehabPlanId>,
    /// The device.
    pub device_id: Option<DeviceId>,
}

/// List the people I follow, who needs me first.
///
/// They are those whose contacts are mine, whose rehabilitation I lead, whom an open alert names me for, and whose devices
/// are in my care because I visited last. Who was called today for one contact is not due now for another: that one stands
/// behind (`task_held`), with when the person was tried or reached. Of all of them every open red flag is shown, also a doctor's. Who read it is recorded for everybody shown.
#[utoipa::path(
    get, path = "/v1/me/people", tag = "me",
    responses((status = 200, description = "My people", body = MyPeople))
)]
pub async fn list_people(
    State(app): State<App>,
    may: May<grants::SeeMyPeople>,
    Query(query): Query<PeopleQuery>,
) -> Result<Json<MyPeople>> {
    let limit = query.limit.unwrap_or(PEOPLE).clamp(1, MOST_PEOPLE);
    let (community, now) = (may.community, app.now());
    let book = RuleBook::current(app.db.reader(), &app, community).await?;
    let followed = match may.scope.nurse {
        Some(nurse) => followed(&app, &book, community, nurse).await?,
        // The role without an entry in the roster.
        None => Vec::new(),
    };
    let in_need = followed.iter().filter(|one| !one.needs().is_empty());
    let (in_need, count) = (in_need.count(), followed.len());
    let shown: Vec<_> = followed.into_iter().take(limit).collect();
    let ids: Vec<_> = shown.iter().map(|one| one.patient).collect();
    let db = app.db.reader();
    let patients = store::patient::by_ids(db, community, ids.iter().copied()).await?;
    let patients: BTreeMap<_, _> = patients.into_iter().map(|row| (row.id, row)).collect();
    let person = |one: &Followed| {
        let patient = patients
            .get(&one.patient)
            .ok_or_else(|| Error::internal("somebody is followed who is not there"))?;
        Ok(MyPerson {
            patient_id: one.patient,
            patient_name: store::patient::name(&app, patient)?.masked(),
            institution_id: patient.institution_id,
            reasons: one
                .needs()
                .iter()
                .map(|need| PersonNeed::of(need, now))
                .collect(),
            next_on: one.next_on,
        })
    };
    let items = shown.iter().map(person).collect::<Result<_>>()?;
    in_write!(app.db, "list_people", |tx| {
        let (ids, operation) = (ids.iter().copied(), "list_people");
        store::patient_read::record_all(tx, &app, community, ids, may.account, operation).await
    })?;
    Ok(Json(MyPeople {
        followed: count,
        in_need,
        items,
    }))
}

/// Everybody whom a nurse follows, in order. Seven statements, however many.
async fn followed(
    app: &App,
    book: &RuleBook,
    community: CommunityId,
    nurse: NurseId,
) -> Result<Vec<Followed>> {
    let (db, today) = (app.db.reader(), local_date(app.now()));
    let mut people = People::default();
    for row in store::alert::open_of_nurse(db, community, nurse, MOST).await? {
        people
            .of(row.patient_id)
            .need(alert_need(book, &row, nurse));
    }
    let tasks = store::follow_up::of_owner(db, community, nurse, MOST).await?;
    let whose = tasks.iter().map(|row| row.patient_id).collect();
    let from = day_start(today);
    let touches = store::follow_up::touches_since(db, community, &whose, from).await?;
    for row in tasks {
        let touches = touches.get(&row.patient_id).map_or(&[][..], Vec::as_slice);
        people.task(book, &row, touches, today);
    }
    for row in store::device::in_care_of(db, community, nurse, MOST).await? {
        people.device(book, &row, today);
    }
    let plans = store::rehab::led_by(db, community, nurse, MOST).await?;
    let around = Around::read(db, app, book, &plans).await?;
    for plan in &plans {
        let person = people.of(plan.patient_id);
        for attention in around.attention(&book.exercises, plan) {
            person.need(Need::Rehab {
                plan: plan.id,
                attention,
            });
        }
    }
    let ids: Vec<_> = people.0.keys().copied().collect();
    for row in store::alert::open_flags_of(db, community, &ids).await? {
        // Those that name her are there already.
        if row.nurse_id != Some(nurse) {
            people
                .of(row.patient_id)
                .need(alert_need(book, &row, nurse));
        }
    }
    let mut people: Vec<_> = people.0.into_values().collect();
    people::order(&mut people);
    Ok(people)
}

#[derive(Default)]
struct People(BTreeMap<PatientId, Followed>);

impl People {
    fn of(&mut self, patient: PatientId) -> &mut Followed {
        self.0
            .entry(patient)
            .or_insert_with(|| Followed::new(patient))
    }

    fn task(
        &mut self,
        book: &RuleBook,
        row: &follow_task::Model,
        touches: &[Touch],
        today: NaiveDate,
    ) {
        let ending = book.follow_up.ending_days;
        let stage = people::task_stage(row.state, row.due_on, row.ends_on, today, ending);
        let open = row.state == FollowTaskState::Open;
        let held = held((row.id, row.ends_on), touches, today).filter(|_| open);
        let stage = stage.map(|stage| held.map_or(stage, TaskStage::Held));
        let person = self.of(row.patient_id);
        match stage {
            Some(stage) => person.need(Need::Task {
                task: row.id,
                stage,
                due_on: row.due_on,
                ends_on: row.ends_on,
            }),
            None => person.plan(row.due_on),
        }
    }

    fn device(&mut self, book: &RuleBook, row: &device::Model, today: NaiveDate) {
        let Some(due_on) = row.review_due else { return };
        let person = self.of(row.patient_id);
        match people::device_need(due_on, today, book.devices.remind_days) {
            Some(overdue) => {
                let rule = book.devices.rule(row.kind).ok();
                let name = rule.map(|rule| rule.name.clone());
                let code = row.kind.as_str();
                person.need(Need::Device {
                    device: row.id,
                    name: name.unwrap_or_else(|| Bilingual::new(code, code)),
                    due_on,
                    overdue,
                });
            }
            None => person.plan(due_on),
        }
    }
}

fn alert_need(book: &RuleBook, row: &alert::Model, nurse: NurseId) -> Need {
    match (row.kind, &row.rule, row.due_at) {
        (AlertKind::RedFlag, Some(rule), Some(due_at)) => {
            let flag = book.red_flags.rule(rule).map(|flag| flag.name.clone());
            Need::RedFlag {
                alert: (row.nurse_id == Some(nurse)).then_some(row.id),
                rule: rule.clone(),
                name: flag.unwrap_or_else(|| alert_text(row.kind)),
                due_at,
                taken: row.taken_at.is_some(),
            }
        }
        _ => Need::Alert {
            alert: row.id,
            severity: row.severity,
            what: alert_text(row.kind),
            opened_at: row.opened_at,
        },
    }
}

impl PersonNeed {
    fn of(need: &Need, now: DateTime<Utc>) -> Self {
        let mut shown = Self {
            code: need.code(),
            text: need.text(now),
            due_at: None,
            due_on: None,
            rule: None,
            alert_id: None,
            follow_task_id: None,
            rehab_plan_id: None,
            device_id: None,
        };
        match need {
            Need::RedFlag {
                alert,
                rule,
                due_at,
                ..
            } => {
                shown.alert_id = *alert;
                shown.rule = Some(rule.clone());
                shown.due_at = Some(*due_at);
            }
            Need::Alert { alert, .. } => shown.alert_id = Some(*alert),
            Need::Rehab { plan, .. } => shown.rehab_plan_id = Some(*plan),
            Need::Task { task, due_on, .. } => {
                shown.follow_task_id = Some(*task);
                shown.due_on = Some(*due_on);
            }
            Need::Device { device, due_on, .. } => {
                shown.device_id = Some(*device);
                shown.due_on = Some(*due_on);
            }
        }
        shown
    }
}
