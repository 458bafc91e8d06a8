//! Critical values in records that do not take effect: the desk is called for them all the same, and once.

use chrono::TimeDelta;
use jiahu_tests::harness::Scene;
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{
    accepted, actions, disable, fresh_id, good_visit, place_of, reassign, results, tell, work,
};

/// What the desk was called for, each with its detail.
async fn calls(scene: &Scene) -> Vec<String> {
    let desk = &scene.coordinator.client;
    let list = desk.get("/v1/alerts?kind=critical_value").await.expect(200);
    let mut details = Vec::new();
    for alert in list["items"].as_array().expect("a list") {
        let path = format!("/v1/alerts/{}", alert["id"].as_str().expect("an id"));
        let detail = desk.get(&path).await.expect(200)["detail"].clone();
        details.push(detail.as_str().expect("a text").to_owned());
    }
    details
}

/// The acts with a fever in their record, and where that stands.
fn alarming(mut acts: Vec<Value>) -> (Vec<Value>, usize) {
    let record = place_of(&acts, "record");
    acts[record]["body"]["vitals"] = json!([{ "code": "temperature", "value": 39.2 }]);
    (acts, record)
}

on_both! {
    async fn behind_a_refusal_the_desk_is_called_once_also_when_it_is_put_right(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let (mut acts, record) = alarming(actions(&visit, server.now(), &good));
        let right = acts[1]["body"].clone();
        acts[1]["body"] = json!({ "plaice": 1 });
        server.advance(TimeDelta::hours(4)).await;
        for _ in 0..2 {
            let answer = tell(&nurse, server.now(), &acts).await;
            assert_eq!(results(&answer)[record], "held");
            let calls = calls(&scene).await;
            assert_eq!(calls.len(), 1, "{calls:?}");
            assert!(calls[0].contains("39.2"), "{calls:?}");
        }
        acts[1]["id"] = json!(fresh_id());
        acts[1]["body"] = right;
        let answer = tell(&nurse, server.now(), &acts).await;
        assert!(results(&answer).iter().all(|result| *result == "applied"), "{answer}");
        assert_eq!(calls(&scene).await.len(), 1, "it is the same fever");
    }

    async fn a_refused_record_calls_for_what_can_be_true(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let (mut acts, record) = alarming(actions(&visit, server.now(), &good));
        let vitals = acts[record]["body"]["vitals"].as_array_mut().expect("a list");
        vitals.push(json!({ "code": "spo2", "value": 820 }));
        acts[record]["body"]["more"] = json!(1);
        server.advance(TimeDelta::hours(4)).await;
        assert_eq!(results(&tell(&nurse, server.now(), &acts).await)[record], "refused");
        let called = calls(&scene).await;
        assert_eq!(called.len(), 1, "{called:?}");
        assert!(called[0].contains("39.2") && !called[0].contains("820"), "{called:?}");
        // Put right, with another value that calls for somebody.
        acts[record]["id"] = json!(fresh_id());
        acts[record]["body"]["vitals"][1]["value"] = json!(82);
        acts[record]["body"].as_object_mut().expect("an object").remove("more");
        let answer = tell(&nurse, server.now(), &acts[record..]).await;
        assert!(results(&answer).iter().all(|result| *result == "applied"), "{answer}");
        // The fever is told already, and so little oxygen is a red flag, with a deadline.
        assert_eq!(calls(&scene).await.len(), 1);
        let flags = scene.coordinator.client.get("/v1/alerts?kind=red_flag").await.expect(200);
        let flags = flags["items"].as_array().expect("a list");
        assert!(flags.iter().any(|flag| flag["rule"] == "RF03" && flag["visit_id"] == json!(visit)), "{flags:?}");
    }

    async fn from_a_nurse_it_was_taken_from_and_who_was_disabled_the_desk_is_called(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let (acts, _) = alarming(actions(&visit, server.now(), &good));
        let token = scene.town.token(&server.app, nurse.person.account).await;
        let phone = nurse.person.client.with_token(&token);
        reassign(&server, &scene, order).await;
        server.advance(TimeDelta::hours(4)).await;
        assert_eq!(results(&tell(&nurse, server.now(), &acts).await)[..2], ["refused", "held"]);
        assert_eq!(calls(&scene).await.len(), 1);
        disable(&server, &scene, nurse.person.account).await;
        let mut other = alarming(actions(&visit, server.now(), &good)).0;
        let record = place_of(&other, "record");
        other[record]["body"]["vitals"][0]["value"] = json!(40.1);
        for _ in 0..2 {
            let batch = json!({ "device": "phone-1", "sent_at": server.now(), "actions": other });
            let answer = phone.post("/v1/sync/batch", batch).await.expect(200);
            assert!(results(&answer).iter().all(|result| *result == "refused"), "{answer}");
        }
        let called = calls(&scene).await;
        assert_eq!(called.len(), 2, "{called:?}");
        assert!(called.iter().any(|text| text.contains("40.1")), "{called:?}");
        let records = work(&scene.coordinator.client).await;
        assert_eq!(records.iter().filter(|item| item["do"] == "record").count(), 2);
    }
}
