//! Whether it helps, and what the next visit opens with.

use chrono::TimeDelta;
use jiahu_tests::harness::{NurseSpec, Scene};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{doctor, plan, tap, told};

/// A Barthel form of 65 points, and 5 for each step better in walking.
fn barthel(walking: &str) -> Value {
    json!({ "scale": "barthel", "answers": {
        "feeding": "independent", "bathing": "independent", "grooming": "independent", "dressing": "help",
        "bowels": "continent", "bladder": "occasional", "toilet": "help", "transfer": "little_help",
        "walking": walking, "stairs": "dependent",
    }})
}

on_both! {
    async fn scales_before_during_and_at_the_end_show_whether_it_helped(server: TestServer) {
        let scene = Scene::build(&server).await;
        let doctor = doctor(&server, &scene).await;
        let scales = format!("/v1/patients/{}/scales", scene.patient);
        let score = async |walking: &str| {
            doctor.client.post(&scales, barthel(walking)).await.expect(201)["total"].clone()
        };
        let before = score("wheelchair").await;
        let (id, _) = plan(&doctor, &scene, &["ankle_pump"]).await;
        let path = format!("/v1/rehab-plans/{id}");
        let shown = async || doctor.client.get(&path).await.expect(200)["progress"].clone();
        let first = shown().await;
        assert_eq!((&first[0]["scale"], &first[0]["before"]["total"]), (&json!("barthel"), &before));
        assert_eq!((&first[0]["latest"], &first[0]["trend"], &first[0]["times"]), (&Value::Null, &Value::Null, &json!(0)));
        server.advance(TimeDelta::days(20)).await;
        score("help_of_one").await;
        server.advance(TimeDelta::days(20)).await;
        let end = score("independent").await;
        let stopped = doctor.client.post(&format!("{path}/stop"), json!({ "cause": "goal_reached" })).await.expect(200);
        let last = &stopped["progress"][0];
        assert_eq!((&last["latest"]["total"], &last["times"], &last["change"]), (&end, &json!(2), &json!(10)));
        assert_eq!(last["trend"], "better");
        // What comes after the end says nothing of the plan.
        server.advance(TimeDelta::days(1)).await;
        score("wheelchair").await;
        assert_eq!(&shown().await, &stopped["progress"]);
    }

    async fn what_nobody_has_looked_at_stays_in_the_list(server: TestServer) {
        let scene = Scene::build(&server).await;
        let doctor = doctor(&server, &scene).await;
        let (id, exercises) = plan(&doctor, &scene, &["ankle_pump"]).await;
        let mut symptom = tap(&server, &exercises[0], server.now());
        symptom["new_symptom"] = json!(true);
        symptom["pain_after"] = json!(8);
        told(&scene.family, &id, vec![symptom]).await;
        server.advance(TimeDelta::days(30)).await;
        let list = doctor.client.get("/v1/rehab-attention").await.expect(200);
        let reasons: Vec<_> = list["items"][0]["reasons"].as_array().expect("reasons").iter()
            .map(|one| one["reason"].as_str().expect("a word")).collect();
        assert_eq!(reasons, ["new_symptom", "pain", "silent"]);
        assert_eq!(list["items"][0]["reasons"][2]["days"], 30);
        doctor.client.post(&format!("/v1/rehab-plans/{id}/seen"), json!({})).await.expect(200);
        assert_eq!(doctor.client.get("/v1/rehab-attention").await.expect(200)["items"], json!([]));
    }

    async fn a_visit_opens_with_the_log(server: TestServer) {
        let scene = Scene::build(&server).await;
        let doctor = doctor(&server, &scene).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let (id, exercises) = plan(&doctor, &scene, &["ankle_pump"]).await;
        let mut skipped = tap(&server, &exercises[0], server.now());
        skipped["outcome"] = json!("skipped");
        skipped["reason"] = json!("pain");
        skipped["note"] = json!("脚踝肿了");
        told(&scene.family, &id, vec![tap(&server, &exercises[0], server.now() - TimeDelta::minutes(30)), skipped]).await;
        let order = scene.order(&server, "EDU", server.now() + TimeDelta::hours(5)).await;
        let assign = json!({ "nurse_id": nurse.id });
        let given = scene.coordinator.client.post(&format!("/v1/orders/{order}/assign"), assign).await.expect(200);
        let visit = given["visit_id"].as_str().expect("a visit").to_owned();
        let sheet = nurse.person.client.get(&format!("/v1/visits/{visit}")).await.expect(200);
        let pack = nurse.person.client.get("/v1/sync/pack").await.expect(200);
        for rehab in [&sheet["rehab"], &pack["visits"][0]["visit"]["rehab"]] {
            let recent = rehab["recent"].as_array().expect("the log");
            assert_eq!(recent.len(), 2);
            assert_eq!((&recent[0]["outcome"], &recent[0]["reason"]), (&json!("skipped"), &json!("pain")));
            assert_eq!((&recent[0]["note"], &recent[0]["exercise"]), (&json!("脚踝肿了"), &json!("ankle_pump")));
            assert_eq!(recent[1]["outcome"], "done");
        }
    }
}
