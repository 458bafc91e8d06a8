//! Working without signal: what is told later, what is taken along, what is deleted.

mod again;
mod alarms;
mod at_once;
mod batch;
mod clocks;
mod consents;
mod critical;
mod faults;
mod harm;
mod photos;
mod settled;
mod shut_out;
mod take_along;

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::Role;
use entity::ids::{AccountId, OrderId};
use jiahu_tests::harness::{
    CENTRE, Client, NurseSpec, Scene, SceneNurse, TestServer, consent_body, filled_forms,
    good_answers, with_family,
};
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
pub(crate) fn fresh_id() -> uuid::Uuid {
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
        "consumables": [{ "code": "foley_catheter", "quantity": 1, "lot": "A17" }],
        "forms": filled_forms(&["UC_CHG"]),
    })
}

/// The acts of a good visit as the pack on the phone lets her do them: what was done, minutes after setting out, body.
async fn good_visit(scene: &Scene, nurse: &SceneNurse, visit: &str) -> Vec<Done> {
    let pack = nurse.person.client.get("/v1/sync/pack").await.expect(200);
    let sheets = pack["visits"].as_array().expect("a list");
    let sheet = sheets.iter().find(|sheet| sheet["visit"]["id"] == visit);
    let sheet = sheet.expect("the visit is in the pack");
    let answers = good_answers(&sheet["screening"]["questions"]);
    let identity = json!({ "identifiers": ["name", "birth_date"], "nurse_not_verified": "无信号" });
    let mut acts = vec![
        ("depart", 0, json!({ "place": here() })),
        ("arrive", 20, json!({ "place": here() })),
        ("identity", 21, identity),
    ];
    let consents = &sheet["consents"];
    for text in consents["needed"].as_array().expect("a list") {
        let body = consent_body(text, &consents["signers"][0]["carer_id"]);
        acts.push(("consent", 22, body));
    }
    let waste = json!({ "bags": 1, "weight_g": 300, "returned_to": scene.town.centre, "handed_to": "赵强", "signature_hash": "5".repeat(64) });
    acts.extend([
        ("screening", 23, json!({ "answers": answers })),
        ("start", 25, with_family()),
        ("record", 60, record()),
        ("finish", 65, json!({ "place": here() })),
        ("sign", 66, json!({})),
        ("waste", 100, waste),
        ("close", 110, json!({})),
    ]);
    acts
}

/// What was done, minutes after setting out, body.
type Done = (&'static str, i64, Value);

/// Where an act stands.
fn place_of(acts: &[Value], kind: &str) -> usize {
    let found = acts.iter().position(|act| act["do"] == kind);
    found.expect("it was done")
}

/// The acts as a phone tells them; `since` is its own clock at setting out.
fn actions(visit: &str, since: DateTime<Utc>, acts: &[Done]) -> Vec<Value> {
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

/// What is open in a work list.
async fn work(client: &Client) -> Vec<Value> {
    let page = client.get("/v1/work-items?limit=100").await.expect(200);
    page["items"].as_array().expect("a list").clone()
}

/// The results in the order of the acts sent.
fn results(answer: &Value) -> Vec<&str> {
    let results = answer["results"].as_array().expect("a list");
    results
        .iter()
        .map(|result| result["result"].as_str().expect("a word"))
        .collect()
}

/// What people told of a visit, in order; not what the watch noticed.
async fn kinds(server: &TestServer, scene: &Scene, order: OrderId) -> Vec<String> {
    let trail = jiahu::store::event::of_order(server.app.db.reader(), scene.town.community, order)
        .await
        .expect("a trail");
    trail
        .into_iter()
        .filter(|event| event.actor_id.is_some())
        .map(|event| event.kind)
        .filter(|kind| kind.starts_with("visit.") || kind.starts_with("sync."))
        .collect()
}

async fn disable(server: &TestServer, scene: &Scene, account: AccountId) {
    let centre = Some(scene.town.centre);
    let admin = scene
        .town
        .person(server, "13900000077", Role::Admin, centre)
        .await;
    let path = format!("/v1/accounts/{account}/disable");
    admin.client.post(&path, json!({})).await.expect(200);
}

/// Gives an order to another nurse.
async fn reassign(server: &TestServer, scene: &Scene, order: OrderId) {
    let other = scene.nurse(server, 2, NurseSpec::default()).await;
    let body = json!({ "nurse_id": other.id, "reason": "联系不上" });
    let path = format!("/v1/orders/{order}/reassign");
    scene.coordinator.client.post(&path, body).await.expect(200);
}

const WHOLE: &[&str] = &[
    "visit.departed",
    "visit.arrived",
    "visit.identity_checked",
    "visit.screened",
    "visit.started",
    "visit.recorded",
    "visit.finished",
    "visit.signed",
    "visit.waste_returned",
    "visit.closed",
];
