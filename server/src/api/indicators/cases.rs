//! Reads what happened and asks the rules. The number and the list of an indicator are both made of what comes out here.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use entity::discharge;
use entity::enums::{DischargeState, Indicator};
use entity::ids::{DischargeId, InstitutionId, PatientId};
use uuid::Uuid;

use crate::api::rehab::view::Around;
use crate::app::App;
use crate::domain::calendar::{day_start, local_date};
use crate::domain::code::Key;
use crate::domain::indicator::{
    CaseKind, Index, IndicatorRules, Measured, Readmission, Verdict, case_kind, of_contact,
    of_flag, of_rehab,
};
use crate::domain::rehab::ADHERENCE_DAYS;
use crate::domain::screening::Answers;
use crate::error::Result;
use crate::store;
use crate::store::indicator::{Cohort, Stay};

/// A case of an indicator.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// The discharge, contact, red flag or plan.
    pub id: Uuid,
    pub patient: PatientId,
    pub institution: InstitutionId,
    /// The day by which it belongs to the period.
    pub on: NaiveDate,
    pub verdict: Verdict,
}

/// The cases of some indicators. At most twelve statements, however many cases.
pub(super) async fn cases(
    app: &App,
    rules: &IndicatorRules,
    cohort: &Cohort,
    wanted: &[Indicator],
) -> Result<BTreeMap<Indicator, Vec<Case>>> {
    let mut found = BTreeMap::new();
    let about = |kind| {
        wanted
            .iter()
            .copied()
            .filter(move |one| case_kind(*one) == kind)
    };
    let discharges: Vec<_> = about(CaseKind::Discharge).collect();
    if !discharges.is_empty() {
        let today = local_date(app.now());
        let known = read(app, rules, cohort, &discharges).await?;
        for indicator in discharges {
            let case = |(row, index): &(discharge::Model, Index)| {
                let verdict = rules.of_discharge(indicator, index, today)?;
                Some(Case {
                    id: row.id.0,
                    patient: row.patient_id,
                    institution: row.institution_id,
                    on: row.discharged_on,
                    verdict,
                })
            };
            found.insert(indicator, known.iter().filter_map(case).collect());
        }
    }
    for indicator in about(CaseKind::FollowTask) {
        found.insert(indicator, contacts(app, cohort).await?);
    }
    for indicator in about(CaseKind::Alert) {
        found.insert(indicator, flags(app, cohort).await?);
    }
    for indicator in about(CaseKind::RehabPlan) {
        found.insert(indicator, plans(app, cohort).await?);
    }
    Ok(found)
}

async fn contacts(app: &App, cohort: &Cohort) -> Result<Vec<Case>> {
    let rows = store::indicator::contacts(app.db.reader(), cohort).await?;
    let case = |row: store::indicator::Contact| Case {
        id: row.id.0,
        patient: row.patient_id,
        institution: row.institution_id,
        on: row.due_on,
        verdict: of_contact(row.state),
    };
    Ok(rows.into_iter().map(case).collect())
}

async fn flags(app: &App, cohort: &Cohort) -> Result<Vec<Case>> {
    let (rows, now) = (
        store::indicator::flags(app.db.reader(), cohort).await?,
        app.now(),
    );
    let case = |row: store::indicator::Flag| Case {
        id: row.id.0,
        patient: row.patient_id,
        institution: row.institution_id,
        on: local_date(row.opened_at),
        verdict: of_flag(row.due_at, row.closed_at, now),
    };
    Ok(rows.into_iter().map(case).collect())
}

/// Of the seven days before the end of the period; of a period that is not over, before today.
async fn plans(app: &App, cohort: &Cohort) -> Result<Vec<Case>> {
    let end = cohort.to.min(local_date(app.now()));
    let from = end
        .checked_sub_days(Days::new(ADHERENCE_DAYS))
        .unwrap_or(end);
    let cohort = Cohort {
        to: end,
        ..cohort.clone()
    };
    let rows = store::indicator::plans(app.db.reader(), &cohort, from).await?;
    let around = Around::until(app.db.reader(), &rows, end).await?;
    let case = |row: &entity::rehab_plan::Model| Case {
        id: row.id.0,
        patient: row.patient_id,
        institution: row.institution_id,
        on: row.starts_on,
        verdict: of_rehab(&around.adherence(row.id)),
    };
    Ok(rows.iter().map(case).collect())
}

/// The discharges of a cohort with all that the wanted indicators look at.
async fn read(
    app: &App,
    rules: &IndicatorRules,
    cohort: &Cohort,
    wanted: &[Indicator],
) -> Result<Vec<(discharge::Model, Index)>> {
    use store::indicator as rows;
    let db = app.db.reader();
    let any = |of: &[Indicator]| of.iter().any(|one| wanted.contains(one));
    let discharges = rows::discharges(db, cohort).await?;
    let mut known = Known::default();
    for row in rows::deaths(db, cohort).await? {
        known.deaths.insert(row.patient_id, row.at);
    }
    let reaching = [
        Indicator::FollowUp,
        Indicator::Attempted,
        Indicator::Reached,
    ];
    if any(&reaching) {
        for row in rows::contacted(db, cohort).await? {
            known.contacted.insert(row.discharge_id, row);
        }
        for row in rows::attempted(db, cohort).await? {
            known.attempted.insert(row.discharge_id, row.at);
        }
    }
    if any(&reaching) || any(&[Indicator::Readmission]) {
        known.stays = stays(rows::stays(db, cohort).await?);
    }
    if any(&[Indicator::BarthelChange, Indicator::MrsGood]) {
        let scales = [rules.barthel.scale.as_str(), rules.mrs.scale.as_str()];
        for row in rows::scores(db, cohort, &scales).await? {
            let score = Measured {
                scale: row.scale,
                at: row.taken_at,
                value: row.total,
            };
            known.scores.entry(row.patient_id).or_default().push(score);
        }
    }
    if any(&[Indicator::DrugsTaken]) {
        known.answers = answers(app, rules, cohort).await?;
    }
    let indexes = discharges.into_iter().map(|row| {
        let index = known.index(&row);
        (row, index)
    });
    Ok(indexes.collect())
}

/// Answers about drugs that may lie in the window of a discharge of the cohort; only they are opened.
async fn answers(
    app: &App,
    rules: &IndicatorRules,
    cohort: &Cohort,
) -> Result<BTreeMap<DischargeId, Vec<Measured<Answers>>>> {
    let window = rules.drugs.at;
    let days = chrono::TimeDelta::days;
    let span = (
        day_start(cohort.from) + days(window.from_day),
        day_start(cohort.to) + days(window.to_day),
    );
    let groups: Vec<_> = rules.drugs.groups.iter().map(Key::as_str).collect();
    let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in store::indicator::answers(app.db.reader(), cohort, &groups, span).await? {
        let value = store::answer::open(app, row.id, &row.answers_enc)?;
        let (scale, at) = (String::new(), row.at);
        let answers = Measured { scale, at, value };
        found.entry(row.discharge_id).or_default().push(answers);
    }
    Ok(found)
}

/// Stays by patient. One whose discharge was an error did not happen.
fn stays(rows: Vec<Stay>) -> BTreeMap<PatientId, Vec<Readmission>> {
    let mut days: BTreeMap<_, Vec<Stay>> = BTreeMap::new();
    for row in rows {
        let day = (row.patient_id, row.admitted_on);
        days.entry(day).or_default().push(row);
    }
    let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for ((patient, admitted_on), rows) in days {
        let held = |row: &&Stay| row.state != Some(DischargeState::Cancelled);
        if let Some(row) = rows.iter().find(held) {
            found.entry(patient).or_default().push(Readmission {
                admitted_on,
                kind: row.kind,
                group: row.diagnosis_group.clone(),
            });
        }
    }
    found
}

/// What came after discharges.
#[derive(Default)]
struct Known {
    contacted: BTreeMap<DischargeId, store::indicator::Contacted>,
    attempted: BTreeMap<DischargeId, chrono::DateTime<chrono::Utc>>,
    deaths: BTreeMap<PatientId, chrono::DateTime<chrono::Utc>>,
    stays: BTreeMap<PatientId, Vec<Readmission>>,
    scores: BTreeMap<PatientId, Vec<Measured<i32>>>,
    answers: BTreeMap<DischargeId, Vec<Measured<Answers>>>,
}

impl Known {
    fn index(&self, row: &discharge::Model) -> Index {
        let contacted = self.contacted.get(&row.id);
        let patient = row.patient_id;
        Index {
            admitted_on: row.admitted_on,
            discharged_on: row.discharged_on,
            recorded_at: row.recorded_at,
            group: row.diagnosis_group.clone(),
            readmission_planned: row.readmission_planned,
            first_day: contacted.and_then(|one| one.first_day).map(i64::from),
            attempted_at: self.attempted.get(&row.id).copied(),
            reached_at: contacted.and_then(|one| one.reached_at),
            died_at: self.deaths.get(&patient).copied(),
            stays: self.stays.get(&patient).cloned().unwrap_or_default(),
            scores: self.scores.get(&patient).cloned().unwrap_or_default(),
            answers: self.answers.get(&row.id).cloned().unwrap_or_default(),
        }
    }
}
