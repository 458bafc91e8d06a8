//! Offers go to the nearest three, then wider, then to people.

use chrono::TimeDelta;
use entity::enums::JobLane;
use entity::ids::NurseId;
use entity::nurse;
use jiahu::store;
use jiahu_tests::harness::{NurseSpec, Scene, SceneNurse, TestServer};
use jiahu_tests::on_both;

async fn offers(nurse: &SceneNurse) -> usize {
    let offers = nurse.person.client.get("/v1/offers").await.expect(200);
    offers["items"].as_array().expect("a list").len()
}

async fn at(scene: &Scene, server: &TestServer, number: u32, north_m: f64) -> SceneNurse {
    scene
        .nurse(
            server,
            number,
            NurseSpec {
                north_m,
                ..NurseSpec::default()
            },
        )
        .await
}

on_both! {
    async fn the_three_nearest_are_asked_first_then_the_ring_widens(server: TestServer) {
        let scene = Scene::build(&server).await;
        let mut nurses = Vec::new();
        for (number, km) in [(1, 1.0), (2, 2.0), (3, 3.0), (4, 4.5), (5, 8.0), (6, 18.0), (7, 39.0)] {
            nurses.push(at(&scene, &server, number, km * 1000.0).await);
        }
        let start = server.now() + TimeDelta::hours(8);
        scene.order(&server, "UC_CHG", start).await;
        server.run_jobs().await;
        let mut seen = Vec::new();
        for nurse in &nurses {
            seen.push(offers(nurse).await);
        }
        assert_eq!(seen, [1, 1, 1, 0, 0, 0, 0]);
        for (minutes, expected) in [(9, 3), (1, 5), (10, 6), (10, 7)] {
            server.advance(TimeDelta::minutes(minutes)).await;
            let mut open = 0;
            for nurse in &nurses {
                open += offers(nurse).await;
            }
            assert_eq!(open, expected, "after {minutes} more minutes");
        }
    }

    async fn a_nurse_who_cannot_log_in_is_not_asked(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurses = [at(&scene, &server, 1, 1_000.0).await, at(&scene, &server, 2, 2_000.0).await];
        let (community, id) = (scene.town.community, nurses[0].id);
        jiahu::in_write!(server.app.db, "test_account", |tx| {
            let values = [community.into(), id.into()];
            store::sql::change(tx, "UPDATE nurse SET account_id = NULL WHERE community_id = $1 AND id = $2", values).await?;
            Ok(())
        })
        .expect("no account");
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(8)).await;
        server.run_jobs().await;
        assert_eq!(offers(&nurses[1]).await, 1);
        let path = format!("/v1/orders/{order}/candidates");
        let found = scene.coordinator.client.get(&path).await.expect(200);
        let offered = store::offer::of_round(server.app.db.reader(), community, order, 1).await.expect("offers");
        assert_eq!(offered.len(), 1);
        assert_eq!(found["excluded"][0]["reasons"][0]["code"], "nurse_inactive");
    }

    async fn whoever_may_is_found_behind_many_who_may_not(server: TestServer) {
        let scene = Scene::build(&server).await;
        let far = at(&scene, &server, 1, 4_500.0).await;
        let (community, near) = (scene.town.community, at(&scene, &server, 2, 100.0).await);
        let row = store::nurse::get(server.app.db.reader(), community, near.id).await.expect("a row").expect("a nurse");
        let crowd: Vec<_> = (0..250)
            .map(|number| nurse::Model {
                id: server.app.new_id::<NurseId>(),
                account_id: None,
                staff_no: format!("C{number}"),
                licence_no: format!("C{number}"),
                ..row.clone()
            })
            .collect();
        jiahu::in_write!(server.app.db, "test_crowd", |tx| {
            store::sql::insert_all(tx, &crowd).await?;
            for one in &crowd {
                store::reach::refresh(tx, community, one.id).await?;
            }
            let values = [community.into(), near.id.into()];
            store::sql::change(tx, "DELETE FROM nurse_duty WHERE community_id = $1 AND nurse_id = $2", values).await?;
            Ok(())
        })
        .expect("a crowd");
        // The common certificate: the licence itself.
        scene.order(&server, "VITAL", server.now() + TimeDelta::hours(8)).await;
        server.run_jobs().await;
        assert_eq!((offers(&near).await, offers(&far).await), (0, 1));
    }

    async fn a_nurse_is_not_asked_beyond_her_own_radius(server: TestServer) {
        let scene = Scene::build(&server).await;
        let spec = NurseSpec { north_m: 4_000.0, radius_m: 3_000, ..NurseSpec::default() };
        let near = scene.nurse(&server, 1, spec).await;
        scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(8)).await;
        server.run_jobs().await;
        server.advance(TimeDelta::hours(1)).await;
        assert_eq!(offers(&near).await, 0);
    }

    async fn people_are_told_and_the_order_expires_without_a_fee(server: TestServer) {
        let scene = Scene::build(&server).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(5)).await;
        server.run_jobs().await;
        let told = |phone: &str| server.phones.of(phone).into_iter().map(|m| m.template).collect::<Vec<_>>();
        server.advance(TimeDelta::minutes(29)).await;
        assert!(told(&scene.coordinator.phone).is_empty());
        server.advance(TimeDelta::minutes(1)).await;
        assert_eq!(told(&scene.coordinator.phone), ["assign_by_hand"]);
        server.advance(TimeDelta::minutes(90)).await;
        assert_eq!(told(&scene.family.phone), ["nobody_yet"]);
        server.advance(TimeDelta::hours(3)).await;
        assert_eq!(told(&scene.family.phone), ["nobody_yet", "expired"]);
        assert_eq!(told(&scene.coordinator.phone), ["assign_by_hand"], "told once");
        let row = state(&server, &scene, order).await;
        assert_eq!((row.state.as_str(), row.fee_fen), ("expired", None));
        assert_eq!(server.run_jobs().await, 0, "nothing is left to do");
    }

    async fn an_order_without_a_place_goes_to_a_coordinator_at_once(server: TestServer) {
        let scene = Scene::build(&server).await;
        let near = at(&scene, &server, 1, 100.0).await;
        let who = (scene.patient, scene.address);
        let order =
            scene.order_of(&server, who, "UC_CHG", server.now() + TimeDelta::hours(5), None).await;
        server.run_jobs().await;
        server.advance(TimeDelta::hours(1)).await;
        assert_eq!(offers(&near).await, 0);
        let messages = server.phones.of(&scene.coordinator.phone);
        assert_eq!(messages.len(), 1);
        let path = format!("/v1/orders/{order}/candidates");
        let candidates = scene.coordinator.client.get(&path).await.expect(200);
        assert_eq!(candidates["place_known"], false);
        assert_eq!(candidates["excluded"][0]["reasons"][0]["code"], "no_place");
        let assign = format!("/v1/orders/{order}/assign");
        let body = serde_json::json!({ "nurse_id": near.id });
        scene.coordinator.client.post(&assign, body).await.expect(200);
    }

    async fn a_crash_between_waves_neither_loses_nor_repeats_one(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = at(&scene, &server, 1, 500.0).await;
        scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(8)).await;
        // The worker claims the job and dies.
        let claimed = jiahu::in_write!(server.app.db, "claim", |tx| {
            let (lane, lease) = (JobLane::Work, jiahu::jobs::lease(JobLane::Work, 1));
            store::job::claim(tx, lane, server.now(), lease, 10).await
        })
        .expect("a job");
        assert_eq!(claimed.len(), 1);
        assert_eq!(server.run_jobs().await, 0, "the lease is still held");
        server.advance(TimeDelta::minutes(2)).await;
        assert_eq!(offers(&nurse).await, 1);
        // The dead worker comes back with its old claim.
        jiahu::dispatch::run_wave(&server.app, &claimed[0]).await.expect("it finds nothing to do");
        assert_eq!(offers(&nurse).await, 1);
    }
}

async fn state(
    server: &TestServer,
    scene: &Scene,
    order: entity::ids::OrderId,
) -> entity::care_order::Model {
    store::order::in_community(server.app.db.reader(), scene.town.community, order)
        .await
        .expect("a query")
        .expect("the order")
}
