//! Waste (R17): who took it over, and what a procedure that was broken off leaves behind: its waste and its record.

use chrono::TimeDelta;
use jiahu_tests::harness::{
    Backend, Person, Scene, SceneNurse, TestServer, filled_forms, with_family,
};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::at_the_door;

/// The hash under which the signature of the hand-over lies.
fn hash() -> String {
    "7".repeat(64)
}

fn waste(scene: &Scene) -> Value {
    json!({ "bags": 1, "weight_g": 350, "returned_to": scene.town.centre, "handed_to": "赵强", "signature_hash": hash() })
}

fn record() -> Value {
    json!({
        "items_done": ["UC_CHG"], "vitals": [], "note": "更换中患者晕倒,已停止操作",
        "consumables": [{ "code": "foley_catheter", "quantity": 1, "lot": "A17" }],
        "forms": filled_forms(&["UC_CHG"]),
    })
}

async fn broken_off(nurse: &SceneNurse, visit: &str) {
    nurse.prepare(visit).await;
    nurse.post(visit, "start", with_family()).await.expect(200);
    let reason = json!({ "reason": "患者头晕" });
    nurse.post(visit, "abort", reason).await.expect(200);
}

async fn sheet(who: &Person, visit: &str) -> Value {
    who.client
        .get(&format!("/v1/visits/{visit}"))
        .await
        .expect(200)
}

async fn owed(who: &Person, closed: bool) -> Vec<Value> {
    asked(who, "waste_owed", closed).await
}

async fn asked(who: &Person, kind: &str, closed: bool) -> Vec<Value> {
    let path = format!("/v1/alerts?kind={kind}&closed={closed}");
    let list = who.client.get(&path).await.expect(200);
    list["items"].as_array().expect("a list").clone()
}

on_both! {
    async fn staff_and_the_nurse_read_who_took_it_over_and_the_family_does_not(server: TestServer) {
        let (scene, nurse, _, visit) = at_the_door(&server).await;
        broken_off(&nurse, &visit).await;
        let mut unsigned = waste(&scene);
        unsigned["signature_hash"] = Value::Null;
        let problem = nurse.post(&visit, "waste", unsigned.clone()).await.problem(422, "waste_signature_missing");
        assert_eq!(problem["errors"][0]["field"], "signature_hash");
        assert_eq!(sheet(&nurse.person, &visit).await["waste_signature"], true);
        let told = nurse.post(&visit, "waste", waste(&scene)).await.expect(200);
        assert_eq!((&told["handed_to"], &told["signature_hash"]), (&json!("赵强"), &json!(hash())));
        for who in [&nurse.person, &scene.coordinator] {
            let seen = sheet(who, &visit).await["waste"].clone();
            assert_eq!((&seen["handed_to"], &seen["signature_hash"]), (&json!("赵强"), &json!(hash())));
        }
        let seen = sheet(&scene.family, &visit).await;
        assert_eq!((&seen["waste"]["bags"], &seen["waste"]["handed_to"], &seen["waste"]["signature_hash"]), (&json!(1), &Value::Null, &Value::Null));
        assert!(!seen.to_string().contains("赵强") && !seen.to_string().contains(&hash()));
    }

    async fn waste_of_a_procedure_that_was_broken_off_is_asked_for_until_it_is_back(server: TestServer) {
        let (scene, nurse, order, visit) = at_the_door(&server).await;
        broken_off(&nurse, &visit).await;
        for who in [&scene.coordinator, &nurse.person] {
            let open = owed(who, false).await;
            assert_eq!(open.len(), 1);
            assert_eq!((&open[0]["order_id"], &open[0]["visit_id"], &open[0]["nurse_id"]), (&json!(order), &json!(visit), &json!(nurse.id)));
            assert_eq!(sheet(who, &visit).await["waste_owed"], true);
        }
        server.run_jobs().await;
        let told = server.phones.of(&scene.coordinator.phone);
        assert!(told.iter().any(|message| message.template == "alert"));
        nurse.post(&visit, "waste", waste(&scene)).await.expect(200);
        assert_eq!(owed(&scene.coordinator, false).await, Vec::<Value>::new());
        assert_eq!(owed(&scene.coordinator, true).await[0]["closed_by"], json!(nurse.person.account));
        assert_eq!(sheet(&nurse.person, &visit).await["waste_owed"], false);
    }

    async fn who_owes_it_does_not_close_it_without_doing_it(server: TestServer) {
        let (_, nurse, _, visit) = at_the_door(&server).await;
        broken_off(&nurse, &visit).await;
        for kind in ["waste_owed", "record_owed"] {
            let alert = asked(&nurse.person, kind, false).await.remove(0);
            let path = format!("/v1/alerts/{}", alert["id"].as_str().expect("an id"));
            nurse.person.client.get(&path).await.expect(200);
            nurse.person.client.post(&format!("{path}/take"), json!({})).await.problem(403, "forbidden");
        }
    }

    async fn what_somebody_has_taken_already_is_closed_by_the_return_too(server: TestServer) {
        let (scene, nurse, _, visit) = at_the_door(&server).await;
        broken_off(&nurse, &visit).await;
        let id = owed(&scene.coordinator, false).await[0]["id"].clone();
        let take = format!("/v1/alerts/{}/take", id.as_str().expect("an id"));
        scene.coordinator.client.post(&take, json!({})).await.expect(200);
        // Nothing was left: nobody has to sign for it.
        let nothing = json!({ "bags": 0, "count": 0, "returned_to": scene.town.centre, "handed_to": "赵强" });
        nurse.post(&visit, "waste", nothing).await.expect(200);
        let closed = owed(&scene.coordinator, true).await;
        assert_eq!((&closed[0]["id"], &closed[0]["taken_by"]), (&id, &json!(scene.coordinator.account)));
    }

    async fn the_record_of_a_procedure_that_was_broken_off_is_asked_for_until_it_is_signed(server: TestServer) {
        let (scene, nurse, _, visit) = at_the_door(&server).await;
        broken_off(&nurse, &visit).await;
        for who in [&scene.coordinator, &nurse.person] {
            let open = asked(who, "record_owed", false).await;
            assert_eq!((open.len(), &open[0]["visit_id"], &open[0]["nurse_id"]), (1, &json!(visit), &json!(nurse.id)));
            assert_eq!(sheet(who, &visit).await["record_owed"], true);
        }
        // Her phone keeps what she needs to write it, also after she has left.
        let client = &nurse.person.client;
        let tag = client.get("/v1/sync/pack").await.expect(200)["visits"][0]["tag"].clone();
        let phone = format!("/v1/sync/changes?have={visit}:{}", tag.as_str().expect("a tag"));
        nurse.post(&visit, "leave", json!({})).await.expect(200);
        assert_eq!(client.get(&phone).await.expect(200)["tombstones"], json!([]));
        nurse.post(&visit, "sign", json!({})).await.problem(409, "record_missing");
        let path = format!("/v1/visits/{visit}");
        let etag = client.get(&path).await.etag();
        let kept = client.put_if(&format!("{path}/record"), &etag, record()).await;
        assert_eq!(kept.expect(200)["register"][0]["outcome"], "placed");
        nurse.post(&visit, "sign", json!({})).await.expect(200);
        assert_eq!(asked(&scene.coordinator, "record_owed", false).await, Vec::<Value>::new());
        assert_eq!(asked(&scene.coordinator, "record_owed", true).await[0]["closed_by"], json!(nurse.person.account));
        assert_eq!(sheet(&nurse.person, &visit).await["record_owed"], false);
        let etag = client.get(&path).await.etag();
        client.put_if(&format!("{path}/record"), &etag, record()).await.problem(409, "record_signed");
        // The waste is still to be brought back.
        assert_eq!(client.get(&phone).await.expect(200)["tombstones"], json!([]));
        nurse.post(&visit, "waste", waste(&scene)).await.expect(200);
        let gone = client.get(&phone).await.expect(200)["tombstones"].clone();
        assert_eq!(gone, json!([{ "visit_id": visit, "reason": "aborted", "purge": true }]));
    }

    async fn a_new_phone_gets_what_was_broken_off_days_ago_while_something_is_owed(server: TestServer) {
        let (scene, nurse, _, visit) = at_the_door(&server).await;
        broken_off(&nurse, &visit).await;
        nurse.post(&visit, "leave", json!({})).await.expect(200);
        server.advance(TimeDelta::days(2)).await;
        let client = &nurse.person.client;
        let taken = async || client.get("/v1/sync/pack").await.expect(200)["visits"].clone();
        assert_eq!(taken().await[0]["visit"]["id"], visit);
        let path = format!("/v1/visits/{visit}");
        let etag = client.get(&path).await.etag();
        client.put_if(&format!("{path}/record"), &etag, record()).await.expect(200);
        nurse.post(&visit, "sign", json!({})).await.expect(200);
        assert_eq!(taken().await[0]["visit"]["id"], visit, "the waste is still to be brought back");
        nurse.post(&visit, "waste", waste(&scene)).await.expect(200);
        assert_eq!(taken().await, json!([]));
    }

    async fn before_the_begin_there_is_no_waste_and_nothing_to_record(server: TestServer) {
        let (scene, nurse, _, visit) = at_the_door(&server).await;
        nurse.post(&visit, "abort", json!({ "reason": "患者外出" })).await.expect(200);
        for kind in ["waste_owed", "record_owed"] {
            assert_eq!(asked(&scene.coordinator, kind, false).await, Vec::<Value>::new());
            assert_eq!(sheet(&nurse.person, &visit).await[kind], false);
        }
        let path = format!("/v1/visits/{visit}");
        let etag = nurse.person.client.get(&path).await.etag();
        nurse.person.client.put_if(&format!("{path}/record"), &etag, record()).await.problem(409, "order_wrong_state");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_signature_is_asked_for_a_return_goes_without() {
    let change = |config: &mut jiahu::config::Config| {
        config.care.waste_signature = jiahu::config::WasteSignature::Optional;
    };
    let test = async |server: std::sync::Arc<TestServer>| {
        let (scene, nurse, _, visit) = at_the_door(&server).await;
        broken_off(&nurse, &visit).await;
        assert_eq!(sheet(&nurse.person, &visit).await["waste_signature"], false);
        let mut unsigned = waste(&scene);
        unsigned["signature_hash"] = Value::Null;
        nurse.post(&visit, "waste", unsigned).await.expect(200);
    };
    for backend in [Backend::Sqlite, Backend::Postgres] {
        TestServer::with_config(backend, change, test).await;
    }
}
