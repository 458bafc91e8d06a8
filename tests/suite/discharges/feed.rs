//! The signed feed of a hospital's system.

use aws_lc_rs::hmac;
use jiahu_tests::harness::{Client, Reply, Scene, TestServer};
use jiahu_tests::on_both;
use reqwest::Method;
use serde_json::{Value, json};

use super::{person, schedules, stay, supervisor, words};

/// A feed: its id and secret.
pub(super) async fn feed(server: &TestServer, scene: &Scene) -> (String, String) {
    let boss = supervisor(server, scene).await;
    let body = json!({ "institution_id": scene.town.centre, "system": "his" });
    let made = boss
        .client
        .post("/v1/discharge-feeds", body)
        .await
        .expect(201);
    let text = |name: &str| made[name].as_str().expect("a text").to_owned();
    (text("id"), text("secret"))
}

/// The signature that a request of another system carries.
pub(crate) fn sign(secret: &str, stamp: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{stamp}.{body}").as_bytes());
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).expect("a nibble");
    let bytes = tag.as_ref().iter();
    bytes
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

async fn send(client: &Client, id: &str, stamp: &str, signature: &str, body: &str) -> Reply {
    let request = client
        .request(Method::POST, "/v1/feeds/discharges")
        .header("content-type", "application/json")
        .header("x-jiahu-feed", id)
        .header("x-jiahu-timestamp", stamp)
        .header("x-jiahu-signature", signature)
        .body(body.to_owned());
    client.send(request).await
}

async fn tell(server: &TestServer, (id, secret): &(String, String), message: &Value) -> Reply {
    let (stamp, body) = (server.now().timestamp().to_string(), message.to_string());
    let signature = sign(secret, &stamp, &body);
    send(&server.nobody(), id, &stamp, &signature, &body).await
}

fn message(event: &str, id: &str, diagnoses: &[&str]) -> Value {
    json!({ "event": event, "id": id, "person": person(1), "stay": stay(diagnoses) })
}

on_both! {
    async fn a_message_is_taken_once_corrected_and_cancelled(server: TestServer) {
        let scene = Scene::build(&server).await;
        let feed = feed(&server, &scene).await;
        let first = message("discharge", "A1", &["I63.9"]);
        let made = tell(&server, &feed, &first).await.expect(200);
        assert_eq!(made["outcome"], "created");
        let again = tell(&server, &feed, &first).await.expect(200);
        assert_eq!((&again["outcome"], &again["discharge_id"]), (&json!("unchanged"), &made["discharge_id"]));
        let corrected = tell(&server, &feed, &message("correction", "A1", &["I50.9"])).await.expect(200);
        assert_eq!((&corrected["outcome"], &corrected["revision"]), (&json!("corrected"), &json!(2)));
        let path = format!("/v1/discharges/{}", made["discharge_id"].as_str().expect("an id"));
        let shown = scene.coordinator.client.get(&path).await.expect(200);
        assert_eq!(schedules(&shown), words(&["heart_failure"]));
        let mut another = message("correction", "A1", &["I50.9"]);
        another["person"] = person(2);
        tell(&server, &feed, &another).await.problem(409, "discharge_patient_differs");
        let end = json!({ "event": "cancellation", "id": "A1" });
        assert_eq!(tell(&server, &feed, &end).await.expect(200)["outcome"], "cancelled");
        assert_eq!(tell(&server, &feed, &end).await.expect(200)["outcome"], "unchanged");
        let shown = scene.coordinator.client.get(&path).await.expect(200);
        assert_eq!(schedules(&shown), words(&[]));
        tell(&server, &feed, &first).await.problem(409, "discharge_cancelled");
    }

    async fn a_correction_of_an_unknown_one_is_new_and_a_cancellation_refused(server: TestServer) {
        let scene = Scene::build(&server).await;
        let feed = feed(&server, &scene).await;
        let made = tell(&server, &feed, &message("correction", "B1", &["I63.9"])).await.expect(200);
        assert_eq!(made["outcome"], "created");
        let end = json!({ "event": "cancellation", "id": "B2" });
        tell(&server, &feed, &end).await.problem(404, "discharge_unknown");
    }

    async fn an_older_word_does_not_undo_a_newer_one(server: TestServer) {
        let scene = Scene::build(&server).await;
        let feed = feed(&server, &scene).await;
        let at = |minute: u32, codes: &[&str]| {
            let mut message = message("discharge", "C1", codes);
            message["at"] = json!(format!("2026-03-02T00:{minute:02}:00Z"));
            message
        };
        tell(&server, &feed, &at(10, &["I63.9"])).await.expect(200);
        let late = tell(&server, &feed, &at(5, &["I50.9"])).await.expect(200);
        assert_eq!((&late["outcome"], &late["revision"]), (&json!("outdated"), &json!(1)));
        let newer = tell(&server, &feed, &at(15, &["I50.9"])).await.expect(200);
        assert_eq!(newer["outcome"], "corrected");
    }

    async fn what_a_ward_typed_before_becomes_the_systems_own(server: TestServer) {
        let scene = Scene::build(&server).await;
        let feed = feed(&server, &scene).await;
        let typed = json!({ "person": person(1), "stay": stay(&["I63.9"]) });
        let made = scene.coordinator.client.post("/v1/discharges", typed).await.expect(201);
        let told = tell(&server, &feed, &message("discharge", "D1", &["I63.9"])).await.expect(200);
        assert_eq!((&told["discharge_id"], &told["outcome"]), (&made["id"], &json!("corrected")));
        tell(&server, &feed, &message("discharge", "D2", &["I63.9"])).await.problem(409, "discharge_exists");
    }

    async fn what_a_message_leaves_out_stays_and_an_empty_list_takes_back(server: TestServer) {
        let scene = Scene::build(&server).await;
        let feed = feed(&server, &scene).await;
        let client = &scene.coordinator.client;
        let mut typed = json!({ "person": person(1), "stay": stay(&["I63.9"]) });
        typed["stay"]["conditions"] = json!(["tube_at_home"]);
        typed["stay"]["note"] = json!("傍晚联系");
        let made = client.post("/v1/discharges", typed).await.expect(201);
        let path = format!("/v1/discharges/{}", made["id"].as_str().expect("an id"));
        let told = tell(&server, &feed, &message("discharge", "G1", &["I63.9"])).await.expect(200);
        assert_eq!((&told["discharge_id"], &told["outcome"]), (&made["id"], &json!("corrected")));
        let shown = client.get(&path).await.expect(200);
        assert_eq!((&shown["conditions"], &shown["note"]), (&json!(["tube_at_home"]), &json!("傍晚联系")));
        assert_eq!(schedules(&shown), words(&["stroke", "tube"]));
        let mut none = message("correction", "G1", &["I63.9"]);
        none["stay"]["conditions"] = json!([]);
        tell(&server, &feed, &none).await.expect(200);
        let shown = client.get(&path).await.expect(200);
        assert_eq!((&shown["conditions"], &shown["note"]), (&json!([]), &json!("傍晚联系")));
        assert_eq!(schedules(&shown), words(&["stroke"]));
        // The ward knows better; the system says the same again.
        let right = json!({ "stay": { "admitted_on": "2026-02-20", "discharged_on": "2026-03-02", "conditions": ["wound"] } });
        let corrected = client.post(&format!("{path}/correct"), right).await.expect(200);
        assert_eq!(corrected["diagnoses"], json!(["I63.9"]));
        let again = tell(&server, &feed, &none).await.expect(200);
        assert_eq!(again["outcome"], "unchanged");
        let shown = client.get(&path).await.expect(200);
        assert_eq!(schedules(&shown), words(&["stroke", "wound"]));
    }

    async fn what_a_diagnosis_implied_goes_with_it(server: TestServer) {
        let scene = Scene::build(&server).await;
        let feed = feed(&server, &scene).await;
        let mut first = message("discharge", "H1", &["Z51.1", "C34.9"]);
        first["stay"]["conditions"] = json!(["wound"]);
        let made = tell(&server, &feed, &first).await.expect(200);
        let path = format!("/v1/discharges/{}", made["discharge_id"].as_str().expect("an id"));
        tell(&server, &feed, &message("correction", "H1", &["C34.9"])).await.expect(200);
        let shown = scene.coordinator.client.get(&path).await.expect(200);
        assert_eq!(shown["conditions"], json!(["wound"]));
    }

    async fn a_word_known_already_is_remembered_as_the_newest(server: TestServer) {
        let scene = Scene::build(&server).await;
        let feed = feed(&server, &scene).await;
        let at = |minute: u32, codes: &[&str]| {
            let mut message = message("discharge", "J1", codes);
            message["at"] = json!(format!("2026-03-02T00:{minute:02}:00Z"));
            message
        };
        tell(&server, &feed, &at(10, &["I63.9"])).await.expect(200);
        let same = tell(&server, &feed, &at(20, &["I63.9"])).await.expect(200);
        assert_eq!((&same["outcome"], &same["revision"]), (&json!("unchanged"), &json!(1)));
        let late = tell(&server, &feed, &at(15, &["I50.9"])).await.expect(200);
        assert_eq!(late["outcome"], "outdated");
    }

    async fn a_forged_or_late_signature_is_refused(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (id, secret) = feed(&server, &scene).await;
        let body = message("discharge", "E1", &["I63.9"]).to_string();
        let now = server.now().timestamp();
        let client = server.nobody();
        let stamp = now.to_string();
        let good = sign(&secret, &stamp, &body);
        send(&client, &id, &stamp, &sign("guess", &stamp, &body), &body).await.problem(401, "feed_signature");
        send(&client, &id, &stamp, &good, &body.replace("E1", "E2")).await.problem(401, "feed_signature");
        send(&client, &id, &stamp, "", &body).await.problem(401, "feed_signature");
        let old = (now - 301).to_string();
        send(&client, &id, &old, &sign(&secret, &old, &body), &body).await.problem(401, "feed_timestamp");
        send(&client, &id, &(now + 1).to_string(), &good, &body).await.problem(401, "feed_signature");
        let other = "01945d00-0000-7000-8000-00000000dead";
        send(&client, other, &stamp, &good, &body).await.problem(401, "feed_unknown");
        send(&client, "his", &stamp, &good, &body).await.problem(401, "feed_unknown");
        let large = "x".repeat(300_000);
        send(&client, &id, &stamp, &sign(&secret, &stamp, &large), &large).await.problem(413, "body_too_large");
        let boss = scene.town.person(&server, "13900000078", entity::enums::Role::Supervisor, Some(scene.town.centre)).await;
        boss.client.delete(&format!("/v1/discharge-feeds/{id}")).await.expect(204);
        send(&client, &id, &stamp, &good, &body).await.problem(401, "feed_unknown");
        let listed = scene.coordinator.client.get("/v1/discharges").await.expect(200);
        assert_eq!(listed["items"], json!([]));
    }

    async fn a_message_that_lacks_something_says_what(server: TestServer) {
        let scene = Scene::build(&server).await;
        let feed = feed(&server, &scene).await;
        let mut message = message("discharge", "F1", &["I63.9"]);
        message["person"] = Value::Null;
        let problem = tell(&server, &feed, &message).await.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["field"], "person");
        message["surprise"] = json!(1);
        let problem = tell(&server, &feed, &message).await.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["code"], "field_unknown");
    }
}
