//! People who are registered twice: found, shown, merged, parted again.

mod duplicates;
mod follow_up;
mod guards;
mod merging;
mod refusals;

use entity::enums::Role;
use jiahu_tests::harness::{Client, Person, Scene, TestServer};
use serde_json::{Value, json};

use crate::discharges::id_number;

/// A town and its staff.
pub(crate) struct World {
    scene: Scene,
    /// Of the other health centre.
    other_coordinator: Person,
    /// Of the lead hospital, above both.
    supervisor: Person,
}

impl World {
    pub(crate) async fn build(server: &TestServer) -> Self {
        let scene = Scene::build(server).await;
        let town = &scene.town;
        let there = Some(town.other_centre);
        let other_coordinator = town
            .person(server, "13900000071", Role::Coordinator, there)
            .await;
        let hospital = Some(town.hospital);
        let supervisor = town
            .person(server, "13900000072", Role::Supervisor, hospital)
            .await;
        Self {
            scene,
            other_coordinator,
            supervisor,
        }
    }

    pub(crate) fn staff(&self) -> &Client {
        &self.scene.coordinator.client
    }

    /// A woman with an identity card, and the same woman with her passport.
    pub(crate) async fn twice(&self) -> (String, String) {
        let one = register(self.staff(), woman()).await;
        (one, register(self.staff(), traveller()).await)
    }

    pub(crate) async fn merge(&self, into: &str, merged: &str) -> Value {
        let path = format!("/v1/patients/{into}/merges");
        self.staff().post(&path, because(merged)).await.expect(201)
    }
}

fn because(merged: &str) -> Value {
    json!({ "merged_id": merged, "reason": "电话核实为同一人" })
}

fn woman() -> Value {
    json!({
        "name": "李秀英", "id_kind": "resident_id", "id_number": id_number("19480305", 2),
        "birth_date": "1948-03-05", "sex": "female", "phone": "13811112222", "consent": "verbal",
    })
}

fn traveller() -> Value {
    let mut body = woman();
    body["id_kind"] = json!("passport");
    body["id_number"] = json!("E12345678");
    body["phone"] = json!("13811113333");
    body
}

async fn register(client: &Client, body: Value) -> String {
    let made = client.post("/v1/patients", body).await.expect(201);
    made["id"].as_str().expect("an id").to_owned()
}

async fn pairs(client: &Client, query: &str) -> Vec<Value> {
    let path = format!("/v1/patient-duplicates{query}");
    let page = client.get(&path).await.expect(200);
    page["items"].as_array().expect("a list").clone()
}

/// A stay that ended on a day of the week before the tests.
pub(crate) fn discharged(patient: &str, on: &str, diagnosis: &str) -> Value {
    json!({ "patient_id": patient, "stay": {
        "admitted_on": "2026-02-10", "discharged_on": on, "diagnoses": [diagnosis],
    } })
}

pub(crate) fn id_of(made: &Value) -> String {
    made["id"].as_str().expect("an id").to_owned()
}
