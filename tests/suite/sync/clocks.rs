//! The times that stand in the body of an act are corrected like the act itself.

use chrono::{DateTime, TimeDelta, Utc};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{accepted, actions, good_visit, place_of, results, tell};

fn at(value: &Value) -> DateTime<Utc> {
    serde_json::from_value(value.clone()).expect("a time")
}

on_both! {
    async fn a_clock_that_is_set_back_on_a_visit_does_not_keep_it_open(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let set_out = server.now();
        let mut acts = actions(&visit, set_out, &good);
        // Wrong by a day from the begin on, and right again as it speaks.
        let back = actions(&visit, set_out - TimeDelta::days(1), &good);
        let start = place_of(&acts, "start");
        acts.truncate(start + 1);
        acts.extend(back.into_iter().skip(start + 1));
        server.advance(TimeDelta::hours(4)).await;
        let answer = tell(&nurse, server.now(), &acts).await;
        assert!(results(&answer).iter().all(|result| *result == "applied"), "{answer}");
        let shown = nurse.person.client.get(&format!("/v1/visits/{visit}")).await.expect(200);
        let steps = &shown["steps"];
        assert_eq!(at(&steps["started_at"]), set_out + TimeDelta::minutes(25));
        assert_eq!(steps["finished_at"], steps["started_at"], "no act is before the one that it followed");
        assert_eq!(shown["state"], "closed");
    }

    async fn what_was_done_to_a_device_stands_at_its_true_time(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let mut good = good_visit(&scene, &nurse, &visit).await;
        let start = good.iter().position(|(kind, ..)| *kind == "start").expect("a start");
        good.truncate(start + 1);
        let (set_out, off) = (server.now(), TimeDelta::days(1));
        let (placed, looked) = (set_out + TimeDelta::minutes(27), set_out + TimeDelta::minutes(50));
        let device = json!({ "kind": "uc", "material": "silicone", "placed_by": "nurse", "placed_at": placed + off });
        good.push(("device-placed", 30, device));
        server.advance(TimeDelta::hours(4)).await;
        // Her clock is a day ahead.
        let acts = actions(&visit, set_out + off, &good);
        let answer = tell(&nurse, server.now() + off, &acts).await;
        assert!(results(&answer).iter().all(|result| *result == "applied"), "{answer}");
        let path = format!("/v1/patients/{}/devices", scene.patient);
        let shown = scene.family.client.get(&path).await.expect(200)["items"][0].clone();
        assert_eq!(at(&shown["placed_at"]), placed);
        assert_eq!(shown["review_due"], "2026-03-30");
        // Somebody sets it right, a day too far; what is still to come is refused by it as by a right one.
        let review = |minutes: i64| json!({ "device_id": shown["id"], "at": looked - off + TimeDelta::minutes(minutes) });
        let reviews = [("device-reviewed", 55, review(60)), ("device-reviewed", 55, review(0))];
        let mut more = actions(&visit, set_out - off, &reviews);
        for act in &mut more {
            act["counter"] = json!(acts.len() + 1);
        }
        let answer = tell(&nurse, server.now() - off, &more).await;
        assert_eq!(results(&answer), ["refused", "applied"], "{answer}");
        assert_eq!(answer["results"][0]["answer"]["code"], "time_in_future");
        let shown = scene.family.client.get(&path).await.expect(200)["items"][0].clone();
        assert_eq!(at(&shown["reviewed_at"]), looked);
    }
}
