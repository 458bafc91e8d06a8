//! Follow-up tasks as they are sent.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{
    CarerRelation, ContactChannel, ContactResult, FollowResolution, FollowResolve, FollowStop,
    FollowTaskState, MessageDrop, MessageState, ScaleSkip,
};
use entity::ids::{
    ContactAttemptId, FollowPlanId, FollowTaskId, InstitutionId, NurseId, PatientId,
};
use entity::{contact_attempt, follow_task, follow_task_plan, message, patient};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::calendar::{day_start, local_date};
use crate::domain::follow_up::{Held, HeldBy, Touch, held};
use crate::domain::rulefile::Bilingual;
use crate::error::{Error, Result};
use crate::store;
use crate::store::follow_up::TaskScales;

/// A contact to be made.
#[derive(Debug, Serialize, ToSchema)]
pub struct FollowTask {
    /// The task.
    pub id: FollowTaskId,
    /// The patient.
    pub patient_id: PatientId,
    /// Name of the patient, masked.
    pub patient_name: String,
    /// Whose pool it belongs to.
    pub institution_id: InstitutionId,
    /// The nurse who makes it; null: anybody of the pool.
    pub owner_nurse_id: Option<NurseId>,
    /// First day.
    pub opens_on: NaiveDate,
    /// Due day.
    pub due_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// Which way is to be tried next.
    pub channel: ContactChannel,
    /// All ways, in order.
    pub channels: Vec<ContactChannel>,
    /// Codes of the questionnaires.
    pub questionnaires: Vec<String>,
    /// Codes of the scales.
    pub scales: Vec<String>,
    /// Scales that are still to be filled in, or left out with a reason.
    pub scales_missing: Vec<String>,
    /// Scales that were left out, each with the reason.
    pub scales_skipped: BTreeMap<String, ScaleSkip>,
    /// When it counts as done.
    pub resolve_if: FollowResolve,
    /// Its state.
    pub state: FollowTaskState,
    /// Why it was stopped.
    pub stop_cause: Option<FollowStop>,
    /// When somebody was reached.
    pub reached_at: Option<DateTime<Utc>>,
    /// Somebody else answered for the person.
    pub reached_by_proxy: bool,
    /// By what it was resolved.
    pub resolved_by: Option<FollowResolution>,
    /// When.
    pub resolved_at: Option<DateTime<Utc>>,
    /// Attempts so far.
    pub attempts: i32,
    /// When somebody last tried to reach the person, for whichever task: nobody is called for two of them on a day.
    pub patient_tried_at: Option<DateTime<Utc>>,
    /// Why it is not due now although it is open: the person was called today for another contact. It waits for another day.
    pub held: Option<HeldContact>,
    /// What became of the newest reminder or link to the family; null: none was sent.
    pub reminder: Option<Reminder>,
    /// Version, also the `ETag`.
    pub version: i64,
}

/// Why a contact waits for another day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HeldContact {
    /// Why.
    pub by: HeldBy,
    /// When the person was tried or reached.
    pub at: DateTime<Utc>,
    /// In words.
    pub text: Bilingual,
}

/// What became of a reminder.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Reminder {
    /// Delivery.
    pub state: MessageState,
    /// When the gateway took it.
    pub sent_at: Option<DateTime<Utc>>,
    /// When the gateway said that it reached the phone; it may say nothing.
    pub delivered_at: Option<DateTime<Utc>>,
    /// Why it was dropped.
    pub drop_cause: Option<MessageDrop>,
}

/// A task with what is needed to make the contact.
#[derive(Debug, Serialize, ToSchema)]
pub struct FollowTaskWhole {
    /// What stands in lists too.
    #[serde(flatten)]
    pub task: FollowTask,
    /// Whole name of the patient.
    pub name: String,
    /// Whole phone of the patient.
    pub phone: Option<String>,
    /// Those who act for the patient.
    pub carers: Vec<FollowCarer>,
    /// What it serves.
    pub points: Vec<FollowPoint>,
    /// What was tried, oldest first.
    pub tried: Vec<ContactAttempt>,
}

/// Somebody who acts for a patient.
#[derive(Debug, Serialize, ToSchema)]
pub struct FollowCarer {
    /// What they are to the patient.
    pub relation: CarerRelation,
    /// Name.
    pub name: String,
    /// Phone.
    pub phone: String,
}

/// A point of a plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct FollowPoint {
    /// The plan.
    pub plan_id: FollowPlanId,
    /// Days after the discharge.
    pub day: i32,
    /// The day the plan asked for.
    pub wanted_on: NaiveDate,
}

/// An attempt to reach somebody.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactAttempt {
    /// The attempt.
    pub id: ContactAttemptId,
    /// When.
    pub at: DateTime<Utc>,
    /// Which way.
    pub channel: ContactChannel,
    /// What came of it.
    pub result: ContactResult,
    /// Who answered for the person.
    pub proxy: Option<CarerRelation>,
    /// What was said.
    pub note: Option<String>,
    /// The nurse who tried.
    pub nurse_id: Option<NurseId>,
    /// Made knowingly although somebody was reached that day for another contact.
    pub confirmed: bool,
}

/// Tasks as they are sent. Six statements for any number.
pub(super) async fn show(
    db: &impl ConnectionTrait,
    app: &App,
    rows: &[follow_task::Model],
) -> Result<Vec<FollowTask>> {
    let Some(first) = rows.first() else {
        return Ok(Vec::new());
    };
    let community = first.community_id;
    let ids: BTreeSet<_> = rows.iter().map(|row| row.patient_id).collect();
    let patients = store::patient::by_ids(db, community, ids.iter().copied()).await?;
    let tried = store::follow_up::last_tried(db, community, &ids).await?;
    let today = local_date(app.now());
    let from = day_start(today);
    let touches = store::follow_up::touches_since(db, community, &ids, from).await?;
    let messages: Vec<_> = rows.iter().filter_map(|row| row.message_id).collect();
    let messages = store::message::states(db, community, &messages).await?;
    let mut scales = store::follow_up::scales_of(db, rows).await?;
    rows.iter()
        .map(|row| {
            let patient = patients.iter().find(|one| one.id == row.patient_id);
            let patient = patient.ok_or_else(|| Error::internal("a task without its patient"))?;
            let message = messages.iter().find(|one| Some(one.id) == row.message_id);
            let calls = Calls {
                tried_at: tried.get(&row.patient_id).copied(),
                touches: touches.get(&row.patient_id).map_or(&[], Vec::as_slice),
                today,
            };
            let scales = scales.remove(&row.id).unwrap_or_default();
            FollowTask::of(app, row, patient, (message, calls, scales))
        })
        .collect()
}

/// What is known of calls of a person.
#[derive(Clone, Copy)]
struct Calls<'a> {
    tried_at: Option<DateTime<Utc>>,
    /// Those of today.
    touches: &'a [Touch],
    today: NaiveDate,
}

/// One task as it is sent.
pub(super) async fn one(
    db: &impl ConnectionTrait,
    app: &App,
    row: &follow_task::Model,
) -> Result<FollowTask> {
    let shown = show(db, app, std::slice::from_ref(row)).await?;
    let mut shown = shown.into_iter();
    shown
        .next()
        .ok_or_else(|| Error::internal("a task that was there is gone"))
}

/// A task with what is needed to make the contact.
pub(super) async fn whole(
    db: &impl ConnectionTrait,
    app: &App,
    row: &follow_task::Model,
    patient: &patient::Model,
) -> Result<FollowTaskWhole> {
    let (community, id) = (row.community_id, row.id);
    let carers = store::carer::of_patient(db, community, row.patient_id).await?;
    let carers = carers.into_iter().map(|(carer, account)| {
        Ok(FollowCarer {
            relation: carer.relation,
            name: store::account::name(app, &account)?,
            phone: store::account::phone(app, &account)?.reveal().to_owned(),
        })
    });
    let carers = carers.collect::<Result<_>>()?;
    let points = store::follow_up::points_of(db, community, &[id]).await?;
    let tried = store::follow_up::attempts_of(db, community, &[id]).await?;
    let tried = tried.get(&id).into_iter().flatten();
    let phone = store::patient::phone(app, patient)?;
    Ok(FollowTaskWhole {
        task: one(db, app, row).await?,
        name: store::patient::name(app, patient)?.reveal().to_owned(),
        phone: phone.map(|phone| phone.reveal().to_owned()),
        carers,
        points: points
            .get(&id)
            .into_iter()
            .flatten()
            .map(FollowPoint::of)
            .collect(),
        tried: tried
            .map(|row| ContactAttempt::of(app, row))
            .collect::<Result<_>>()?,
    })
}

impl FollowTask {
    fn of(
        app: &App,
        row: &follow_task::Model,
        patient: &patient::Model,
        (message, calls, scales): (Option<&message::Model>, Calls<'_>, TaskScales),
    ) -> Result<Self> {
        let codes = |value: &Value| serde_json::from_value(value.clone()).map_err(Error::internal);
        Ok(Self {
            id: row.id,
            patient_id: row.patient_id,
            patient_name: store::patient::name(app, patient)?.masked(),
            institution_id: row.institution_id,
            owner_nurse_id: row.owner_nurse_id,
            opens_on: row.opens_on,
            due_on: row.due_on,
            ends_on: row.ends_on,
            channel: row.channel,
            channels: serde_json::from_value(row.channels.clone()).map_err(Error::internal)?,
            questionnaires: codes(&row.questionnaires)?,
            scales: codes(&row.scales)?,
            scales_missing: scales.missing(row)?,
            scales_skipped: scales.skipped,
            resolve_if: row.resolve_if,
            state: row.state,
            stop_cause: row.stop_cause,
            reached_at: row.reached_at,
            reached_by_proxy: row.reached_by_proxy,
            resolved_by: row.resolved_by,
            resolved_at: row.resolved_at,
            attempts: row.attempts,
            patient_tried_at: calls.tried_at,
            held: (row.state == FollowTaskState::Open)
                .then(|| held((row.id, row.ends_on), calls.touches, calls.today))
                .flatten()
                .map(HeldContact::of),
            reminder: message.map(|message| Reminder {
                state: message.state,
                sent_at: message.sent_at,
                delivered_at: message.delivered_at,
                drop_cause: message.drop_cause,
            }),
            version: row.version,
        })
    }
}

impl HeldContact {
    fn of(held: Held) -> Self {
        Self {
            by: held.by,
            at: held.at,
            text: held.text(),
        }
    }
}

impl FollowPoint {
    fn of(row: &follow_task_plan::Model) -> Self {
        Self {
            plan_id: row.plan_id,
            day: row.day,
            wanted_on: row.wanted_on,
        }
    }
}

impl ContactAttempt {
    fn of(app: &App, row: &contact_attempt::Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            at: row.at,
            channel: row.channel,
            result: row.result,
            proxy: row.proxy,
            note: store::follow_up::note(app, row)?,
            nurse_id: row.nurse_id,
            confirmed: row.confirmed,
        })
    }
}
