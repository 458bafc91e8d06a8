//! Injections and irrigations need a prescription, at booking and when the procedure begins.

use chrono::TimeDelta;
use entity::enums::Role;
use jiahu_tests::harness::{NurseSpec, Person, Scene, SceneNurse, TestServer};
use jiahu_tests::on_both;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

struct World {
    scene: Scene,
    doctor: Person,
    desk: Person,
    nurse: SceneNurse,
}

impl World {
    async fn build(server: &TestServer) -> Self {
        let scene = Scene::build(server).await;
        let at = Some(scene.town.hospital);
        Self {
            doctor: scene
                .town
                .person(server, "13800000021", Role::Doctor, at)
                .await,
            desk: scene
                .town
                .person(server, "13800000022", Role::Coordinator, at)
                .await,
            nurse: scene.nurse(server, 1, NurseSpec::default()).await,
            scene,
        }
    }

    fn path(&self) -> String {
        format!("/v1/patients/{}/prescriptions", self.scene.patient)
    }

    /// A booking of an injection, some hours ahead.
    async fn body(&self, server: &TestServer, hours: i64) -> Value {
        let start = server.now() + TimeDelta::hours(hours);
        let quote = json!({
            "patient_id": self.scene.patient, "address_id": self.scene.address, "items": ["SC"],
            "window_start": start,
        });
        let family = &self.scene.family.client;
        let quote = family.post("/v1/quotes", quote).await.expect(200);
        json!({
            "patient_id": self.scene.patient, "address_id": self.scene.address, "items": ["SC"],
            "window": { "start": start, "end": start + TimeDelta::hours(3) },
            "answers": jiahu_tests::harness::good_answers(&quote["questions"]),
        })
    }

    /// A booking of an injection that the nurse has, shortly before she sets out.
    async fn accepted_visit(&self, server: &TestServer) -> String {
        let body = self.body(server, 5).await;
        let order = self.scene.family.client.post("/v1/orders", body);
        let order = order.await.expect(201);
        let order = order["id"].as_str().expect("an id").parse();
        let order = order.expect("an id");
        let visit = self.scene.accepted_visit(server, &self.nurse, order).await;
        server.advance(TimeDelta::hours(4)).await;
        visit
    }

    async fn prescribe(&self, from: &str, until: &str) -> String {
        let body = prescription(from, until);
        let kept = self
            .doctor
            .client
            .post(&self.path(), body)
            .await
            .expect(201);
        kept["id"].as_str().expect("an id").to_owned()
    }
}

fn prescription(from: &str, until: &str) -> Value {
    json!({
        "item": "SC", "prescriber": "赵医生", "prescribed_on": from, "valid_until": until,
        "drug": "低分子肝素钠", "dose": "4000 IU", "route": "皮下注射", "frequency": "每日一次",
        "drug_source": "pharmacy",
    })
}

async fn count(server: &TestServer) -> [u64; 3] {
    let db = server.app.db.reader();
    [
        entity::prescription::Entity::find()
            .count(db)
            .await
            .expect("a count"),
        entity::care_order::Entity::find()
            .count(db)
            .await
            .expect("a count"),
        entity::event::Entity::find()
            .count(db)
            .await
            .expect("a count"),
    ]
}

on_both! {
    async fn without_a_prescription_nothing_is_booked(server: TestServer) {
        let world = World::build(&server).await;
        let family = &world.scene.family.client;
        let body = world.body(&server, 5).await;
        let before = count(&server).await;
        let problem = family.post("/v1/orders", body.clone()).await.problem(409, "prescription_missing");
        assert_eq!((&problem["missing"][0]["item"], &problem["missing"][0]["code"]), (&json!("SC"), &json!("prescription_none")));
        assert_eq!(count(&server).await, before);
        let id = world.prescribe("2026-03-01", "2026-03-04").await;
        let order = family.post("/v1/orders", body).await.expect(201);
        assert_eq!(order["state"], "open");
        let items = entity::order_item::Entity::find().all(server.app.db.reader()).await.expect("rows");
        assert_eq!(items[0].prescription_id.expect("one").to_string(), id);
        // Two days later it does not reach the visit.
        let late = world.body(&server, 72).await;
        let problem = family.post("/v1/orders", late).await.problem(409, "prescription_missing");
        assert_eq!(problem["missing"][0]["code"], "prescription_expired");
    }

    async fn an_order_may_name_its_prescription(server: TestServer) {
        let world = World::build(&server).await;
        let family = &world.scene.family.client;
        let long = world.prescribe("2026-03-01", "2026-03-08").await;
        let short = world.prescribe("2026-03-01", "2026-03-02").await;
        let mut body = world.body(&server, 30).await;
        body["prescriptions"] = json!({ "SC": short });
        let problem = family.post("/v1/orders", body.clone()).await.problem(409, "prescription_missing");
        assert_eq!(problem["missing"][0]["code"], "prescription_expired");
        body["prescriptions"] = json!({ "SC": world.scene.patient });
        let problem = family.post("/v1/orders", body.clone()).await.problem(422, "prescription_unknown");
        assert_eq!(problem["errors"][0]["field"], "prescriptions.SC");
        body["prescriptions"] = json!({ "EDU": long });
        family.post("/v1/orders", body.clone()).await.problem(422, "prescription_unknown");
        body["prescriptions"] = json!({ "SC": long });
        family.post("/v1/orders", body).await.expect(201);
    }

    async fn it_is_asked_for_again_when_the_procedure_begins(server: TestServer) {
        let world = World::build(&server).await;
        let id = world.prescribe("2026-03-01", "2026-03-04").await;
        let visit = world.accepted_visit(&server).await;
        let nurse = &world.nurse.person.client;
        let path = |name: &str| format!("/v1/visits/{visit}/{name}");
        nurse.post(&path("depart"), json!({})).await.expect(200);
        nurse.post(&path("arrive"), json!({ "no_fix_reason": "timeout" })).await.expect(200);
        world.nurse.prepare(&visit).await;
        let start = json!({ "present": [{ "name": "张小明", "relation": "child", "of_age": true }] });
        let withdraw = format!("{}/{id}/withdraw", world.path());
        world.doctor.client.post(&withdraw, json!({ "reason": "改口服" })).await.expect(200);
        let problem = nurse.post(&path("start"), start.clone()).await.problem(409, "prescription_missing");
        assert_eq!(problem["missing"][0]["code"], "prescription_withdrawn");
        world.doctor.client.post(&withdraw, json!({ "reason": "再次" })).await.problem(409, "prescription_withdrawn");
        world.prescribe("2026-03-02", "2026-03-02").await;
        nurse.post(&path("start"), start).await.expect(200);
    }

    async fn nobody_sets_out_without_one(server: TestServer) {
        let world = World::build(&server).await;
        let id = world.prescribe("2026-03-01", "2026-03-04").await;
        let visit = world.accepted_visit(&server).await;
        let nurse = &world.nurse.person.client;
        let sheet = nurse.get(&format!("/v1/visits/{visit}")).await.expect(200);
        let shown = &sheet["prescriptions"][0];
        assert_eq!((&shown["id"], &shown["drug"], &shown["route"]), (&json!(id), &json!("低分子肝素钠"), &json!("皮下注射")));
        let withdraw = format!("{}/{id}/withdraw", world.path());
        world.doctor.client.post(&withdraw, json!({ "reason": "改口服" })).await.expect(200);
        // The nurse has the alert in her list, and her sheet says why.
        let list = nurse.get("/v1/alerts?kind=prescription_withdrawn").await.expect(200);
        assert_eq!((&list["items"][0]["visit_id"], &list["items"][0]["nurse_id"]), (&json!(visit), &json!(world.nurse.id)));
        let sheet = nurse.get(&format!("/v1/visits/{visit}")).await.expect(200);
        assert!(sheet["prescriptions"][0]["withdrawn_at"].is_string());
        let depart = format!("/v1/visits/{visit}/depart");
        let problem = nurse.post(&depart, json!({})).await.problem(409, "prescription_missing");
        assert_eq!(problem["missing"][0]["code"], "prescription_withdrawn");
        let other = world.prescribe("2026-03-02", "2026-03-02").await;
        let pack = nurse.get("/v1/sync/pack").await.expect(200);
        assert_eq!(pack["visits"][0]["visit"]["prescriptions"][0]["id"], other);
        nurse.post(&depart, json!({})).await.expect(200);
    }

    async fn moved_to_another_day_it_needs_one_that_holds_then(server: TestServer) {
        let world = World::build(&server).await;
        let first = world.prescribe("2026-03-01", "2026-03-04").await;
        let family = &world.scene.family.client;
        let order = family.post("/v1/orders", world.body(&server, 24).await).await.expect(201);
        let path = format!("/v1/orders/{}", order["id"].as_str().expect("an id"));
        let move_to = async |hours: i64| {
            let start = server.now() + TimeDelta::hours(hours);
            let window = json!({ "window": { "start": start, "end": start + TimeDelta::hours(3) } });
            let etag = family.get(&path).await.etag();
            family.post_if(&format!("{path}/reschedule"), &etag, window).await
        };
        let before = count(&server).await;
        let problem = move_to(4 * 24).await.problem(409, "prescription_missing");
        assert_eq!(problem["missing"][0]["code"], "prescription_expired");
        assert_eq!(count(&server).await, before);
        let longer = world.prescribe("2026-03-02", "2026-03-09").await;
        let booked_with = async || {
            let items = entity::order_item::Entity::find().all(server.app.db.reader()).await.expect("rows");
            items[0].prescription_id.expect("one").to_string()
        };
        // What it was booked with stays while it holds: the two may differ in dose.
        move_to(26).await.expect(200);
        assert_eq!(booked_with().await, first);
        move_to(4 * 24).await.expect(200);
        assert_eq!(booked_with().await, longer);
        // Against the will of the patient nothing is moved either.
        let consents = format!("/v1/patients/{}/consents", world.scene.patient);
        let given = family.get(&consents).await.expect(200);
        let location = given["items"].as_array().expect("a list").iter().find(|one| one["text"] == "location").expect("given");
        let withdraw = format!("{consents}/{}/withdraw", location["id"].as_str().expect("an id"));
        family.post(&withdraw, json!({})).await.expect(200);
        move_to(24).await.problem(409, "consent_missing");
    }

    async fn withdrawing_calls_the_desk_for_an_order_left_without_one(server: TestServer) {
        let world = World::build(&server).await;
        let alerts = async || {
            let list = world.desk.client.get("/v1/alerts?kind=prescription_withdrawn").await.expect(200);
            list["items"].as_array().expect("a list").clone()
        };
        let [first, second] = [world.prescribe("2026-03-01", "2026-03-08").await, world.prescribe("2026-03-01", "2026-03-07").await];
        let order = world.scene.family.client.post("/v1/orders", world.body(&server, 24).await).await.expect(201);
        let withdraw = async |id: &str| {
            let path = format!("{}/{id}/withdraw", world.path());
            world.doctor.client.post(&path, json!({ "reason": "改口服" })).await.expect(200)
        };
        // Another one still holds.
        withdraw(&second).await;
        assert_eq!(alerts().await, Vec::<Value>::new());
        withdraw(&first).await;
        let opened = alerts().await;
        assert_eq!(opened.len(), 1);
        assert_eq!((&opened[0]["order_id"], &opened[0]["severity"]), (&order["id"], &json!("warning")));
        server.run_jobs().await;
        let told = server.phones.of(&world.desk.phone);
        assert!(told.iter().any(|message| message.template == "alert"));
        // Nobody waits for an order that was called off.
        let third = world.prescribe("2026-03-01", "2026-03-08").await;
        let path = format!("/v1/orders/{}/cancel", order["id"].as_str().expect("an id"));
        let etag = world.scene.family.client.get(&format!("/v1/orders/{}", order["id"].as_str().expect("an id"))).await.etag();
        let cancelled = world.scene.family.client.post_if(&path, &etag, json!({ "reason": "改期" })).await;
        assert_eq!(cancelled.status, 200, "{:#}", cancelled.body);
        withdraw(&third).await;
        assert_eq!(alerts().await.len(), 1);
    }

    async fn a_coordinator_transcribes_from_an_image(server: TestServer) {
        let world = World::build(&server).await;
        let mut body = prescription("2026-03-01", "2026-03-08");
        let problem = world.desk.client.post(&world.path(), body.clone()).await.problem(422, "invalid_request");
        assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["code"]), (&json!("image"), &json!("field_missing")));
        body["image"] = json!("rx-2026-0001");
        let kept = world.desk.client.post(&world.path(), body).await.expect(201);
        assert_eq!(kept["image"], "rx-2026-0001");
        let rows = entity::prescription::Entity::find().all(server.app.db.reader()).await.expect("rows");
        assert!(!rows[0].detail_enc.contains("肝素"));
        let list = world.scene.family.client.get(&world.path()).await.expect(200);
        assert_eq!(list["items"][0]["drug"], "低分子肝素钠");
        world.scene.family.client.post(&world.path(), prescription("2026-03-01", "2026-03-02")).await.problem(403, "forbidden");
    }

    async fn what_does_not_fit_is_refused_and_leaves_nothing(server: TestServer) {
        let world = World::build(&server).await;
        let before = count(&server).await;
        let good = prescription("2026-03-01", "2026-03-08");
        for (field, value, code, inner) in [
            ("item", json!("EDU"), "prescription_not_needed", "prescription_not_needed"),
            ("item", json!("NOPE"), "item_unknown", "item_unknown"),
            ("prescribed_on", json!("2026-03-03"), "invalid_request", "date_future"),
            ("valid_until", json!("2026-02-28"), "invalid_request", "date_order"),
            ("valid_until", json!("2026-03-09"), "invalid_request", "prescription_too_long"),
            ("drug", json!(""), "invalid_request", "text_length"),
        ] {
            let mut body = good.clone();
            body[field] = value;
            let problem = world.doctor.client.post(&world.path(), body).await.problem(422, code);
            assert_eq!(problem["errors"][0]["code"], inner, "{field}");
        }
        let at = Some(world.scene.town.other_centre);
        let other = world.scene.town.person(&server, "13800000031", Role::Doctor, at).await;
        other.client.post(&world.path(), good).await.problem(404, "not_found");
        other.client.get(&world.path()).await.problem(404, "not_found");
        assert_eq!(count(&server).await, before);
    }
}
