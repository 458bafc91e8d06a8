//! A person settles what was refused: the acts behind it go on, each by its own gates, and none waits for ever.

use chrono::TimeDelta;
use jiahu_tests::harness::Scene;
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{
    WHOLE, accepted, actions, fresh_id, good_visit, kinds, place_of, record, results, tell, work,
};

/// The coordinator puts it right in another way.
async fn settle(scene: &Scene, act: &Value) {
    let id = act["id"].as_str().expect("an id");
    let path = format!("/v1/work-items/{id}/settle");
    let note = json!({ "note": "已电话核实,按纸质记录补录" });
    scene.coordinator.client.post(&path, note).await.expect(200);
}

fn warning(text: &str) -> (&'static str, i64, Value) {
    ("warning", 5, json!({ "text": text }))
}

on_both! {
    async fn behind_a_settled_act_the_others_go_on(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let mut good = good_visit(&scene, &nurse, &visit).await;
        good.insert(1, warning(""));
        let acts = actions(&visit, server.now(), &good);
        server.advance(TimeDelta::hours(4)).await;
        let answer = tell(&nurse, server.now(), &acts).await;
        assert_eq!(results(&answer)[..2], ["applied", "refused"]);
        assert!(results(&answer)[2..].iter().all(|result| *result == "held"), "{answer}");
        settle(&scene, &acts[1]).await;
        // Those behind it are told again, in whatever pieces.
        assert_eq!(results(&tell(&nurse, server.now(), &acts[3..4]).await), ["missing"]);
        let answer = tell(&nurse, server.now(), &acts[1..]).await;
        assert_eq!(results(&answer)[0], "refused", "as it was answered");
        assert!(results(&answer)[1..].iter().all(|result| *result == "applied"), "{answer}");
        assert_eq!(kinds(&server, &scene, order).await.iter().filter(|kind| kind.starts_with("visit.")).count(), WHOLE.len());
        let shown = nurse.person.client.get(&format!("/v1/visits/{visit}")).await.expect(200);
        assert_eq!(shown["state"], "closed");
        assert!(work(&scene.coordinator.client).await.is_empty());
        // What a person has put right is not done once more under its number.
        let mut second = acts[1].clone();
        (second["id"], second["body"]["text"]) = (json!(fresh_id()), json!("院内有大狗"));
        let answer = tell(&nurse, server.now(), std::slice::from_ref(&second)).await;
        assert_eq!(answer["results"][0]["answer"]["code"], "sync_place_taken");
        assert_eq!(work(&scene.coordinator.client).await[0]["id"], second["id"]);
        let mut more = actions(&visit, server.now(), &[warning("门口有沟")]);
        more[0]["counter"] = json!(acts.len() + 1);
        assert_eq!(results(&tell(&nurse, server.now(), &more).await), ["applied"], "it stops nothing");
    }

    async fn an_act_settled_before_the_one_it_waits_for_stops_nothing(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let mut good = good_visit(&scene, &nurse, &visit).await;
        good.splice(1..1, [warning(""), warning("院内有大狗")]);
        let mut acts = actions(&visit, server.now(), &good);
        server.advance(TimeDelta::hours(4)).await;
        assert_eq!(results(&tell(&nurse, server.now(), &acts[..5]).await), ["applied", "refused", "held", "held", "held"]);
        settle(&scene, &acts[2]).await;
        assert_eq!(results(&tell(&nurse, server.now(), &acts[3..]).await)[0], "held", "the second one is refused still");
        acts[1]["id"] = json!(fresh_id());
        acts[1]["body"]["text"] = json!("门口有沟");
        let answer = tell(&nurse, server.now(), &acts[1..]).await;
        assert_eq!(results(&answer)[..2], ["applied", "held"], "the settled one stays as it was told");
        assert!(results(&answer)[2..].iter().all(|result| *result == "applied"), "{answer}");
        assert!(work(&scene.coordinator.client).await.is_empty());
    }

    async fn of_two_tries_at_one_place_a_settled_one_does_not_hide_the_other(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let mut acts = actions(&visit, server.now(), &good[..3]);
        server.advance(TimeDelta::hours(1)).await;
        acts[1]["body"] = json!({ "plaice": 1 });
        let first = acts[1].clone();
        assert_eq!(results(&tell(&nurse, server.now(), &acts).await), ["applied", "refused", "held"]);
        acts[1]["id"] = json!(fresh_id());
        assert_eq!(results(&tell(&nurse, server.now(), &acts[1..]).await), ["refused", "held"]);
        settle(&scene, &first).await;
        assert_eq!(results(&tell(&nurse, server.now(), &acts[2..]).await), ["held"]);
        settle(&scene, &acts[1]).await;
        let answer = tell(&nurse, server.now(), &acts[2..]).await;
        assert_eq!(answer["results"][0]["answer"]["code"], "order_wrong_state", "she has not arrived");
    }

    async fn a_held_try_goes_off_the_list_once_another_takes_its_place(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let mut acts = actions(&visit, server.now(), &good[..3]);
        server.advance(TimeDelta::hours(1)).await;
        let right = acts[1]["body"].clone();
        acts[1]["body"] = json!({ "plaice": 1 });
        assert_eq!(results(&tell(&nurse, server.now(), &acts).await), ["applied", "refused", "held"]);
        acts[1]["body"] = right;
        for act in &mut acts[1..] {
            act["id"] = json!(fresh_id());
        }
        assert_eq!(results(&tell(&nurse, server.now(), &acts[1..]).await), ["applied"; 2]);
        assert!(work(&scene.coordinator.client).await.is_empty());
    }

    async fn behind_a_settled_record_the_signature_asks_for_it(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let mut acts = actions(&visit, server.now(), &good);
        server.advance(TimeDelta::hours(4)).await;
        let at = place_of(&acts, "record");
        acts[at]["body"]["vitals"][0]["value"] = json!(99.0);
        assert_eq!(results(&tell(&nurse, server.now(), &acts).await)[at..], ["refused", "held", "held", "held", "held"]);
        settle(&scene, &acts[at]).await;
        let answer = tell(&nurse, server.now(), &acts[at + 1..]).await;
        assert_eq!(results(&answer), ["applied", "refused", "held", "held"]);
        assert_eq!(answer["results"][1]["answer"]["code"], "record_missing");
        let (client, path) = (&nurse.person.client, format!("/v1/visits/{visit}"));
        let etag = client.get(&path).await.etag();
        client.put_if(&format!("{path}/record"), &etag, record()).await.expect(200);
        let sign = acts[at + 2]["id"].as_str().expect("an id");
        let signed = client.post(&format!("/v1/work-items/{sign}/retry"), json!({})).await.expect(200);
        assert_eq!(signed["result"], "applied", "{signed}");
        assert_eq!(results(&tell(&nurse, server.now(), &acts[at + 3..]).await), ["applied"; 2]);
        assert!(work(&scene.coordinator.client).await.is_empty());
    }
}
