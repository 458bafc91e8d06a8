//! The visit, from departure to the closed proof.

mod any_order;
mod consent;
mod identity;
mod photos;
mod position;
mod prescriptions;
mod present;
mod records;
mod screening;
mod seats;
mod steps;

use chrono::TimeDelta;
use entity::ids::OrderId;
use jiahu_tests::harness::{CENTRE, NurseSpec, Scene, SceneNurse, TestServer, screened};
use serde_json::{Value, json};

/// At the patient's door.
fn here() -> Value {
    json!({ "lng": CENTRE.0, "lat": CENTRE.1, "crs": "wgs84", "accuracy_m": 20 })
}

/// A nurse at the door, for an order whose window begins in two hours.
async fn at_the_door(server: &TestServer) -> (Scene, SceneNurse, OrderId, String) {
    let scene = Scene::build(server).await;
    let nurse = scene.nurse(server, 1, NurseSpec::default()).await;
    let start = server.now() + TimeDelta::hours(5);
    let order = scene.order(server, "UC_CHG", start).await;
    let visit = scene.accepted_visit(server, &nurse, order).await;
    server.advance(TimeDelta::hours(3)).await;
    nurse.post(&visit, "depart", json!({})).await.expect(200);
    let place = json!({ "place": here() });
    nurse.post(&visit, "arrive", place).await.expect(200);
    screened(&nurse.person.client, &visit).await;
    (scene, nurse, order, visit)
}
