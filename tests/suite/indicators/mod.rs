//! Indicators: each number and the list behind it, over discharges whose course is known.

mod course;
mod later;
mod scope;

use chrono::TimeDelta;
use entity::ids::PatientId;
use jiahu_tests::harness::{CENTRE, Client, Scene, TestServer, new_patient};
use serde_json::{Value, json};

/// Discharged on Monday, 2026-12-28, so that every window lies across the end of the year.
const PERIOD: &str = "from=2026-12-28&to=2027-01-01";

/// Moves the clock to 09:00 in Shanghai on 2026-12-28.
async fn to_december(server: &TestServer) {
    server.advance(TimeDelta::days(301)).await;
}

async fn another(server: &TestServer, scene: &Scene) -> PatientId {
    new_patient(server, &scene.town, &scene.family, Some(CENTRE))
        .await
        .0
}

/// A discharge of today; its id.
async fn discharged(scene: &Scene, patient: PatientId, diagnosis: &str, ward: &str) -> String {
    let stay = json!({
        "ward": ward, "admitted_on": "2026-12-14", "discharged_on": "2026-12-28", "diagnoses": [diagnosis],
    });
    let body = json!({ "patient_id": patient, "stay": stay });
    let client = &scene.coordinator.client;
    let made = client.post("/v1/discharges", body).await.expect(201);
    made["id"].as_str().expect("an id").to_owned()
}

/// The contact of a patient that is due first.
async fn first_task(scene: &Scene, patient: PatientId) -> String {
    let path = format!("/v1/patients/{patient}/follow-up");
    let shown = scene.coordinator.client.get(&path).await.expect(200);
    shown["tasks"][0]["id"].as_str().expect("a task").to_owned()
}

async fn tried(scene: &Scene, task: &str, result: &str, at: Option<&str>) {
    let body = json!({ "channel": "phone", "result": result, "at": at });
    let path = format!("/v1/follow-tasks/{task}/attempts");
    scene.coordinator.client.post(&path, body).await.expect(200);
}

async fn admitted(scene: &Scene, patient: PatientId, day: &str, kind: Option<&str>) {
    let body = json!({ "admitted_on": day, "kind": kind });
    let path = format!("/v1/patients/{patient}/admissions");
    scene.coordinator.client.post(&path, body).await.expect(201);
}

async fn scored(scene: &Scene, patient: PatientId, scale: &str, answers: Value) {
    let body = json!({ "scale": scale, "answers": answers });
    let path = format!("/v1/patients/{patient}/scales");
    scene.coordinator.client.post(&path, body).await.expect(201);
}

/// Numerator and denominator, and how many are left out by the reason.
type Number<'a> = (i64, i64, &'a [(&'a str, i64)]);

/// Reads a number and its list, and holds them against each other and against what is expected.
async fn check(client: &Client, query: &str, code: &str, expected: Number<'_>) -> Vec<Value> {
    let all = client.get(&format!("/v1/indicators?{query}")).await;
    let all = all.expect(200);
    let number = all["items"].as_array().expect("a list").iter();
    let number = number.clone().find(|one| one["code"] == code);
    let number = number.expect("the indicator").clone();
    let path = format!("/v1/indicators/{code}/cases?{query}&limit=100");
    let list = client.get(&path).await.expect(200);
    assert_eq!(
        list["indicator"], number,
        "{code}: one number, wherever it is read"
    );
    let cases = list["items"].as_array().expect("a list").clone();
    let sum = |field: &str| -> i64 { cases.iter().filter_map(|case| case[field].as_i64()).sum() };
    let (numerator, denominator, excluded) = expected;
    let counted = (&number["numerator"], &number["denominator"]);
    assert_eq!(counted, (&json!(numerator), &json!(denominator)), "{code}");
    assert_eq!(
        (sum("numerator"), sum("denominator")),
        (numerator, denominator),
        "{code}: the list"
    );
    let reasons: Vec<_> = excluded
        .iter()
        .map(|(why, cases)| json!([why, cases]))
        .collect();
    let mut told: Vec<_> = number["excluded"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| json!([one["code"], one["cases"]]))
        .collect();
    told.sort_by_key(ToString::to_string);
    let mut reasons = reasons;
    reasons.sort_by_key(ToString::to_string);
    assert_eq!(told, reasons, "{code}");
    for (why, count) in excluded {
        let of_list = cases.iter().filter(|case| case["excluded"]["code"] == *why);
        assert_eq!(
            i64::try_from(of_list.count()),
            Ok(*count),
            "{code}: {why} in the list"
        );
    }
    cases
}

/// Where a patient stands in a list.
fn part(cases: &[Value], patient: PatientId) -> &str {
    let found = cases
        .iter()
        .find(|case| case["patient_id"] == json!(patient));
    let part = found.map(|case| case["part"].as_str().expect("a word"));
    part.unwrap_or("not there")
}

/// The reason why a patient is left out of a list.
fn why(cases: &[Value], patient: PatientId) -> &str {
    let found = cases
        .iter()
        .find(|case| case["patient_id"] == json!(patient));
    let code = found.and_then(|case| case["excluded"]["code"].as_str());
    code.unwrap_or("counted")
}
