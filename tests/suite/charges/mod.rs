//! No charging twice (R22): what a contract or an insurance may pay for is charged, or not, only by a person's decision.

use entity::enums::Role;
use entity::ids::OrderId;
use jiahu_tests::harness::{Client, Fixtures, Patient, Person, TestServer, Town, at};
use jiahu_tests::on_both;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

/// A town with a family, its patient and the hospital's coordinator.
struct World {
    town: Town,
    family: Person,
    patient: Patient,
    desk: Person,
}

impl World {
    async fn build(server: &TestServer) -> Self {
        let town = Town::build(server, "130431").await;
        let family = town.person(server, "13800000001", Role::Family, None).await;
        let place = Some(town.hospital);
        let desk = town
            .person(server, "13800000008", Role::Coordinator, place)
            .await;
        let patient = Fixtures::new(server, &town).patient(&family).await;
        Self {
            town,
            family,
            patient,
            desk,
        }
    }

    fn booking(&self, items: &[&str], day: &str) -> Value {
        let mut booking = json!({
            "patient_id": self.patient.id,
            "address_id": self.patient.address,
            "items": items,
            "window": window(day),
            "answers": {
                "GEN_EMERGENCY": false, "GEN_AGITATED": false, "GEN_INFECTIOUS": false,
                "GEN_FAMILY": true, "GEN_SUPPLIES": "nurse", "GEN_TRUE": true,
            },
        });
        if items.contains(&"UC_CHG") {
            let more = json!({
                "UC_TRAUMA_4W": false, "UC_STRICTURE": false, "UC_HAEMATURIA": false,
                "SEPSIS": false, "UC_ANTICOAG_BLEED": false, "UC_FAILED_TRIES": 0,
            });
            let more = more.as_object().expect("answers").clone();
            let answers = booking["answers"].as_object_mut();
            answers.expect("answers").extend(more);
        }
        booking
    }

    async fn book(&self, items: &[&str], day: &str) -> Value {
        let booked = self.booking(items, day);
        let booked = self.family.client.post("/v1/orders", booked).await;
        booked.expect(201)
    }

    fn entitlements(&self) -> String {
        format!("/v1/patients/{}/entitlements", self.patient.id)
    }

    /// Records a package for March.
    async fn entitle(&self, package: &str) -> Value {
        let path = self.entitlements();
        let reply = self.desk.client.post(&path, contract(package)).await;
        reply.expect(201)
    }

    async fn charge(&self, order: OrderId) -> Value {
        let order = self.read(&self.family.client, order).await;
        order["charge"].clone()
    }

    async fn read(&self, client: &Client, order: OrderId) -> Value {
        client.get(&format!("/v1/orders/{order}")).await.expect(200)
    }
}

fn contract(package: &str) -> Value {
    json!({
        "package": package, "payer": "县医疗保障局", "number": "CH-2026-00017",
        "valid_from": "2026-03-01", "valid_to": "2026-03-31",
    })
}

fn window(day: &str) -> Value {
    json!({"start": at(&format!("{day} 09:00")), "end": at(&format!("{day} 12:00"))})
}

fn id(order: &Value) -> OrderId {
    order["id"]
        .as_str()
        .expect("an id")
        .parse()
        .expect("a UUID")
}

async fn trail(client: &Client, order: OrderId) -> Vec<String> {
    let events = client.get(&format!("/v1/orders/{order}/events")).await;
    let events = events.expect(200);
    let events = events["items"].as_array().expect("events").clone();
    let kinds = events.iter().map(|event| event["kind"].as_str());
    kinds
        .map(|kind| kind.expect("a kind").to_owned())
        .filter(|kind| kind.starts_with("order.charge"))
        .collect()
}

async fn waiting(client: &Client) -> Vec<Value> {
    let list = client.get("/v1/orders?charge=under_review").await;
    let list = list.expect(200);
    let items = list["items"].as_array().expect("orders");
    items.iter().map(|order| order["id"].clone()).collect()
}

on_both! {
    async fn what_something_else_pays_for_is_charged_only_when_somebody_says_so(server: TestServer) {
        let world = World::build(&server).await;
        let (family, desk) = (&world.family.client, &world.desk.client);
        let free = world.book(&["EDU"], "2026-03-04").await;
        assert_eq!((&free["charge"]["state"], &free["charge"]["fen"]), (&json!("due"), &free["total_fen"]));
        let entitlement = world.entitle("family_doctor_basic").await;
        // The quote says it beforehand.
        let quote = json!({
            "patient_id": world.patient.id, "address_id": world.patient.address, "items": ["EDU"],
            "window_start": at("2026-03-10 09:00"),
        });
        let quote = family.post("/v1/quotes", quote).await.expect(200);
        assert_eq!(quote["covered"][0]["item"], "EDU");
        assert_eq!(quote["covered"][0]["entitlement_id"], entitlement["id"]);
        assert_eq!(quote["covered"][0]["kind"], "family_doctor_contract");
        let order = world.book(&["EDU"], "2026-03-10").await;
        assert_eq!((&order["charge"]["state"], &order["charge"]["fen"]), (&json!("under_review"), &Value::Null));
        assert_eq!(order["charge"]["covered"][0]["name"]["zh"], "家庭医生签约基础服务包");
        // The visit goes on meanwhile, and what was booked before is looked at too.
        assert_eq!(order["state"], "open");
        assert_eq!(waiting(desk).await, [order["id"].clone(), free["id"].clone()]);
        assert_eq!(waiting(family).await.len(), 2);
        let path = format!("/v1/orders/{}/charge-review", id(&order));
        let paid = json!({
            "decision": "paid_elsewhere", "paid_by": [entitlement["id"]], "charge_fen": 0,
            "reason": "签约服务包已含测量,免收",
        });
        family.post(&path, paid.clone()).await.problem(403, "forbidden");
        let decided = desk.post(&path, paid.clone()).await.expect(200);
        assert_eq!((&decided["charge"]["state"], &decided["charge"]["fen"]), (&json!("paid_elsewhere"), &json!(0)));
        assert_eq!(decided["charge"]["paid_by"], json!([entitlement["id"]]));
        assert_eq!(decided["total_fen"], order["total_fen"]);
        desk.post(&path, paid).await.problem(409, "charge_not_under_review");
        let whole = world.read(family, id(&order)).await;
        assert_eq!(whole["detail"]["charge_reason"], "签约服务包已含测量,免收");
        assert_eq!(trail(family, id(&order)).await, ["order.charge_review_asked", "order.charge_reviewed"]);
        // The other one is charged all the same.
        let path = format!("/v1/orders/{}/charge-review", id(&free));
        let charge = json!({"decision": "charge", "reason": "服务包本月次数已用完"});
        let decided = desk.post(&path, charge).await.expect(200);
        assert_eq!((&decided["charge"]["state"], &decided["charge"]["fen"]), (&json!("charge"), &free["total_fen"]));
        assert!(waiting(desk).await.is_empty());
    }

    async fn what_nobody_else_pays_for_stays_charged(server: TestServer) {
        let world = World::build(&server).await;
        let desk = &world.desk.client;
        let doctor = world.entitle("family_doctor_basic").await;
        let other = world.entitle("family_doctor_disabled").await;
        let order = world.book(&["EDU", "UC_CHG"], "2026-03-10").await;
        let path = format!("/v1/orders/{}/charge-review", id(&order));
        let lines = order["price"]["lines"].as_array().expect("lines").clone();
        let own: i64 = lines.iter().filter(|line| line["item"] == "UC_CHG").map(|line| line["fen"].as_i64().expect("fen")).sum();
        let total = order["total_fen"].as_i64().expect("fen");
        let paid = |by: Value, fen: i64| json!({
            "decision": "paid_elsewhere", "paid_by": by, "charge_fen": fen, "reason": "签约支付",
        });
        for (wrong, field, code) in [
            (paid(json!([doctor["id"]]), own - 1), "charge_fen", "number_range"),
            (paid(json!([doctor["id"]]), total), "charge_fen", "number_range"),
            (paid(json!([doctor["id"]]), -1), "charge_fen", "number_range"),
            (paid(json!([]), own), "paid_by", "charge_not_covered"),
            (paid(json!([world.patient.id]), own), "paid_by", "charge_not_covered"),
            (json!({"decision": "paid_elsewhere", "paid_by": [doctor["id"]], "reason": "x"}), "charge_fen", "field_missing"),
            (json!({"decision": "charge", "charge_fen": 5, "reason": "x"}), "charge_fen", "field_not_here"),
            (json!({"decision": "charge", "paid_by": [doctor["id"]], "reason": "x"}), "paid_by", "field_not_here"),
        ] {
            let problem = desk.post(&path, wrong).await.problem(422, "invalid_request");
            assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["code"]), (&json!(field), &json!(code)));
        }
        assert_eq!(world.charge(id(&order)).await["state"], "under_review");
        let decided = desk.post(&path, paid(json!([doctor["id"], other["id"]]), own)).await.expect(200);
        assert_eq!(decided["charge"]["fen"], json!(own));
    }

    async fn a_decision_is_asked_for_anew_when_what_it_was_made_upon_changes(server: TestServer) {
        let world = World::build(&server).await;
        let (family, desk) = (&world.family.client, &world.desk.client);
        let entitlement = world.entitle("family_doctor_basic").await;
        let order = id(&world.book(&["EDU"], "2026-03-10").await);
        let path = format!("/v1/orders/{order}/charge-review");
        let paid = json!({
            "decision": "paid_elsewhere", "paid_by": [entitlement["id"]], "charge_fen": 0, "reason": "签约支付",
        });
        desk.post(&path, paid.clone()).await.expect(200);
        let moved = |day: &str| json!({"window": window(day)});
        let reschedule = format!("/v1/orders/{order}/reschedule");
        // Another day of the same contract at the same price: the decision holds.
        let etag = family.get(&format!("/v1/orders/{order}")).await.etag();
        let reply = family.post_if(&reschedule, &etag, moved("2026-03-11")).await.expect(200);
        assert_eq!(reply["order"]["charge"]["state"], "paid_elsewhere");
        // A day after its end: the family was told that another pays, so a person decides again.
        let etag = family.get(&format!("/v1/orders/{order}")).await.etag();
        let reply = family.post_if(&reschedule, &etag, moved("2026-04-02")).await.expect(200);
        assert_eq!((&reply["order"]["charge"]["state"], &reply["order"]["charge"]["covered"]), (&json!("under_review"), &json!([])));
        desk.post(&path, paid).await.problem(422, "invalid_request");
        let charge = json!({"decision": "charge", "reason": "合同已到期"});
        assert_eq!(desk.post(&path, charge).await.expect(200)["charge"]["state"], "charge");
        // Recorded wrongly: orders that waited because of it alone are charged as priced.
        let waits = world.book(&["EDU"], "2026-03-12").await;
        assert_eq!(waits["charge"]["state"], "under_review");
        let end = format!("{}/{}/end", world.entitlements(), entitlement["id"].as_str().expect("an id"));
        let ended = desk.post(&end, json!({"reason": "登记错误"})).await.expect(200);
        assert_eq!(ended["end_reason"], "登记错误");
        desk.post(&end, json!({"reason": "登记错误"})).await.problem(409, "entitlement_ended");
        assert_eq!(world.charge(id(&waits)).await, json!({
            "state": "due", "fen": waits["total_fen"], "covered": [], "paid_by": [], "decided_at": null,
        }));
        assert_eq!(trail(family, id(&waits)).await, ["order.charge_review_asked", "order.charge_review_dropped"]);
        // And it may be recorded anew.
        world.entitle("family_doctor_basic").await;
        assert_eq!(world.charge(id(&waits)).await["state"], "under_review");
    }

    async fn what_ended_without_a_service_is_charged_by_its_fee_alone(server: TestServer) {
        let world = World::build(&server).await;
        let (family, desk) = (&world.family.client, &world.desk.client);
        world.entitle("family_doctor_basic").await;
        let order = id(&world.book(&["EDU"], "2026-03-10").await);
        assert_eq!(waiting(desk).await.len(), 1);
        let etag = family.get(&format!("/v1/orders/{order}")).await.etag();
        let cancel = json!({"reason": "住院了"});
        let cancelled = family.post_if(&format!("/v1/orders/{order}/cancel"), &etag, cancel).await;
        let cancelled = cancelled.expect(200);
        assert_eq!(cancelled["state"], "cancelled");
        let charge = world.charge(order).await;
        assert_eq!((&charge["state"], &charge["fen"]), (&json!("due"), &cancelled["fee_fen"]));
        assert!(waiting(desk).await.is_empty());
        let body = json!({"decision": "charge", "reason": "x"});
        desk.post(&format!("/v1/orders/{order}/charge-review"), body).await.problem(409, "charge_not_under_review");
        let due = desk.get("/v1/orders?charge=due").await.expect(200);
        assert_eq!(due["items"][0]["id"], json!(order));
    }

    async fn entitlements_are_recorded_once_sealed_and_read_by_few(server: TestServer) {
        let world = World::build(&server).await;
        let (family, desk) = (&world.family.client, &world.desk.client);
        let path = world.entitlements();
        world.entitle("long_term_care_home").await;
        desk.post(&path, contract("long_term_care_home")).await.problem(409, "entitlement_recorded");
        let mut wrong = contract("long_term_care_home");
        wrong["valid_to"] = json!("2026-02-28");
        let problem = desk.post(&path, wrong).await.problem(422, "invalid_request");
        assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["code"]), (&json!("valid_to"), &json!("date_order")));
        let problem = desk.post(&path, contract("golden_card")).await.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["code"], "entitlement_package_unknown");
        family.post(&path, contract("family_doctor_basic")).await.problem(403, "forbidden");
        let list = family.get(&path).await.expect(200);
        assert_eq!((&list["items"][0]["number"], &list["items"][0]["payer"]), (&json!("CH-2026-00017"), &json!("县医疗保障局")));
        assert!(list["items"][0]["items"].as_array().expect("items").contains(&json!("UC_CARE")));
        let db = server.app.db.reader();
        let rows = entity::entitlement::Entity::find().all(db).await.expect("rows");
        assert!(rows.len() == 1 && rows[0].number_enc.starts_with("v1:") && rows[0].payer_enc.starts_with("v1:"));
        let reads = entity::patient_read::Entity::find().all(db).await.expect("rows");
        assert!(reads.iter().any(|read| read.operation == "list_entitlements"));
        let nurse = world.town.person(&server, "13800000009", Role::Nurse, Some(world.town.hospital)).await;
        nurse.client.get(&path).await.problem(403, "forbidden");
    }
}
