//! A nurse with her app closed hears by message of what is offered to her, and of what becomes of an order of hers.

use chrono::TimeDelta;
use entity::enums::{AccountStatus, JobLane, Role};
use jiahu_tests::harness::{NurseSpec, Scene, SceneNurse, TestServer};
use jiahu_tests::on_both;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::json;

/// Templates of the messages that reached a nurse, oldest first.
async fn told(server: &TestServer, nurse: &SceneNurse) -> Vec<String> {
    server.run_jobs().await;
    let sent = server.phones.of(&nurse.person.phone).into_iter();
    sent.map(|message| message.template).collect()
}

/// The text of the newest one.
fn newest(server: &TestServer, nurse: &SceneNurse) -> String {
    let sent = server.phones.of(&nurse.person.phone);
    sent.last().expect("a message").text.clone()
}

/// Nobody logs in with her account any more.
async fn shut_out(server: &TestServer, scene: &Scene, nurse: &SceneNurse) {
    let db = server.app.db.reader();
    let id = (scene.town.community, nurse.person.account);
    let row = entity::account::Entity::find_by_id(id).one(db).await;
    let mut row = row
        .expect("a query")
        .expect("an account")
        .into_active_model();
    row.status = Set(AccountStatus::Disabled);
    row.update(db).await.expect("disabled");
}

on_both! {
    async fn each_offer_is_one_message(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (mut nurses, north) = (Vec::new(), [100.0, 200.0, 300.0, 400.0, 500.0]);
        for (number, north_m) in (1..).zip(north) {
            let spec = NurseSpec { north_m, ..NurseSpec::default() };
            nurses.push(scene.nurse(&server, number, spec).await);
        }
        shut_out(&server, &scene, &nurses[1]).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(8)).await;
        let number = jiahu::store::order::in_community(server.app.db.reader(), scene.town.community, order)
            .await.expect("a query").expect("the order").number;
        server.run_jobs().await;
        let heard = async || {
            let mut all = Vec::new();
            for nurse in &nurses {
                all.push(told(&server, nurse).await.len());
            }
            all
        };
        // The first wave asks three, and nobody whose account does not work.
        assert_eq!(heard().await, [1, 0, 1, 1, 0]);
        assert!(newest(&server, &nurses[0]).contains(&number));
        server.advance(TimeDelta::minutes(10)).await;
        assert_eq!(heard().await, [1, 0, 1, 1, 1]);
        server.advance(TimeDelta::minutes(10)).await;
        assert_eq!(heard().await, [1, 0, 1, 1, 1], "nobody is told of one offer twice");
        assert_eq!(told(&server, &nurses[3]).await, ["offer"]);
    }

    async fn a_wave_takes_the_same_statements_however_many_it_tells(server: TestServer) {
        let scene = Scene::build(&server).await;
        let mut taken = Vec::new();
        for number in 1..=4 {
            scene.nurse(&server, number, NurseSpec::default()).await;
            let start = server.now() + TimeDelta::hours(8) + TimeDelta::days(number.into());
            scene.order(&server, "UC_CHG", start).await;
            let waves = jiahu::in_write!(server.app.db, "claim", |tx| {
                let (lane, lease) = (JobLane::Work, jiahu::jobs::lease(JobLane::Work, 1));
                jiahu::store::job::claim(tx, lane, server.now(), lease, 100).await
            });
            let wave = waves.expect("jobs").into_iter().find(|job| job.kind == jiahu::jobs::kind::DISPATCH);
            let wave = wave.expect("a wave");
            let before = server.app.db.statements();
            jiahu::dispatch::run_wave(&server.app, &wave).await.expect("a wave");
            taken.push(server.app.db.statements() - before);
        }
        // The first one reads the rule files; the second tells two nurses, the fourth three.
        assert_eq!(taken[1], taken[3], "{taken:?}");
    }

    async fn she_is_told_of_an_assignment_and_of_being_taken_off(server: TestServer) {
        let scene = Scene::build(&server).await;
        let first = scene.nurse(&server, 1, NurseSpec::default()).await;
        let second = scene.nurse(&server, 2, NurseSpec::default()).await;
        let desk = &scene.coordinator.client;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(5)).await;
        desk.post(&format!("/v1/orders/{order}/assign"), json!({"nurse_id": first.id})).await.expect(200);
        assert_eq!(told(&server, &first).await, ["nurse_assigned"]);
        assert!(newest(&server, &first).contains("03-02 14:00"), "{}", newest(&server, &first));
        let body = json!({"reason": "护士临时请假", "nurse_id": second.id});
        desk.post(&format!("/v1/orders/{order}/reassign"), body).await.expect(200);
        assert_eq!(told(&server, &first).await, ["nurse_assigned", "nurse_released"]);
        assert_eq!(told(&server, &second).await, ["nurse_assigned"]);
        desk.post(&format!("/v1/orders/{order}/reassign"), json!({"reason": "生病"})).await.expect(200);
        assert_eq!(told(&server, &second).await, ["nurse_assigned", "nurse_released"]);
    }

    async fn she_is_told_when_her_order_is_moved_or_called_off(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let start = server.now() + TimeDelta::hours(8);
        let order = scene.order(&server, "UC_CHG", start).await;
        scene.accepted_visit(&server, &nurse, order).await;
        assert_eq!(told(&server, &nurse).await, ["offer"], "her own accept is no news");
        let family = &scene.family.client;
        let path = format!("/v1/orders/{order}");
        let etag = family.get(&path).await.etag();
        let later = json!({"window": {"start": start + TimeDelta::days(1), "end": start + TimeDelta::hours(26)}});
        family.post_if(&format!("{path}/reschedule"), &etag, later).await.expect(200);
        assert_eq!(told(&server, &nurse).await, ["offer", "order_moved", "offer"]);
        let texts: Vec<_> = server.phones.of(&nurse.person.phone).into_iter().map(|message| message.text).collect();
        assert!(texts[1].contains("03-03 17:00"), "{texts:?}");
        scene.accepted_visit(&server, &nurse, order).await;
        family.post(&format!("{path}/cancel"), json!({"reason": "改天"})).await.expect(200);
        assert_eq!(told(&server, &nurse).await, ["offer", "order_moved", "offer", "order_cancelled"]);
        // Nobody has this one, so nobody is told.
        let open = scene.order(&server, "UC_CHG", start + TimeDelta::days(2)).await;
        family.post(&format!("/v1/orders/{open}/cancel"), json!({"reason": "改天"})).await.expect(200);
        assert_eq!(told(&server, &nurse).await.len(), 4);
    }

    async fn the_desk_is_told_in_time_when_who_has_an_order_could_not_go(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let town = &scene.town;
        let admin = town.person(&server, "13911110001", Role::Admin, None).await;
        let above = town.person(&server, "13911110002", Role::Supervisor, Some(town.hospital)).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(8)).await;
        scene.accepted_visit(&server, &nurse, order).await;
        let unfit = async || {
            server.run_jobs().await;
            let sent = server.phones.of(&scene.coordinator.phone).into_iter();
            sent.filter(|message| message.template == "nurse_unfit").count()
        };
        let path = format!("/v1/nurses/{}", nurse.id);
        let etag = above.client.get(&path).await.etag();
        above.client.patch(&path, &etag, json!({ "daily_cap": 5 })).await.expect(200);
        assert_eq!(unfit().await, 0, "she can go all the same");
        let etag = above.client.get(&path).await.etag();
        above.client.patch(&path, &etag, json!({ "active": false })).await.expect(200);
        assert_eq!(unfit().await, 1);
        let etag = above.client.get(&path).await.etag();
        above.client.patch(&path, &etag, json!({ "active": true })).await.expect(200);
        assert_eq!(unfit().await, 1);
        let held = above.client.get(&path).await.expect(200)["certifications"].clone();
        let held = held.as_array().expect("a list").iter().find(|one| one["kind"] == "UC").expect("one");
        let revoke = format!("/v1/certifications/{}/revoke", held["id"].as_str().expect("an id"));
        above.client.post(&revoke, json!({ "reason": "过期" })).await.expect(200);
        assert_eq!(unfit().await, 2);
        let disable = format!("/v1/accounts/{}/disable", nurse.person.account);
        admin.client.post(&disable, json!({})).await.expect(200);
        assert_eq!(unfit().await, 3);
        let path = format!("/v1/orders/{order}/events");
        let events = scene.coordinator.client.get(&path).await.expect(200);
        let events = events["items"].as_array().expect("a list");
        assert_eq!(events.iter().filter(|event| event["kind"] == "order.nurse_unfit").count(), 3);
    }
}
