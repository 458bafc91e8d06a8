//! Warnings about addresses: for dispatch and the nurse who goes there, and for nobody else.

use chrono::TimeDelta;
use entity::enums::Role;
use jiahu_tests::harness::{NurseSpec, with_family};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{OnDuty, here};

fn path(duty: &OnDuty) -> String {
    let scene = &duty.scene;
    format!(
        "/v1/patients/{}/addresses/{}/warning",
        scene.patient, scene.address
    )
}

/// What a client sees of the warning in the visit.
async fn seen(duty: &OnDuty, client: &jiahu_tests::harness::Client) -> Value {
    let path = format!("/v1/visits/{}", duty.visit);
    client.get(&path).await.expect(200)["address"]["warning"].clone()
}

on_both! {
    async fn dispatch_and_the_nurse_of_the_visit_see_it_and_nobody_else(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let town = &duty.scene.town;
        let desk = &duty.scene.coordinator.client;
        let supervisor = town.person(&server, "13900000007", Role::Supervisor, Some(town.hospital)).await;
        let doctor = town.person(&server, "13900000006", Role::Doctor, Some(town.hospital)).await;
        let far = town.person(&server, "13900000008", Role::Coordinator, Some(town.other_centre)).await;
        let bea = duty.scene.nurse(&server, 2, NurseSpec::default()).await;
        let family = &duty.scene.family.client;
        desk.put(&path(&duty), json!({ "text": "院内有大狗" })).await.expect(200);
        for client in [&duty.nurse.person.client, desk, &supervisor.client] {
            assert_eq!(seen(&duty, client).await, "院内有大狗");
        }
        for client in [family, &doctor.client] {
            assert_eq!(seen(&duty, client).await, Value::Null);
            client.get(&path(&duty)).await.problem(403, "forbidden");
        }
        let address = format!("/v1/patients/{}/addresses/{}", duty.scene.patient, duty.scene.address);
        let text = family.get(&address).await.expect(200).to_string();
        assert!(!text.contains("大狗"), "{text}");
        bea.person.client.get(&path(&duty)).await.problem(403, "forbidden");
        bea.person.client.get(&format!("/v1/visits/{}", duty.visit)).await.problem(404, "not_found");
        for reply in [far.client.get(&path(&duty)).await, far.client.put(&path(&duty), json!({ "text": "x" })).await, far.client.delete(&path(&duty)).await] {
            reply.problem(404, "not_found");
        }
        // It is not hers any more when she has left.
        for (step, body) in [("depart", json!({})), ("arrive", json!({ "place": here() })), ("start", with_family())] {
            duty.step(step, body).await;
        }
        server.advance(TimeDelta::minutes(20)).await;
        duty.step("finish", json!({})).await;
        assert_eq!(seen(&duty, &duty.nurse.person.client).await, Value::Null);
        assert_eq!(seen(&duty, desk).await, "院内有大狗");
    }

    async fn it_is_sealed_replaced_and_ended_with_events(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let desk = &duty.scene.coordinator.client;
        desk.delete(&path(&duty)).await.problem(404, "not_found");
        let mut heard = desk.listen(None).await;
        let first = desk.put(&path(&duty), json!({ "text": "路滑" })).await.expect(200);
        heard.until("address.warning_set").await;
        let (db, community) = (server.app.db.reader(), duty.scene.town.community);
        let row = jiahu::store::address_warning::active(db, community, duty.scene.address).await;
        assert!(!row.expect("a query").expect("a warning").text_enc.contains("路滑"));
        let second = desk.put(&path(&duty), json!({ "text": "有大狗" })).await.expect(200);
        assert_ne!(first["id"], second["id"]);
        let all = desk.get(&path(&duty)).await.expect(200);
        assert_eq!(all["items"], json!([second]));
        desk.delete(&path(&duty)).await.expect(204);
        heard.until("address.warning_ended").await;
        assert_eq!(desk.get(&path(&duty)).await.expect(200)["items"], json!([]));
        desk.put(&path(&duty), json!({ "text": "" })).await.problem(422, "invalid_request");
    }

    async fn a_nurse_who_was_there_proposes_one_and_staff_decide(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let desk = &duty.scene.coordinator.client;
        duty.post("address-warning", json!({ "text": "有大狗" })).await.problem(409, "order_wrong_state");
        duty.step("depart", json!({})).await;
        duty.step("abort", json!({ "reason": "有狗,进不去" })).await;
        let proposed = duty.step("address-warning", json!({ "text": "有大狗" })).await;
        assert_eq!(proposed["state"], "proposed");
        assert_eq!(seen(&duty, desk).await, Value::Null, "not in force");
        let all = desk.get(&path(&duty)).await.expect(200);
        assert_eq!((&all["items"][0]["text"], &all["items"][0]["visit_id"]), (&json!("有大狗"), &json!(duty.visit)));
        desk.put(&path(&duty), json!({ "text": "有大狗,先打电话" })).await.expect(200);
        let all = desk.get(&path(&duty)).await.expect(200);
        assert_eq!(all["items"].as_array().expect("a list").len(), 1, "the proposal is settled");
        let bea = duty.scene.nurse(&server, 2, NurseSpec::default()).await;
        let hers = format!("/v1/visits/{}/address-warning", duty.visit);
        bea.person.client.post(&hers, json!({ "text": "x" })).await.problem(404, "not_found");
    }
}
