//! A visit that was broken off while the nurse is still there: over for the family, not for her safety.

use chrono::TimeDelta;
use entity::visit_position;
use jiahu_tests::harness::{TestServer, with_family};
use jiahu_tests::on_both;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use super::{OnDuty, count, here};

/// At the door, and broken off there.
async fn broken_off(server: &TestServer) -> OnDuty {
    let duty = OnDuty::build(server).await;
    duty.step("depart", json!({})).await;
    server.advance(TimeDelta::minutes(20)).await;
    duty.step("arrive", json!({ "place": here() })).await;
    let abort = json!({ "reason": "家属持刀威胁", "place": here() });
    assert_eq!(duty.step("abort", abort).await["state"], "aborted");
    duty
}

/// Messages to the nurse and to the coordinator.
fn told(server: &TestServer, duty: &OnDuty) -> (usize, usize) {
    (
        count(server, &duty.nurse.person.phone, "still_fine"),
        count(server, &duty.scene.coordinator.phone, "nurse_missed"),
    )
}

async fn track(server: &TestServer) -> u64 {
    visit_position::Entity::find()
        .count(server.app.db.reader())
        .await
        .expect("a count")
}

async fn trail(duty: &OnDuty, client: &jiahu_tests::harness::Client) -> Vec<Value> {
    let path = format!("/v1/orders/{}/events", duty.order);
    let trail = client.get(&path).await.expect(200);
    trail["items"].as_array().expect("a list").clone()
}

on_both! {
    async fn who_does_not_say_that_she_left_is_asked_then_missed(server: TestServer) {
        let duty = broken_off(&server).await;
        server.advance(TimeDelta::minutes(29)).await;
        assert_eq!(told(&server, &duty), (0, 0));
        server.advance(TimeDelta::minutes(1)).await;
        assert_eq!(told(&server, &duty), (1, 0), "half an hour after it was broken off");
        duty.step("still-fine", json!({ "minutes": 20 })).await;
        server.advance(TimeDelta::minutes(20)).await;
        assert_eq!(told(&server, &duty), (2, 0));
        server.advance(TimeDelta::minutes(15)).await;
        assert_eq!(told(&server, &duty), (2, 1));
        duty.step("leave", json!({ "place": here() })).await;
        server.advance(TimeDelta::hours(12)).await;
        assert_eq!(told(&server, &duty), (2, 1));
        duty.post("still-fine", json!({ "minutes": 20 })).await.problem(409, "order_wrong_state");
    }

    async fn who_has_left_is_not_looked_for(server: TestServer) {
        let duty = broken_off(&server).await;
        let left = duty.step("leave", json!({ "place": here() })).await;
        assert_eq!(left["state"], "aborted");
        duty.post("leave", json!({})).await.problem(409, "order_wrong_state");
        server.advance(TimeDelta::hours(12)).await;
        assert_eq!(told(&server, &duty), (0, 0));
    }

    async fn only_a_visit_that_was_broken_off_is_left_by_this(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        duty.post("leave", json!({})).await.problem(409, "order_wrong_state");
        duty.step("depart", json!({})).await;
        duty.post("leave", json!({})).await.problem(409, "order_wrong_state");
        let abort = json!({ "reason": "道路中断", "left": true, "no_fix_reason": "timeout" });
        duty.step("abort", abort).await;
        duty.post("leave", json!({})).await.problem(409, "order_wrong_state");
        server.advance(TimeDelta::hours(12)).await;
        assert_eq!(told(&server, &duty), (0, 0), "she said that she is not there");
        let shown = duty.nurse.person.client.get(&format!("/v1/visits/{}", duty.visit)).await.expect(200);
        assert_eq!(shown["leaving"]["cause"], "timeout");
    }

    async fn an_alarm_before_she_left_is_one_of_the_visit(server: TestServer) {
        let duty = broken_off(&server).await;
        let before = track(&server).await;
        let alarm = duty.step("sos", json!({ "place": here() })).await;
        assert_eq!((&alarm["outside_visit"], &alarm["state"]), (&json!(false), &json!("open")));
        server.advance(TimeDelta::minutes(1)).await;
        let report = json!({ "positions": [{ "at": server.now(), "place": here() }] });
        let positions = format!("/v1/visits/{}/positions", duty.visit);
        duty.nurse.person.client.post(&positions, report.clone()).await.expect(204);
        // The alarm came at the moment of a place that was known already.
        assert!(track(&server).await > before);
        let take = format!("/v1/sos/{}/take", alarm["id"].as_str().expect("an id"));
        duty.scene.coordinator.client.post(&take, json!({})).await.expect(200);
        duty.step("leave", json!({})).await;
        server.advance(TimeDelta::minutes(1)).await;
        assert_eq!(duty.step("sos", json!({})).await["outside_visit"], true);
        duty.nurse.person.client.post(&positions, report).await.problem(409, "order_wrong_state");
    }

    async fn places_told_later_of_a_visit_broken_off_are_kept(server: TestServer) {
        let duty = broken_off(&server).await;
        server.advance(TimeDelta::minutes(3)).await;
        let noted = server.now();
        server.advance(TimeDelta::minutes(3)).await;
        duty.step("leave", json!({})).await;
        let before = track(&server).await;
        server.advance(TimeDelta::hours(1)).await;
        let act = json!({
            "id": server.app.new_id::<entity::ids::SyncActionId>(), "visit_id": duty.visit, "do": "positions",
            "device_at": noted, "body": { "positions": [{ "at": noted, "place": here() }] },
        });
        let batch = json!({ "device": "phone-1", "sent_at": server.now(), "actions": [act] });
        let answer = duty.nurse.person.client.post("/v1/sync/batch", batch).await.expect(200);
        assert_eq!(answer["results"][0]["result"], "applied", "{answer}");
        assert_eq!(track(&server).await, before + 1);
    }

    async fn the_family_sees_nothing_after_it_was_broken_off(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        duty.step("depart", json!({})).await;
        duty.step("arrive", json!({ "place": here() })).await;
        let family = &duty.scene.family.client;
        let where_is_she = format!("/v1/orders/{}/position", duty.order);
        family.get(&where_is_she).await.expect(200);
        duty.step("abort", json!({ "reason": "家属持刀威胁", "place": here() })).await;
        family.get(&where_is_she).await.problem(404, "position_not_visible");
        let visit = format!("/v1/visits/{}", duty.visit);
        let (seen, read) = (family.get(&visit).await.expect(200), trail(&duty, family).await);
        let mut desk = duty.scene.coordinator.client.listen(None).await;
        server.advance(TimeDelta::minutes(5)).await;
        duty.step("leave", json!({ "place": here() })).await;
        desk.until("visit.left").await;
        assert_eq!(trail(&duty, family).await, read);
        let mut after = family.get(&visit).await.expect(200);
        after["version"] = seen["version"].clone();
        assert_eq!(after, seen);
        for client in [&duty.scene.coordinator.client, &duty.nurse.person.client] {
            let last = trail(&duty, client).await.pop().expect("an event");
            assert_eq!((&last["kind"], &last["payload"]["fence"]), (&json!("visit.left"), &json!("inside")));
            assert!(last["place"].is_object());
            let shown = client.get(&visit).await.expect(200);
            assert_eq!(shown["leaving"]["fence"], "inside");
        }
    }

    async fn the_sheet_stays_on_her_phone_until_she_has_left(server: TestServer) {
        let duty = broken_off(&server).await;
        let client = &duty.nurse.person.client;
        let pack = client.get("/v1/sync/pack").await.expect(200);
        let sheet = &pack["visits"][0];
        assert!(sheet["visit"]["sos"]["phone"].is_string(), "whom to call");
        let have = format!("/v1/sync/changes?have={}:{}", duty.visit, sheet["tag"].as_str().expect("a tag"));
        let still = client.get(&have).await.expect(200);
        assert_eq!((&still["tombstones"], &still["updates"]), (&json!([]), &json!([])));
        duty.step("leave", json!({})).await;
        let gone = client.get(&have).await.expect(200);
        assert_eq!(gone["tombstones"], json!([{ "visit_id": duty.visit, "reason": "aborted", "purge": true }]));
        assert_eq!(client.get("/v1/sync/pack").await.expect(200)["visits"], json!([]));
    }

    async fn leaving_is_held_against_the_fence_and_never_refused(server: TestServer) {
        let away = json!({ "lng": 114.88, "lat": 36.95, "crs": "wgs84", "accuracy_m": 20 });
        let duty = OnDuty::build(&server).await;
        duty.step("depart", json!({})).await;
        duty.step("arrive", json!({ "place": here() })).await;
        duty.step("start", with_family()).await;
        server.advance(TimeDelta::minutes(20)).await;
        let finish = json!({ "place": away, "mock": true });
        assert_eq!(duty.step("finish", finish).await["state"], "finished");
        let visit = format!("/v1/visits/{}", duty.visit);
        for client in [&duty.scene.coordinator.client, &duty.nurse.person.client] {
            let leaving = &client.get(&visit).await.expect(200)["leaving"];
            assert_eq!((&leaving["fence"], &leaving["cause"]), (&json!("outside"), &Value::Null));
            assert!(leaving["distance_m"].as_f64() > Some(3_000.0), "{leaving}");
        }
        assert_eq!(duty.scene.family.client.get(&visit).await.expect(200)["leaving"], Value::Null);
        let found = trail(&duty, &duty.scene.coordinator.client).await;
        let event = found.iter().find(|event| event["kind"] == "visit.finished").expect("the event");
        assert_eq!((&event["payload"]["fence"], &event["payload"]["mock"]), (&json!("outside"), &json!(true)));
    }

    async fn why_there_is_no_fix_at_leaving_is_kept(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        duty.step("depart", json!({})).await;
        duty.step("arrive", json!({ "place": here() })).await;
        duty.step("start", with_family()).await;
        server.advance(TimeDelta::minutes(20)).await;
        duty.step("finish", json!({ "no_fix_reason": "denied" })).await;
        let visit = format!("/v1/visits/{}", duty.visit);
        let leaving = &duty.nurse.person.client.get(&visit).await.expect(200)["leaving"];
        assert_eq!((&leaving["fence"], &leaving["cause"]), (&json!("no_fix"), &json!("denied")));
    }
}
