//! Arrivals in question, their proofs, and what they tell of the home (R13).

use chrono::TimeDelta;
use entity::enums::{OrderState, Role};
use jiahu_tests::harness::{CENTRE, Fixtures, NurseSpec, TestServer, with_family};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{OnDuty, here};
use crate::sync::fresh_id;

/// A kilometre from the door.
fn away() -> Value {
    json!({ "lng": CENTRE.0, "lat": CENTRE.1 + 0.01, "crs": "wgs84", "accuracy_m": 20 })
}

/// The one exception that the coordinator sees.
async fn exception(duty: &OnDuty) -> Value {
    let list = duty
        .scene
        .coordinator
        .client
        .get("/v1/exceptions")
        .await
        .expect(200);
    assert_eq!(list["items"].as_array().expect("a list").len(), 1);
    list["items"][0].clone()
}

/// The newest code on the family's phone.
fn family_code(server: &TestServer, duty: &OnDuty) -> String {
    let sent = server.phones.of(&duty.scene.family.phone);
    let message = sent
        .iter()
        .rfind(|message| message.template == "arrival_code");
    let text = &message.expect("a code was sent").text;
    let mut parts = text.split(|c: char| !c.is_ascii_digit());
    parts
        .find(|part| part.len() == 6)
        .expect("six digits")
        .to_owned()
}

async fn departed(server: &TestServer) -> OnDuty {
    let duty = OnDuty::build(server).await;
    duty.step("depart", json!({})).await;
    duty
}

on_both! {
    async fn a_good_arrival_is_no_exception(server: TestServer) {
        let duty = departed(&server).await;
        duty.step("arrive", json!({ "place": here() })).await;
        let list = duty.scene.coordinator.client.get("/v1/exceptions").await.expect(200);
        assert_eq!(list["items"], json!([]));
        duty.post("arrival-proof", json!({ "proof": { "code": "123456" } })).await.problem(409, "arrival_not_in_question");
        let path = format!("/v1/orders/{}/confirm-arrival", duty.order);
        let confirmed = duty.scene.family.client.post(&path, json!({})).await.expect(200);
        assert_eq!(confirmed["proven"], 0);
    }

    async fn outside_the_fence_it_stays_open_as_unproven_until_decided(server: TestServer) {
        let duty = departed(&server).await;
        duty.step("arrive", json!({ "place": away(), "reason": "导航偏了" })).await;
        let row = exception(&duty).await;
        assert_eq!((&row["kind"], &row["reason"], &row["proof"]), (&json!("outside"), &json!("导航偏了"), &Value::Null));
        assert!(row["distance_m"].as_f64().expect("metres") > 1_000.0);
        let desk = &duty.scene.coordinator.client;
        for (query, count) in [("open=true&proven=false", 1), ("proven=true", 0), ("open=false", 0)] {
            let list = desk.get(&format!("/v1/exceptions?{query}")).await.expect(200);
            assert_eq!(list["items"].as_array().expect("a list").len(), count, "{query}");
        }
        // The work goes on meanwhile.
        duty.step("start", with_family()).await;
        let path = format!("/v1/exceptions/{}/resolve", row["id"].as_str().expect("an id"));
        let body = json!({ "decision": "accepted", "note": "电话已核实" });
        let resolved = desk.post(&path, body.clone()).await.expect(200);
        assert_eq!((&resolved["decision"], &resolved["note"]), (&json!("accepted"), &json!("电话已核实")));
        desk.post(&path, body).await.problem(409, "already_settled");
        let shown = duty.step("arrival-proof", json!({ "proof": { "code": "123456" } })).await;
        assert_eq!((&shown["proof"], &shown["decision"]), (&Value::Null, &json!("accepted")));
    }

    async fn the_cause_of_a_missing_fix_is_kept(server: TestServer) {
        let duty = departed(&server).await;
        duty.step("arrive", json!({ "no_fix_reason": "denied", "reason": "室内无信号" })).await;
        let row = exception(&duty).await;
        assert_eq!((&row["kind"], &row["cause"]), (&json!("no_fix"), &json!("denied")));
        let path = format!("/v1/visits/{}", duty.visit);
        let hers = duty.nurse.person.client.get(&path).await.expect(200);
        assert_eq!(hers["arrival"]["cause"], "denied");
    }

    async fn a_fix_that_comes_later_proves_it_inside_the_fence(server: TestServer) {
        let duty = departed(&server).await;
        duty.step("arrive", json!({ "no_fix_reason": "timeout" })).await;
        let show = async |proof: Value| duty.step("arrival-proof", json!({ "proof": proof })).await["proof"].clone();
        assert_eq!(show(json!({ "place": away() })).await, Value::Null);
        assert_eq!(show(json!({ "place": here(), "mock": true })).await, Value::Null);
        let nowhere = json!({ "proof": { "place": { "lng": 0, "lat": 0, "crs": "wgs84" } } });
        let problem = duty.post("arrival-proof", nowhere).await;
        assert_eq!((problem.status.as_u16(), &problem.body["errors"][0]["field"]), (422, &json!("proof.place")));
        assert_eq!(show(json!({ "place": here() })).await, "place");
        let row = exception(&duty).await;
        assert_eq!((&row["cause"], &row["proof"], &row["decision"]), (&json!("timeout"), &json!("place"), &Value::Null));
    }

    async fn what_was_simulated_is_not_proven_by_a_place(server: TestServer) {
        let duty = departed(&server).await;
        duty.step("arrive", json!({ "place": here(), "mock": true })).await;
        let shown = duty.step("arrival-proof", json!({ "proof": { "place": here() } })).await;
        assert_eq!(shown["proof"], Value::Null);
    }

    async fn a_simulated_place_is_noted_and_in_question(server: TestServer) {
        let duty = departed(&server).await;
        let arrived = duty.step("arrive", json!({ "place": here(), "mock": true })).await;
        assert_eq!(arrived["fence"], "inside");
        let row = exception(&duty).await;
        assert_eq!((&row["kind"], &row["mock"]), (&json!("mock"), &json!(true)));
    }

    async fn the_familys_code_proves_it_once_and_is_not_guessed(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        duty.post("arrival-code", json!({})).await.problem(409, "order_wrong_state");
        duty.step("depart", json!({})).await;
        duty.step("arrive", json!({ "no_fix_reason": "timeout" })).await;
        let sent = duty.step("arrival-code", json!({})).await;
        assert_eq!(sent["phone"], "139****0001");
        duty.post("arrival-code", json!({})).await.problem(429, "code_too_soon");
        server.run_jobs().await;
        let code = family_code(&server, &duty);
        let wrong = if code == "000000" { "111111" } else { "000000" };
        let show = async |code: &str| duty.step("arrival-proof", json!({ "proof": { "code": code } })).await;
        for _ in 0..5 {
            assert_eq!(show(wrong).await["proof"], Value::Null);
        }
        // Five wrong tries: the right one is void, too.
        assert_eq!(show(&code).await["proof"], Value::Null);
        server.advance(TimeDelta::minutes(2)).await;
        duty.step("arrival-code", json!({})).await;
        server.run_jobs().await;
        let code = family_code(&server, &duty);
        assert_eq!(show(&code).await["proof"], "code");
        let row = exception(&duty).await;
        assert_eq!((&row["proof"], &row["decision"]), (&json!("code"), &Value::Null));
        assert_eq!(show(wrong).await["proof"], "code", "it stays proven");
    }

    async fn codes_expire_and_are_not_sent_without_end(server: TestServer) {
        let duty = departed(&server).await;
        duty.step("arrive", json!({ "no_fix_reason": "off" })).await;
        duty.step("arrival-code", json!({})).await;
        server.run_jobs().await;
        let code = family_code(&server, &duty);
        server.advance(TimeDelta::minutes(5)).await;
        let late = duty.step("arrival-proof", json!({ "proof": { "code": code } })).await;
        assert_eq!(late["proof"], Value::Null);
        for _ in 0..4 {
            duty.step("arrival-code", json!({})).await;
            server.advance(TimeDelta::minutes(1)).await;
        }
        duty.post("arrival-code", json!({})).await.problem(409, "arrival_codes_spent");
    }

    async fn the_patients_card_proves_it_and_a_replaced_one_does_not(server: TestServer) {
        let duty = departed(&server).await;
        let path = format!("/v1/patients/{}/card", duty.scene.patient);
        let family = &duty.scene.family.client;
        let old = family.get(&path).await.expect(200);
        assert_eq!(family.get(&path).await.expect(200)["token"], old["token"], "it can be printed again");
        let new = family.post(&path, json!({})).await.expect(200);
        assert_ne!(new["token"], old["token"]);
        // It is what a nurse shows, so it is not hers to read.
        duty.nurse.person.client.get(&path).await.problem(403, "forbidden");
        let stranger = duty.scene.town.person(&server, "13900000010", Role::Family, None).await;
        stranger.client.get(&path).await.problem(404, "not_found");
        // A wrong proof at the door does not refuse the arrival.
        let arrived = duty.step("arrive", json!({ "place": away(), "proof": { "card": old["token"] } })).await;
        assert_eq!(arrived["state"], "arrived");
        assert_eq!(exception(&duty).await["proof"], Value::Null);
        let proven = duty.step("arrival-proof", json!({ "proof": { "card": new["token"] } })).await;
        assert_eq!(proven["proof"], "card");
        let trail = jiahu::store::arrival::card(server.app.db.reader(), duty.scene.town.community, duty.scene.patient).await;
        let kept = trail.expect("a query").expect("a card").token_hash;
        assert!(!new["token"].as_str().expect("text").contains(&kept));
    }

    async fn the_familys_word_proves_it_but_not_before_she_is_there(server: TestServer) {
        let duty = departed(&server).await;
        let path = format!("/v1/orders/{}/confirm-arrival", duty.order);
        let family = &duty.scene.family.client;
        family.post(&path, json!({})).await.problem(409, "order_wrong_state");
        duty.step("arrive", json!({ "no_fix_reason": "timeout" })).await;
        let stranger = duty.scene.town.person(&server, "13900000010", Role::Family, None).await;
        stranger.client.post(&path, json!({})).await.problem(404, "not_found");
        duty.scene.coordinator.client.post(&path, json!({})).await.problem(403, "forbidden");
        assert_eq!(family.post(&path, json!({})).await.expect(200)["proven"], 1);
        assert_eq!(exception(&duty).await["proof"], "family");
        assert_eq!(family.post(&path, json!({})).await.expect(200)["proven"], 0);
    }

    async fn a_proof_told_after_the_familys_word_holds_nothing_up(server: TestServer) {
        let duty = departed(&server).await;
        duty.step("arrive", json!({ "no_fix_reason": "timeout" })).await;
        let then = server.now();
        server.advance(TimeDelta::minutes(2)).await;
        let path = format!("/v1/orders/{}/confirm-arrival", duty.order);
        duty.scene.family.client.post(&path, json!({})).await.expect(200);
        let act = |counter: u32, kind: &str, body: Value| {
            json!({ "id": fresh_id(), "visit_id": duty.visit, "counter": counter, "do": kind, "device_at": then, "body": body })
        };
        let acts = [
            act(1, "arrival-proof", json!({ "proof": { "place": here() } })),
            act(2, "warning", json!({ "text": "院内有大狗" })),
        ];
        let batch = json!({ "device": "phone-1", "sent_at": server.now(), "actions": acts });
        let told = duty.nurse.person.client.post("/v1/sync/batch", batch).await.expect(200);
        let results = &told["results"];
        assert_eq!((&results[0]["result"], &results[1]["result"]), (&json!("applied"), &json!("applied")), "{told}");
        assert_eq!(results[0]["answer"]["proof"], "family");
        assert_eq!(exception(&duty).await["proof"], "family");
    }

    async fn a_proof_is_one_thing(server: TestServer) {
        let duty = departed(&server).await;
        for proof in [json!({}), json!({ "code": "123456", "card": "x" })] {
            duty.post("arrive", json!({ "place": away(), "proof": proof })).await.problem(422, "invalid_request");
        }
        let path = format!("/v1/visits/{}", duty.visit);
        let visit = duty.nurse.person.client.get(&path).await.expect(200);
        assert_eq!(visit["state"], "departed");
    }

    async fn strangers_neither_see_nor_decide(server: TestServer) {
        let duty = departed(&server).await;
        duty.step("arrive", json!({ "place": away() })).await;
        let row = exception(&duty).await;
        let town = &duty.scene.town;
        let far = town.person(&server, "13900000008", Role::Coordinator, Some(town.other_centre)).await;
        assert_eq!(far.client.get("/v1/exceptions").await.expect(200)["items"], json!([]));
        let path = format!("/v1/exceptions/{}/resolve", row["id"].as_str().expect("an id"));
        far.client.post(&path, json!({ "decision": "rejected" })).await.problem(404, "not_found");
        let bea = duty.scene.nurse(&server, 2, NurseSpec::default()).await;
        for (step, body) in [("arrival-code", json!({})), ("arrival-proof", json!({ "proof": { "code": "123456" } }))] {
            let path = format!("/v1/visits/{}/{step}", duty.visit);
            bea.person.client.post(&path, body).await.problem(404, "not_found");
        }
    }

    async fn a_proven_arrival_far_off_proposes_a_home_that_the_family_takes(server: TestServer) {
        let duty = departed(&server).await;
        duty.step("arrive", json!({ "place": away() })).await;
        let family = &duty.scene.family.client;
        assert_eq!(family.get("/v1/address-proposals").await.expect(200)["items"], json!([]));
        let confirm = format!("/v1/orders/{}/confirm-arrival", duty.order);
        family.post(&confirm, json!({})).await.expect(200);
        let list = family.get("/v1/address-proposals?state=open").await.expect(200);
        let proposal = &list["items"][0];
        assert_eq!(proposal["place"]["lat"], CENTRE.1 + 0.01);
        let path = format!("/v1/address-proposals/{}/decide", proposal["id"].as_str().expect("an id"));
        let stranger = duty.scene.town.person(&server, "13900000010", Role::Family, None).await;
        stranger.client.post(&path, json!({ "decision": "accept" })).await.problem(404, "not_found");
        let decided = family.post(&path, json!({ "decision": "accept" })).await.expect(200);
        assert_eq!(decided["state"], "accepted");
        family.post(&path, json!({ "decision": "reject" })).await.problem(409, "already_settled");
        let address = format!("/v1/patients/{}/addresses/{}", duty.scene.patient, duty.scene.address);
        let moved = family.get(&address).await.expect(200);
        assert_eq!(moved["place"]["lat"], CENTRE.1 + 0.01);
    }

    async fn a_corrected_home_reaches_the_orders_that_have_not_set_out(server: TestServer) {
        let duty = departed(&server).await;
        let (scene, family) = (&duty.scene, &duty.scene.family.client);
        let soon = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(30)).await;
        scene.accepted_visit(&server, &duty.nurse, soon).await;
        let later = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(54)).await;
        duty.step("arrive", json!({ "place": away() })).await;
        family.post(&format!("/v1/orders/{}/confirm-arrival", duty.order), json!({})).await.expect(200);
        let list = family.get("/v1/address-proposals?state=open").await.expect(200);
        let path = format!("/v1/address-proposals/{}/decide", list["items"][0]["id"].as_str().expect("an id"));
        let fixtures = Fixtures::new(&server, &scene.town);
        let before = fixtures.order(soon).await;
        family.post(&path, json!({ "decision": "accept" })).await.expect(200);
        let north = Some(CENTRE.1 + 0.01);
        // She is at the door: what she was held against stays.
        assert_eq!(fixtures.order(duty.order).await.lat, Some(CENTRE.1));
        let hers = fixtures.order(soon).await;
        assert_eq!((hers.lat, hers.version, hers.state), (north, before.version + 1, OrderState::Accepted));
        assert_eq!((&hers.price, hers.institution_id, hers.round), (&before.price, before.institution_id, before.round));
        let waits = fixtures.order(later).await;
        assert_eq!((waits.lat, waits.round, waits.state), (north, 2, OrderState::Open));
        let trail = family.get(&format!("/v1/orders/{soon}/events")).await.expect(200);
        let last = trail["items"].as_array().expect("events").last().expect("one");
        assert_eq!((&last["kind"], &last["nurse_id"]), (&json!("order.place_changed"), &json!(duty.nurse.id)));
    }

    async fn a_rejected_home_is_not_proposed_again(server: TestServer) {
        let duty = departed(&server).await;
        // Inside the fence of 200 m plus accuracy, and yet 150 m off.
        let near = json!({ "lng": CENTRE.0, "lat": CENTRE.1 + 0.00135, "crs": "wgs84", "accuracy_m": 20 });
        let arrived = duty.step("arrive", json!({ "place": near })).await;
        assert_eq!(arrived["fence"], "inside");
        let desk = &duty.scene.coordinator.client;
        let list = desk.get("/v1/address-proposals").await.expect(200);
        let path = format!("/v1/address-proposals/{}/decide", list["items"][0]["id"].as_str().expect("an id"));
        desk.post(&path, json!({ "decision": "reject" })).await.expect(200);
        duty.step("abort", json!({ "reason": "患者发热" })).await;
        let order = duty.scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(1)).await;
        let visit = duty.scene.accepted_visit(&server, &duty.nurse, order).await;
        for (step, body) in [("depart", json!({})), ("arrive", json!({ "place": near }))] {
            duty.nurse.person.client.post(&format!("/v1/visits/{visit}/{step}"), body).await.expect(200);
        }
        let list = desk.get("/v1/address-proposals").await.expect(200);
        assert_eq!(list["items"].as_array().expect("a list").len(), 1);
    }
}
