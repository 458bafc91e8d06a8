//! Harm that is told without signal: it counts as told when she told her phone, and waits for nothing.

use chrono::{DateTime, TimeDelta, Utc};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{accepted, actions, fresh_id, good_visit, here, reassign, results, tell, work};

fn at(value: &Value) -> DateTime<Utc> {
    serde_json::from_value(value.clone()).expect("a time")
}

/// An act outside the chain of the visit.
fn aside(visit: &str, kind: &str, device_at: DateTime<Utc>, body: &Value) -> Value {
    json!({ "id": fresh_id(), "visit_id": visit, "do": kind, "device_at": device_at, "body": body })
}

/// A tube that came out.
fn extubation(occurred_at: DateTime<Utc>) -> Value {
    json!({
        "kind": "unplanned_extubation", "tube": "urinary_catheter", "severity": "mild",
        "occurred_at": occurred_at, "what": "更换体位时导管滑出", "action": "已重新置管",
    })
}

on_both! {
    async fn told_a_day_later_a_report_is_not_late_and_stands_at_its_true_time(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let client = &nurse.person.client;
        client.post(&format!("/v1/visits/{visit}/depart"), json!({ "place": here() })).await.expect(200);
        let off = TimeDelta::days(1);
        let (happened, noted) = (server.now() + TimeDelta::minutes(40), server.now() + TimeDelta::minutes(45));
        server.advance(TimeDelta::hours(30)).await;
        let incident = json!({ "kind": "aggression", "occurred_at": happened + off, "what": "家属推搡" });
        // Her clock is a day ahead.
        let acts = [
            aside(&visit, "adverse-event", noted + off, &extubation(happened + off)),
            aside(&visit, "incident", noted + off, &incident),
        ];
        for _ in 0..2 {
            let answer = tell(&nurse, server.now() + off, &acts).await;
            assert_eq!(results(&answer), ["applied"; 2], "{answer}");
        }
        for (path, severity) in [("/v1/adverse-events", "mild"), ("/v1/incidents", "none")] {
            let list = client.get(path).await.expect(200);
            let report = &list["items"][0];
            assert_eq!((&report["severity"], &list["items"][1]), (&json!(severity), &Value::Null), "once");
            assert_eq!((at(&report["occurred_at"]), at(&report["reported_at"])), (happened, noted));
            assert_eq!((&report["reported_late"], &report["visit_id"]), (&json!(false), &json!(visit)));
            assert_eq!(at(&report["review_due_at"]), server.now() + TimeDelta::hours(24));
        }
        assert!(work(&scene.coordinator.client).await.is_empty());
    }

    async fn of_a_visit_taken_from_her_meanwhile_it_is_taken_down(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let noted = server.now();
        reassign(&server, &scene, order).await;
        server.advance(TimeDelta::hours(1)).await;
        let answer = tell(&nurse, server.now(), &[aside(&visit, "adverse-event", noted, &extubation(noted))]).await;
        assert_eq!(results(&answer), ["applied"], "{answer}");
        assert!(work(&scene.coordinator.client).await.is_empty());
    }

    async fn a_wrong_report_is_kept_and_holds_nothing_up(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let (set_out, noted) = (server.now(), server.now() + TimeDelta::minutes(45));
        server.advance(TimeDelta::hours(4)).await;
        let mut wrong = extubation(noted);
        wrong["kind"] = json!("bad_luck");
        let mut elsewhere = extubation(noted);
        elsewhere["visit_id"] = json!(fresh_id());
        let mut acts = actions(&visit, set_out, &good);
        let whole = acts.len();
        for body in [
            wrong,
            elsewhere,
            extubation(noted + TimeDelta::minutes(6)),
            extubation(noted + TimeDelta::minutes(4)),
        ] {
            acts.push(aside(&visit, "adverse-event", noted, &body));
        }
        let answer = tell(&nurse, server.now(), &acts).await;
        assert!(results(&answer)[..whole].iter().all(|result| *result == "applied"), "{answer}");
        assert_eq!(results(&answer)[whole..], ["refused", "refused", "refused", "applied"]);
        let mistake = |place: usize| &answer["results"][whole + place]["answer"]["errors"][0]["code"];
        assert_eq!((mistake(0), mistake(2)), (&json!("choice_unknown"), &json!("date_future")));
        for client in [&nurse.person.client, &scene.coordinator.client] {
            let items = work(client).await;
            assert_eq!(items.len(), 3);
            assert!(items.iter().all(|item| item["do"] == "adverse-event"), "{items:?}");
        }
        let list = nurse.person.client.get("/v1/adverse-events").await.expect(200);
        assert_eq!(list["items"].as_array().expect("a list").len(), 1);
    }
}
