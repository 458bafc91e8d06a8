//! Discharges: typed, listed, told by a signed feed, as FHIR.

pub(crate) mod feed;
mod fhir;
mod list;
mod typed;
mod workbook;

use std::collections::BTreeSet;

use entity::enums::Role;
use jiahu_tests::harness::{Person, Scene, TestServer};
use serde_json::{Value, json};

/// A resident identity number that agrees with itself, of a place that does not exist.
pub(crate) fn id_number(birth: &str, sequence: u32) -> String {
    let digits = format!("130499{birth}{sequence:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits
        .chars()
        .zip(weights)
        .map(|(digit, weight)| digit.to_digit(10).expect("a digit") * weight)
        .sum();
    let check = "10X98765432".chars().nth((sum % 11) as usize);
    format!("{digits}{}", check.expect("a character"))
}

pub(crate) fn person(sequence: u32) -> Value {
    json!({
        "name": "李秀英", "id_kind": "resident_id", "id_number": id_number("19480305", sequence),
        "phone": "13811112222",
    })
}

/// A stay that ended on the day of the tests, 2026-03-02.
pub(crate) fn stay(diagnoses: &[&str]) -> Value {
    json!({
        "ward": "神经内科", "admitted_on": "2026-02-20", "discharged_on": "2026-03-02",
        "diagnoses": diagnoses, "diagnosis_text": "见病历", "doctor": "王医生",
    })
}

pub(crate) async fn supervisor(server: &TestServer, scene: &Scene) -> Person {
    let (role, at) = (Role::Supervisor, Some(scene.town.centre));
    scene.town.person(server, "13900000077", role, at).await
}

pub(crate) fn schedules(discharge: &Value) -> BTreeSet<String> {
    let plans = discharge["plans"].as_array().expect("plans").iter();
    plans
        .filter(|plan| plan["state"] == "active")
        .map(|plan| plan["schedule"].as_str().expect("a code").to_owned())
        .collect()
}

pub(crate) fn words(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}
