//! Patients who come out of hospital in the morning, and the doctor who finds them fit for a visit at home, or not.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use jiahu::domain::calendar::local_date;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::desk;
use super::families::Plan;
use crate::play::{Account, Api, Call};

/// Share of assessments that find no visit possible, and as many that make conditions.
const UNFIT: f64 = 0.1;

/// The desk registers stays that ended this morning, of a share of the patients that somebody will book for: what was
/// found before does not hold any more.
pub(crate) async fn discharge(
    api: &Api,
    desk: &mut Account,
    now: DateTime<Utc>,
    (plans, share): (&[Plan], f64),
    random: &mut ChaCha8Rng,
) -> Option<usize> {
    let patients: BTreeSet<&str> = plans.iter().map(|plan| plan.patient.as_str()).collect();
    let mut stays = 0;
    for patient in patients {
        if !random.random_bool(share) {
            continue;
        }
        let today = local_date(now);
        let body = json!({ "admitted_on": today, "discharged_on": today, "kind": "planned" });
        let token = desk.token(api, now).await?;
        let path = format!("/v1/patients/{patient}/admissions");
        api.send(Call::post("admission", path, token, body))
            .await
            .good()?;
        stays += 1;
    }
    Some(stays)
}

/// Assesses every patient that an order waits for, from the record.
pub(crate) async fn assess(
    api: &Api,
    doctor: &mut Account,
    now: DateTime<Utc>,
    random: &mut ChaCha8Rng,
) -> Option<usize> {
    let orders = desk::list(api, doctor, now, "assessing").await?;
    let mut patients: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for order in &orders {
        let items = order["items"].as_array()?.iter();
        let codes = items.filter_map(|item| item["code"].as_str());
        let patient = order["patient_id"].as_str()?;
        patients.entry(patient).or_default().extend(codes);
    }
    for (patient, items) in &patients {
        let token = doctor.token(api, now).await?;
        let path = format!("/v1/patients/{patient}/assessments");
        api.send(Call::post("assess", path, token, found(items, random)))
            .await
            .good()?;
    }
    Some(patients.len())
}

fn found(items: &BTreeSet<&str>, random: &mut ChaCha8Rng) -> Value {
    let drawn: f64 = random.random();
    if drawn < UNFIT {
        json!({ "result": "refused", "items": items, "reason": "病情尚不稳定", "advice": "请到医院门诊复查" })
    } else if drawn < 2.0 * UNFIT {
        json!({ "result": "approved_with_conditions", "items": items, "conditions": "须有家属在场" })
    } else {
        json!({ "result": "approved", "items": items })
    }
}
