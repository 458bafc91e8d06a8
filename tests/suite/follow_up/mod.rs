//! Follow-up: tasks open and end by themselves, attempts are counted, plans stop.

mod again;
mod called;
mod receipts;
mod reminders;
mod repeats;

use chrono::TimeDelta;
use entity::enums::Role;
use jiahu_tests::harness::{NurseSpec, Scene, SceneNurse, TestServer};
use jiahu_tests::on_both;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::discharges::stay;

/// A discharge with heart failure: the first contact opens on day 1 and is due on day 3.
async fn discharged(scene: &Scene, nurse: Option<&SceneNurse>) -> Value {
    let mut stay = stay(&["I50.9"]);
    stay["nurse_id"] = json!(nurse.map(|nurse| nurse.id));
    let body = json!({ "patient_id": scene.patient, "stay": stay });
    let client = &scene.coordinator.client;
    client.post("/v1/discharges", body).await.expect(201)
}

/// The tasks that are not over, by due day.
async fn tasks(scene: &Scene) -> Vec<Value> {
    let path = format!("/v1/patients/{}/follow-up", scene.patient);
    let shown = scene.coordinator.client.get(&path).await.expect(200);
    shown["tasks"].as_array().expect("tasks").clone()
}

/// The task that is due first.
async fn first(scene: &Scene) -> Value {
    tasks(scene).await.into_iter().next().unwrap_or_default()
}

fn path(task: &Value) -> String {
    format!("/v1/follow-tasks/{}", task["id"].as_str().expect("an id"))
}

fn attempts(task: &Value) -> String {
    format!("{}/attempts", path(task))
}

/// What events of a kind say.
async fn events(server: &TestServer, kind: &str) -> Vec<Value> {
    let rows = entity::event::Entity::find()
        .all(server.app.db.reader())
        .await
        .expect("events");
    rows.iter()
        .filter(|row| row.kind == kind)
        .map(|row| serde_json::from_str(&row.payload).expect("JSON"))
        .collect()
}

async fn reminders(server: &TestServer) -> usize {
    let rows = entity::message::Entity::find()
        .all(server.app.db.reader())
        .await
        .expect("messages");
    rows.iter()
        .filter(|row| row.template == "answer_link")
        .count()
}

fn tried(result: &str) -> Value {
    json!({ "channel": "phone", "result": result })
}

on_both! {
    async fn a_task_opens_in_working_hours_and_the_family_hears_of_it_once(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        discharged(&scene, Some(&nurse)).await;
        server.run_jobs().await;
        assert_eq!((first(&scene).await["state"].clone(), reminders(&server).await), (json!("waiting"), 0));
        // Day 1, 00:30 in Shanghai: open, and nobody is woken.
        server.advance(TimeDelta::minutes(15 * 60 + 30)).await;
        server.run_jobs().await;
        assert_eq!((first(&scene).await["state"].clone(), reminders(&server).await), (json!("waiting"), 0));
        // 08:30.
        server.advance(TimeDelta::hours(8)).await;
        server.run_jobs().await;
        server.run_jobs().await;
        let task = first(&scene).await;
        assert_eq!((&task["state"], &task["owner_nurse_id"]), (&json!("open"), &json!(nurse.id)));
        assert_eq!((&task["reminder"]["state"], reminders(&server).await), (&json!("sent"), 1));
        // On the due day nobody has answered: the nurse calls.
        server.advance(TimeDelta::days(2)).await;
        server.run_jobs().await;
        let task = first(&scene).await;
        assert_eq!((&task["channel"], reminders(&server).await), (&json!("phone"), 1));
    }

    async fn an_attempt_is_not_a_reach_and_lost_takes_three(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        discharged(&scene, Some(&nurse)).await;
        let client = &nurse.person.client;
        let task = first(&scene).await;
        let attempts = format!("{}/attempts", path(&task));
        client.post(&attempts, tried("no_answer")).await.problem(409, "follow_task_state");
        server.advance(TimeDelta::days(1)).await;
        server.run_jobs().await;
        let mut early = tried("no_answer");
        early["at"] = json!("2026-03-02T02:00:00Z");
        client.post(&attempts, early).await.problem(422, "attempt_too_early");
        let mut future = tried("no_answer");
        future["at"] = json!("2026-03-04T02:00:00Z");
        client.post(&attempts, future).await.problem(422, "time_in_future");
        client.post(&attempts, tried("reached_proxy")).await.problem(422, "attempt_proxy");
        for _ in 0..3 {
            client.post(&attempts, tried("no_answer")).await.expect(200);
        }
        let give_up = format!("{}/give-up", path(&task));
        // Three at one hour of one day are not enough.
        client.post(&give_up, json!({})).await.problem(409, "attempts_too_few");
        server.advance(TimeDelta::hours(26)).await;
        let after = client.post(&attempts, tried("no_answer")).await.expect(200);
        assert_eq!((&after["attempts"], &after["state"], &after["channel"]), (&json!(4), &json!("open"), &json!("wechat")));
        let lost = client.post(&give_up, json!({})).await.expect(200);
        assert_eq!((&lost["state"], &lost["resolved_by"]), (&json!("lost"), &json!("attempts")));
        client.post(&attempts, tried("no_answer")).await.problem(409, "follow_task_state");
    }

    async fn a_contact_that_a_visit_joins_is_made_at_home(server: TestServer) {
        let scene = Scene::build(&server).await;
        let client = &scene.coordinator.client;
        let told = async |codes: &[&str], from: &str, to: &str| {
            let mut stay = stay(codes);
            stay["admitted_on"] = json!(from);
            stay["discharged_on"] = json!(to);
            client.post("/v1/discharges", json!({ "patient_id": scene.patient, "stay": stay })).await.expect(201)
        };
        // A week after the one, ten days after the other of two stays that were told to overlap.
        told(&["K80.200"], "2026-02-20", "2026-03-02").await;
        assert_eq!(first(&scene).await["channel"], "wechat");
        told(&["I50.9"], "2026-02-10", "2026-03-01").await;
        let path = format!("/v1/patients/{}/follow-up", scene.patient);
        let shown = client.get(&path).await.expect(200);
        let joined = shown["tasks"].as_array().expect("tasks").iter()
            .find(|task| task["questionnaires"] == json!(["general", "heart_failure"])).expect("one for both");
        assert_eq!(
            (&joined["resolve_if"], &joined["channel"], &joined["channels"]),
            (&json!("visited"), &json!("visit"), &json!(["visit", "phone", "village_doctor"])),
        );
    }

    async fn whoever_was_tried_today_for_another_task_is_told_apart(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        discharged(&scene, Some(&nurse)).await;
        let listed = async || {
            let page = nurse.person.client.get("/v1/follow-tasks").await.expect(200);
            page["items"].as_array().expect("a list").clone()
        };
        assert!(listed().await.iter().all(|task| task["patient_tried_at"].is_null()));
        server.advance(TimeDelta::days(1)).await;
        server.run_jobs().await;
        let attempts = format!("{}/attempts", path(&first(&scene).await));
        nurse.person.client.post(&attempts, tried("no_answer")).await.expect(200);
        let tasks = listed().await;
        assert!(tasks.len() > 1 && tasks.iter().all(|task| task["patient_tried_at"] == json!(server.now())), "{tasks:?}");
    }

    async fn a_proxy_is_marked_and_the_answers_are_awaited(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        discharged(&scene, Some(&nurse)).await;
        server.advance(TimeDelta::days(1)).await;
        server.run_jobs().await;
        let task = first(&scene).await;
        let mut reached = tried("reached_proxy");
        reached["proxy"] = json!("child");
        reached["note"] = json!("儿子代答,体重无变化");
        let client = &nurse.person.client;
        let shown = client.post(&format!("{}/attempts", path(&task)), reached).await.expect(200);
        assert_eq!((&shown["state"], &shown["reached_by_proxy"]), (&json!("reached"), &json!(true)));
        assert_eq!(shown["tried"][0]["note"], "儿子代答,体重无变化");
        // The window ends without answers: reached is done, and not lost.
        server.advance(TimeDelta::days(3)).await;
        server.run_jobs().await;
        let ended = client.get(&path(&task)).await.expect(200);
        assert_eq!((&ended["state"], &ended["resolved_by"]), (&json!("done"), &json!("contact")));
    }

    async fn a_window_that_ends_without_enough_tries_is_missed(server: TestServer) {
        let scene = Scene::build(&server).await;
        discharged(&scene, None).await;
        let task = first(&scene).await;
        server.advance(TimeDelta::days(4)).await;
        server.run_jobs().await;
        let ended = scene.coordinator.client.get(&path(&task)).await.expect(200);
        assert_eq!((&ended["state"], &ended["resolved_by"]), (&json!("missed"), &json!("window")));
    }

    async fn a_death_stops_all_plans(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let discharge = discharged(&scene, Some(&nurse)).await;
        server.advance(TimeDelta::days(1)).await;
        server.run_jobs().await;
        let task = first(&scene).await;
        let client = &nurse.person.client;
        let shown = client.post(&format!("{}/attempts", path(&task)), tried("died")).await.expect(200);
        assert_eq!((&shown["state"], &shown["stop_cause"]), (&json!("stopped"), &json!("died")));
        let path = format!("/v1/discharges/{}", discharge["id"].as_str().expect("an id"));
        let whole = client.get(&path).await.expect(200);
        assert_eq!((&whole["plans"][0]["state"], &whole["plans"][0]["stop_cause"]), (&json!("stopped"), &json!("died")));
        assert_eq!(first(&scene).await, Value::Null);
    }

    async fn a_nurse_sees_her_own_and_the_pool(server: TestServer) {
        let scene = Scene::build(&server).await;
        let owner = scene.nurse(&server, 1, NurseSpec::default()).await;
        let other = scene.nurse(&server, 2, NurseSpec::default()).await;
        discharged(&scene, Some(&owner)).await;
        server.advance(TimeDelta::days(1)).await;
        server.run_jobs().await;
        let task = first(&scene).await;
        let mine = owner.person.client.get("/v1/follow-tasks?state=open").await.expect(200);
        assert_eq!(mine["items"][0]["id"], task["id"]);
        other.person.client.get(&path(&task)).await.problem(404, "not_found");
        let boss = scene.town.person(&server, "13900000079", Role::Supervisor, Some(scene.town.centre)).await;
        let assign = format!("{}/assign", path(&task));
        boss.client.post(&assign, json!({ "nurse_id": null })).await.expect(200);
        other.person.client.get(&path(&task)).await.expect(200);
        let pool = other.person.client.get("/v1/follow-tasks?pool=true").await.expect(200);
        assert_eq!(pool["items"].as_array().expect("a list").len(), 1);
        let stranger = json!({ "nurse_id": "01945d00-0000-7000-8000-00000000dead" });
        boss.client.post(&assign, stranger).await.problem(422, "nurse_unknown");
        boss.client.post(&assign, json!({ "nurse_id": other.id })).await.expect(200);
        owner.person.client.get(&path(&task)).await.problem(404, "not_found");
    }

    async fn work_is_spread_over_the_nurses(server: TestServer) {
        let scene = Scene::build(&server).await;
        let one = scene.nurse(&server, 1, NurseSpec::default()).await;
        let two = scene.nurse(&server, 2, NurseSpec::default()).await;
        for sequence in 1..=4 {
            let body = json!({ "person": crate::discharges::person(sequence), "stay": stay(&["I50.9"]) });
            scene.coordinator.client.post("/v1/discharges", body).await.expect(201);
        }
        server.advance(TimeDelta::days(1)).await;
        server.run_jobs().await;
        for nurse in [&one, &two] {
            let path = format!("/v1/follow-tasks?state=open&nurse_id={}", nurse.id);
            let mine = scene.coordinator.client.get(&path).await.expect(200);
            assert_eq!(mine["items"].as_array().expect("a list").len(), 2);
        }
    }

    async fn a_plan_that_repeats_is_planned_on_and_ended_by_hand(server: TestServer) {
        let scene = Scene::build(&server).await;
        let body = json!({ "patient_id": scene.patient, "stay": stay(&["L89.1"]) });
        let made = scene.coordinator.client.post("/v1/discharges", body).await.expect(201);
        let plan = made["plans"][0].clone();
        // Four of a kind ahead, and on again when two are left.
        assert_eq!(plan["planned_to"], "2026-03-30");
        let boss = scene.town.person(&server, "13900000079", Role::Supervisor, Some(scene.town.centre)).await;
        server.advance(TimeDelta::days(345)).await;
        server.run_jobs().await;
        let shown = plan_of(&server).await;
        assert_eq!(shown.planned_to.to_string(), "2027-03-10");
        let boss = boss.client.in_session(&server.app, scene.town.session(&server.app, boss.account).await);
        let end = format!("/v1/patients/{}/follow-up/{}/end", scene.patient, plan["id"].as_str().expect("an id"));
        let ended = boss.post(&end, json!({})).await.expect(200);
        assert_eq!((&ended["state"], &ended["stop_cause"]), (&json!("stopped"), &json!("completed")));
        let live = entity::follow_task::Entity::find().all(server.app.db.reader()).await.expect("tasks");
        assert!(live.iter().all(|task| task.resolved_at.is_some()));
    }
}

async fn plan_of(server: &TestServer) -> entity::follow_plan::Model {
    let rows = entity::follow_plan::Entity::find()
        .all(server.app.db.reader())
        .await
        .expect("plans");
    rows.into_iter().next().expect("a plan")
}
