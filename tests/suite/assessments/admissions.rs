//! An admission to hospital voids what was assessed before it.

use chrono::TimeDelta;
use jiahu_tests::harness::with_family;
use jiahu_tests::on_both;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::{World, approve, footprint, id, offers, refuse, text, told};

on_both! {
    async fn an_admission_takes_an_open_order_back(server: TestServer) {
        let world = World::build(&server).await;
        world.assess(approve(&["UC_CHG"])).await;
        let order = world.book(&server, &["UC_CHG"]).await;
        server.run_jobs().await;
        assert_eq!(offers(&world.nurse).await, 1);
        world.admit("2026-03-02").await;
        let held = world.order(text(&order["id"])).await;
        assert_eq!((&held["state"], &held["missing_assessments"][0]["code"]), (&json!("assessing"), &json!("assessment_voided")));
        assert_eq!(offers(&world.nurse).await, 0, "the offer was withdrawn");
        // An admission before the assessment does not count.
        world.admit("2026-02-20").await;
        assert_eq!(world.state(&order).await, "assessing");
    }

    async fn an_admission_stops_the_departure_until_a_new_assessment(server: TestServer) {
        let world = World::build(&server).await;
        world.assess(approve(&["UC_CHG"])).await;
        let body = world.body(&["UC_CHG"], server.now() + TimeDelta::days(3));
        let order = world.scene.family.client.post("/v1/orders", body).await.expect(201);
        let visit = world.scene.accepted_visit(&server, &world.nurse, id(&order)).await;
        server.advance(TimeDelta::days(2)).await;
        world.admit("2026-03-04").await;
        assert_eq!(world.state(&order).await, "accepted");
        assert_eq!(told(&server, &world.desk).await.last().map(String::as_str), Some("assessment_lapsed"));
        assert_eq!(told(&server, &world.nurse.person).await.last().map(String::as_str), Some("assessment_lapsed"));
        server.advance(TimeDelta::hours(23)).await;
        let path = format!("/v1/visits/{visit}/depart");
        let nurse = &world.nurse.person.client;
        let problem = nurse.post(&path, json!({})).await.problem(409, "assessment_missing");
        assert_eq!(problem["missing"][0]["code"], "assessment_voided");
        assert_eq!(world.state(&order).await, "accepted");
        world.assess(approve(&["UC_CHG"])).await;
        nurse.post(&path, json!({})).await.expect(200);
    }

    async fn a_refusal_while_she_is_on_her_way_stops_the_begin(server: TestServer) {
        let world = World::build(&server).await;
        world.assess(json!({
            "result": "approved_with_conditions", "items": ["UC_CHG"], "conditions": "血压低于 160/100",
        })).await;
        let order = world.book(&server, &["UC_CHG"]).await;
        let nurse = &world.nurse;
        let visit = world.scene.accepted_visit(&server, nurse, id(&order)).await;
        server.advance(TimeDelta::hours(3)).await;
        let sheet = nurse.person.client.get(&format!("/v1/visits/{visit}")).await.expect(200);
        assert_eq!(sheet["conditions"][0]["text"], "血压低于 160/100");
        assert_eq!(sheet["conditions"][0]["items"], json!(["UC_CHG"]));
        nurse.post(&visit, "depart", json!({})).await.expect(200);
        world.assess(refuse(&["UC_CHG"])).await;
        assert_eq!(world.state(&order).await, "departed");
        // The desk by an alert, and the nurse by message, by alert and live.
        assert_eq!(told(&server, &world.desk).await.last().map(String::as_str), Some("alert"));
        assert!(told(&server, &nurse.person).await.contains(&"assessment_lapsed".to_owned()));
        for who in [&world.desk, &nurse.person] {
            let list = who.client.get("/v1/alerts?kind=assessment_lapsed").await.expect(200);
            let alert = &list["items"][0];
            assert_eq!((&alert["visit_id"], &alert["severity"]), (&json!(visit), &json!("critical")));
        }
        let db = server.app.db.reader();
        let trail = jiahu::store::event::of_order(db, world.scene.town.community, id(&order)).await.expect("a trail");
        let lapsed = trail.iter().find(|event| event.kind == "order.assessment_lapsed").expect("the event");
        assert_eq!(lapsed.nurse_id, Some(nurse.id));
        // Another word of the same opens no second one.
        server.advance(TimeDelta::minutes(1)).await;
        world.assess(refuse(&["UC_CHG"])).await;
        let list = world.desk.client.get("/v1/alerts?kind=assessment_lapsed").await.expect(200);
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
        nurse.post(&visit, "arrive", json!({ "no_fix_reason": "timeout" })).await.expect(200);
        nurse.prepare(&visit).await;
        let problem = nurse.post(&visit, "start", with_family()).await.problem(409, "assessment_missing");
        assert_eq!(problem["missing"][0]["code"], "assessment_refused");
        server.advance(TimeDelta::minutes(1)).await;
        world.assess(approve(&["UC_CHG"])).await;
        nurse.post(&visit, "start", with_family()).await.expect(200);
    }

    async fn an_assessment_that_lapsed_unseen_stops_accept_and_wave(server: TestServer) {
        let world = World::build(&server).await;
        world.assess(approve(&["UC_CHG"])).await;
        let order = world.book(&server, &["UC_CHG"]).await;
        server.run_jobs().await;
        // Straight into the register, as if it had come in between.
        let row = entity::admission::Model {
            community_id: world.scene.town.community,
            id: server.app.new_id(),
            patient_id: world.patient,
            admitted_on: jiahu::domain::calendar::local_date(server.now()),
            discharged_on: None,
            kind: None,
            recorded_by: world.desk.account,
            recorded_at: server.now(),
        };
        entity::admission::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(server.app.db.reader())
            .await
            .expect("a stay");
        let list = world.nurse.person.client.get("/v1/offers").await.expect(200);
        let accept = format!("/v1/offers/{}/accept", text(&list["items"][0]["id"]));
        world.nurse.person.client.post(&accept, json!({})).await.problem(409, "assessment_missing");
        let assign = format!("/v1/orders/{}/assign", id(&order));
        let body = json!({ "nurse_id": world.nurse.id });
        world.desk.client.post(&assign, body).await.problem(409, "assessment_missing");
        assert_eq!(world.state(&order).await, "open");
        server.advance(TimeDelta::minutes(11)).await;
        server.run_jobs().await;
        assert_eq!(world.state(&order).await, "assessing");
    }

    async fn a_stay_is_registered_once_and_completed(server: TestServer) {
        let world = World::build(&server).await;
        let path = format!("/v1/patients/{}/admissions", world.patient);
        let post = async |body| world.desk.client.post(&path, body).await;
        post(json!({ "admitted_on": "2026-02-20" })).await.expect(201);
        post(json!({ "admitted_on": "2026-02-20" })).await.problem(409, "admission_exists");
        post(json!({ "admitted_on": "2026-02-20", "discharged_on": "2026-02-25" })).await.expect(201);
        // Whether it was planned is told once, whenever it is known.
        post(json!({ "admitted_on": "2026-02-20", "discharged_on": "2026-02-25", "kind": "chemotherapy" })).await.expect(201);
        let before = footprint(&server).await;
        post(json!({ "admitted_on": "2026-02-20", "kind": "chemotherapy" })).await.problem(409, "admission_exists");
        post(json!({ "admitted_on": "2026-02-20", "kind": "unplanned" })).await.problem(409, "admission_exists");
        post(json!({ "admitted_on": "2026-02-20", "discharged_on": "2026-02-26" })).await.problem(409, "admission_exists");
        let problem = post(json!({ "admitted_on": "2026-03-03" })).await.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["code"], "date_future");
        let problem = post(json!({ "admitted_on": "2026-03-01", "discharged_on": "2026-02-28" })).await.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["code"], "date_order");
        assert_eq!(footprint(&server).await, before);
        let list = world.doctor.client.get(&path).await.expect(200);
        let list = list["items"].as_array().expect("a list");
        assert_eq!(list.len(), 1);
        assert_eq!((&list[0]["discharged_on"], &list[0]["kind"]), (&json!("2026-02-25"), &json!("chemotherapy")));
    }
}
