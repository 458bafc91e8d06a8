//! Orders, from booking to the end of what the family does with them.

mod bad_input;
mod book;
mod cancel;
mod guardians;
mod places;
mod read;
mod reschedule;
mod review;
mod rules;
mod twice;

use entity::enums::Role;
use entity::ids::OrderId;
use jiahu_tests::harness::{Client, Fixtures, Patient, Person, TestServer, Town, at};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

/// A town with a family, its patient and the hospital's coordinator.
struct Scene {
    town: Town,
    family: Person,
    patient: Patient,
    desk: Person,
}

impl Scene {
    async fn build(server: &TestServer) -> Self {
        let town = Town::build(server, "130431").await;
        let family = town.person(server, "13800000001", Role::Family, None).await;
        let at = Some(town.hospital);
        let desk = town
            .person(server, "13800000008", Role::Coordinator, at)
            .await;
        let patient = Fixtures::new(server, &town).patient(&family).await;
        Self {
            town,
            family,
            patient,
            desk,
        }
    }

    fn fixtures<'a>(&'a self, server: &'a TestServer) -> Fixtures<'a> {
        Fixtures::new(server, &self.town)
    }

    /// A booking of items for tomorrow, 9 to 12.
    fn body(&self, items: &[&str]) -> Value {
        self.body_at(items, "2026-03-03 09:00", "2026-03-03 12:00")
    }

    fn body_at(&self, items: &[&str], start: &str, end: &str) -> Value {
        json!({
            "patient_id": self.patient.id,
            "address_id": self.patient.address,
            "items": items,
            "window": window(start, end),
            "answers": answers(items),
            "note": "请先打电话",
        })
    }

    /// Books health education for tomorrow, 9 to 12.
    async fn book(&self) -> (OrderId, Value) {
        let order = self
            .family
            .client
            .post("/v1/orders", self.body(&["EDU"]))
            .await;
        let order = order.expect(201);
        (id(&order), order)
    }

    /// The same people with tokens that are good now, however far the clock was moved.
    async fn fresh(&self, server: &TestServer, person: &Person) -> Client {
        let token = self.town.token(&server.app, person.account).await;
        person.client.with_token(&token)
    }
}

fn window(start: &str, end: &str) -> Value {
    json!({"start": at(start), "end": at(end)})
}

fn id(order: &Value) -> OrderId {
    let text = order["id"].as_str().expect("an id");
    text.parse().expect("a UUID")
}

/// Answers that nothing stands against.
fn answers(items: &[&str]) -> Value {
    let mut all = json!({
        "GEN_EMERGENCY": false, "GEN_AGITATED": false, "GEN_INFECTIOUS": false,
        "GEN_FAMILY": true, "GEN_SUPPLIES": "nurse", "GEN_TRUE": true,
    });
    let more = |item: &str| match item {
        "UC_CHG" => json!({
            "UC_TRAUMA_4W": false, "UC_STRICTURE": false, "UC_HAEMATURIA": false,
            "SEPSIS": false, "UC_ANTICOAG_BLEED": false, "UC_FAILED_TRIES": 0,
        }),
        "PI_12" => json!({"PI_SITES": 1, "PI_LARGE": false}),
        _ => json!({}),
    };
    for item in items {
        let more = more(item);
        let more = more.as_object().expect("an object").clone();
        all.as_object_mut().expect("an object").extend(more);
    }
    all
}

/// Rows of everything a booking writes.
async fn footprint(server: &TestServer) -> [u64; 5] {
    let db = server.app.db.reader();
    [
        entity::care_order::Entity::find()
            .count(db)
            .await
            .expect("a count"),
        entity::order_item::Entity::find()
            .count(db)
            .await
            .expect("a count"),
        entity::event::Entity::find()
            .count(db)
            .await
            .expect("a count"),
        entity::job::Entity::find()
            .filter(entity::job::Column::Kind.eq(jiahu::jobs::kind::DISPATCH))
            .count(db)
            .await
            .expect("a count"),
        entity::idempotency::Entity::find()
            .count(db)
            .await
            .expect("a count"),
    ]
}

/// Kinds of the events of an order, oldest first, as somebody sees them.
async fn trail(client: &Client, order: OrderId) -> Vec<String> {
    let page = client
        .get(&format!("/v1/orders/{order}/events"))
        .await
        .expect(200);
    let items = page["items"].as_array().expect("events");
    items
        .iter()
        .map(|event| event["kind"].as_str().expect("a kind").to_owned())
        .collect()
}

/// Rounds of the searches queued for an order that are due.
async fn searches(server: &TestServer, order: OrderId) -> Vec<i64> {
    let jobs = entity::job::Entity::find()
        .all(server.app.db.reader())
        .await;
    let mut jobs = jobs.expect("jobs");
    jobs.retain(|job| {
        job.kind == "dispatch.v1" && job.subject_id == order.0 && job.run_at <= server.now()
    });
    jobs.sort_by_key(|job| job.id);
    jobs.iter()
        .map(|job| job.payload["round"].as_i64().expect("a round"))
        .collect()
}
