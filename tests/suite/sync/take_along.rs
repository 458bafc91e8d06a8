//! The visits a phone takes along, and what it is told to change and delete.

use chrono::TimeDelta;
use entity::enums::Role;
use entity::patient_read;
use jiahu_tests::harness::{CENTRE, Fixtures, NurseSpec, Scene, new_patient, statements_of};
use jiahu_tests::on_both;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::{accepted, actions, good_visit, place_of, tell};
use crate::patients::citizen;

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
        let (scene, nurse, _, visit) = accepted(&server).await;
        let (path, desk) = (format!("/v1/patients/{}", scene.patient), &scene.coordinator.client);
        let (known, etag) = (desk.get(&path).await.expect(200), desk.get(&path).await.etag());
        let born = known["birth_date"].as_str().expect("a day").replace('-', "");
        let number = citizen(&born, if known["sex"] == "male" { 1 } else { 2 });
        desk.patch(&path, &etag, json!({ "id_number": number })).await.expect(200);
        let pack = nurse.person.client.get("/v1/sync/pack").await.expect(200);
        let sheet = &pack["visits"][0]["visit"];
        let shown = nurse.person.client.get(&format!("/v1/visits/{visit}")).await.expect(200);
        assert_eq!(sheet, &shown, "the pack shows a visit as the visit itself does");
        // Two identifiers are checked at the door: these need no question to the server.
        let patient = &sheet["patient"];
        assert_eq!((&patient["birth_date"], &patient["id_last4"]), (&known["birth_date"], &json!(&number[14..])));
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

    async fn changes_take_as_many_statements_for_many_visits(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let (mut new, mut known) = (Vec::new(), Vec::new());
        for visits in 1..=3 {
            let home = new_patient(&server, &scene.town, &scene.family, Some(CENTRE)).await;
            let start = server.now() + TimeDelta::hours(3 * visits);
            let order = scene.order_of(&server, home, "UC_CHG", start, Some(CENTRE)).await;
            scene.accepted_visit(&server, &nurse, order).await;
            let changes = async |have: &str, expected: i64| {
                let path = format!("/v1/sync/changes?have={have}");
                let updates = nurse.person.client.get(&path).await.expect(200)["updates"].clone();
                assert_eq!(updates.as_array().map(Vec::len), usize::try_from(expected).ok());
                updates
            };
            let have = have(&changes("", visits).await);
            new.push(statements_of(&server, async || drop(changes("", visits).await)).await);
            known.push(statements_of(&server, async || drop(changes(&have, 0).await)).await);
        }
        assert_eq!(new[1], new[2], "{new:?}");
        assert_eq!(known[1], known[2], "{known:?}");
    }

    async fn changes_tell_of_all_that_the_sheet_shows(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let (desk, client) = (&scene.coordinator.client, &nurse.person.client);
        let pack = client.get("/v1/sync/pack").await.expect(200);
        let mut held = have(&pack["visits"]);
        let patient = format!("/v1/patients/{}", scene.patient);
        let mut change = async |what: &str| {
            let path = format!("/v1/sync/changes?have={held}");
            let changes = client.get(&path).await.expect(200);
            let updates = changes["updates"].as_array().expect("a list").clone();
            assert_eq!(updates.len(), 1, "{what}");
            assert_eq!(updates[0]["visit"]["id"], visit);
            held = have(&changes["updates"]);
            let none = client.get(&format!("/v1/sync/changes?have={held}")).await.expect(200);
            assert_eq!(none["updates"], json!([]), "{what} is told once");
            updates[0].clone()
        };
        let warning = format!("{patient}/addresses/{}/warning", scene.address);
        desk.put(&warning, json!({ "text": "院内有大狗" })).await.expect(200);
        assert_eq!(change("a warning").await["visit"]["address"]["warning"], "院内有大狗");
        desk.delete(&warning).await.expect(204);
        assert!(change("no warning").await["visit"]["address"]["warning"].is_null());
        let health = format!("{patient}/health");
        let etag = desk.get(&health).await.etag();
        let facts = json!({
            "allergies": [{ "substance": "青霉素", "reaction": "皮疹", "severity": "severe" }],
            "diagnoses": [], "conditions": [],
        });
        desk.put_if(&health, &etag, facts).await.expect(200);
        assert_eq!(change("an allergy").await["health"]["allergies"][0]["substance"], "青霉素");
        let device = json!({ "kind": "uc", "material": "silicone", "size": "16 Fr", "placed_by": "hospital" });
        desk.post(&format!("{patient}/devices"), device).await.expect(201);
        assert_eq!(change("a device").await["devices"][0]["kind"], "uc");
        let daughter = scene.town.person(&server, "13900000011", Role::Family, None).await;
        Fixtures::new(&server, &scene.town).carer(scene.patient, daughter.account, true).await;
        assert_eq!(change("a carer who may sign").await["consents"]["signers"].as_array().map(Vec::len), Some(3));
    }

    async fn what_did_not_change_is_no_read_of_a_patient(server: TestServer) {
        let (scene, nurse, _, _) = accepted(&server).await;
        let pack = nurse.person.client.get("/v1/sync/pack").await.expect(200);
        let reads = async || {
            let reads = patient_read::Entity::find()
                .filter(patient_read::Column::PatientId.eq(scene.patient))
                .filter(patient_read::Column::AccountId.eq(nurse.person.account));
            reads.all(server.app.db.reader()).await.expect("rows").len()
        };
        let before = reads().await;
        let path = format!("/v1/sync/changes?have={}", have(&pack["visits"]));
        nurse.person.client.get(&path).await.expect(200);
        assert_eq!(reads().await, before);
        nurse.person.client.get("/v1/sync/changes").await.expect(200);
        assert_eq!(reads().await, before + 1);
    }

    async fn a_visit_that_crosses_midnight_stays_on_the_phone_until_it_is_closed(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let client = &nurse.person.client;
        // At night she goes alone only where the county says so.
        scene.publish_visit_rules(&server, Vec::clear).await;
        // Tests begin at nine in the morning.
        let start = server.now() + TimeDelta::minutes(14 * 60 + 30);
        let order = scene.order(&server, "UC_CHG", start).await;
        let visit = scene.accepted_visit(&server, &nurse, order).await;
        server.advance(start - server.now() - TimeDelta::minutes(30)).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let acts = actions(&visit, server.now(), &good);
        let shown = async |state: &str| {
            let pack = client.get("/v1/sync/pack").await.expect(200);
            let changes = client.get("/v1/sync/changes").await.expect(200);
            for sheets in [&pack["visits"], &changes["updates"]] {
                assert_eq!(sheets[0]["visit"]["id"], visit, "{state}");
                assert_eq!(sheets[0]["visit"]["state"], state);
            }
        };
        tell(&nurse, server.now(), &acts[..1]).await;
        let arrive = place_of(&acts, "arrive");
        server.advance(TimeDelta::minutes(20)).await;
        tell(&nurse, server.now(), &acts[..=arrive]).await;
        // Past midnight, and past the time that was planned.
        server.advance(TimeDelta::hours(3)).await;
        shown("arrived").await;
        let sign = place_of(&acts, "sign");
        for until in [place_of(&acts, "start"), place_of(&acts, "finish"), sign] {
            tell(&nurse, server.now(), &acts[..=until]).await;
            shown(if until < place_of(&acts, "finish") { "in_procedure" } else { "finished" }).await;
        }
        tell(&nurse, server.now(), &acts).await;
        let pack = client.get("/v1/sync/pack").await.expect(200);
        assert_eq!(pack["visits"], json!([]), "closed");
    }

    async fn a_visit_of_the_evening_before_is_taken_along_until_its_time_is_over(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let start = server.now() + TimeDelta::minutes(14 * 60 + 50);
        let order = scene.order(&server, "UC_CHG", start).await;
        scene.accepted_visit(&server, &nurse, order).await;
        let count = async || {
            let pack = nurse.person.client.get("/v1/sync/pack").await.expect(200);
            pack["visits"].as_array().map(Vec::len)
        };
        server.app.clock.set(start + TimeDelta::minutes(15));
        assert_eq!(count().await, Some(1), "it lasts until after midnight");
        server.app.clock.set(start + TimeDelta::hours(25));
        assert_eq!(count().await, Some(0), "she never set out");
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
        nurse.person.client.post(&path, json!({ "reason": "患者已送医", "left": true })).await.expect(200);
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
