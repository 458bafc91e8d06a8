//! A discharge that is known is told again: unchanged, put right, or taken back.

use std::collections::BTreeSet;

use entity::enums::{DischargeState, FollowPlanState, FollowStop, SubjectKind};
use entity::{discharge, patient};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::take::{By, Outcome, Taken, Told, Who, check, check_days, detail_of, event_of};
use super::{make, stop};
use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::domain::follow_up::{Asked, Stay};
use crate::error::{Error, Result};
use crate::problem::Code;
use crate::rules::RuleBook;
use crate::store;
use crate::store::discharge::Detail;
use crate::store::event::NewEvent;

/// Puts a discharge right as its ward tells it.
pub async fn correct(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    by: &By,
    (row, told): (discharge::Model, &Told),
) -> Result<Taken> {
    let asked = check(app, book, told)?;
    again(tx, app, book, by, (row, told, &asked)).await
}

/// A discharge that is known: unchanged, or put right.
pub(super) async fn again(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    by: &By,
    (known, told, asked): (discharge::Model, &Told, &Asked),
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
    let stay = Stay {
        admitted_on: told.admitted_on,
        discharged_on: told.discharged_on,
        birth_date: patient.birth_date,
    };
    check_days(stay, app)?;
    if told.discharged_on != known.discharged_on
        && store::discharge::on_day(&**tx, by.community, patient.id, told.discharged_on)
            .await?
            .is_some()
    {
        return Err(Code::DischargeExists.into());
    }
    let detail = detail_of(told);
    let adopted = known.system.is_none() && told.system.is_some();
    if !adopted && same(app, &known, told, asked, &detail)? {
        return of(Outcome::Unchanged, known);
    }
    let sealed = store::discharge::seal_detail(app, known.id, &detail)?;
    let row = store::discharge::update(tx, &known, |row| {
        row.revision = Set(known.revision + 1);
        row.ward = Set(told.ward.clone());
        row.told_at = Set(told.told_at.or(known.told_at));
        row.admitted_on = Set(told.admitted_on);
        row.discharged_on = Set(told.discharged_on);
        row.diagnosis_group = Set(asked.group.clone());
        row.diagnosis_known = Set(asked.known);
        row.conditions = Set(json!(asked.conditions));
        row.detail_enc = Set(sealed);
        row.nurse_id = Set(told.nurse.or(known.nurse_id));
        row.readmission_planned = Set(told.readmission_planned);
        row.state = Set(DischargeState::Corrected);
        row.updated_at = Set(app.now());
        if let Some((system, own)) = &told.system {
            row.system = Set(Some(system.clone()));
            row.system_ref = Set(Some(own.clone()));
        }
    })
    .await?;
    let payload = json!({ "discharge_id": row.id, "revision": row.revision, "source": by.source });
    let event = event_of(EventKind::DischargeCorrected, &patient, by).payload(payload);
    store::event::append(tx, app, by.community, event).await?;
    plan_anew(tx, app, book, by, (&known, &row, asked)).await?;
    of(Outcome::Corrected, row)
}

/// Plans again when the correction asks for other contacts or other days.
async fn plan_anew(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    by: &By,
    (before, now, asked): (&discharge::Model, &discharge::Model, &Asked),
) -> Result<()> {
    let plans = store::follow_up::plans_of_discharge(&**tx, by.community, now.id).await?;
    let running = plans
        .into_iter()
        .filter(|plan| plan.state != FollowPlanState::Stopped)
        .collect::<Vec<_>>();
    let schedules: BTreeSet<_> = running.iter().map(|plan| plan.schedule.clone()).collect();
    let same = schedules == asked.schedules
        && before.discharged_on == now.discharged_on
        && before.conditions == now.conditions;
    // What was stopped by a readmission or a death is not begun again by a correction.
    if same || running.is_empty() {
        return Ok(());
    }
    stop(tx, app, &running, FollowStop::Corrected, Some(by.account)).await?;
    make(tx, app, book, now, asked).await
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

fn same(
    app: &App,
    known: &discharge::Model,
    told: &Told,
    asked: &Asked,
    detail: &Detail,
) -> Result<bool> {
    Ok(known.admitted_on == told.admitted_on
        && known.discharged_on == told.discharged_on
        && known.ward == told.ward
        && known.readmission_planned == told.readmission_planned
        && told.nurse.is_none_or(|nurse| known.nurse_id == Some(nurse))
        && known.conditions == json!(asked.conditions)
        && store::discharge::detail(app, known)? == *detail)
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
