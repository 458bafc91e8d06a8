//! Consent to health data and location after the booking (R24): taken back, the visit goes no further and the desk is told.

use chrono::TimeDelta;
use entity::enums::Role;
use entity::visit_position;
use jiahu_tests::harness::{Scene, SceneNurse, TestServer, with_family};
use jiahu_tests::on_both;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use super::{accepted, at_the_door, here};

fn path(scene: &Scene) -> String {
    format!("/v1/patients/{}/consents", scene.patient)
}

/// The family takes a consent back.
async fn forbid(scene: &Scene, text: &str) {
    let listed = scene.family.client.get(&path(scene)).await.expect(200);
    let items = listed["items"].as_array().expect("a list");
    let mut items = items.iter().rev();
    let one = items.find(|one| one["text"] == text && one["withdrawn_at"].is_null());
    let id = one.expect("given")["id"].as_str().expect("an id");
    let withdraw = format!("{}/{id}/withdraw", path(scene));
    let reason = json!({ "reason": "不再同意" });
    scene
        .family
        .client
        .post(&withdraw, reason)
        .await
        .expect(200);
}

/// The family consents again.
async fn allow(scene: &Scene, text: &str) {
    let body = json!({ "text": text, "version": 1 });
    scene
        .family
        .client
        .post(&path(scene), body)
        .await
        .expect(201);
}

async fn alerts(nurse_or_desk: &jiahu_tests::harness::Person) -> Vec<Value> {
    let list = nurse_or_desk
        .client
        .get("/v1/alerts?kind=consent_withdrawn")
        .await
        .expect(200);
    list["items"].as_array().expect("a list").clone()
}

async fn positions(server: &TestServer) -> u64 {
    let rows = visit_position::Entity::find();
    rows.count(server.app.db.reader()).await.expect("a count")
}

async fn report(server: &TestServer, nurse: &SceneNurse, visit: &str) {
    let at = json!({ "positions": [{ "at": server.now(), "place": here() }] });
    nurse.post(visit, "positions", at).await.expect(204);
}

on_both! {
    async fn nobody_sets_out_against_a_withdrawn_consent(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        forbid(&scene, "location").await;
        let problem = nurse.post(&visit, "depart", json!({})).await.problem(409, "data_consent_missing");
        assert_eq!((&problem["missing"][0]["text"], &problem["missing"][1]), (&json!("location"), &Value::Null));
        // The desk has it in its list, and the nurse in hers.
        for who in [&scene.coordinator, &nurse.person] {
            let opened = alerts(who).await;
            assert_eq!(opened.len(), 1);
            let alert = &opened[0];
            assert_eq!((&alert["order_id"], &alert["visit_id"], &alert["nurse_id"]), (&json!(order), &json!(visit), &json!(nurse.id)));
            assert_eq!(alert["severity"], "warning");
        }
        server.run_jobs().await;
        let told = server.phones.of(&scene.coordinator.phone);
        assert!(told.iter().any(|message| message.template == "alert"));
        forbid(&scene, "health_data").await;
        let problem = nurse.post(&visit, "depart", json!({})).await.problem(409, "data_consent_missing");
        assert_eq!(problem["missing"].as_array().map(Vec::len), Some(2));
        allow(&scene, "location").await;
        nurse.post(&visit, "depart", json!({})).await.problem(409, "data_consent_missing");
        allow(&scene, "health_data").await;
        nurse.post(&visit, "depart", json!({})).await.expect(200);
    }

    async fn nothing_begins_against_a_withdrawn_consent(server: TestServer) {
        let (scene, nurse, _, visit) = at_the_door(&server).await;
        nurse.prepare(&visit).await;
        forbid(&scene, "health_data").await;
        assert_eq!(alerts(&scene.coordinator).await[0]["severity"], "critical");
        let problem = nurse.post(&visit, "start", with_family()).await.problem(409, "data_consent_missing");
        assert_eq!(problem["missing"][0]["text"], "health_data");
        allow(&scene, "health_data").await;
        nurse.post(&visit, "start", with_family()).await.expect(200);
        // What is done is done: no alert for an order whose care is over.
        server.advance(TimeDelta::minutes(20)).await;
        nurse.post(&visit, "finish", json!({})).await.expect(200);
        forbid(&scene, "health_data").await;
        assert_eq!(alerts(&scene.coordinator).await.len(), 1);
    }

    async fn no_place_is_kept_without_consent_to_location(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        nurse.post(&visit, "depart", json!({ "place": here() })).await.expect(200);
        server.advance(TimeDelta::minutes(1)).await;
        report(&server, &nurse, &visit).await;
        assert_eq!(positions(&server).await, 2);
        let noted = server.now();
        server.advance(TimeDelta::minutes(1)).await;
        forbid(&scene, "location").await;
        report(&server, &nurse, &visit).await;
        // Noted before and told now: not kept against a will that was said meanwhile.
        let late = json!({
            "id": crate::sync::fresh_id(), "visit_id": visit, "do": "positions", "device_at": noted,
            "body": { "positions": [{ "at": noted + TimeDelta::seconds(5), "place": here() }] },
        });
        let batch = json!({ "device": "phone-1", "sent_at": server.now(), "actions": [late] });
        let told = nurse.person.client.post("/v1/sync/batch", batch).await.expect(200);
        assert_eq!(told["results"][0]["result"], "applied");
        nurse.post(&visit, "arrive", json!({ "place": here() })).await.expect(200);
        assert_eq!(positions(&server).await, 2);
        allow(&scene, "location").await;
        server.advance(TimeDelta::minutes(1)).await;
        report(&server, &nurse, &visit).await;
        assert_eq!(positions(&server).await, 3);
    }

    async fn a_text_that_is_raised_stops_no_visit_that_is_booked(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let boss = scene.town.person(&server, "13800000009", Role::Supervisor, Some(scene.town.hospital)).await;
        let first = boss.client.get("/v1/rule-sets/consents/1").await.expect(200);
        let mut file = first["content"].clone();
        file["version"] = json!(2);
        for text in file["texts"].as_array_mut().expect("texts") {
            text["version"] = json!(2);
        }
        boss.client.post("/v1/rule-sets/consents", file).await.expect(201);
        nurse.post(&visit, "depart", json!({})).await.expect(200);
        // The newest one is taken back, and the older one does not speak for it.
        let body = json!({ "text": "health_data", "version": 2 });
        scene.family.client.post(&path(&scene), body).await.expect(201);
        forbid(&scene, "health_data").await;
        nurse.post(&visit, "arrive", json!({ "place": here() })).await.expect(200);
        nurse.prepare(&visit).await;
        nurse.post(&visit, "start", with_family()).await.problem(409, "data_consent_missing");
    }
}
