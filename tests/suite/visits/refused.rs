//! What a gate refused a nurse online stands in the trail (`visit.refused`): once, for staff and herself, without a word about
//! the patient.

use chrono::TimeDelta;
use entity::enums::Role;
use entity::ids::OrderId;
use futures::future::join_all;
use jiahu_tests::harness::{NurseSpec, Person, Scene, consent_body, with_family};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::photos::bomb;
use super::{at_the_door, upload};

/// What stands in the trail as somebody reads it.
async fn refusals(who: &Person, order: OrderId) -> Vec<Value> {
    let path = format!("/v1/orders/{order}/events?limit=200");
    let trail = who.client.get(&path).await.expect(200);
    let items = trail["items"].as_array().expect("a list").clone();
    let refused = items
        .into_iter()
        .filter(|event| event["kind"] == "visit.refused");
    refused.map(|event| event["payload"].clone()).collect()
}

fn payload(visit: &str, step: &str, code: &str) -> Value {
    json!({ "visit_id": visit, "step": step, "code": code })
}

/// The only trace is this one, and the family reads none of it.
async fn only(scene: &Scene, order: OrderId, nurse: &Person, expected: Value) {
    for who in [&scene.coordinator, nurse] {
        assert_eq!(refusals(who, order).await, std::slice::from_ref(&expected));
    }
    assert_eq!(refusals(&scene.family, order).await, Vec::<Value>::new());
}

on_both! {
    async fn a_zip_or_a_bomb_for_a_photo(server: TestServer) {
        let (scene, nurse, order, visit) = at_the_door(&server).await;
        nurse.prepare(&visit).await;
        nurse.post(&visit, "start", with_family()).await.expect(200);
        let zip = b"PK\x03\x04 a zip";
        // However often, and at once.
        join_all((0..4).map(|_| async { upload(&nurse.person, &visit, zip).await.problem(415, "photo_type_unknown") })).await;
        only(&scene, order, &nurse.person, payload(&visit, "add_photo", "photo_type_unknown")).await;
        upload(&nurse.person, &visit, &bomb()).await.problem(422, "photo_too_many_pixels");
        let both = refusals(&scene.coordinator, order).await;
        assert_eq!(both.last(), Some(&payload(&visit, "add_photo", "photo_too_many_pixels")));
        assert_eq!(both.len(), 2);
        let (_, broken) = jiahu::store::event::verify_all(server.app.db.reader(), &server.app).await.expect("a walk");
        assert_eq!(broken, []);
    }

    async fn the_consent_of_a_minor(server: TestServer) {
        let (scene, nurse, order, visit) = at_the_door(&server).await;
        let carers = scene.family.client.get(&format!("/v1/patients/{}/carers", scene.patient)).await.expect(200);
        let mut minor = consent_body(&json!({ "text": "care_catheter", "version": 1 }), &carers["items"][0]["id"]);
        minor["signer"]["of_age"] = json!(false);
        // What cannot be read leaves nothing, nor does somebody else's try.
        nurse.post(&visit, "consents", json!({ "text": "care_catheter" })).await.problem(422, "invalid_request");
        let other = scene.nurse(&server, 2, NurseSpec::default()).await;
        other.post(&visit, "consents", minor.clone()).await.problem(404, "not_found");
        assert_eq!(refusals(&scene.coordinator, order).await, Vec::<Value>::new());
        for _ in 0..2 {
            nurse.post(&visit, "consents", minor.clone()).await.problem(422, "signer_minor");
        }
        only(&scene, order, &nurse.person, payload(&visit, "give_consent", "signer_minor")).await;
    }

    async fn a_device_out_before_it_was_in(server: TestServer) {
        let (scene, nurse, order, visit) = at_the_door(&server).await;
        let devices = format!("/v1/patients/{}/devices", scene.patient);
        let catheter = json!({ "kind": "uc", "material": "silicone", "placed_by": "hospital" });
        let placed = scene.coordinator.client.post(&devices, catheter).await.expect(201);
        let remove = format!("/v1/devices/{}/remove", placed["id"].as_str().expect("an id"));
        let yesterday = server.now() - TimeDelta::days(1);
        let mut body = json!({ "removal": "pulled", "at": yesterday });
        // The desk's own mistake is nobody's step.
        scene.coordinator.client.post(&remove, body.clone()).await.problem(422, "device_removed_before_placed");
        assert_eq!(refusals(&scene.coordinator, order).await, Vec::<Value>::new());
        body["visit_id"] = json!(visit);
        nurse.person.client.post(&remove, body).await.problem(422, "device_removed_before_placed");
        only(&scene, order, &nurse.person, payload(&visit, "remove_device", "device_removed_before_placed")).await;
    }

    async fn a_gate_that_is_shut(server: TestServer) {
        let (scene, nurse, order, visit) = at_the_door(&server).await;
        nurse.post(&visit, "start", with_family()).await.problem(409, "identity_missing");
        nurse.recognise(&visit).await;
        nurse.post(&visit, "start", with_family()).await.problem(409, "consent_missing");
        nurse.post(&visit, "close", json!({})).await.problem(409, "order_wrong_state");
        let codes: Vec<_> = refusals(&scene.coordinator, order).await.iter().map(|one| one["code"].clone()).collect();
        assert_eq!(codes, ["identity_missing", "consent_missing"]);
        let elsewhere = scene.town.person(&server, "13900000091", Role::Coordinator, Some(scene.town.other_centre)).await;
        elsewhere.client.get(&format!("/v1/orders/{order}/events")).await.problem(404, "not_found");
    }
}
