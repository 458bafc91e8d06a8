//! A discharge that is known is told again: unchanged, put right, or taken back.

use std::collections::BTreeSet;

use entity::enums::{DischargeState, FollowPlanState, FollowStop, SubjectKind};
use entity::{discharge, patient};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::take::{By, Outcome, Taken, Told, Who, asked, check, check_days, detail_of, event_of};
use super::{make, stop};
use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::domain::follow_up::{Asked, Facts, Stay};
use crate::error::{Error, Result};
use crate::problem::Code;
use crate::rules::{self, RuleBook};
use crate::store;
use crate::store::discharge::Detail;
use crate::store::event::NewEvent;

/// Puts a discharge right as its ward tells it. What the ward leaves out stays.
pub async fn correct(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    by: &By,
    (row, told): (discharge::Model, &Told),
) -> Result<Taken> {
    check(app, book, told)?;
    again(tx, app, book, by, (row, told)).await
}

/// A discharge that is known: unchanged, or put right.
pub(super) async fn again(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    by: &By,
    (known, told): (discharge::Model, &Told),
) -> Result<Taken> {
    if known.state == DischargeState::Cancelled {
        return Err(Code::DischargeCancelled.into());
    }
    let of = |outcome, row| Ok(Taken { row, outcome });
    if let (Some(newest), Some(told_at)) = (known.told_at, told.told_at)
        && told_at < newest
    {
        return of(Outcome::Outdated, known);
    }
    let found = store::patient::in_community(&**tx, by.community, known.patient_id).await?;
    let patient = found.ok_or_else(|| Error::internal("a discharge without its patient"))?;
    check_same(tx, app, &patient, &told.who).await?;
    let detail = store::discharge::detail(app, &known)?;
    let before = facts_of(book, &known, &detail);
    let last = told.system.as_ref().and(detail.word.as_ref());
    let facts = before.clone().after(&told.word, last);
    check_stay(tx, app, (&known, &patient), &facts).await?;
    let adopted = known.system.is_none() && told.system.is_some();
    if !adopted && facts == before {
        let row = remember(tx, app, known, told, detail).await?;
        return of(Outcome::Unchanged, row);
    }
    let word = told.system.as_ref().map(|_| told.word.clone());
    let detail = detail_of(&facts, word.or(detail.word));
    let asked = asked(book, &facts);
    let row = put_right(tx, app, (&known, told), (facts, &asked, &detail)).await?;
    let payload = json!({ "discharge_id": row.id, "revision": row.revision, "source": by.source });
    let event = event_of(EventKind::DischargeCorrected, &patient, by).payload(payload);
    store::event::append(tx, app, by.community, event).await?;
    plan_anew(tx, app, book, by, (&known, &row, &asked)).await?;
    of(Outcome::Corrected, row)
}

/// What is known of a discharge. Older rows do not tell what was said from what the diagnoses imply.
fn facts_of(book: &RuleBook, row: &discharge::Model, detail: &Detail) -> Facts {
    let conditions = detail.conditions.clone().unwrap_or_else(|| {
        let all = store::discharge::conditions(row).unwrap_or_default();
        let implied = book.follow_up.asked(&detail.diagnoses, &BTreeSet::new());
        all.difference(&implied.conditions).cloned().collect()
    });
    Facts {
        admitted_on: row.admitted_on,
        discharged_on: row.discharged_on,
        ward: row.ward.clone(),
        diagnoses: detail.diagnoses.clone(),
        text: detail.text.clone(),
        conditions,
        doctor: detail.doctor.clone(),
        nurse: row.nurse_id,
        readmission_planned: row.readmission_planned,
        note: detail.note.clone(),
    }
}

/// Refuses days that cannot be, and a day that another discharge of the person has.
async fn check_stay(
    tx: &Tx,
    app: &App,
    (known, patient): (&discharge::Model, &patient::Model),
    facts: &Facts,
) -> Result<()> {
    let stay = Stay {
        admitted_on: facts.admitted_on,
        discharged_on: facts.discharged_on,
        birth_date: patient.birth_date,
    };
    check_days(stay, app)?;
    let (community, day) = (known.community_id, facts.discharged_on);
    if day != known.discharged_on
        && store::discharge::on_day(&**tx, community, patient.id, day)
            .await?
            .is_some()
    {
        return Err(Code::DischargeExists.into());
    }
    Ok(())
}

/// Keeps what a system said last and when, so that it is known when it says it again. The discharge is as it was.
async fn remember(
    tx: &Tx,
    app: &App,
    known: discharge::Model,
    told: &Told,
    detail: Detail,
) -> Result<discharge::Model> {
    let newer = told.told_at.is_some() && told.told_at != known.told_at;
    let other = told.system.is_some() && detail.word.as_ref() != Some(&told.word);
    if !newer && !other {
        return Ok(known);
    }
    let word = told.system.as_ref().map(|_| told.word.clone());
    let word = word.or(detail.word);
    let sealed = store::discharge::seal_detail(app, known.id, &Detail { word, ..detail })?;
    store::discharge::update(tx, &known, |row| {
        row.told_at = Set(told.told_at.or(known.told_at));
        row.detail_enc = Set(sealed);
    })
    .await
}

async fn put_right(
    tx: &Tx,
    app: &App,
    (known, told): (&discharge::Model, &Told),
    (facts, asked, detail): (Facts, &Asked, &Detail),
) -> Result<discharge::Model> {
    let sealed = store::discharge::seal_detail(app, known.id, detail)?;
    store::discharge::update(tx, known, |row| {
        row.revision = Set(known.revision + 1);
        row.ward = Set(facts.ward);
        row.told_at = Set(told.told_at.or(known.told_at));
        row.admitted_on = Set(facts.admitted_on);
        row.discharged_on = Set(facts.discharged_on);
        row.diagnosis_group = Set(asked.group.clone());
        row.diagnosis_known = Set(asked.known);
        row.conditions = Set(json!(asked.conditions));
        row.detail_enc = Set(sealed);
        row.nurse_id = Set(facts.nurse);
        row.readmission_planned = Set(facts.readmission_planned);
        row.state = Set(DischargeState::Corrected);
        row.updated_at = Set(app.now());
        if let Some((system, own)) = &told.system {
            row.system = Set(Some(system.clone()));
            row.system_ref = Set(Some(own.clone()));
        }
    })
    .await
}

/// Plans again what the correction asks otherwise; a plan whose contacts and days stay the same goes on as it is.
async fn plan_anew(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    by: &By,
    (before, now, asked): (&discharge::Model, &discharge::Model, &Asked),
) -> Result<()> {
    let plans = store::follow_up::plans_of_discharge(&**tx, by.community, now.id).await?;
    let (stopped, running): (Vec<_>, Vec<_>) = plans
        .into_iter()
        .partition(|plan| plan.state == FollowPlanState::Stopped);
    // What was stopped by a readmission or a death is not begun again by a correction.
    if running.is_empty() {
        return Ok(());
    }
    let was = store::discharge::conditions(before)?;
    let changed: BTreeSet<_> = was.symmetric_difference(&asked.conditions).collect();
    let changed = changed.into_iter().map(String::as_str).collect();
    let mut wanted = asked.schedules.clone();
    // Nor what was ended by hand, because it is over.
    let over = stopped
        .iter()
        .filter(|plan| plan.stop_cause == Some(FollowStop::Completed));
    for plan in over {
        wanted.remove(&plan.schedule);
    }
    let mut ended = Vec::new();
    for plan in running {
        let rules = rules::follow_up(&**tx, app, by.community, plan.rules_version).await?;
        let other = rules
            .schedule(&plan.schedule)
            .is_none_or(|schedule| schedule.depends_on(&changed));
        let days = before.discharged_on == now.discharged_on;
        let stays = asked.schedules.contains(&plan.schedule) && days && !other;
        // A plan whose contacts are all over stays over.
        if stays || plan.state == FollowPlanState::Finished {
            wanted.remove(&plan.schedule);
        } else {
            ended.push(plan);
        }
    }
    stop(tx, app, &ended, FollowStop::Corrected, Some(by.account)).await?;
    if wanted.is_empty() {
        return Ok(());
    }
    let asked = Asked {
        schedules: wanted,
        ..asked.clone()
    };
    make(tx, app, book, now, &asked).await
}

/// A correction is about the same person; another one is another discharge.
async fn check_same(tx: &Tx, app: &App, patient: &patient::Model, who: &Who) -> Result<()> {
    let same = match who {
        Who::Known(known) => known.id == patient.id,
        Who::Described(person) => match &person.id_number {
            Some(number) => {
                let hash = store::patient::id_number_hash(app, number);
                store::patient::goes_by(&**tx, patient, &hash).await?
            }
            None => patient.birth_date == person.birth_date && patient.sex == person.sex,
        },
    };
    if same {
        Ok(())
    } else {
        Err(Code::DischargePatientDiffers.into())
    }
}

/// Takes a discharge back: it was an error. Its plans end. Told again it stays so.
pub async fn cancel(tx: &Tx, app: &App, by: &By, row: &discharge::Model) -> Result<Taken> {
    if row.state == DischargeState::Cancelled {
        return Ok(Taken {
            row: row.clone(),
            outcome: Outcome::Unchanged,
        });
    }
    let plans = store::follow_up::plans_of_discharge(&**tx, by.community, row.id).await?;
    let running: Vec<_> = plans
        .into_iter()
        .filter(|plan| plan.state == FollowPlanState::Active)
        .collect();
    stop(tx, app, &running, FollowStop::Cancelled, Some(by.account)).await?;
    let row = store::discharge::update(tx, row, |row| {
        row.state = Set(DischargeState::Cancelled);
        row.updated_at = Set(app.now());
    })
    .await?;
    let event = NewEvent::new(
        EventKind::DischargeCancelled,
        SubjectKind::Patient,
        row.patient_id.0,
        Some(by.account),
    )
    .institution(row.institution_id)
    .patient(row.patient_id)
    .payload(json!({ "discharge_id": row.id, "source": by.source }));
    store::event::append(tx, app, by.community, event).await?;
    Ok(Taken {
        row,
        outcome: Outcome::Cancelled,
    })
}
