//! A discharge is put right after contacts were made: nothing is asked again, nobody is called again that day.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use jiahu_tests::harness::{NurseSpec, Scene, TestServer};
use jiahu_tests::on_both;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{attempts, events, path, tasks, tried};
use crate::discharges::{schedules, stay, words};

/// A stay with a tube at home: contacts on day 3, from day 2 to 5, and on day 7.
fn with_tube(diagnoses: &[&str]) -> Value {
    let mut stay = stay(diagnoses);
    stay["conditions"] = json!(["tube_at_home"]);
    stay
}

/// Quiet answers to the questionnaires for tubes and for everybody.
fn quiet() -> Value {
    json!({
        "tube_kind": "other", "fever": false, "caregiver_cannot_cope": false, "no_caregiver": false,
    })
}

/// Which tasks serve a point of a schedule of the discharge, with the state of the plan.
async fn serving(server: &TestServer, schedule: &str, day: i32) -> Vec<(String, String)> {
    let db = server.app.db.reader();
    let plans = entity::follow_plan::Entity::find().all(db).await;
    let links = entity::follow_task_plan::Entity::find().all(db).await;
    let (plans, links) = (plans.expect("plans"), links.expect("links"));
    let points = links.into_iter().filter(|link| link.day == day);
    let mut found: Vec<_> = points
        .filter_map(|link| {
            let plan = plans.iter().find(|plan| plan.id == link.plan_id)?;
            let wanted = plan.schedule == schedule;
            wanted.then(|| (link.task_id.to_string(), plan.state.to_string()))
        })
        .collect();
    found.sort();
    found
}

/// Discharged with a tube, and reached on the third day without answers: the discharge and the task.
async fn reached_on_day_3(server: &TestServer, scene: &Scene) -> (Value, Value) {
    let desk = &scene.coordinator.client;
    let body = json!({ "patient_id": scene.patient, "stay": with_tube(&["K80.2"]) });
    let made = desk.post("/v1/discharges", body).await.expect(201);
    server.advance(TimeDelta::days(3)).await;
    server.run_jobs().await;
    let third = tasks(scene).await[0].clone();
    desk.post(&attempts(&third), tried("reached_self"))
        .await
        .expect(200);
    (made, third)
}

on_both! {
    async fn what_was_done_is_not_asked_again_nor_anybody_called_that_day(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let desk = &scene.coordinator.client;
        let mut told = with_tube(&["K80.2"]);
        told["nurse_id"] = json!(nurse.id);
        let body = json!({ "patient_id": scene.patient, "stay": told });
        let made = desk.post("/v1/discharges", body).await.expect(201);
        server.advance(TimeDelta::days(3)).await;
        server.run_jobs().await;
        let third = tasks(&scene).await[0].clone();
        assert_eq!((&third["due_on"], &third["state"]), (&json!("2026-03-05"), &json!("open")));
        let client = &nurse.person.client;
        client.post(&attempts(&third), tried("reached_self")).await.expect(200);
        let answers = json!({ "answers": quiet(), "proxy": false });
        let kept = client.post(&format!("{}/answers", path(&third)), answers).await.expect(200);
        assert_eq!(kept["state"], "done");
        // Another day of discharge: all is planned anew, but day 3 of the tube is done and today is over.
        let correct = format!("/v1/discharges/{}/correct", made["id"].as_str().expect("an id"));
        let mut right = with_tube(&["K80.2"]);
        right["discharged_on"] = json!("2026-03-01");
        let shown = desk.post(&correct, json!({ "stay": right })).await.expect(200);
        assert_eq!(schedules(&shown), words(&["general", "tube"]));
        let days = |tasks: &[Value]| -> BTreeSet<_> {
            tasks.iter().map(|task| task["due_on"].as_str().expect("a day").to_owned()).collect()
        };
        assert!(!days(&tasks(&scene).await).contains("2026-03-05"), "nobody is called again today");
        // The new plan has its day 3 from what was done.
        let id = third["id"].as_str().expect("an id").to_owned();
        let state = |state: &str| (id.clone(), state.to_owned());
        assert_eq!(serving(&server, "tube", 3).await, [state("active"), state("stopped")]);
        // A wound that was forgotten: its day 3 may be today, and is not.
        right["conditions"] = json!(["tube_at_home", "wound"]);
        let wound = desk.post(&correct, json!({ "stay": right })).await.expect(200);
        assert_eq!(schedules(&wound), words(&["general", "tube", "wound"]));
        let planned = tasks(&scene).await;
        assert!(!days(&planned).contains("2026-03-05"));
        let first = planned.iter().find(|task| task["questionnaires"].as_array().expect("a list").contains(&json!("wound")));
        assert_eq!(first.expect("the first of the wound")["due_on"], "2026-03-06");
        assert_eq!(serving(&server, "tube", 3).await.len(), 2, "its plan went on");
    }

    async fn whoever_was_reached_and_has_not_answered_yet_is_not_called_anew(server: TestServer) {
        let scene = Scene::build(&server).await;
        let desk = &scene.coordinator.client;
        let (made, third) = reached_on_day_3(&server, &scene).await;
        // Other contacts are asked for; the plan of the tube goes on, and with it the answers that are awaited.
        let correct = format!("/v1/discharges/{}/correct", made["id"].as_str().expect("an id"));
        desk.post(&correct, json!({ "stay": with_tube(&["I63.9"]) })).await.expect(200);
        let shown = desk.get(&path(&third)).await.expect(200);
        assert_eq!((&shown["state"], &shown["due_on"]), (&json!("reached"), &json!("2026-03-05")));
        let today: Vec<_> = tasks(&scene).await.into_iter().filter(|task| task["due_on"] == "2026-03-05").collect();
        assert_eq!(today.len(), 1);
        // Taken back, it is asked for no more.
        let mut none = stay(&["I63.9"]);
        none["conditions"] = json!([]);
        let shown = desk.post(&correct, json!({ "stay": none })).await.expect(200);
        assert_eq!(schedules(&shown), words(&["stroke"]));
    }

    async fn a_contact_without_a_free_day_is_told(server: TestServer) {
        let scene = Scene::build(&server).await;
        let desk = &scene.coordinator.client;
        let (made, _) = reached_on_day_3(&server, &scene).await;
        // Day 3 of heart failure has its last day today, and today somebody was called.
        let correct = format!("/v1/discharges/{}/correct", made["id"].as_str().expect("an id"));
        desk.post(&correct, json!({ "stay": with_tube(&["I50.9"]) })).await.expect(200);
        let page = format!("/v1/follow-tasks?state=stopped&patient_id={}", scene.patient);
        let stopped = desk.get(&page).await.expect(200);
        let crowded: Vec<_> = stopped["items"].as_array().expect("a list").iter()
            .filter(|task| task["stop_cause"] == "crowded").collect();
        assert_eq!(crowded.len(), 1, "{stopped}");
        assert_eq!((&crowded[0]["due_on"], &crowded[0]["questionnaires"]), (&json!("2026-03-05"), &json!(["heart_failure"])));
        let whole = desk.get(&path(crowded[0])).await.expect(200);
        assert_eq!((&whole["points"][0]["day"], &whole["resolved_by"]), (&json!(3), &json!("stop")));
        let told = events(&server, "follow_up.stopped").await;
        let told = told.iter().find(|event| event["cause"] == "crowded").expect("an event");
        assert_eq!(told["tasks"], json!([crowded[0]["id"]]));
        let visit = |task: &Value| {
            let asked = task["questionnaires"].as_array().expect("a list");
            task["resolve_if"] == "visited" && asked.contains(&json!("heart_failure"))
        };
        assert!(tasks(&scene).await.iter().any(visit), "day 10 is planned");
    }

    async fn what_is_taken_back_is_asked_no_more_of_a_contact_that_another_plan_shares(server: TestServer) {
        let scene = Scene::build(&server).await;
        let desk = &scene.coordinator.client;
        let body = json!({ "patient_id": scene.patient, "stay": with_tube(&["I50.9"]) });
        let made = desk.post("/v1/discharges", body).await.expect(201);
        let shared = |tasks: Vec<Value>| tasks.into_iter().find(|task| task["due_on"] == "2026-03-09").expect("a task");
        let task = shared(tasks(&scene).await);
        assert_eq!((&task["resolve_if"], &task["channel"]), (&json!("visited"), &json!("visit")));
        assert_eq!(task["questionnaires"], json!(["heart_failure", "tube"]));
        // It was no heart failure: the contact is about the tube, and needs nobody at home.
        let correct = format!("/v1/discharges/{}/correct", made["id"].as_str().expect("an id"));
        desk.post(&correct, json!({ "stay": with_tube(&["K80.2"]) })).await.expect(200);
        let task = shared(tasks(&scene).await);
        assert_eq!((&task["resolve_if"], &task["channel"]), (&json!("answered"), &json!("wechat")));
        assert_eq!(task["questionnaires"], json!(["general", "tube"]));
    }

    async fn a_plan_that_is_over_stays_over(server: TestServer) {
        let scene = Scene::build(&server).await;
        let desk = &scene.coordinator.client;
        let body = json!({ "patient_id": scene.patient, "stay": stay(&["K80.2", "I10"]) });
        let made = desk.post("/v1/discharges", body).await.expect(201);
        assert_eq!(schedules(&made), words(&["general", "hypertension"]));
        server.advance(TimeDelta::days(40)).await;
        server.run_jobs().await;
        let desk = desk.in_session(&server.app, scene.town.session(&server.app, scene.coordinator.account).await);
        let id = made["id"].as_str().expect("an id");
        let mut right = stay(&["K80.2", "I10"]);
        right["discharged_on"] = json!("2026-03-01");
        let shown = desk.post(&format!("/v1/discharges/{id}/correct"), json!({ "stay": right })).await.expect(200);
        let states: BTreeSet<_> = shown["plans"].as_array().expect("plans").iter()
            .map(|plan| format!("{} {}", plan["schedule"], plan["state"])).collect();
        let expected = [r#""general" "finished""#, r#""hypertension" "active""#, r#""hypertension" "stopped""#];
        assert_eq!(states, words(&expected));
    }
}
