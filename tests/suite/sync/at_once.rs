//! The same act told or tried several times, at one moment or one after the other: it counts once.

use chrono::TimeDelta;
use entity::{address_warning, sync_action};
use futures::future::join_all;
use jiahu_tests::harness::{Scene, TestServer};
use jiahu_tests::on_both;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use super::{WHOLE, accepted, actions, fresh_id, good_visit, here, kinds, results, tell, work};

/// How often at once.
const TELLERS: usize = 4;

async fn warnings(server: &TestServer, scene: &Scene) -> u64 {
    address_warning::Entity::find()
        .filter(address_warning::Column::CommunityId.eq(scene.town.community))
        .count(server.app.db.reader())
        .await
        .expect("a count")
}

fn retry(act: &Value) -> String {
    let id = act["id"].as_str().expect("an id");
    format!("/v1/work-items/{id}/retry")
}

/// An act outside the chains.
fn aside(server: &TestServer, visit: &str, kind: &str, body: Value) -> Value {
    json!({ "id": fresh_id(), "visit_id": visit, "do": kind, "device_at": server.now(), "body": body })
}

on_both! {
    async fn a_work_item_that_took_effect_is_not_done_again(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let client = &nurse.person.client;
        let acts = [
            aside(&server, &visit, "warning", json!({ "text": "院内有大狗" })),
            aside(&server, &visit, "arrive", json!({ "place": here() })),
        ];
        // She has not set out.
        assert_eq!(results(&tell(&nurse, server.now(), &acts).await), ["refused"; 2]);
        assert_eq!(work(&scene.coordinator.client).await.len(), 2);
        client.post(&format!("/v1/visits/{visit}/depart"), json!({ "place": here() })).await.expect(200);
        server.advance(TimeDelta::minutes(20)).await;
        for act in &acts {
            let first = client.post(&retry(act), json!({})).await.expect(200);
            assert_eq!(first["result"], "applied", "{first}");
            for _ in 0..2 {
                let again = client.post(&retry(act), json!({})).await.expect(200);
                assert_eq!(again, first, "what was answered then");
            }
        }
        assert_eq!(results(&tell(&nurse, server.now(), &acts).await), ["applied"; 2]);
        assert_eq!(warnings(&server, &scene).await, 1);
        let steps = kinds(&server, &scene, order).await;
        let arrived = steps.iter().filter(|kind| *kind == "visit.arrived").count();
        assert_eq!(arrived, 1, "{steps:?}");
        assert!(work(&scene.coordinator.client).await.is_empty());
    }

    async fn a_work_item_tried_at_one_moment_is_done_once(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let client = &nurse.person.client;
        let act = aside(&server, &visit, "warning", json!({ "text": "院内有大狗" }));
        let told = tell(&nurse, server.now(), std::slice::from_ref(&act)).await;
        assert_eq!(results(&told), ["refused"]);
        client.post(&format!("/v1/visits/{visit}/depart"), json!({})).await.expect(200);
        let path = retry(&act);
        for reply in join_all((0..TELLERS).map(|_| client.post(&path, json!({})))).await {
            let outcome = reply.expect(200);
            assert!(outcome["result"] == "applied" || outcome["result"] == "again", "{outcome}");
        }
        let done = client.post(&path, json!({})).await.expect(200);
        assert_eq!(done["result"], "applied", "{done}");
        assert_eq!(warnings(&server, &scene).await, 1);
        assert!(work(&scene.coordinator.client).await.is_empty());
    }

    async fn a_settled_work_item_is_not_tried(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let act = aside(&server, &visit, "warning", json!({ "text": "院内有大狗" }));
        assert_eq!(results(&tell(&nurse, server.now(), std::slice::from_ref(&act)).await), ["refused"]);
        let client = &nurse.person.client;
        client.post(&format!("/v1/visits/{visit}/depart"), json!({})).await.expect(200);
        let settle = retry(&act).replace("retry", "settle");
        let note = json!({ "note": "已电话核实" });
        scene.coordinator.client.post(&settle, note.clone()).await.expect(200);
        client.post(&retry(&act), json!({})).await.problem(409, "work_settled");
        assert_eq!(results(&tell(&nurse, server.now(), &[act]).await), ["refused"], "as it was answered");
        assert_eq!(warnings(&server, &scene).await, 0);
    }

    async fn an_act_told_several_times_at_one_moment_takes_effect_once(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let mut good = good_visit(&scene, &nurse, &visit).await;
        good.insert(1, ("warning", 5, json!({ "text": "院内有大狗" })));
        good.insert(2, ("sos", 6, json!({ "place": here() })));
        let acts = actions(&visit, server.now(), &good);
        server.advance(TimeDelta::hours(4)).await;
        for act in &acts {
            let act = std::slice::from_ref(act);
            for answer in join_all((0..TELLERS).map(|_| tell(&nurse, server.now(), act))).await {
                let result = results(&answer)[0];
                assert!(result == "applied" || result == "again", "{answer}");
            }
            assert_eq!(results(&tell(&nurse, server.now(), act).await), ["applied"]);
        }
        let whole = tell(&nurse, server.now(), &acts).await;
        assert!(results(&whole).iter().all(|result| *result == "applied"), "{whole}");
        assert_eq!(kinds(&server, &scene, order).await, WHOLE);
        assert_eq!(warnings(&server, &scene).await, 1);
        let alarms = scene.coordinator.client.get("/v1/sos").await.expect(200);
        assert_eq!((&alarms["items"][0]["pressed"], &alarms["items"][1]), (&json!(1), &Value::Null));
        assert!(work(&scene.coordinator.client).await.is_empty());
        let rows = sync_action::Entity::find()
            .filter(sync_action::Column::CommunityId.eq(scene.town.community))
            .filter(sync_action::Column::Result.ne(entity::enums::SyncResult::Applied))
            .count(server.app.db.reader())
            .await;
        assert_eq!(rows.expect("a count"), 0);
    }
}
