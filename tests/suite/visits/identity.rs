//! Who stands before whom (R12): two identifiers of the patient, the nurse's code.

use chrono::TimeDelta;
use entity::enums::Role;
use jiahu_tests::harness::{NurseSpec, Scene, with_family};
use jiahu_tests::on_both;
use serde_json::json;

use super::at_the_door;

on_both! {
    async fn no_procedure_without_two_identifiers(server: TestServer) {
        let (_, nurse, _, visit) = at_the_door(&server).await;
        nurse.sign(&visit).await;
        nurse.post(&visit, "start", with_family()).await.problem(409, "identity_missing");
        let reason = "家属没有智能手机";
        for few in [json!([]), json!(["name"]), json!(["name", "name"])] {
            let body = json!({ "identifiers": few, "nurse_not_verified": reason });
            nurse.post(&visit, "identity", body).await.problem(422, "invalid_request");
        }
        let two = json!(["name", "card"]);
        let problem = nurse.post(&visit, "identity", json!({ "identifiers": two })).await.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["code"], "badge_reason_missing");
        nurse.post(&visit, "start", with_family()).await.problem(409, "identity_missing");
        let body = json!({ "identifiers": two, "nurse_not_verified": reason });
        let checked = nurse.post(&visit, "identity", body).await.expect(200);
        assert_eq!(checked["nurse_verified_at"], json!(null));
        nurse.post(&visit, "start", with_family()).await.expect(200);
        // Too late to recognise anybody.
        let body = json!({ "identifiers": two, "nurse_not_verified": reason });
        nurse.post(&visit, "identity", body).await.problem(409, "order_wrong_state");
    }

    async fn the_familys_phone_verifies_the_nurses_code(server: TestServer) {
        let (scene, nurse, order, visit) = at_the_door(&server).await;
        let badge = async || nurse.person.client.get(&format!("/v1/visits/{visit}/badge")).await.expect(200);
        let path = format!("/v1/orders/{order}/verify-nurse");
        let family = &scene.family.client;
        let old = badge().await["code"].clone();
        server.advance(TimeDelta::seconds(120)).await;
        let new = badge().await["code"].clone();
        assert_ne!(old, new);
        family.post(&path, json!({ "code": old })).await.problem(422, "badge_wrong");
        // Read out just before it changes, typed after.
        server.advance(TimeDelta::seconds(60)).await;
        let verified = family.post(&path, json!({ "code": new })).await.expect(200);
        assert_eq!(verified["nurse_id"], json!(nurse.id));
        let body = json!({ "identifiers": ["name", "birth_date"] });
        let checked = nurse.post(&visit, "identity", body).await.expect(200);
        assert_eq!(checked["nurse_verified_at"], verified["verified_at"]);
        let trail = jiahu::store::event::of_order(server.app.db.reader(), scene.town.community, order).await.expect("a trail");
        assert_eq!(trail.iter().filter(|event| event.kind == "nurse.verified").count(), 1);
    }

    async fn a_code_is_not_guessed_and_not_anothers(server: TestServer) {
        let (scene, nurse, order, visit) = at_the_door(&server).await;
        let path = format!("/v1/orders/{order}/verify-nurse");
        let badge = nurse.person.client.get(&format!("/v1/visits/{visit}/badge")).await.expect(200);
        let wrong = if badge["code"] == "123456" { "654321" } else { "123456" };
        let stranger = scene.town.person(&server, "13900000077", Role::Family, None).await;
        stranger.client.post(&path, json!({ "code": badge["code"] })).await.problem(404, "not_found");
        let other = scene.nurse(&server, 2, NurseSpec::default()).await;
        other.person.client.get(&format!("/v1/visits/{visit}/badge")).await.problem(404, "not_found");
        for _ in 0..10 {
            scene.family.client.post(&path, json!({ "code": wrong })).await.problem(422, "badge_wrong");
        }
        for seconds in [0, 10 * 60 - 1] {
            server.advance(TimeDelta::seconds(seconds)).await;
            scene.family.client.post(&path, json!({ "code": wrong })).await.problem(429, "rate_limited");
        }
        server.advance(TimeDelta::seconds(1)).await;
        scene.family.client.post(&path, json!({ "code": "000000" })).await.problem(422, "badge_wrong");
    }

    async fn no_code_before_she_has_set_out(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(5)).await;
        let path = format!("/v1/orders/{order}/verify-nurse");
        scene.family.client.post(&path, json!({ "code": "123456" })).await.problem(409, "order_wrong_state");
        let visit = scene.accepted_visit(&server, &nurse, order).await;
        let badge = nurse.person.client.get(&format!("/v1/visits/{visit}/badge")).await.expect(200);
        scene.family.client.post(&path, json!({ "code": badge["code"] })).await.problem(422, "badge_wrong");
    }
}
