//! Discharges as they are sent.

use chrono::{DateTime, NaiveDate, Utc};
use entity::discharge;
use entity::enums::{DischargeSource, DischargeState, FollowPlanState, FollowStop};
use entity::follow_plan;
use entity::ids::{DischargeId, FollowPlanId, InstitutionId, NurseId, PatientId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::Result;
use crate::follow_up::{Outcome, Taken};
use crate::store;

/// A discharge, without what is personal about it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Discharge {
    /// The discharge.
    pub id: DischargeId,
    /// The patient.
    pub patient_id: PatientId,
    /// The institution that discharged.
    pub institution_id: InstitutionId,
    /// From which ward.
    pub ward: Option<String>,
    /// How it came in.
    pub source: DischargeSource,
    /// The system that tells of it.
    pub system: Option<String>,
    /// The system's own id.
    pub system_ref: Option<String>,
    /// 1, higher with each correction.
    pub revision: i64,
    /// First day of the stay.
    pub admitted_on: NaiveDate,
    /// Day of discharge.
    pub discharged_on: NaiveDate,
    /// Group of the first diagnosis.
    pub diagnosis_group: String,
    /// False: no group has the first diagnosis; the general schedule holds, and somebody should look.
    pub diagnosis_known: bool,
    /// What else is followed.
    pub conditions: Vec<String>,
    /// The nurse who is to follow up.
    pub nurse_id: Option<NurseId>,
    /// The next stay is planned already.
    pub readmission_planned: bool,
    /// Its state.
    pub state: DischargeState,
    /// When it was registered.
    pub recorded_at: DateTime<Utc>,
    /// Version, also the `ETag`.
    pub version: i64,
}

/// A discharge with all of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DischargeWhole {
    /// What stands in lists too.
    #[serde(flatten)]
    pub discharge: Discharge,
    /// ICD-10 codes, the first diagnosis first.
    pub diagnoses: Vec<String>,
    /// The diagnosis in words.
    pub diagnosis_text: Option<String>,
    /// The responsible doctor.
    pub doctor: Option<String>,
    /// What else is to be known.
    pub note: Option<String>,
    /// Its plans.
    pub plans: Vec<FollowPlan>,
}

/// A follow-up plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct FollowPlan {
    /// The plan.
    pub id: FollowPlanId,
    /// Its discharge.
    pub discharge_id: DischargeId,
    /// Code of its schedule.
    pub schedule: String,
    /// Version of the rules it follows.
    pub rules_version: i32,
    /// Its state.
    pub state: FollowPlanState,
    /// Why it was stopped.
    pub stop_cause: Option<FollowStop>,
    /// When it was stopped.
    pub stopped_at: Option<DateTime<Utc>>,
    /// Day 0.
    pub starts_on: NaiveDate,
    /// Its contacts are planned up to this day.
    pub planned_to: NaiveDate,
    /// Since when its repeated contacts are over: a device is in the register, or a wound has healed.
    pub repeats_ended_at: Option<DateTime<Utc>>,
}

/// What became of a discharge that was told.
#[derive(Debug, Serialize, ToSchema)]
pub struct DischargeTaken {
    /// What became of it.
    pub outcome: Outcome,
    /// The discharge.
    pub discharge_id: DischargeId,
    /// Its revision now.
    pub revision: i64,
}

impl DischargeTaken {
    pub(super) fn of(taken: &Taken) -> Self {
        Self {
            outcome: taken.outcome,
            discharge_id: taken.row.id,
            revision: taken.row.revision,
        }
    }
}

impl FollowPlan {
    pub(crate) fn of(row: &follow_plan::Model) -> Self {
        Self {
            id: row.id,
            discharge_id: row.discharge_id,
            schedule: row.schedule.clone(),
            rules_version: row.rules_version,
            state: row.state,
            stop_cause: row.stop_cause,
            stopped_at: row.stopped_at,
            starts_on: row.starts_on,
            planned_to: row.planned_to,
            repeats_ended_at: row.repeats_ended_at,
        }
    }
}

impl Discharge {
    pub(super) fn of(row: &discharge::Model) -> Result<Self> {
        let conditions = store::discharge::conditions(row)?;
        Ok(Self {
            id: row.id,
            patient_id: row.patient_id,
            institution_id: row.institution_id,
            ward: row.ward.clone(),
            source: row.source,
            system: row.system.clone(),
            system_ref: row.system_ref.clone(),
            revision: row.revision,
            admitted_on: row.admitted_on,
            discharged_on: row.discharged_on,
            diagnosis_group: row.diagnosis_group.clone(),
            diagnosis_known: row.diagnosis_known,
            conditions: conditions.into_iter().collect(),
            nurse_id: row.nurse_id,
            readmission_planned: row.readmission_planned,
            state: row.state,
            recorded_at: row.recorded_at,
            version: row.version,
        })
    }
}

impl DischargeWhole {
    pub(super) fn of(
        app: &App,
        row: &discharge::Model,
        plans: &[follow_plan::Model],
    ) -> Result<Self> {
        let detail = store::discharge::detail(app, row)?;
        Ok(Self {
            discharge: Discharge::of(row)?,
            diagnoses: detail
                .diagnoses
                .iter()
                .map(|code| code.as_str().to_owned())
                .collect(),
            diagnosis_text: detail.text,
            doctor: detail.doctor,
            note: detail.note,
            plans: plans.iter().map(FollowPlan::of).collect(),
        })
    }
}
