//! Somebody who was called today is not called for another contact by mistake.

use chrono::{Days, TimeDelta};
use entity::enums::{ContactChannel, FollowResolve, FollowTaskState};
use entity::follow_task;
use entity::ids::FollowTaskId;
use jiahu::domain::calendar::local_date;
use jiahu_tests::harness::{NurseSpec, Scene, SceneNurse, TestServer};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{events, tried};

/// An open task of the scene's patient for a call by the nurse, due some days ago, with some days left.
async fn task(
    server: &TestServer,
    (scene, nurse): (&Scene, &SceneNurse),
    (ago, left): (u64, u64),
) -> FollowTaskId {
    let (app, today) = (&server.app, local_date(server.now()));
    let row = follow_task::Model {
        community_id: scene.town.community,
        id: app.new_id(),
        patient_id: scene.patient,
        institution_id: scene.town.centre,
        owner_nurse_id: Some(nurse.id),
        opens_on: today - Days::new(ago),
        due_on: today - Days::new(ago),
        ends_on: today + Days::new(left),
        channel: ContactChannel::Phone,
        channels: json!(["phone"]),
        questionnaires: json!([]),
        scales: json!([]),
        resolve_if: FollowResolve::Reached,
        state: FollowTaskState::Open,
        stop_cause: None,
        reached_at: None,
        reached_by_proxy: false,
        resolved_by: None,
        resolved_at: None,
        attempts: 0,
        message_id: None,
        created_at: app.now(),
        version: 1,
    };
    let id = row.id;
    jiahu::in_write!(app.db, "test_task", |tx| {
        jiahu::store::follow_up::insert_tasks(tx, std::slice::from_ref(&row)).await
    })
    .expect("a task");
    id
}

fn attempts(task: FollowTaskId) -> String {
    format!("/v1/follow-tasks/{task}/attempts")
}

/// What the first page of the nurse says of the patient: each reason with its task.
async fn reasons(nurse: &SceneNurse) -> Vec<(String, String)> {
    let people = nurse.person.client.get("/v1/me/people").await.expect(200);
    let reasons = people["items"][0]["reasons"].as_array().expect("reasons");
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    reasons
        .iter()
        .map(|one| (word(&one["code"]), word(&one["follow_task_id"])))
        .collect()
}

async fn held(nurse: &SceneNurse, task: FollowTaskId) -> Value {
    let path = format!("/v1/follow-tasks/{task}");
    let shown = nurse.person.client.get(&path).await.expect(200);
    shown["held"].clone()
}

on_both! {
    async fn who_was_reached_today_waits_with_the_other_contact(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let one = task(&server, (&scene, &nurse), (1, 3)).await;
        let other = task(&server, (&scene, &nurse), (0, 3)).await;
        let need = |code: &str, task: FollowTaskId| (code.to_owned(), task.to_string());
        assert_eq!(reasons(&nurse).await, [need("task_overdue", one), need("task_due", other)]);
        let client = &nurse.person.client;
        // Tried in vain: the other one moves behind, this one may be tried at another hour.
        client.post(&attempts(one), tried("no_answer")).await.expect(200);
        assert_eq!(reasons(&nurse).await, [need("task_overdue", one), need("task_held", other)]);
        assert_eq!(held(&nurse, one).await, Value::Null);
        let waits = held(&nurse, other).await;
        assert_eq!((&waits["by"], &waits["at"]), (&json!("tried"), &json!(server.now())));
        server.advance(TimeDelta::hours(5)).await;
        let shown = client.post(&attempts(one), tried("reached_self")).await.expect(200);
        assert_eq!(shown["state"], "done");
        let waits = held(&nurse, other).await;
        assert_eq!((&waits["by"], &waits["at"]), (&json!("reached"), &json!(server.now())));
        assert!(waits["text"]["zh"].as_str().expect("a text").contains("14:00"), "{waits}");
        assert_eq!(reasons(&nurse).await, [need("task_held", other)]);
        // By mistake: refused, and nothing is kept.
        client.post(&attempts(other), tried("no_answer")).await.problem(409, "person_reached_today");
        client.post(&attempts(other), tried("reached_self")).await.problem(409, "person_reached_today");
        // The next day it is due again.
        server.advance(TimeDelta::hours(19)).await;
        assert_eq!(held(&nurse, other).await, Value::Null);
        assert_eq!(reasons(&nurse).await, [need("task_overdue", other)]);
        let shown = client.post(&attempts(other), tried("no_answer")).await.expect(200);
        assert_eq!((&shown["attempts"], &shown["tried"][0]["confirmed"]), (&json!(1), &json!(false)));
    }

    async fn a_call_that_is_confirmed_is_kept_as_such(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let one = task(&server, (&scene, &nurse), (1, 3)).await;
        let other = task(&server, (&scene, &nurse), (0, 3)).await;
        let client = &nurse.person.client;
        let mut sure = tried("reached_self");
        sure["confirm"] = json!(true);
        // Where nobody was reached there is nothing to confirm.
        let shown = client.post(&attempts(one), sure.clone()).await.expect(200);
        assert_eq!(shown["tried"][0]["confirmed"], false);
        // The same call served both.
        let shown = client.post(&attempts(other), sure).await.expect(200);
        assert_eq!((&shown["state"], &shown["tried"][0]["confirmed"]), (&json!("done"), &json!(true)));
        let attempted = events(&server, "follow_task.attempted").await;
        let confirmed = attempted.iter().filter(|event| event["confirmed"] == true);
        assert_eq!(confirmed.count(), 1);
    }

    async fn what_was_done_yesterday_is_told_of_that_day(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let one = task(&server, (&scene, &nurse), (2, 3)).await;
        let other = task(&server, (&scene, &nurse), (1, 3)).await;
        let client = &nurse.person.client;
        let at = |time: &str| {
            let mut told = tried("reached_self");
            told["at"] = json!(time);
            told
        };
        // 23:59 of yesterday and 00:00 of today are two days in Shanghai.
        client.post(&attempts(one), at("2026-03-01T15:59:00Z")).await.expect(200);
        client.post(&attempts(other), at("2026-03-01T09:00:00Z")).await.problem(409, "person_reached_today");
        client.post(&attempts(other), at("2026-03-01T16:00:00Z")).await.expect(200);
    }

    async fn on_its_last_day_a_contact_is_not_held_by_a_call_in_vain(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let one = task(&server, (&scene, &nurse), (1, 3)).await;
        let last = task(&server, (&scene, &nurse), (0, 0)).await;
        let client = &nurse.person.client;
        client.post(&attempts(one), tried("no_answer")).await.expect(200);
        assert_eq!(held(&nurse, last).await, Value::Null);
        let codes: Vec<_> = reasons(&nurse).await.into_iter().map(|(code, _)| code).collect();
        assert_eq!(codes, ["task_ending", "task_overdue"]);
        client.post(&attempts(last), tried("no_answer")).await.expect(200);
    }
}
