//! A nurse whose account was disabled while her phone was away: nothing she tells is done, nothing of it is lost.

use chrono::TimeDelta;
use jiahu_tests::harness::TestServer;
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{accepted, actions, disable, good_visit, kinds, results, tell};

fn batch(server: &TestServer, acts: &[Value]) -> Value {
    json!({ "device": "phone-1", "sent_at": server.now(), "actions": acts })
}

on_both! {
    async fn what_she_did_waits_for_the_coordinator(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let set_out = server.now();
        // The phone went away with this token.
        let token = scene.town.token(&server.app, nurse.person.account).await;
        let phone = nurse.person.client.with_token(&token);
        server.app.clock.advance(TimeDelta::hours(3));
        disable(&server, &scene, nurse.person.account).await;
        server.app.clock.advance(TimeDelta::hours(1));
        let acts = actions(&visit, set_out, &good);
        for _ in 0..2 {
            let answer = phone.post("/v1/sync/batch", batch(&server, &acts)).await.expect(200);
            assert!(results(&answer).iter().all(|result| *result == "refused"), "{answer}");
            assert_eq!(answer["results"][0]["answer"]["code"], "account_disabled");
        }
        let kinds = kinds(&server, &scene, order).await;
        assert!(kinds.iter().all(|kind| kind == "sync.refused"), "nothing of it was done: {kinds:?}");
        assert_eq!(kinds.len(), acts.len(), "each left its trace once");
        let page = scene.coordinator.client.get("/v1/work-items?limit=100").await.expect(200);
        let items = page["items"].as_array().expect("a list");
        assert_eq!(items.len(), acts.len());
        let record = items.iter().find(|item| item["do"] == "record").expect("her record");
        let path = format!("/v1/work-items/{}", record["id"].as_str().expect("an id"));
        let detail = scene.coordinator.client.get(&path).await.expect(200);
        assert_eq!(detail["body"]["note"], "更换顺利,尿色清");
        // It opens nothing else.
        phone.get("/v1/sync/pack").await.problem(401, "token_expired");
        nurse.person.client.get("/v1/sync/pack").await.problem(401, "session_ended");
    }

    async fn she_is_heard_for_a_week_and_only_after_being_disabled(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let acts = actions(&visit, server.now(), &good[..1]);
        let account = nurse.person.account;
        let (token, other) = (
            scene.town.token(&server.app, account).await,
            scene.town.token(&server.app, account).await,
        );
        let (phone, lost) = (nurse.person.client.with_token(&token), nurse.person.client.with_token(&other));
        lost.post("/v1/auth/logout", json!({})).await.expect(204);
        server.app.clock.advance(TimeDelta::hours(1));
        phone.post("/v1/sync/batch", batch(&server, &acts)).await.problem(401, "token_expired");
        disable(&server, &scene, account).await;
        phone.post("/v1/sync/batch", batch(&server, &acts)).await.expect(200);
        lost.post("/v1/sync/batch", batch(&server, &acts)).await.problem(401, "token_expired");
        server.app.clock.advance(TimeDelta::days(8));
        phone.post("/v1/sync/batch", batch(&server, &acts)).await.problem(401, "token_expired");
    }

    async fn what_was_applied_before_stays_applied(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let acts = actions(&visit, server.now(), &good);
        assert_eq!(results(&tell(&nurse, server.now(), &acts[..1]).await), ["applied"]);
        disable(&server, &scene, nurse.person.account).await;
        let answer = nurse.person.client.post("/v1/sync/batch", batch(&server, &acts[..2])).await.expect(200);
        assert_eq!(results(&answer), ["applied", "refused"]);
        assert_eq!(kinds(&server, &scene, order).await, ["visit.departed", "sync.refused"]);
    }
}
