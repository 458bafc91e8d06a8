//! A contact is done when its scales are filled in, or left out with a reason.

use chrono::TimeDelta;
use entity::enums::FollowResolve;
use entity::follow_task;
use jiahu_tests::harness::{NurseSpec, Scene};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{answer, answer_with, link, open, task_with, wound};

async fn shown(scene: &Scene, task: impl std::fmt::Display) -> Value {
    let path = format!("/v1/follow-tasks/{task}");
    scene.coordinator.client.get(&path).await.expect(200)
}

fn asks(scales: Value) -> impl FnOnce(&mut follow_task::Model) {
    move |row| row.scales = scales
}

fn swallowed() -> Value {
    json!({ "finding": "one_go_within_5s" })
}

on_both! {
    async fn a_contact_waits_for_its_scales(server: TestServer) {
        let scene = Scene::build(&server).await;
        let desk = &scene.coordinator.client;
        let task = task_with(&server, &scene, json!(["wound"]), asks(json!(["mrs", "nrs_pain", "barthel"]))).await;
        let path = format!("/v1/follow-tasks/{task}");
        let body = json!({ "answers": wound(), "proxy": false, "scales": { "nrs_pain": { "pain": 2 } } });
        let kept = desk.post(&format!("{path}/answers"), body).await.expect(200);
        assert_eq!((&kept["state"], &kept["scales_missing"]), (&json!("reached"), &json!(["mrs", "barthel"])));
        let listed = desk.get("/v1/follow-tasks?state=reached").await.expect(200);
        assert_eq!(listed["items"][0]["scales_missing"], json!(["mrs", "barthel"]));
        assert_eq!(listed["items"][0]["reached_at"], json!(server.now()));
        let scales = format!("{path}/scales");
        // Only what is asked can be left out, and only for a reason that is one.
        let refused = desk.post(&scales, json!({ "scales_skipped": { "epds": "refused" } })).await.problem(422, "scale_unknown");
        assert_eq!(refused["errors"][0]["field"], "scales_skipped.epds");
        desk.unchecked().post(&scales, json!({ "scales_skipped": { "barthel": "whim" } })).await.problem(422, "invalid_request");
        let kept = desk.post(&scales, json!({ "scales": { "mrs": { "grade": "grade_2" } } })).await.expect(200);
        assert_eq!((&kept["scores"][0]["total"], &kept["state"], &kept["scales_missing"]), (&json!(2), &json!("reached"), &json!(["barthel"])));
        let kept = desk.post(&scales, json!({ "scales_skipped": { "barthel": "unable" } })).await.expect(200);
        assert_eq!((&kept["state"], &kept["scales_missing"]), (&json!("done"), &json!([])));
        let task = shown(&scene, task).await;
        assert_eq!((&task["resolved_by"], &task["scales_skipped"]), (&json!("answers"), &json!({ "barthel": "unable" })));
        desk.post(&scales, json!({})).await.problem(409, "follow_task_state");
    }

    async fn a_reason_with_the_answers_is_enough(server: TestServer) {
        let scene = Scene::build(&server).await;
        let task = task_with(&server, &scene, json!(["wound"]), asks(json!(["mrs"]))).await;
        let body = json!({ "answers": wound(), "proxy": false, "scales_skipped": { "mrs": "refused" } });
        let path = format!("/v1/follow-tasks/{task}/answers");
        let kept = scene.coordinator.client.post(&path, body).await.expect(200);
        assert_eq!((&kept["state"], &kept["scales_missing"]), (&json!("done"), &json!([])));
    }

    async fn a_score_made_elsewhere_within_the_window_counts(server: TestServer) {
        let scene = Scene::build(&server).await;
        let desk = &scene.coordinator.client;
        let task = task_with(&server, &scene, json!(["wound"]), asks(json!(["nrs_pain"]))).await;
        let body = json!({ "answers": wound(), "proxy": false });
        let kept = desk.post(&format!("/v1/follow-tasks/{task}/answers"), body).await.expect(200);
        assert_eq!(kept["state"], "reached");
        let score = json!({ "scale": "nrs_pain", "answers": { "pain": 1 }, "taken_at": server.now() - TimeDelta::days(2) });
        let scales = format!("/v1/patients/{}/scales", scene.patient);
        desk.post(&scales, score.clone()).await.expect(201);
        assert_eq!(shown(&scene, task).await["scales_missing"], json!(["nrs_pain"]), "before its window");
        let mut now = score;
        now["taken_at"] = Value::Null;
        desk.post(&scales, now).await.expect(201);
        let task = shown(&scene, task).await;
        assert_eq!((&task["state"], &task["scales_missing"]), (&json!("done"), &json!([])));
    }

    async fn a_family_is_not_asked_to_let_somebody_swallow(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let change = |row: &mut follow_task::Model| {
            row.scales = json!(["water_swallow", "push", "nrs_pain"]);
            row.channel = entity::enums::ContactChannel::Wechat;
            row.channels = json!(["wechat", "phone"]);
            row.owner_nurse_id = Some(nurse.id);
        };
        let task = task_with(&server, &scene, json!(["wound"]), change).await;
        let sent = link(&server, &scene, task).await;
        let form = open(&server, &sent, &sent.code).await.expect(200);
        let codes: Vec<_> = form["scales"].as_array().expect("scales").iter().map(|one| one["code"].clone()).collect();
        assert_eq!(codes, [json!("nrs_pain")]);
        let whole = nurse.person.client.get(&format!("/v1/follow-tasks/{task}/form")).await.expect(200);
        assert_eq!(whole["scales"].as_array().expect("scales").len(), 3);
        let refused = answer_with(&server, &sent, wound(), json!({ "water_swallow": swallowed() })).await.problem(422, "scale_staff_only");
        assert_eq!(refused["errors"][0]["field"], "scales.water_swallow");
        answer(&server, &sent, wound()).await.expect(200);
        let waiting = shown(&scene, task).await;
        assert_eq!((&waiting["state"], &waiting["scales_missing"]), (&json!("reached"), &json!(["water_swallow", "push"])));
        let skipped = json!({ "scales": { "water_swallow": swallowed() }, "scales_skipped": { "push": "not_applicable" } });
        let scales = format!("/v1/follow-tasks/{task}/scales");
        let kept = nurse.person.client.post(&scales, skipped).await.expect(200);
        assert_eq!(kept["state"], "done");
    }

    async fn a_visit_waits_for_its_scales_too(server: TestServer) {
        let scene = Scene::build(&server).await;
        let desk = &scene.coordinator.client;
        let change = |row: &mut follow_task::Model| {
            row.scales = json!(["nrs_pain"]);
            row.resolve_if = FollowResolve::Visited;
            row.channel = entity::enums::ContactChannel::Visit;
            row.channels = json!(["visit"]);
        };
        let task = task_with(&server, &scene, json!(["wound"]), change).await;
        let path = format!("/v1/follow-tasks/{task}");
        let met = json!({ "channel": "visit", "result": "reached_self" });
        let after = desk.post(&format!("{path}/attempts"), met).await.expect(200);
        assert_eq!((&after["state"], &after["scales_missing"]), (&json!("reached"), &json!(["nrs_pain"])));
        let body = json!({ "answers": wound(), "proxy": false, "scales": { "nrs_pain": { "pain": 1 } } });
        let kept = desk.post(&format!("{path}/answers"), body).await.expect(200);
        assert_eq!(kept["state"], "done");
        assert_eq!(shown(&scene, task).await["resolved_by"], "visit");
    }
}
