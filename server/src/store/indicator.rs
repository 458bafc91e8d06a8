//! What indicators of follow-up are made of: the discharges of a period, contacts, red flags and plans, and what came of
//! each. Every query reads all cases at once.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{AdmissionKind, DischargeState, FollowTaskState};
use entity::ids::{
    AlertId, AnswerSheetId, CommunityId, DischargeId, FollowTaskId, InstitutionId, PatientId,
};
use entity::{discharge, rehab_plan};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::death::WORDS;
use super::sql;
use crate::domain::calendar::day_start;
use crate::error::Result;

/// Whose numbers, and of which days.
#[derive(Clone, Debug)]
pub struct Cohort {
    /// The tenant.
    pub community: CommunityId,
    /// Of these institutions.
    pub institutions: BTreeSet<InstitutionId>,
    /// Of this ward.
    pub ward: Option<String>,
    /// First day.
    pub from: NaiveDate,
    /// The day after the last.
    pub to: NaiveDate,
}

/// How often a discharge led to a contact.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Contacted {
    /// The discharge.
    pub discharge_id: DischargeId,
    /// The earliest day after it on which its plans ask for a contact.
    pub first_day: Option<i32>,
    /// When somebody was reached first.
    pub reached_at: Option<DateTime<Utc>>,
}

/// The first attempt for a discharge.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Attempted {
    /// The discharge.
    pub discharge_id: DischargeId,
    /// When.
    pub at: DateTime<Utc>,
}

/// A death.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Death {
    /// Who.
    pub patient_id: PatientId,
    /// When it became known.
    pub at: DateTime<Utc>,
}

/// A stay in hospital, beside the discharge that ended it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Stay {
    /// Who.
    pub patient_id: PatientId,
    /// First day.
    pub admitted_on: NaiveDate,
    /// Whether it was planned, when somebody told.
    pub kind: Option<AdmissionKind>,
    /// Group of its first diagnosis.
    pub diagnosis_group: Option<String>,
    /// State of its discharge.
    pub state: Option<DischargeState>,
}

/// A score.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Score {
    /// Who.
    pub patient_id: PatientId,
    /// Code of the scale.
    pub scale: String,
    /// Sum of the points.
    pub total: i32,
    /// When.
    pub taken_at: DateTime<Utc>,
}

/// Answers to a contact of a discharge.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Answered {
    /// The discharge.
    pub discharge_id: DischargeId,
    /// The sheet.
    pub id: AnswerSheetId,
    /// What was answered, sealed.
    pub answers_enc: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A contact that fell due.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Contact {
    /// The task.
    pub id: FollowTaskId,
    /// Who.
    pub patient_id: PatientId,
    /// Whose pool.
    pub institution_id: InstitutionId,
    /// Due day.
    pub due_on: NaiveDate,
    /// Its state.
    pub state: FollowTaskState,
}

/// A red flag that came up.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Flag {
    /// Its alert.
    pub id: AlertId,
    /// Who.
    pub patient_id: PatientId,
    /// The institution that looks after it.
    pub institution_id: InstitutionId,
    /// When it came up.
    pub opened_at: DateTime<Utc>,
    /// Until when it has to be dealt with.
    pub due_at: DateTime<Utc>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
}

/// Values of a statement, each with its place.
struct Places(Vec<Value>);

impl Places {
    fn of(cohort: &Cohort) -> Self {
        Self(vec![cohort.community.into()])
    }

    fn add(&mut self, value: impl Into<Value>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }

    fn list<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) -> String {
        let places: Vec<_> = values.into_iter().map(|value| self.add(value)).collect();
        places.join(", ")
    }
}

impl Cohort {
    /// Discharges of the cohort, as a condition on `d`.
    fn discharges(&self, places: &mut Places) -> String {
        let (from, to) = (places.add(self.from), places.add(self.to));
        let ward = self.ward.as_ref().map_or(String::new(), |ward| {
            format!(" AND d.ward = {}", places.add(ward.as_str()))
        });
        let institutions = places.list(self.institutions.iter().copied());
        format!(
            "d.community_id = $1 AND d.discharged_on >= {from} AND d.discharged_on < {to}
             AND d.state <> 'cancelled' AND d.institution_id IN ({institutions}){ward}"
        )
    }

    /// People who were last discharged from the ward, as a condition on the `patient_id` of a table; nothing without a
    /// ward.
    fn of_ward(&self, table: &str, places: &mut Places) -> String {
        let Some(ward) = &self.ward else {
            return String::new();
        };
        let (ward, to) = (places.add(ward.as_str()), places.add(self.to));
        format!(
            " AND {ward} = (
                SELECT d.ward FROM discharge d
                WHERE d.community_id = $1 AND d.patient_id = {table}.patient_id AND d.state <> 'cancelled'
                  AND d.discharged_on < {to}
                ORDER BY d.discharged_on DESC LIMIT 1)"
        )
    }

    /// Nobody can be in it.
    fn is_empty(&self) -> bool {
        self.institutions.is_empty() || self.from >= self.to
    }
}

/// Reads the rows of a query over a cohort; none when nobody can be in it.
async fn read<R: FromQueryResult>(
    db: &impl ConnectionTrait,
    cohort: &Cohort,
    query: impl FnOnce(&mut Places) -> String,
) -> Result<Vec<R>> {
    if cohort.is_empty() {
        return Ok(Vec::new());
    }
    let mut places = Places::of(cohort);
    let text = query(&mut places);
    Ok(sql::all(db, text, places.0).await?)
}

/// The discharges.
pub async fn discharges(
    db: &impl ConnectionTrait,
    cohort: &Cohort,
) -> Result<Vec<discharge::Model>> {
    read(db, cohort, |places| {
        format!(
            "SELECT d.* FROM discharge d WHERE {}",
            cohort.discharges(places)
        )
    })
    .await
}

/// What the plans of discharges ask for, and whom their contacts reached. Points of plans that a correction took back
/// ask for nothing.
pub async fn contacted(db: &impl ConnectionTrait, cohort: &Cohort) -> Result<Vec<Contacted>> {
    read(db, cohort, |places| {
        format!(
            "SELECT d.id AS discharge_id,
                    MIN(CASE WHEN p.stop_cause = 'corrected' THEN NULL ELSE l.day END) AS first_day,
                    MIN(t.reached_at) AS reached_at
             FROM discharge d
             JOIN follow_plan p ON p.community_id = d.community_id AND p.discharge_id = d.id
             JOIN follow_task_plan l ON l.community_id = p.community_id AND l.plan_id = p.id
             JOIN follow_task t ON t.community_id = l.community_id AND t.id = l.task_id
             WHERE {} GROUP BY d.id",
            cohort.discharges(places)
        )
    })
    .await
}

/// The first attempts.
pub async fn attempted(db: &impl ConnectionTrait, cohort: &Cohort) -> Result<Vec<Attempted>> {
    read(db, cohort, |places| {
        format!(
            "SELECT d.id AS discharge_id, MIN(a.at) AS at
             FROM discharge d
             JOIN follow_plan p ON p.community_id = d.community_id AND p.discharge_id = d.id
             JOIN follow_task_plan l ON l.community_id = p.community_id AND l.plan_id = p.id
             JOIN contact_attempt a ON a.community_id = l.community_id AND a.task_id = l.task_id
             WHERE {} GROUP BY d.id",
            cohort.discharges(places)
        )
    })
    .await
}

/// Deaths of the people, as far as they became known.
pub async fn deaths(db: &impl ConnectionTrait, cohort: &Cohort) -> Result<Vec<Death>> {
    read(db, cohort, |places| {
        format!(
            "SELECT patient_id, MIN(at) AS at FROM ({WORDS}) AS words
             WHERE patient_id IN (SELECT d.patient_id FROM discharge d WHERE {})
             GROUP BY patient_id",
            cohort.discharges(places)
        )
    })
    .await
}

/// Stays of the people that began in the period or after it.
pub async fn stays(db: &impl ConnectionTrait, cohort: &Cohort) -> Result<Vec<Stay>> {
    read(db, cohort, |places| {
        let from = places.add(cohort.from);
        format!(
            "SELECT a.patient_id, a.admitted_on, a.kind, x.diagnosis_group, x.state
             FROM admission a
             LEFT JOIN discharge x ON x.community_id = a.community_id AND x.patient_id = a.patient_id
               AND x.admitted_on = a.admitted_on
             WHERE a.community_id = $1 AND a.admitted_on >= {from}
               AND a.patient_id IN (SELECT d.patient_id FROM discharge d WHERE {})",
            cohort.discharges(places)
        )
    })
    .await
}

/// Scores of the people on some scales.
pub async fn scores(
    db: &impl ConnectionTrait,
    cohort: &Cohort,
    scales: &[&str],
) -> Result<Vec<Score>> {
    read(db, cohort, |places| {
        let scales = places.list(scales.iter().copied());
        format!(
            "SELECT s.patient_id, s.scale, s.total, s.taken_at FROM scale_score s
             WHERE s.community_id = $1 AND s.scale IN ({scales})
               AND s.patient_id IN (SELECT d.patient_id FROM discharge d WHERE {})
             ORDER BY s.taken_at, s.id",
            cohort.discharges(places)
        )
    })
    .await
}

/// Answers to contacts of discharges, given in a span of time; of some groups of diagnoses, or of all.
pub async fn answers(
    db: &impl ConnectionTrait,
    cohort: &Cohort,
    groups: &[&str],
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Answered>> {
    read(db, cohort, |places| {
        let (from, to) = (places.add(from), places.add(to));
        let groups = match groups {
            [] => String::new(),
            some => format!(
                " AND d.diagnosis_group IN ({})",
                places.list(some.iter().copied())
            ),
        };
        format!(
            "SELECT DISTINCT d.id AS discharge_id, s.id, s.answers_enc, s.at
             FROM discharge d
             JOIN follow_plan p ON p.community_id = d.community_id AND p.discharge_id = d.id
             JOIN follow_task_plan l ON l.community_id = p.community_id AND l.plan_id = p.id
             JOIN answer_sheet s ON s.community_id = l.community_id AND s.task_id = l.task_id
             WHERE {} AND s.at >= {from} AND s.at < {to}{groups}
             ORDER BY s.at, s.id",
            cohort.discharges(places)
        )
    })
    .await
}

/// Contacts that fell due in the period; of a ward those that serve a discharge from it.
pub async fn contacts(db: &impl ConnectionTrait, cohort: &Cohort) -> Result<Vec<Contact>> {
    read(db, cohort, |places| {
        let (from, to) = (places.add(cohort.from), places.add(cohort.to));
        let institutions = places.list(cohort.institutions.iter().copied());
        let ward = cohort.ward.as_ref().map_or(String::new(), |ward| {
            let ward = places.add(ward.as_str());
            format!(
                " AND EXISTS (
                    SELECT 1 FROM follow_task_plan l
                    JOIN follow_plan p ON p.community_id = l.community_id AND p.id = l.plan_id
                    JOIN discharge d ON d.community_id = p.community_id AND d.id = p.discharge_id
                    WHERE l.community_id = $1 AND l.task_id = t.id AND d.ward = {ward})"
            )
        });
        format!(
            "SELECT t.id, t.patient_id, t.institution_id, t.due_on, t.state FROM follow_task t
             WHERE t.community_id = $1 AND t.due_on >= {from} AND t.due_on < {to}
               AND t.institution_id IN ({institutions}){ward}"
        )
    })
    .await
}

/// Red flags that came up in the period.
pub async fn flags(db: &impl ConnectionTrait, cohort: &Cohort) -> Result<Vec<Flag>> {
    read(db, cohort, |places| {
        let from = places.add(day_start(cohort.from));
        let to = places.add(day_start(cohort.to));
        let institutions = places.list(cohort.institutions.iter().copied());
        let ward = cohort.of_ward("a", places);
        format!(
            "SELECT a.id, a.patient_id, a.institution_id, a.opened_at, a.due_at, a.closed_at FROM alert a
             WHERE a.community_id = $1 AND a.rule IS NOT NULL AND a.due_at IS NOT NULL
               AND a.opened_at >= {from} AND a.opened_at < {to} AND a.institution_id IN ({institutions}){ward}"
        )
    })
    .await
}

/// Rehabilitation plans that ran on one of the days from one on.
pub async fn plans(
    db: &impl ConnectionTrait,
    cohort: &Cohort,
    from: NaiveDate,
) -> Result<Vec<rehab_plan::Model>> {
    read(db, cohort, |places| {
        let (to, ended) = (places.add(cohort.to), places.add(day_start(from)));
        let institutions = places.list(cohort.institutions.iter().copied());
        let ward = cohort.of_ward("r", places);
        format!(
            "SELECT r.* FROM rehab_plan r
             WHERE r.community_id = $1 AND r.starts_on < {to} AND (r.stopped_at IS NULL OR r.stopped_at >= {ended})
               AND r.institution_id IN ({institutions}){ward}"
        )
    })
    .await
}
