//! First assessments: what waits for one, what moves it on, what voids it, and what they refuse.

mod admissions;
mod gate;
mod record;
mod scope;

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::Role;
use entity::ids::{AddressId, OrderId, PatientId};
use jiahu_tests::harness::{
    CENTRE, NurseSpec, Person, Scene, SceneNurse, TestServer, unassessed_patient,
};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

/// A scene with a patient whom nobody has assessed, a doctor and a desk of the hospital, and a nurse.
struct World {
    scene: Scene,
    patient: PatientId,
    address: AddressId,
    doctor: Person,
    desk: Person,
    nurse: SceneNurse,
}

impl World {
    async fn build(server: &TestServer) -> Self {
        let scene = Scene::build(server).await;
        let town = scene.town.clone();
        let at = Some(town.hospital);
        let (patient, address) =
            unassessed_patient(server, &town, &scene.family, Some(CENTRE)).await;
        Self {
            doctor: town.person(server, "13800000021", Role::Doctor, at).await,
            desk: town
                .person(server, "13800000022", Role::Coordinator, at)
                .await,
            nurse: scene.nurse(server, 1, NurseSpec::default()).await,
            scene,
            patient,
            address,
        }
    }

    fn body(&self, items: &[&str], start: DateTime<Utc>) -> Value {
        json!({
            "patient_id": self.patient,
            "address_id": self.address,
            "items": items,
            "window": { "start": start, "end": start + TimeDelta::hours(3) },
            "answers": answers(items),
        })
    }

    /// Books items to begin in five hours.
    async fn book(&self, server: &TestServer, items: &[&str]) -> Value {
        let body = self.body(items, server.now() + TimeDelta::hours(5));
        let family = &self.scene.family.client;
        family.post("/v1/orders", body).await.expect(201)
    }

    async fn assess(&self, body: Value) -> Value {
        let path = format!("/v1/patients/{}/assessments", self.patient);
        self.doctor.client.post(&path, body).await.expect(201)
    }

    async fn order(&self, id: &str) -> Value {
        let path = format!("/v1/orders/{id}");
        self.scene.family.client.get(&path).await.expect(200)
    }

    async fn state(&self, order: &Value) -> String {
        let order = self.order(text(&order["id"])).await;
        text(&order["state"]).to_owned()
    }

    async fn admit(&self, on: &str) -> Value {
        let path = format!("/v1/patients/{}/admissions", self.patient);
        let body = json!({ "admitted_on": on });
        self.desk.client.post(&path, body).await.expect(201)
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn id(order: &Value) -> OrderId {
    text(&order["id"]).parse().expect("an id")
}

fn approve(items: &[&str]) -> Value {
    json!({ "result": "approved", "items": items })
}

fn refuse(items: &[&str]) -> Value {
    json!({
        "result": "refused", "items": items, "reason": "尿道狭窄", "advice": "请到县医院泌尿外科就诊",
    })
}

/// Answers that nothing stands against.
fn answers(items: &[&str]) -> Value {
    let mut all = json!({
        "GEN_EMERGENCY": false, "GEN_AGITATED": false, "GEN_INFECTIOUS": false,
        "GEN_FAMILY": true, "GEN_SUPPLIES": "nurse", "GEN_TRUE": true,
    });
    for item in items {
        let more = match *item {
            "UC_CHG" => json!({
                "UC_TRAUMA_4W": false, "UC_STRICTURE": false, "UC_HAEMATURIA": false,
                "SEPSIS": false, "UC_ANTICOAG_BLEED": false, "UC_FAILED_TRIES": 0,
            }),
            "PI_12" => json!({ "PI_SITES": 1, "PI_LARGE": false }),
            _ => json!({}),
        };
        let more = more.as_object().expect("an object").clone();
        all.as_object_mut().expect("an object").extend(more);
    }
    all
}

/// Rows of everything an assessment or an admission writes.
async fn footprint(server: &TestServer) -> [u64; 4] {
    let db = server.app.db.reader();
    [
        entity::assessment::Entity::find()
            .count(db)
            .await
            .expect("a count"),
        entity::admission::Entity::find()
            .count(db)
            .await
            .expect("a count"),
        entity::event::Entity::find()
            .count(db)
            .await
            .expect("a count"),
        entity::idempotency::Entity::find()
            .count(db)
            .await
            .expect("a count"),
    ]
}

/// Names of the messages to a person, oldest first.
async fn told(server: &TestServer, person: &Person) -> Vec<String> {
    let rows = entity::message::Entity::find()
        .all(server.app.db.reader())
        .await;
    let mut rows = rows.expect("messages");
    rows.retain(|row| row.account_id == Some(person.account));
    rows.sort_by_key(|row| row.id);
    rows.into_iter().map(|row| row.template).collect()
}

async fn offers(nurse: &SceneNurse) -> usize {
    let offers = nurse.person.client.get("/v1/offers").await.expect(200);
    offers["items"].as_array().expect("a list").len()
}
