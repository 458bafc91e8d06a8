//! What is known of a patient at a moment: what was told, with devices, conditions, stays and diagnoses on record, and the
//! numbers told before.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::patient;

use super::flags::Told;
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::local_date;
use crate::domain::code::Key;
use crate::domain::follow_up::IcdCode;
use crate::domain::patient::Fact;
use crate::domain::red_flag::{FactSource, Facts, Past};
use crate::domain::scale::{Scale, Score};
use crate::domain::vitals::VitalReading;
use crate::error::Result;
use crate::rules::RuleBook;
use crate::store;

/// What a score says to the rules.
pub(crate) fn numbers_of(book: &RuleBook, scale: &Scale, score: &Score) -> BTreeMap<Key, f64> {
    let rules = &book.red_flags;
    let mut numbers = BTreeMap::new();
    let total = FactSource::Scale {
        scale: scale.code.clone(),
    };
    for code in rules.from_source(&total) {
        numbers.insert(code.clone(), f64::from(score.total));
    }
    for (item, points) in &score.points {
        let source = FactSource::Item {
            scale: scale.code.clone(),
            item: item.clone(),
        };
        for code in rules.from_source(&source) {
            numbers.insert(code.clone(), f64::from(*points));
        }
    }
    numbers
}

/// What vital signs of a patient say to the rules.
pub(crate) fn vitals_of(
    book: &RuleBook,
    patient: &patient::Model,
    at: DateTime<Utc>,
    readings: &[VitalReading],
) -> BTreeMap<Key, f64> {
    let age_days = (local_date(at) - patient.birth_date).num_days();
    let mut numbers = BTreeMap::new();
    for reading in readings {
        for code in book.red_flags.from_vital(&reading.code, age_days) {
            numbers.insert(code.clone(), reading.value);
        }
    }
    numbers
}

/// What was told, with what is on record and the numbers told before.
pub(super) async fn known(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    patient: &patient::Model,
    told: &Told,
) -> Result<Facts> {
    let (db, rules) = (&**tx, &book.red_flags);
    let (community, id) = (patient.community_id, patient.id);
    let mut facts = Facts::default();
    for code in &told.yes {
        facts.yes(code.clone());
    }
    for (code, value) in &told.numbers {
        if rules.fact(code.as_str()).is_some() {
            facts.number(code.clone(), *value);
        }
    }
    for device in store::device::of_patient(db, community, id, true).await? {
        let source = FactSource::Device {
            device: device.kind,
        };
        rules
            .from_source(&source)
            .for_each(|code| facts.yes(code.clone()));
    }
    let past = on_record(tx, app, book, patient, &mut facts).await?;
    for code in rules.from_past(&past, local_date(told.at)) {
        facts.yes(code.clone());
    }
    for (code, value) in &told.before {
        facts.earlier(code.clone(), told.at - TimeDelta::minutes(1), *value);
    }
    let since = told.at - TimeDelta::hours(i64::from(rules.longest_look_h()));
    let of = (community, id);
    for earlier in store::reading::since(db, app, of, since, told.source).await? {
        if let Ok(code) = Key::new(earlier.fact) {
            facts.earlier(code, earlier.at, earlier.value);
        }
    }
    Ok(facts)
}

/// Conditions on record go into the facts; stays and diagnoses are given back.
async fn on_record(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    patient: &patient::Model,
    facts: &mut Facts,
) -> Result<Past> {
    let (community, id) = (patient.community_id, patient.id);
    let (rules, groups) = (&book.red_flags, &book.follow_up);
    let mut past = Past::default();
    let group = |code: &str| {
        let group = IcdCode::new(code).and_then(|code| groups.group_of(&code));
        group.map(|group| group.code.to_string())
    };
    for (_, fact) in store::health_fact::live(&**tx, app, community, id).await? {
        match fact {
            Fact::Condition(condition) => {
                let Ok(condition) = Key::new(condition.code) else {
                    continue;
                };
                let source = FactSource::Condition { condition };
                rules
                    .from_source(&source)
                    .for_each(|code| facts.yes(code.clone()));
            }
            Fact::Diagnosis(diagnosis) => {
                past.groups
                    .extend(diagnosis.code.as_deref().and_then(group));
            }
            Fact::Allergy(_) => {}
        }
    }
    for row in store::discharge::of_patient(&**tx, community, id).await? {
        past.groups.insert(row.diagnosis_group.clone());
        let detail = store::discharge::detail(app, &row)?;
        past.groups.extend(
            detail
                .diagnoses
                .iter()
                .filter_map(|code| group(code.as_str())),
        );
        for said in store::discharge::conditions(&row)? {
            past.said.push((said, row.discharged_on));
        }
    }
    Ok(past)
}
