//! The register follows the record of a visit.

use chrono::TimeDelta;
use jiahu_tests::harness::{NurseSpec, Scene, SceneNurse, TestServer, filled_forms};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{devices, finish, on_site, visit_of};

/// The record of a catheter change with what its form says about the catheter.
async fn write(nurse: &SceneNurse, visit: &str, item: &str, about: Value) -> Value {
    let path = format!("/v1/visits/{visit}");
    let etag = nurse.person.client.get(&path).await.etag();
    let mut forms = filled_forms(&[item]);
    for (name, value) in about.as_object().expect("fields") {
        forms[item][name] = value.clone();
    }
    let record = json!({
        "items_done": [item], "vitals": [], "note": "顺利", "consumables": [], "forms": forms,
    });
    let path = format!("{path}/record");
    let kept = nurse.person.client.put_if(&path, &etag, record).await;
    kept.expect(200)["register"].clone()
}

async fn listed(scene: &Scene) -> Vec<Value> {
    let found = scene.family.client.get(&devices(scene)).await.expect(200);
    found["items"].as_array().expect("a list").clone()
}

/// A catheter of the patient, placed some days ago.
async fn old(server: &TestServer, scene: &Scene) -> Value {
    let body = json!({
        "kind": "uc", "material": "latex", "size": "14 Fr", "placed_by": "hospital",
        "placed_at": server.now() - TimeDelta::days(10),
    });
    let client = &scene.coordinator.client;
    client.post(&devices(scene), body).await.expect(201)
}

on_both! {
    async fn the_register_follows_the_record_and_counts_once(server: TestServer) {
        let scene = Scene::build(&server).await;
        let old = old(&server, &scene).await;
        let (nurse, visit) = on_site(&server, &scene).await;
        let told = json!({ "size": "16 Fr", "depth_cm": 22.5, "lot": "B7", "uc_material": "silicone", "device_removal": "blocked" });
        let register = write(&nurse, &visit, "UC_CHG", told.clone()).await;
        assert_eq!((&register[0]["item"], &register[0]["outcome"]), (&json!("UC_CHG"), &json!("replaced")));
        let now = listed(&scene).await;
        assert_eq!(now.len(), 2);
        let (new, gone) = (&now[0], &now[1]);
        assert_eq!((&gone["id"], &gone["removal"], &gone["replaced_by"]), (&old["id"], &json!("blocked"), &new["id"]));
        assert_eq!((&new["size"], &new["depth_cm"], &new["lot"]), (&json!("16 Fr"), &json!(22.5), &json!("B7")));
        assert_eq!((&new["material"], &new["review_due"]), (&json!("silicone"), &json!("2026-03-30")));
        assert_eq!((&new["placed_by_nurse"], &register[0]["device_id"]), (&json!(nurse.id), &new["id"]));
        // The text is put right: so is the device, and there is no third one.
        let mut better = told.clone();
        better["lot"] = json!("B8");
        assert_eq!(write(&nurse, &visit, "UC_CHG", better.clone()).await[0]["outcome"], "corrected");
        assert_eq!(write(&nurse, &visit, "UC_CHG", better).await[0]["outcome"], "corrected");
        // She tells the register, too: of the old one as her phone still shows it, and of a new one.
        let client = &nurse.person.client;
        let path = format!("/v1/devices/{}/replace", old["id"].as_str().expect("an id"));
        let change = json!({ "visit_id": visit, "removal": "leaked", "placed_by": "nurse", "size": "18 Fr" });
        let both = client.post(&path, change).await.expect(200);
        assert_eq!((&both["removed"]["removal"], &both["placed"]["id"]), (&json!("leaked"), &new["id"]));
        let again = json!({ "visit_id": visit, "kind": "uc", "placed_by": "nurse", "material": "latex" });
        assert_eq!(client.post(&devices(&scene), again).await.expect(201)["id"], new["id"]);
        finish(&server, &nurse, &visit).await;
        let now = listed(&scene).await;
        assert_eq!(now.len(), 2);
        assert_eq!((&now[0]["size"], &now[0]["lot"], &now[0]["material"]), (&json!("18 Fr"), &json!("B8"), &json!("latex")));
        assert_eq!(now[0]["review_due"], "2026-03-16");
        let acts: Vec<_> = now.iter().flat_map(|one| one["visits"].as_array().expect("a list")).map(|one| one["act"].clone()).collect();
        assert_eq!(acts, ["placed", "removed"]);
        // Anybody else's second catheter is refused as before.
        let another = json!({ "kind": "uc", "placed_by": "hospital" });
        scene.coordinator.client.post(&devices(&scene), another).await.problem(409, "device_current_exists");
    }

    async fn what_the_nurse_told_first_is_not_done_again_by_the_record(server: TestServer) {
        let scene = Scene::build(&server).await;
        let old = old(&server, &scene).await;
        let (nurse, visit) = on_site(&server, &scene).await;
        let path = format!("/v1/devices/{}/replace", old["id"].as_str().expect("an id"));
        let change = json!({ "visit_id": visit, "removal": "pulled", "placed_by": "nurse", "material": "silicone" });
        let both = nurse.person.client.post(&path, change).await.expect(200);
        let register = write(&nurse, &visit, "UC_CHG", json!({ "lot": "C1" })).await;
        assert_eq!((&register[0]["outcome"], &register[0]["device_id"]), (&json!("corrected"), &both["placed"]["id"]));
        let now = listed(&scene).await;
        assert_eq!((now.len(), &now[0]["lot"], &now[0]["material"]), (2, &json!("C1"), &json!("silicone")));
        assert_eq!(now[1]["removal"], "pulled");
    }

    async fn without_a_device_in_the_register_a_change_enters_one(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (nurse, visit) = on_site(&server, &scene).await;
        let register = write(&nurse, &visit, "UC_CHG", json!({ "size": "16 Fr" })).await;
        assert_eq!(register[0]["outcome"], "placed");
        let now = listed(&scene).await;
        assert_eq!((now.len(), &now[0]["size"], &now[0]["placed_by"]), (1, &json!("16 Fr"), &json!("nurse")));
    }

    async fn a_tube_that_is_changed_to_the_other_nostril_stays_one_tube(server: TestServer) {
        let scene = Scene::build(&server).await;
        let body = json!({
            "kind": "ng", "site": "left_nostril", "material": "silicone", "placed_by": "hospital",
            "placed_at": server.now() - TimeDelta::days(10),
        });
        let old = scene.coordinator.client.post(&devices(&scene), body).await.expect(201);
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let visit = visit_of(&server, &scene, &nurse, "NG_CHG").await;
        let told = json!({ "ng_site": "right_nostril", "ng_material": "silicone", "depth_cm": 55.0, "device_removal": "blocked" });
        let register = write(&nurse, &visit, "NG_CHG", told.clone()).await;
        assert_eq!(register[0]["outcome"], "replaced");
        let now = listed(&scene).await;
        let (new, gone) = (&now[0], &now[1]);
        assert_eq!((now.len(), &gone["id"], &gone["removal"], &gone["replaced_by"]), (2, &old["id"], &json!("blocked"), &new["id"]));
        assert_eq!((&new["site"], &new["removed_at"]), (&json!("right_nostril"), &Value::Null));
        // It was the left one after all: the same tube is put right.
        let mut better = told.clone();
        better["ng_site"] = json!("left_nostril");
        let register = write(&nurse, &visit, "NG_CHG", better).await;
        assert_eq!((&register[0]["outcome"], &register[0]["device_id"]), (&json!("corrected"), &new["id"]));
        assert_eq!((listed(&scene).await.len(), &listed(&scene).await[0]["site"]), (2, &json!("left_nostril")));
        // No: the right one, as she tells the register of the old one too.
        let path = format!("/v1/devices/{}/replace", old["id"].as_str().expect("an id"));
        let change = json!({ "visit_id": visit, "removal": "blocked", "placed_by": "nurse", "site": "right_nostril" });
        let both = nurse.person.client.post(&path, change).await.expect(200);
        assert_eq!((&both["placed"]["id"], &both["placed"]["site"]), (&new["id"], &json!("right_nostril")));
        assert_eq!(listed(&scene).await.len(), 2);
    }

    async fn care_reviews_what_is_there_and_says_when_there_is_nothing(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let visit = visit_of(&server, &scene, &nurse, "UC_CARE").await;
        let register = write(&nurse, &visit, "UC_CARE", json!({})).await;
        assert_eq!((&register[0]["outcome"], &register[0]["problem"]), (&json!("open"), &json!("device_none_there")));
        let old = old(&server, &scene).await;
        let register = write(&nurse, &visit, "UC_CARE", json!({})).await;
        assert_eq!((&register[0]["outcome"], &register[0]["device_id"]), (&json!("reviewed"), &old["id"]));
        let seen = listed(&scene).await;
        assert_eq!(seen[0]["visits"][0]["act"], "reviewed");
        assert!(seen[0]["reviewed_at"].is_string() && seen[0]["removed_at"].is_null());
        assert_eq!(write(&nurse, &visit, "UC_CARE", json!({})).await[0]["outcome"], "unchanged");
    }
}
