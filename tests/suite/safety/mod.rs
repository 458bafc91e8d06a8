//! The safety of nurses and patients: alarms, the overdue watch, arrivals in question, warnings, reports of harm.

mod arrival;
mod at_once;
mod left;
mod overdue;
mod reports;
mod sos;
mod warning;

use chrono::TimeDelta;
use entity::ids::OrderId;
use jiahu_tests::harness::{CENTRE, NurseSpec, Reply, Scene, SceneNurse, TestServer};
use serde_json::{Value, json};

/// A nurse with an accepted order; she may set out.
struct OnDuty {
    scene: Scene,
    nurse: SceneNurse,
    order: OrderId,
    visit: String,
}

impl OnDuty {
    async fn build(server: &TestServer) -> Self {
        let scene = Scene::build(server).await;
        let nurse = scene.nurse(server, 1, NurseSpec::default()).await;
        let start = server.now() + TimeDelta::hours(5);
        let order = scene.order(server, "UC_CHG", start).await;
        let visit = scene.accepted_visit(server, &nurse, order).await;
        server.advance(TimeDelta::hours(3)).await;
        Self {
            scene,
            nurse,
            order,
            visit,
        }
    }

    /// The nurse asks for something about her visit.
    async fn post(&self, step: &str, body: Value) -> Reply {
        let path = format!("/v1/visits/{}/{step}", self.visit);
        self.nurse.person.client.post(&path, body).await
    }

    /// A step that succeeds; what has to come before the procedure does.
    async fn step(&self, step: &str, body: Value) -> Value {
        if step == "start" {
            self.nurse.prepare(&self.visit).await;
        }
        self.post(step, body).await.expect(200)
    }
}

/// At the patient's door.
fn here() -> Value {
    json!({ "lng": CENTRE.0, "lat": CENTRE.1, "crs": "wgs84", "accuracy_m": 20 })
}

/// Templates of the messages that reached a phone.
fn templates(server: &TestServer, phone: &str) -> Vec<String> {
    let sent = server.phones.of(phone).into_iter();
    sent.map(|message| message.template).collect()
}

/// How many messages of a template reached a phone.
fn count(server: &TestServer, phone: &str, template: &str) -> usize {
    let sent = templates(server, phone).into_iter();
    sent.filter(|one| one == template).count()
}
