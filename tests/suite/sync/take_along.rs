//! The visits a phone takes along, and what it is told to change and delete.

use chrono::TimeDelta;
use jiahu_tests::harness::{CENTRE, NurseSpec, Scene, new_patient, statements_of};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{accepted, actions, good_visit, tell};

fn have(sheets: &Value) -> String {
    let sheets = sheets.as_array().expect("a list").iter();
    let entries = sheets.map(|sheet| {
        let id = sheet["visit"]["id"].as_str().expect("an id");
        format!("{id}:{}", sheet["tag"].as_str().expect("a tag"))
    });
    entries.collect::<Vec<_>>().join(",")
}

on_both! {
    async fn the_pack_holds_what_is_needed_at_the_door(server: TestServer) {
        let (_scene, nurse, _, visit) = accepted(&server).await;
        let pack = nurse.person.client.get("/v1/sync/pack").await.expect(200);
        let sheet = &pack["visits"][0]["visit"];
        let shown = nurse.person.client.get(&format!("/v1/visits/{visit}")).await.expect(200);
        assert_eq!(sheet, &shown, "the pack shows a visit as the visit itself does");
        assert_eq!(pack["visits"].as_array().expect("a list").len(), 1);
    }

    async fn the_pack_takes_as_many_statements_for_many_visits(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let mut counts = Vec::new();
        for visits in 1..=4 {
            let home = new_patient(&server, &scene.town, &scene.family, Some(CENTRE)).await;
            let start = server.now() + TimeDelta::hours(3 * visits);
            let order = scene.order_of(&server, home, "UC_CHG", start, Some(CENTRE)).await;
            scene.accepted_visit(&server, &nurse, order).await;
            let count = statements_of(&server, async || {
                let pack = nurse.person.client.get("/v1/sync/pack").await.expect(200);
                assert_eq!(pack["visits"].as_array().map(Vec::len), usize::try_from(visits).ok());
            });
            counts.push(count.await);
        }
        assert_eq!(counts[1..], vec![counts[1]; 3], "{counts:?}");
    }

    async fn changes_tell_what_is_new_and_what_to_delete(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let pack = nurse.person.client.get("/v1/sync/pack").await.expect(200);
        let first = have(&pack["visits"]);
        let changes = async |have: &str| nurse.person.client.get(&format!("/v1/sync/changes?have={have}")).await.expect(200);
        let none = changes(&first).await;
        assert_eq!((&none["updates"], &none["tombstones"]), (&json!([]), &json!([])));
        // Told elsewhere, so this phone's sheet is old.
        let acts = actions(&visit, server.now(), &good[..1]);
        tell(&nurse, server.now(), &acts).await;
        let changed = changes(&first).await;
        assert_eq!(changed["updates"][0]["visit"]["state"], "departed");
        let second = have(&changed["updates"]);
        assert_ne!(first, second);
        let path = format!("/v1/visits/{visit}/abort");
        nurse.person.client.post(&path, json!({ "reason": "患者已送医" })).await.expect(200);
        let gone = changes(&second).await;
        assert_eq!(gone["tombstones"], json!([{ "visit_id": visit, "reason": "aborted", "purge": true }]));
        assert_eq!(gone["updates"], json!([]));
        let _ = (scene, order);
    }

    async fn a_visit_taken_away_is_purged_from_the_phone(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let other = scene.nurse(&server, 2, NurseSpec::default()).await;
        let pack = nurse.person.client.get("/v1/sync/pack").await.expect(200);
        let body = json!({ "nurse_id": other.id, "reason": "联系不上" });
        scene.coordinator.client.post(&format!("/v1/orders/{order}/reassign"), body).await.expect(200);
        let gone = nurse.person.client.get(&format!("/v1/sync/changes?have={}", have(&pack["visits"]))).await.expect(200);
        assert_eq!(gone["tombstones"], json!([{ "visit_id": visit, "reason": "released", "purge": true }]));
        let theirs = other.person.client.get("/v1/sync/changes").await.expect(200);
        assert_eq!(theirs["updates"].as_array().expect("a list").len(), 1);
        // A visit she never had tells nothing but that.
        let mine = have(&theirs["updates"]);
        let unknown = nurse.person.client.get(&format!("/v1/sync/changes?have={mine}")).await.expect(200);
        assert_eq!(unknown["tombstones"][0]["reason"], "unknown");
        nurse.person.client.get("/v1/sync/changes?have=nonsense").await.problem(422, "invalid_request");
    }

    async fn a_closed_visit_stays_for_half_a_day(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let acts = actions(&visit, server.now(), &good);
        server.advance(TimeDelta::hours(2)).await;
        tell(&nurse, server.now(), &acts).await;
        let have = format!("{visit}:0.0");
        let changes = async || nurse.person.client.get(&format!("/v1/sync/changes?have={have}")).await.expect(200);
        assert_eq!(changes().await["updates"][0]["visit"]["state"], "closed");
        server.advance(TimeDelta::hours(12)).await;
        assert_eq!(changes().await["tombstones"][0]["reason"], "closed");
    }
}
