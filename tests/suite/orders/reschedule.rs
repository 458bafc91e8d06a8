//! Moving an order.

use chrono::TimeDelta;
use entity::enums::{OrderState, Role};
use entity::ids::OrderId;
use jiahu::domain::lifecycle::Command;
use jiahu_tests::harness::TestServer;
use jiahu_tests::on_both;
use sea_orm::EntityTrait;
use serde_json::json;

use super::{Scene, footprint, id, searches, trail, window};

/// An order that a nurse has, so many minutes before its window.
async fn accepted(server: &TestServer, scene: &Scene, minutes: i64) -> OrderId {
    let (order, _) = scene.book().await;
    let fixtures = scene.fixtures(server);
    let nurse = fixtures.nurse("13800000006", scene.town.hospital, &[]);
    fixtures.accept(order, nurse.await.id).await;
    let start = fixtures.order(order).await.window_start;
    let before = start - TimeDelta::minutes(minutes);
    server.app.clock.advance(before - server.now());
    order
}

on_both! {
    async fn a_moved_order_is_searched_for_anew_at_its_new_price(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (order, _) = scene.book().await;
        let path = format!("/v1/orders/{order}/reschedule");
        let evening = json!({"window": window("2026-03-03 20:00", "2026-03-03 22:00")});
        let reply = scene.family.client.post_if(&path, "\"v1\"", evening).await;
        assert_eq!(reply.etag(), "\"v2\"");
        let moved = reply.expect(200);
        assert_eq!((&moved["total_before_fen"], &moved["difference_fen"]), (&json!(22000), &json!(3900)));
        assert_eq!(moved["order"]["total_fen"], 25900);
        assert_eq!(moved["order"]["price"]["lines"][2]["kind"], "night");
        assert_eq!(moved["order"]["window"]["start"], "2026-03-03T12:00:00Z");
        assert_eq!(searches(&server, order).await, [1, 2]);
        assert_eq!(trail(&scene.family.client, order).await, ["order.submitted", "order.rescheduled"]);
        let items = scene.fixtures(&server).items(order).await;
        let row = scene.fixtures(&server).order(order).await;
        assert!(items.iter().all(|item| item.live && item.window_start == row.window_start));
        assert_eq!(row.round, 2);
        let back = json!({"window": window("2026-03-03 09:00", "2026-03-03 12:00")});
        let back = scene.family.client.post_if(&path, "\"v2\"", back).await.expect(200);
        assert_eq!((&back["order"]["total_fen"], &back["difference_fen"]), (&json!(22000), &json!(-3900)));
    }

    async fn the_nurse_who_had_it_is_free_again(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (order, _) = scene.book().await;
        let fixtures = scene.fixtures(&server);
        let nurse = fixtures.nurse("13800000006", scene.town.hospital, &[]).await;
        fixtures.accept(order, nurse.id).await;
        let seen = scene.family.client.get(&format!("/v1/orders/{order}")).await.expect(200);
        assert_eq!(seen["visit"]["nurse_name"], "李小红");
        assert_eq!(seen["visit"]["nurse_title"], "senior_nurse");
        let path = format!("/v1/orders/{order}");
        nurse.person.client.get(&path).await.expect(200);
        let tomorrow = json!({"window": window("2026-03-04 09:00", "2026-03-04 12:00")});
        let reply = scene.family.client.post_if(&format!("{path}/reschedule"), "\"v2\"", tomorrow).await;
        let moved = reply.expect(200);
        assert_eq!((&moved["order"]["state"], &moved["order"]["visit"]), (&json!("open"), &json!(null)));
        let visits = entity::visit::Entity::find().all(server.app.db.reader()).await.expect("visits");
        assert!(!visits[0].live && visits[0].released_at == Some(server.now()));
        nurse.person.client.get(&path).await.problem(404, "not_found");
        let row = fixtures.order(order).await;
        assert_eq!((row.round, row.wave, row.opened_at), (2, 0, Some(server.now())));
        assert_eq!(row.coordinator_told_at.or(row.family_told_at), None);
        assert!(trail(&scene.desk.client, order).await.contains(&"order.released".to_owned()));
        // Free for the same time as before.
        let (again, _) = scene.book().await;
        fixtures.accept(again, nurse.id).await;
    }

    async fn a_family_does_not_move_an_order_late_and_the_desk_may(server: TestServer) {
        let scene = Scene::build(&server).await;
        let order = accepted(&server, &scene, 30).await;
        let fixtures = scene.fixtures(&server);
        let before = fixtures.order(order).await;
        let path = format!("/v1/orders/{order}/reschedule");
        let (family, desk) = (scene.fresh(&server, &scene.family).await, scene.fresh(&server, &scene.desk).await);
        let body = json!({"window": window("2026-03-05 09:00", "2026-03-05 12:00")});
        family.post_if(&path, "\"v2\"", body.clone()).await.problem(409, "reschedule_too_late");
        assert_eq!(fixtures.order(order).await, before);
        let moved = desk.post_if(&path, "\"v2\"", body).await.expect(200);
        assert_eq!(moved["order"]["state"], "open");
        // Nobody has it now: the family may move it again.
        let later = json!({"window": window("2026-03-06 09:00", "2026-03-06 12:00")});
        family.post_if(&path, "\"v3\"", later).await.expect(200);
    }

    async fn until_then_a_family_moves_it_free_of_charge(server: TestServer) {
        let scene = Scene::build(&server).await;
        let order = accepted(&server, &scene, 240).await;
        let family = scene.fresh(&server, &scene.family).await;
        let body = json!({"window": window("2026-03-05 09:00", "2026-03-05 12:00")});
        let path = format!("/v1/orders/{order}/reschedule");
        family.post_if(&path, "\"v2\"", body).await.expect(200);
    }

    async fn an_order_in_review_stays_there(server: TestServer) {
        let scene = Scene::build(&server).await;
        let mut body = scene.body(&["PI_12"]);
        body["answers"]["PI_SITES"] = json!(4);
        let order = id(&scene.family.client.post("/v1/orders", body).await.expect(201));
        let path = format!("/v1/orders/{order}/reschedule");
        let later = json!({"window": window("2026-03-04 09:00", "2026-03-04 12:00")});
        let moved = scene.family.client.post_if(&path, "\"v1\"", later).await.expect(200);
        assert_eq!(moved["order"]["state"], "in_review");
        assert!(searches(&server, order).await.is_empty());
    }

    async fn a_move_that_cannot_be_changes_nothing(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (order, _) = scene.book().await;
        let other = scene.body_at(&["EDU"], "2026-03-04 09:00", "2026-03-04 12:00");
        scene.family.client.post("/v1/orders", other).await.expect(201);
        let path = format!("/v1/orders/{order}/reschedule");
        let family = &scene.family.client;
        let before = (footprint(&server).await, scene.fixtures(&server).order(order).await);
        let good = json!({"window": window("2026-03-05 09:00", "2026-03-05 12:00")});
        for (start, end, status, code) in [
            ("2026-03-04 11:00", "2026-03-04 13:00", 409, "order_duplicate"),
            ("2026-03-02 12:59", "2026-03-02 15:00", 422, "window_past"),
            ("2026-05-02 00:00", "2026-05-02 03:00", 422, "window_too_far"),
            ("2026-03-05 09:00", "2026-03-05 09:39", 422, "window_invalid"),
        ] {
            let body = json!({"window": window(start, end)});
            family.post_if(&path, "\"v1\"", body).await.problem(status, code);
        }
        family.post_if(&path, "\"v2\"", good.clone()).await.problem(412, "precondition_failed");
        family.post_if(&path, "W/\"v1\"", good.clone()).await.problem(412, "precondition_failed");
        family.post(&path, good.clone()).await.problem(428, "precondition_required");
        let town = &scene.town;
        let stranger = town.person(&server, "13800000002", Role::Family, None).await;
        stranger.client.post_if(&path, "\"v1\"", good.clone()).await.problem(404, "not_found");
        let looker = town.person(&server, "13800000003", Role::Family, None).await;
        scene.fixtures(&server).carer(scene.patient.id, looker.account, false).await;
        looker.client.post_if(&path, "\"v1\"", good.clone()).await.problem(403, "booking_not_allowed");
        let after = (footprint(&server).await, scene.fixtures(&server).order(order).await);
        assert_eq!(after, before);
        let fixtures = scene.fixtures(&server);
        let nurse = fixtures.nurse("13800000006", town.hospital, &[]).await;
        fixtures.accept(order, nurse.id).await;
        fixtures.step(order, Command::Depart).await;
        family.post_if(&path, "\"v3\"", good).await.problem(409, "order_wrong_state");
        assert_eq!(fixtures.order(order).await.state, OrderState::Departed);
    }

    async fn of_many_moves_upon_one_version_one_wins(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (order, _) = scene.book().await;
        let path = format!("/v1/orders/{order}/reschedule");
        let posts = (10..18).map(|day| {
            let (start, end) = (format!("2026-03-{day} 09:00"), format!("2026-03-{day} 12:00"));
            let body = json!({"window": window(&start, &end)});
            scene.family.client.post_if(&path, "\"v1\"", body)
        });
        let replies = futures::future::join_all(posts).await;
        assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
        for reply in replies.into_iter().filter(|reply| reply.status != 200) {
            // Late ones read the new version; those in between lose the compare-and-set.
            let code = reply.body["code"].as_str().expect("a code");
            assert!(["precondition_failed", "order_changed"].contains(&code), "{code}");
        }
        assert_eq!(scene.fixtures(&server).order(order).await.version, 2);
        assert_eq!(searches(&server, order).await, [1, 2]);
    }
}
