//! Calling an order off, and what that costs.

use chrono::TimeDelta;
use entity::enums::{OfferState, Role};
use entity::ids::{NurseId, OfferId, OrderId};
use entity::offer;
use jiahu::domain::lifecycle::Command;
use jiahu_tests::harness::{TestServer, fresh_key};
use jiahu_tests::on_both;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use super::{Scene, footprint, id, trail};

/// How far an order is taken, minutes before its window, and what calling it off costs then.
struct Case {
    steps: &'static [Command],
    minutes_before: i64,
    stage: &'static str,
    fee: i64,
}

const CASES: &[Case] = &[
    Case {
        steps: &[],
        minutes_before: 600,
        stage: "before_accept",
        fee: 0,
    },
    Case {
        steps: &[],
        minutes_before: 1,
        stage: "before_accept",
        fee: 0,
    },
    Case {
        steps: &[Command::Accept],
        minutes_before: 240,
        stage: "accepted",
        fee: 0,
    },
    Case {
        steps: &[Command::Accept],
        minutes_before: 239,
        stage: "accepted",
        fee: 6600,
    },
    Case {
        steps: &[Command::Accept, Command::Depart],
        minutes_before: 30,
        stage: "departed",
        fee: 11000,
    },
];

/// Books, and takes the order as far as a case says; the window of case `number` is its own.
async fn taken(
    server: &TestServer,
    scene: &Scene,
    case: &Case,
    number: usize,
    nurse: NurseId,
) -> OrderId {
    let day = format!("2026-03-{:02}", 10 + number);
    let body = scene.body_at(&["EDU"], &format!("{day} 09:00"), &format!("{day} 12:00"));
    let family = scene.fresh(server, &scene.family).await;
    let order = id(&family.post("/v1/orders", body).await.expect(201));
    for step in case.steps {
        match step {
            Command::Accept => drop(scene.fixtures(server).accept(order, nurse).await),
            other => scene.fixtures(server).step(order, *other).await,
        }
    }
    let start = scene.fixtures(server).order(order).await.window_start;
    let now = start - TimeDelta::minutes(case.minutes_before);
    server.app.clock.advance(now - server.now());
    order
}

on_both! {
    async fn the_fee_grows_with_what_the_nurse_has_done(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.fixtures(&server).nurse("13800000006", scene.town.hospital, &[]).await.id;
        for (number, case) in CASES.iter().enumerate() {
            let order = taken(&server, &scene, case, number, nurse).await;
            let family = scene.fresh(&server, &scene.family).await;
            let path = format!("/v1/orders/{order}");
            let told = family.get(&path).await.expect(200)["cancellation"].clone();
            assert_eq!((&told["stage"], &told["fee_fen"]), (&json!(case.stage), &json!(case.fee)));
            let over = family.post(&format!("{path}/cancel"), json!({"reason": "住院了"})).await.expect(200);
            assert_eq!((&over["state"], &over["fee_fen"]), (&json!("cancelled"), &json!(case.fee)));
            assert_eq!(over["total_fen"], 22000);
            let events = family.get(&format!("{path}/events")).await.expect(200);
            let last = events["items"].as_array().expect("events").last().expect("one").clone();
            assert_eq!(last["kind"], "order.cancelled");
            assert_eq!((&last["payload"]["stage"], &last["payload"]["fee_fen"]), (&json!(case.stage), &json!(case.fee)));
            assert_eq!(last["actor"]["name"], "王*明");
            assert!(!last.to_string().contains("住院"), "the trail is kept in the clear");
            let whole = family.get(&path).await.expect(200);
            assert_eq!(whole["detail"]["end_reason"], "住院了");
            assert!(scene.fixtures(&server).items(order).await.iter().all(|item| !item.live));
            let visits = entity::visit::Entity::find().all(server.app.db.reader()).await.expect("visits");
            assert!(visits.iter().all(|visit| !visit.live && visit.released_at.is_none()));
            assert_eq!(last["nurse_id"].is_null(), case.steps.is_empty());
        }
    }

    async fn offers_are_withdrawn_and_the_family_does_not_learn_of_them(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (order, _) = scene.book().await;
        let fixtures = scene.fixtures(&server);
        let mut nurses = Vec::new();
        for phone in ["13800000061", "13800000062"] {
            let nurse = fixtures.nurse(phone, scene.town.hospital, &[]).await;
            insert_offer(&server, &scene, order, nurse.id).await;
            nurses.push(nurse);
        }
        let cancel = format!("/v1/orders/{order}/cancel");
        scene.family.client.post(&cancel, json!({"reason": "改天"})).await.expect(200);
        let offers = offer::Entity::find().all(server.app.db.reader()).await.expect("offers");
        assert!(offers.iter().all(|offer| offer.state == OfferState::Withdrawn && offer.decided_at.is_some()));
        assert_eq!(trail(&scene.family.client, order).await, ["order.submitted", "order.cancelled"]);
        assert_eq!(trail(&scene.desk.client, order).await, [
            "order.submitted", "order.cancelled", "offer.withdrawn", "offer.withdrawn",
        ]);
        let events = scene.desk.client.get(&format!("/v1/orders/{order}/events?limit=3")).await.expect(200);
        let named: Vec<_> = nurses.iter().map(|nurse| json!(nurse.id)).collect();
        assert!(named.contains(&events["items"][2]["nurse_id"]));
        let cursor = events["next_cursor"].as_str().expect("there is more");
        let rest = format!("/v1/orders/{order}/events?cursor={cursor}");
        let rest = scene.desk.client.get(&rest).await.expect(200);
        assert_eq!(rest["items"].as_array().expect("events").len(), 1);
        assert_eq!((&rest["items"][0]["no"], &rest["next_cursor"]), (&json!(4), &Value::Null));
    }

    async fn only_staff_waive_a_fee(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.fixtures(&server).nurse("13800000006", scene.town.hospital, &[]).await.id;
        let order = taken(&server, &scene, &CASES[4], 0, nurse).await;
        let path = format!("/v1/orders/{order}/cancel");
        let waive = json!({"reason": "护士车坏了", "waive_fee": true});
        let family = scene.fresh(&server, &scene.family).await;
        let before = footprint(&server).await;
        family.post(&path, waive.clone()).await.problem(403, "forbidden");
        assert_eq!(footprint(&server).await, before);
        let desk = scene.fresh(&server, &scene.desk).await;
        let over = desk.post(&path, waive).await.expect(200);
        assert_eq!(over["fee_fen"], 0);
        let events = desk.get(&format!("/v1/orders/{order}/events")).await.expect(200);
        let last = events["items"].as_array().expect("events").last().expect("one").clone();
        assert_eq!((&last["payload"]["fee_fen"], &last["payload"]["waived_fen"]), (&json!(0), &json!(11000)));
    }

    async fn what_is_over_or_begun_cannot_be_cancelled(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (order, _) = scene.book().await;
        let (path, why) = (format!("/v1/orders/{order}/cancel"), json!({"reason": "改天"}));
        let family = &scene.family.client;
        family.post(&path, json!({})).await.problem(422, "invalid_request");
        family.post(&path, json!({"reason": " "})).await.problem(422, "invalid_request");
        let stranger = scene.town.person(&server, "13800000002", Role::Family, None).await.client;
        stranger.post(&path, why.clone()).await.problem(404, "not_found");
        let fixtures = scene.fixtures(&server);
        let nurse = fixtures.nurse("13800000006", scene.town.hospital, &[]).await;
        fixtures.accept(order, nurse.id).await;
        nurse.person.client.post(&path, why.clone()).await.problem(403, "forbidden");
        fixtures.step(order, Command::Depart).await;
        fixtures.step(order, Command::Arrive).await;
        let seen = family.get(&format!("/v1/orders/{order}")).await.expect(200);
        assert_eq!(seen["cancellation"], Value::Null);
        let problem = family.post(&path, why.clone()).await.problem(409, "order_wrong_state");
        assert_eq!(problem["state"], "arrived");
        let other = scene.body_at(&["EDU"], "2026-03-04 09:00", "2026-03-04 12:00");
        let other = id(&family.post("/v1/orders", other).await.expect(201));
        let (path, key) = (format!("/v1/orders/{other}/cancel"), fresh_key());
        let first = family.post_with_key(&path, why.clone(), &key).await.expect(200);
        assert_eq!(family.post_with_key(&path, why.clone(), &key).await.expect(200), first);
        family.post(&path, why).await.problem(409, "order_wrong_state");
    }

    async fn one_cancellation_sent_at_once_many_times_is_one(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (order, _) = scene.book().await;
        let (path, key) = (format!("/v1/orders/{order}/cancel"), fresh_key());
        let posts = (0..8).map(|_| {
            scene.family.client.post_with_key(&path, json!({"reason": "改天"}), &key)
        });
        for reply in futures::future::join_all(posts).await {
            assert_eq!(reply.expect(200)["state"], "cancelled");
        }
        assert_eq!(trail(&scene.desk.client, order).await, ["order.submitted", "order.cancelled"]);
    }
}

async fn insert_offer(server: &TestServer, scene: &Scene, order: OrderId, nurse: NurseId) {
    let row = offer::Model {
        community_id: scene.town.community,
        id: server.app.new_id::<OfferId>(),
        order_id: order,
        nurse_id: nurse,
        round: 1,
        wave: 1,
        ring_m: 5000,
        distance_m: 900.0,
        score: json!({}),
        state: OfferState::Open,
        decline_reason_enc: None,
        created_at: server.now(),
        decided_at: None,
    };
    offer::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(server.app.db.reader())
        .await
        .expect("an offer");
}
