//! An alarm that is told later waits for nothing and is refused by nothing.

use chrono::{DateTime, TimeDelta, Utc};
use jiahu_tests::harness::Scene;
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{
    accepted, actions, disable, fresh_id, good_visit, here, place_of, reassign, results, tell, work,
};

/// A pressed alarm with its number, or none.
fn sos(visit: &str, counter: Option<usize>, device_at: DateTime<Utc>) -> Value {
    json!({
        "id": fresh_id(), "visit_id": visit, "counter": counter, "do": "sos",
        "device_at": device_at, "body": { "place": here() },
    })
}

/// The acts with an alarm in their midst, numbered anew.
fn with_alarm(acts: &[Value], visit: &str, place: usize) -> Vec<Value> {
    let mut all = acts.to_vec();
    let at = serde_json::from_value(acts[place]["device_at"].clone()).expect("a time");
    all.insert(place, sos(visit, None, at));
    for (act, counter) in all.iter_mut().zip(1..) {
        act["counter"] = json!(counter);
    }
    all
}

/// What the desk sees.
async fn alarms(scene: &Scene) -> Vec<Value> {
    let list = scene.coordinator.client.get("/v1/sos").await.expect(200);
    list["items"].as_array().expect("a list").clone()
}

on_both! {
    async fn an_alarm_behind_a_gap_is_raised_and_holds_its_place(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let acts = with_alarm(&actions(&visit, server.now(), &good), &visit, 5);
        server.advance(TimeDelta::hours(4)).await;
        // What came before it is lost on the way.
        for _ in 0..2 {
            let answer = tell(&nurse, server.now(), &acts[4..7]).await;
            assert_eq!(results(&answer), ["missing", "applied", "missing"], "{answer}");
        }
        let raised = alarms(&scene).await;
        assert_eq!(raised.len(), 1);
        assert_eq!((&raised[0]["state"], &raised[0]["pressed"]), (&json!("open"), &json!(1)));
        assert_eq!(raised[0]["at"], acts[5]["device_at"]);
        let answer = tell(&nurse, server.now(), &acts).await;
        assert!(results(&answer).iter().all(|result| *result == "applied"), "{answer}");
        let after = alarms(&scene).await;
        assert_eq!((after.len(), &after[0]["id"], &after[0]["pressed"]), (1, &raised[0]["id"], &json!(1)));
        let shown = nurse.person.client.get(&format!("/v1/visits/{visit}")).await.expect(200);
        assert_eq!(shown["state"], "closed");
        assert!(work(&scene.coordinator.client).await.is_empty());
    }

    async fn an_alarm_behind_a_refusal_is_raised(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let acts = actions(&visit, server.now(), &good);
        let record = place_of(&acts, "record");
        let mut acts = with_alarm(&acts, &visit, record + 2);
        acts[record]["body"]["vitals"][0]["value"] = json!(99.0);
        server.advance(TimeDelta::hours(4)).await;
        let answer = tell(&nurse, server.now(), &acts).await;
        assert_eq!(results(&answer)[record..], ["refused", "held", "applied", "held", "held", "held"]);
        assert_eq!(alarms(&scene).await.len(), 1);
        assert_eq!(work(&scene.coordinator.client).await.len(), 5, "the alarm is no matter of the work list");
        acts[record]["id"] = json!(fresh_id());
        acts[record]["body"]["vitals"][0]["value"] = json!(36.9);
        let answer = tell(&nurse, server.now(), &acts[record..]).await;
        assert!(results(&answer).iter().all(|result| *result == "applied"), "{answer}");
        assert_eq!(alarms(&scene).await.len(), 1);
        assert!(work(&scene.coordinator.client).await.is_empty());
    }

    async fn an_alarm_in_one_batch_with_what_came_before_is_raised_once(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let acts = with_alarm(&actions(&visit, server.now(), &good), &visit, 3);
        server.advance(TimeDelta::hours(4)).await;
        for _ in 0..2 {
            let answer = tell(&nurse, server.now(), &acts).await;
            assert!(results(&answer).iter().all(|result| *result == "applied"), "{answer}");
        }
        let raised = alarms(&scene).await;
        assert_eq!((raised.len(), &raised[0]["pressed"]), (1, &json!(1)));
        assert_eq!(raised[0]["outside_visit"], false, "she had set out, though that was told after it");
    }

    async fn an_alarm_at_a_taken_place_or_of_another_time_is_raised(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let acts = actions(&visit, server.now(), &good);
        server.advance(TimeDelta::hours(1)).await;
        tell(&nurse, server.now(), &acts[..2]).await;
        let mut pressed = sos(&visit, Some(1), server.now());
        pressed["body"] = json!({ "plaice": 1 });
        // The phone's battery was dead: its clock began anew.
        let lost = sos(&visit, Some(9), DateTime::UNIX_EPOCH);
        let answer = tell(&nurse, server.now(), &[pressed, lost]).await;
        assert_eq!(results(&answer), ["applied"; 2], "{answer}");
        let raised = alarms(&scene).await;
        assert_eq!((raised.len(), &raised[0]["pressed"]), (1, &json!(2)));
        assert_eq!(raised[0]["at"], json!(server.now()));
        assert_eq!(results(&tell(&nurse, server.now(), &acts[..3]).await), ["applied"; 3]);
    }

    async fn an_alarm_of_a_lost_clock_moves_no_other_act(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let set_out = server.now();
        let mut acts = with_alarm(&actions(&visit, set_out, &good), &visit, 3);
        // The phone's battery was dead as she pressed: its clock began anew, and was set right later.
        acts[3]["device_at"] = json!(DateTime::UNIX_EPOCH);
        server.advance(TimeDelta::hours(4)).await;
        let answer = tell(&nurse, server.now(), &acts).await;
        assert!(results(&answer).iter().all(|result| *result == "applied"), "{answer}");
        assert_eq!(alarms(&scene).await[0]["at"], json!(server.now()));
        let shown = nurse.person.client.get(&format!("/v1/visits/{visit}")).await.expect(200);
        let (begun, ended) = (set_out + TimeDelta::minutes(25), set_out + TimeDelta::minutes(65));
        let steps = &shown["steps"];
        assert_eq!((&steps["started_at"], &steps["finished_at"]), (&json!(begun), &json!(ended)));
        assert_eq!(shown["state"], "closed");
    }

    async fn an_alarm_in_a_batch_of_an_unreadable_time_is_raised(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let mut acts = actions(&visit, server.now(), &good[..2]);
        let pressed = server.now() + TimeDelta::minutes(21);
        acts.push(sos(&visit, Some(3), pressed));
        server.advance(TimeDelta::hours(1)).await;
        let batch = json!({ "device": "phone-1", "sent_at": "2026-03-02T05:00:60Z", "actions": acts });
        let answer = nurse.person.client.post("/v1/sync/batch", batch).await.expect(200);
        assert_eq!((results(&answer), &answer["skew_s"]), (vec!["applied"; 3], &json!(0)), "{answer}");
        assert_eq!(alarms(&scene).await[0]["at"], json!(pressed));
        let shown = nurse.person.client.get(&format!("/v1/visits/{visit}")).await.expect(200);
        assert_eq!(shown["steps"]["arrived_at"], acts[1]["device_at"]);
    }

    async fn a_place_that_is_told_late_does_not_hide_a_newer_one(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let mut early = sos(&visit, None, server.now());
        early["body"]["place"]["lng"] = json!(114.80);
        server.advance(TimeDelta::minutes(1)).await;
        let path = format!("/v1/visits/{visit}/sos");
        let body = json!({ "place": here() });
        let pressed = nurse.person.client.post(&path, body).await.expect(200);
        assert_eq!(results(&tell(&nurse, server.now(), std::slice::from_ref(&early)).await), ["applied"]);
        let raised = alarms(&scene).await;
        assert_eq!((raised.len(), &raised[0]["pressed"]), (1, &json!(2)));
        assert_eq!((&raised[0]["place"], &raised[0]["place_at"]), (&pressed["place"], &pressed["place_at"]));
        // One that is newer counts, told later or not.
        let mut late = sos(&visit, None, server.now());
        late["body"] = early["body"].clone();
        assert_eq!(results(&tell(&nurse, server.now(), &[late]).await), ["applied"]);
        let raised = alarms(&scene).await;
        assert_eq!((&raised[0]["pressed"], &raised[0]["place"]["lng"]), (&json!(3), &json!(114.80)));
    }

    async fn an_alarm_of_a_visit_taken_away_or_of_a_disabled_nurse_is_raised(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let acts = with_alarm(&actions(&visit, server.now(), &good), &visit, 4);
        let token = scene.town.token(&server.app, nurse.person.account).await;
        let phone = nurse.person.client.with_token(&token);
        server.advance(TimeDelta::hours(1)).await;
        let answer = tell(&nurse, server.now(), &acts[4..5]).await;
        assert_eq!(results(&answer), ["applied"]);
        let raised = alarms(&scene).await;
        let take = format!("/v1/sos/{}/take", raised[0]["id"].as_str().expect("an id"));
        scene.coordinator.client.post(&take, json!({})).await.expect(200);
        reassign(&server, &scene, order).await;
        disable(&server, &scene, nurse.person.account).await;
        let again = sos(&visit, Some(12), server.now());
        let told = [acts.clone(), vec![again]].concat();
        for _ in 0..2 {
            let batch = json!({ "device": "phone-1", "sent_at": server.now(), "actions": told });
            let answer = phone.post("/v1/sync/batch", batch).await.expect(200);
            let results = results(&answer);
            for (act, result) in told.iter().zip(&results) {
                let expected = if act["do"] == "sos" { "applied" } else { "refused" };
                assert_eq!(*result, expected, "{act}");
            }
        }
        let raised = alarms(&scene).await;
        assert_eq!(raised.len(), 2, "one was taken, then she pressed again");
        assert_eq!((&raised[0]["state"], &raised[0]["pressed"]), (&json!("open"), &json!(1)));
        let items = work(&scene.coordinator.client).await;
        assert!(items.iter().all(|item| item["do"] != "sos"), "{items:?}");
        assert_eq!(items.len(), good.len());
    }
}
