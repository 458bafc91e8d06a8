//! Acts told again: with a renewed token, under an id that was used, at a place that is taken, and records that stand already.

use chrono::TimeDelta;
use jiahu::auth::login::start_session;
use jiahu::store;
use jiahu_tests::harness::{Scene, SceneNurse, TestServer};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{
    WHOLE, accepted, actions, fresh_id, good_visit, kinds, place_of, record, results, tell, work,
};

/// A login of hers on a phone: access and refresh token.
async fn logged_in(server: &TestServer, scene: &Scene, nurse: &SceneNurse) -> Value {
    let (app, community) = (&server.app, scene.town.community);
    let tokens = jiahu::in_write!(app.db, "test_login", |tx| {
        let account = store::account::get(&**tx, community, nurse.person.account).await?;
        start_session(tx, app, &account.expect("an account"), "phone-1").await
    });
    serde_json::to_value(tokens.expect("tokens")).expect("JSON")
}

on_both! {
    async fn a_batch_told_again_with_a_renewed_token_changes_nothing(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let mut acts = actions(&visit, server.now(), &good);
        let last = acts.len() - 1;
        acts[last]["body"] = json!({ "more": 1 });
        server.advance(TimeDelta::hours(4)).await;
        let client = |tokens: &Value| nurse.person.client.with_token(tokens["access_token"].as_str().expect("a token"));
        let batch = json!({ "device": "phone-1", "sent_at": server.now(), "actions": acts });
        let tokens = logged_in(&server, &scene, &nurse).await;
        let first = client(&tokens).post("/v1/sync/batch", batch.clone()).await.expect(200);
        assert_eq!(results(&first)[last - 1..], ["applied", "refused"]);
        let trail = kinds(&server, &scene, order).await;
        // The answer is lost, the token expires.
        server.advance(TimeDelta::minutes(11)).await;
        client(&tokens).post("/v1/sync/batch", batch.clone()).await.problem(401, "token_expired");
        let refresh = json!({ "refresh_token": tokens["refresh_token"] });
        let tokens = server.nobody().post("/v1/auth/refresh", refresh).await.expect(200);
        let mut later = batch.clone();
        later["sent_at"] = json!(server.now());
        for batch in [batch, later] {
            let again = client(&tokens).post("/v1/sync/batch", batch).await.expect(200);
            assert_eq!(again["results"], first["results"]);
        }
        assert_eq!(kinds(&server, &scene, order).await, trail, "nothing happened twice");
        assert_eq!(work(&nurse.person.client).await.len(), 1);
        acts[last] = json!({
            "id": fresh_id(), "visit_id": visit, "counter": last + 1, "do": "close",
            "device_at": server.now(), "body": {},
        });
        let answer = client(&tokens).post("/v1/sync/batch", json!({
            "device": "phone-1", "sent_at": server.now(), "actions": acts[last..],
        })).await.expect(200);
        assert_eq!(results(&answer), ["applied"]);
        let steps = kinds(&server, &scene, order).await;
        assert_eq!(steps.iter().filter(|kind| kind.starts_with("visit.")).count(), WHOLE.len());
    }

    async fn another_body_under_a_used_id_is_kept_beside_the_first(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let acts = actions(&visit, server.now(), &good);
        server.advance(TimeDelta::hours(1)).await;
        assert_eq!(results(&tell(&nurse, server.now(), &acts[..2]).await), ["applied"; 2]);
        let mut changed = acts[1].clone();
        changed["body"]["reason"] = json!("门口积水,停在巷口");
        for _ in 0..2 {
            let answer = tell(&nurse, server.now(), std::slice::from_ref(&changed)).await;
            assert_eq!(results(&answer), ["refused"]);
            let problem = &answer["results"][0]["answer"];
            assert_eq!(problem["code"], "idempotency_key_reused");
            for client in [&nurse.person.client, &scene.coordinator.client] {
                let items = work(client).await;
                assert_eq!(items.len(), 1, "once, however often it is told: {items:?}");
                assert_eq!(items[0]["original_id"], acts[1]["id"]);
                assert_eq!(items[0]["id"], problem["kept_as"]);
                assert_eq!(items[0]["code"], "idempotency_key_reused");
                let path = format!("/v1/work-items/{}", items[0]["id"].as_str().expect("an id"));
                assert_eq!(client.get(&path).await.expect(200)["body"], changed["body"], "all that was said");
            }
        }
        assert_eq!(kinds(&server, &scene, order).await, ["visit.departed", "visit.arrived", "sync.refused"]);
        // A third text is another one, and the first act stays as it was.
        changed["body"]["reason"] = json!("又改");
        tell(&nurse, server.now(), &[changed]).await;
        assert_eq!(work(&scene.coordinator.client).await.len(), 2);
        assert_eq!(results(&tell(&nurse, server.now(), &acts[..3]).await), ["applied"; 3]);
    }

    async fn a_changed_act_stays_in_the_work_list_when_the_first_one_takes_effect(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let mut acts = actions(&visit, server.now(), &good[..3]);
        server.advance(TimeDelta::hours(1)).await;
        let right = acts[1]["body"].clone();
        acts[1]["body"] = json!({ "plaice": 1 });
        assert_eq!(results(&tell(&nurse, server.now(), &acts).await), ["applied", "refused", "held"]);
        let mut changed = acts[2].clone();
        changed["body"]["nurse_not_verified"] = json!("另一个原因");
        assert_eq!(results(&tell(&nurse, server.now(), &[changed]).await), ["refused"]);
        acts[1]["id"] = json!(fresh_id());
        acts[1]["body"] = right;
        assert_eq!(results(&tell(&nurse, server.now(), &acts[1..]).await), ["applied"; 2]);
        let items = work(&scene.coordinator.client).await;
        assert_eq!(items.len(), 1, "{items:?}");
        assert_eq!(items[0]["original_id"], acts[2]["id"]);
    }

    async fn a_second_act_at_a_taken_place_is_refused_and_seen(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let acts = actions(&visit, server.now(), &good);
        server.advance(TimeDelta::hours(1)).await;
        assert_eq!(results(&tell(&nurse, server.now(), &acts[..2]).await), ["applied"; 2]);
        let mut second = acts[1].clone();
        second["id"] = json!(fresh_id());
        for _ in 0..2 {
            let answer = tell(&nurse, server.now(), std::slice::from_ref(&second)).await;
            assert_eq!(results(&answer), ["refused"]);
            assert_eq!(answer["results"][0]["answer"]["code"], "sync_place_taken");
        }
        assert_eq!(kinds(&server, &scene, order).await, ["visit.departed", "visit.arrived", "sync.refused"]);
        for client in [&nurse.person.client, &scene.coordinator.client] {
            let items = work(client).await;
            assert_eq!(items.len(), 1);
            assert_eq!((&items[0]["id"], &items[0]["code"]), (&second["id"], &json!("sync_place_taken")));
        }
        // From another phone the number is free: each counts its own.
        let batch = json!({ "device": "phone-2", "sent_at": server.now(), "actions": [{
            "id": fresh_id(), "visit_id": visit, "counter": 1, "do": "identity",
            "device_at": server.now(), "body": good[2].2,
        }] });
        let answer = nurse.person.client.post("/v1/sync/batch", batch).await.expect(200);
        assert_eq!(results(&answer), ["applied"]);
        assert_eq!(results(&tell(&nurse, server.now(), &acts[..2]).await), ["applied"; 2]);
    }

    async fn an_older_record_told_later_does_not_replace_a_newer_one(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let mut acts = actions(&visit, server.now(), &good);
        let at = place_of(&acts, "record");
        server.advance(TimeDelta::hours(2)).await;
        let begun = tell(&nurse, server.now(), &acts[..at]).await;
        assert!(results(&begun).iter().all(|result| *result == "applied"), "{begun}");
        // Written on another device, after the one that waits on her phone.
        let (client, path) = (&nurse.person.client, format!("/v1/visits/{visit}"));
        let mut newer = record();
        newer["note"] = json!("更换顺利,已教家属观察尿量");
        let etag = client.get(&path).await.etag();
        client.put_if(&format!("{path}/record"), &etag, newer.clone()).await.expect(200);
        server.advance(TimeDelta::minutes(5)).await;
        let told = tell(&nurse, server.now(), &acts[at..]).await;
        assert_eq!(results(&told)[..2], ["refused", "held"], "{told}");
        assert_eq!(told["results"][0]["answer"]["code"], "precondition_failed");
        assert_eq!(client.get(&path).await.expect(200)["record"]["note"], newer["note"]);
        let item = format!("/v1/work-items/{}", acts[at]["id"].as_str().expect("an id"));
        for who in [client, &scene.coordinator.client] {
            assert_eq!(who.get(&item).await.expect(200)["body"]["note"], record()["note"], "nothing of it is lost");
        }
        let retried = client.post(&format!("{item}/retry"), json!({})).await.expect(200);
        assert_eq!(retried["answer"]["code"], "precondition_failed", "it is as old as it was");
        // Put right, with both before her.
        acts[at]["id"] = json!(fresh_id());
        acts[at]["device_at"] = json!(server.now());
        acts[at]["body"]["note"] = json!("更换顺利,尿色清,已教家属观察尿量");
        let told = tell(&nurse, server.now(), &acts[at..]).await;
        assert!(results(&told).iter().all(|result| *result == "applied"), "{told}");
        assert_eq!(client.get(&path).await.expect(200)["record"]["note"], acts[at]["body"]["note"]);
        assert!(work(&scene.coordinator.client).await.is_empty());
    }

    async fn a_record_put_at_once_and_told_again_is_the_same(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let acts = actions(&visit, server.now(), &good);
        let at = place_of(&acts, "record");
        server.advance(TimeDelta::hours(2)).await;
        let begun = tell(&nurse, server.now(), &acts[..at]).await;
        assert!(results(&begun).iter().all(|result| *result == "applied"), "{begun}");
        // It arrives later than it was written, and its answer is lost: a record has no key.
        let (client, path) = (&nurse.person.client, format!("/v1/visits/{visit}"));
        let etag = client.get(&path).await.etag();
        client.put_if(&format!("{path}/record"), &etag, record()).await.expect(200);
        let told = tell(&nurse, server.now(), &acts[at..]).await;
        assert!(results(&told).iter().all(|result| *result == "applied"), "{told}");
        assert!(work(&scene.coordinator.client).await.is_empty());
    }

    async fn of_records_of_one_batch_the_last_one_stands_whatever_the_clock(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let mut good = good_visit(&scene, &nurse, &visit).await;
        let at = good.iter().position(|act| act.0 == "record").expect("it is written");
        let mut second = record();
        second["note"] = json!("更换顺利,尿色清,家属已学会观察");
        // The clock was set back in between.
        good.insert(at + 1, ("record", 50, second.clone()));
        let day = TimeDelta::days(1);
        let acts = actions(&visit, server.now() + day, &good);
        server.advance(TimeDelta::hours(4)).await;
        for _ in 0..2 {
            let told = tell(&nurse, server.now() + day, &acts).await;
            assert!(results(&told).iter().all(|result| *result == "applied"), "{told}");
        }
        let shown = nurse.person.client.get(&format!("/v1/visits/{visit}")).await.expect(200);
        assert_eq!(shown["record"]["note"], second["note"]);
    }
}
