//! Working without signal: what is told later, what is taken along, what is deleted.

mod batch;
mod take_along;

use chrono::{DateTime, TimeDelta, Utc};
use entity::ids::OrderId;
use jiahu_tests::harness::{CENTRE, NurseSpec, Scene, SceneNurse, TestServer};
use serde_json::{Value, json};

/// A nurse with an accepted order whose window begins in two hours.
async fn accepted(server: &TestServer) -> (Scene, SceneNurse, OrderId, String) {
    let scene = Scene::build(server).await;
    let nurse = scene.nurse(server, 1, NurseSpec::default()).await;
    let start = server.now() + TimeDelta::hours(5);
    let order = scene.order(server, "UC_CHG", start).await;
    let visit = scene.accepted_visit(server, &nurse, order).await;
    server.advance(TimeDelta::hours(3)).await;
    (scene, nurse, order, visit)
}

/// An id as a phone makes it.
fn fresh_id() -> uuid::Uuid {
    static IDS: std::sync::LazyLock<jiahu::ids::Ids> = std::sync::LazyLock::new(Default::default);
    IDS.next(jiahu::clock::Clock::system().now())
}

fn here() -> Value {
    json!({ "lng": CENTRE.0, "lat": CENTRE.1, "crs": "wgs84", "accuracy_m": 20 })
}

fn record() -> Value {
    json!({
        "items_done": ["UC_CHG"],
        "vitals": [{ "code": "temperature", "value": 36.8 }],
        "note": "更换顺利,尿色清",
        "consumables": [{ "code": "foley", "quantity": 1, "lot": "A17" }],
    })
}

/// The acts of a good visit: what was done, minutes after setting out, body.
fn good_visit() -> Vec<(&'static str, i64, Value)> {
    vec![
        ("depart", 0, json!({ "place": here() })),
        ("arrive", 20, json!({ "place": here() })),
        ("start", 25, json!({})),
        ("record", 60, record()),
        ("finish", 65, json!({ "place": here() })),
        ("close", 70, json!({})),
    ]
}

/// The acts as a phone tells them; `since` is its own clock at setting out.
fn actions(visit: &str, since: DateTime<Utc>, acts: &[(&str, i64, Value)]) -> Vec<Value> {
    let numbered = acts.iter().zip(1..);
    numbered
        .map(|((kind, minute, body), counter)| {
            json!({
                "id": fresh_id(), "visit_id": visit, "counter": counter, "do": kind,
                "device_at": since + TimeDelta::minutes(*minute), "body": body,
            })
        })
        .collect()
}

async fn tell(nurse: &SceneNurse, sent_at: DateTime<Utc>, actions: &[Value]) -> Value {
    let batch = json!({ "device": "phone-1", "sent_at": sent_at, "actions": actions });
    nurse
        .person
        .client
        .post("/v1/sync/batch", batch)
        .await
        .expect(200)
}

/// The results in the order of the acts sent.
fn results(answer: &Value) -> Vec<&str> {
    let results = answer["results"].as_array().expect("a list");
    results
        .iter()
        .map(|result| result["result"].as_str().expect("a word"))
        .collect()
}

async fn kinds(server: &TestServer, scene: &Scene, order: OrderId) -> Vec<String> {
    let trail = jiahu::store::event::of_order(server.app.db.reader(), scene.town.community, order)
        .await
        .expect("a trail");
    trail
        .into_iter()
        .map(|event| event.kind)
        .filter(|kind| kind.starts_with("visit.") || kind.starts_with("sync."))
        .collect()
}

const WHOLE: &[&str] = &[
    "visit.departed",
    "visit.arrived",
    "visit.started",
    "visit.recorded",
    "visit.finished",
    "visit.closed",
];
