//! The visit, from departure to the closed proof.

mod any_order;
mod consent;
mod data_consent;
mod gates;
mod identity;
mod photos;
mod position;
mod prescriptions;
mod present;
mod records;
mod refused;
mod screening;
mod seats;
mod steps;
mod taken_off;
mod waste;

use chrono::TimeDelta;
use entity::ids::OrderId;
use jiahu_tests::harness::{
    CENTRE, NurseSpec, Person, Reply, Scene, SceneNurse, TestServer, fresh_key, screened,
};
use reqwest::Method;
use serde_json::{Value, json};

/// At the patient's door.
fn here() -> Value {
    json!({ "lng": CENTRE.0, "lat": CENTRE.1, "crs": "wgs84", "accuracy_m": 20 })
}

/// Sends a picture to the photos of a visit.
async fn upload(who: &Person, visit: &str, bytes: &[u8]) -> Reply {
    let path = format!("/v1/visits/{visit}/photos");
    let request = who.client.request(Method::POST, &path);
    let request = request
        .header("idempotency-key", fresh_key())
        .header("content-type", "image/png");
    who.client.send(request.body(bytes.to_vec())).await
}

/// A nurse who has accepted an order whose window begins in two hours.
async fn accepted(server: &TestServer) -> (Scene, SceneNurse, OrderId, String) {
    let scene = Scene::build(server).await;
    let nurse = scene.nurse(server, 1, NurseSpec::default()).await;
    let start = server.now() + TimeDelta::hours(5);
    let order = scene.order(server, "UC_CHG", start).await;
    let visit = scene.accepted_visit(server, &nurse, order).await;
    server.advance(TimeDelta::hours(3)).await;
    (scene, nurse, order, visit)
}

/// A nurse at the door, for an order whose window begins in two hours.
async fn at_the_door(server: &TestServer) -> (Scene, SceneNurse, OrderId, String) {
    let (scene, nurse, order, visit) = accepted(server).await;
    nurse.post(&visit, "depart", json!({})).await.expect(200);
    let place = json!({ "place": here() });
    nurse.post(&visit, "arrive", place).await.expect(200);
    screened(&nurse.person.client, &visit).await;
    (scene, nurse, order, visit)
}
