//! What goes to families by itself: within the hours, once, while its task is live; and what happens when it fails.

use chrono::{DateTime, TimeDelta, Utc};
use jiahu::gateway::GatewayError;
use jiahu_tests::harness::{NurseSpec, Scene, SceneNurse, TestServer};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{discharged, first, path, tried};

fn later() -> GatewayError {
    GatewayError::Later("no answer".to_owned())
}

fn never() -> GatewayError {
    GatewayError::Never("no such number".to_owned())
}

/// A discharge whose first contact opens on Tuesday, is due on Thursday and over with that day; its nurse.
async fn planned(server: &TestServer) -> (Scene, SceneNurse) {
    let scene = Scene::build(server).await;
    let nurse = scene.nurse(server, 1, NurseSpec::default()).await;
    discharged(&scene, Some(&nurse)).await;
    (scene, nurse)
}

/// Moves the clock to a moment of Shanghai and runs what is due then.
async fn at(server: &TestServer, moment: &str) {
    pass(server, moment);
    server.run_jobs().await;
}

/// Moves the clock while the server is away.
fn pass(server: &TestServer, moment: &str) {
    let moment: DateTime<Utc> = format!("{moment}:00+08:00").parse().expect("a time");
    assert!(moment > server.now(), "time goes on");
    server.app.clock.advance(moment - server.now());
}

/// How many messages of a template reached a phone.
fn came(server: &TestServer, phone: &str, template: &str) -> usize {
    let sent = server.phones.of(phone).into_iter();
    sent.filter(|one| one.template == template).count()
}

/// How many links and codes reached the family.
fn asked(server: &TestServer, scene: &Scene) -> (usize, usize) {
    let phone = &scene.family.phone;
    (
        came(server, phone, "answer_link"),
        came(server, phone, "answer_code"),
    )
}

async fn shown(scene: &Scene, task: &Value) -> Value {
    scene.coordinator.client.get(&path(task)).await.expect(200)
}

async fn link(scene: &Scene, task: &Value) -> Value {
    let path = format!("{}/link", path(task));
    scene
        .coordinator
        .client
        .post(&path, json!({}))
        .await
        .expect(200)
}

on_both! {
    async fn the_link_goes_out_by_itself_when_a_task_opens_and_once(server: TestServer) {
        let (scene, _) = planned(&server).await;
        at(&server, "2026-03-03T08:29").await;
        assert_eq!(asked(&server, &scene), (0, 0));
        at(&server, "2026-03-03T08:30").await;
        server.run_jobs().await;
        assert_eq!(asked(&server, &scene), (1, 1));
        assert_eq!(came(&server, &scene.family.phone, "follow_up"), 0);
        let task = shown(&scene, &first(&scene).await).await;
        assert_eq!((&task["reminder"]["state"], &task["channel"]), (&json!("sent"), &json!("wechat")));
        at(&server, "2026-03-04T12:00").await;
        assert_eq!(asked(&server, &scene), (1, 1));
        // The next contact is a visit: nothing to fill in, and the family hears that somebody comes.
        at(&server, "2026-03-09T08:30").await;
        assert_eq!(asked(&server, &scene), (1, 1));
        assert_eq!(came(&server, &scene.family.phone, "follow_up"), 1);
    }

    async fn what_a_server_or_gateway_could_not_send_waits_for_the_hours(server: TestServer) {
        let (scene, _) = planned(&server).await;
        at(&server, "2026-03-03T08:30").await;
        let task = first(&scene).await;
        // The gateway is away in the evening.
        at(&server, "2026-03-03T17:29").await;
        server.phones.cut_off(&scene.family.phone, later());
        link(&scene, &task).await;
        server.run_jobs().await;
        assert_eq!(shown(&scene, &task).await["reminder"]["state"], "waiting");
        server.phones.mend(&scene.family.phone);
        for moment in ["2026-03-03T17:31", "2026-03-04T02:00", "2026-03-04T08:29"] {
            at(&server, moment).await;
            assert_eq!(asked(&server, &scene), (1, 1), "{moment}");
        }
        at(&server, "2026-03-04T08:30").await;
        assert_eq!(asked(&server, &scene), (2, 2));
        // The server is.
        at(&server, "2026-03-04T17:29").await;
        link(&scene, &task).await;
        pass(&server, "2026-03-05T02:00");
        server.run_jobs().await;
        assert_eq!(asked(&server, &scene), (2, 2));
        at(&server, "2026-03-05T08:30").await;
        assert_eq!(asked(&server, &scene), (3, 3));
        // On the evening of the last day there is no hour left.
        at(&server, "2026-03-05T17:29").await;
        link(&scene, &task).await;
        pass(&server, "2026-03-05T17:30");
        server.run_jobs().await;
        let reminder = &shown(&scene, &task).await["reminder"];
        assert_eq!((&reminder["state"], &reminder["drop_cause"]), (&json!("dropped"), &json!("too_late")));
        assert_eq!(asked(&server, &scene), (3, 3));
    }

    async fn a_link_that_waits_is_dropped_after_a_death(server: TestServer) {
        let (scene, nurse) = planned(&server).await;
        at(&server, "2026-03-03T08:30").await;
        let task = first(&scene).await;
        at(&server, "2026-03-03T20:00").await;
        assert_eq!(link(&scene, &task).await["sends_at"], "2026-03-04T00:30:00Z");
        at(&server, "2026-03-03T21:00").await;
        nurse.person.client.post(&format!("{}/attempts", path(&task)), tried("died")).await.expect(200);
        at(&server, "2026-03-04T08:30").await;
        at(&server, "2026-03-05T08:30").await;
        assert_eq!(asked(&server, &scene), (1, 1));
        let reminder = &shown(&scene, &task).await["reminder"];
        assert_eq!((&reminder["state"], &reminder["drop_cause"]), (&json!("dropped"), &json!("task_over")));
        assert_eq!(reminder["sent_at"], Value::Null);
    }

    async fn a_link_whose_place_another_took_is_dropped(server: TestServer) {
        let (scene, _) = planned(&server).await;
        server.phones.cut_off(&scene.family.phone, later());
        at(&server, "2026-03-03T08:30").await;
        let task = first(&scene).await;
        let messages = async || {
            use sea_orm::{EntityTrait, QueryOrder};
            let rows = entity::message::Entity::find().order_by_asc(entity::message::Column::Id).all(server.app.db.reader()).await.expect("messages");
            rows.into_iter().filter(|row| row.link_id.is_some()).map(|row| (row.state.as_str(), row.drop_cause)).collect::<Vec<_>>()
        };
        assert_eq!(messages().await, [("waiting", None), ("waiting", None)]);
        server.phones.mend(&scene.family.phone);
        link(&scene, &task).await;
        server.advance(TimeDelta::minutes(5)).await;
        assert_eq!(asked(&server, &scene), (1, 1));
        let void = Some(entity::enums::MessageDrop::LinkVoid);
        assert_eq!(messages().await, [("dropped", void), ("dropped", void), ("sent", None), ("sent", None)]);
    }

    async fn a_reminder_that_fails_goes_to_the_nurse_at_once(server: TestServer) {
        let (scene, nurse) = planned(&server).await;
        server.phones.cut_off(&scene.family.phone, never());
        at(&server, "2026-03-03T08:30").await;
        let task = shown(&scene, &first(&scene).await).await;
        assert_eq!((&task["reminder"]["state"], &task["channel"]), (&json!("failed"), &json!("phone")));
        let to_nurse = || came(&server, &nurse.person.phone, "follow_up_due");
        assert_eq!(to_nurse(), 1);
        let text = server.phones.of(&nurse.person.phone).pop().expect("a message").text;
        assert!(text.contains("did not get there"), "{text}");
        // Once, also when it is due.
        at(&server, "2026-03-05T09:00").await;
        assert_eq!(to_nurse(), 1);
    }

    async fn a_reminder_that_no_try_brings_out_goes_to_the_nurse_too(server: TestServer) {
        let (scene, nurse) = planned(&server).await;
        server.phones.cut_off(&scene.family.phone, later());
        at(&server, "2026-03-03T08:30").await;
        for _ in 0..6 {
            server.advance(TimeDelta::minutes(11)).await;
        }
        let task = shown(&scene, &first(&scene).await).await;
        assert_eq!((&task["reminder"]["state"], &task["channel"]), (&json!("waiting"), &json!("wechat")));
        server.advance(TimeDelta::minutes(11)).await;
        let task = shown(&scene, &first(&scene).await).await;
        assert_eq!((&task["reminder"]["state"], &task["channel"]), (&json!("failed"), &json!("phone")));
        assert_eq!(came(&server, &nurse.person.phone, "follow_up_due"), 1);
    }

    async fn a_link_goes_out_when_its_turn_comes_after_calls_in_vain(server: TestServer) {
        let (scene, nurse) = planned(&server).await;
        let task = first(&scene).await;
        jiahu::in_write!(server.app.db, "test_channels", |tx| {
            let sql = "UPDATE follow_task SET channel = 'phone', channels = $1";
            Ok(jiahu::store::sql::change(tx, sql, [json!(["phone", "sms", "village_doctor"]).into()]).await?)
        }).expect("changed");
        at(&server, "2026-03-03T08:30").await;
        assert_eq!((asked(&server, &scene), came(&server, &scene.family.phone, "follow_up")), ((0, 0), 1));
        let attempts = format!("{}/attempts", path(&task));
        for _ in 0..3 {
            assert_eq!(asked(&server, &scene), (0, 0));
            nurse.person.client.post(&attempts, tried("no_answer")).await.expect(200);
            server.run_jobs().await;
        }
        let task = shown(&scene, &task).await;
        assert_eq!((asked(&server, &scene), &task["channel"]), ((1, 1), &json!("sms")));
        nurse.person.client.post(&attempts, tried("no_answer")).await.expect(200);
        server.run_jobs().await;
        assert_eq!(asked(&server, &scene), (1, 1));
    }
}
