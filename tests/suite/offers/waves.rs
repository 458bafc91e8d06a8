//! Offers go to the nearest three, then wider, then to people.

use chrono::TimeDelta;
use entity::enums::JobLane;
use entity::ids::NurseId;
use entity::nurse;
use jiahu::domain::lifecycle::Command;
use jiahu::store;
use jiahu_tests::harness::{CENTRE, NurseSpec, Scene, SceneNurse, TestServer, new_patient};
use jiahu_tests::on_both;
use serde_json::{Value, json};

/// Degrees of latitude of a kilometre.
const KM: f64 = 1.0 / 111.195;

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

/// The claimed jobs of the search.
async fn claimed(server: &TestServer) -> Vec<entity::job::Model> {
    jiahu::in_write!(server.app.db, "claim", |tx| {
        let (lane, lease) = (JobLane::Work, jiahu::jobs::lease(JobLane::Work, 1));
        store::job::claim(tx, lane, server.now(), lease, 10).await
    })
    .expect("jobs")
}

async fn candidates(scene: &Scene, order: entity::ids::OrderId) -> Value {
    let path = format!("/v1/orders/{order}/candidates");
    scene.coordinator.client.get(&path).await.expect(200)
}

/// A visit that a coordinator gave her, so many kilometres north of the scene's patient.
async fn visit_at(
    server: &TestServer,
    scene: &Scene,
    nurse: &SceneNurse,
    km: f64,
    start: chrono::DateTime<chrono::Utc>,
) {
    let place = Some((CENTRE.0, CENTRE.1 + km * KM));
    let other = new_patient(server, &scene.town, &scene.family, place).await;
    let order = scene.order_of(server, other, "UC_CHG", start, place).await;
    let body = json!({ "nurse_id": nurse.id });
    let assign = format!("/v1/orders/{order}/assign");
    scene
        .coordinator
        .client
        .post(&assign, body)
        .await
        .expect(200);
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

    async fn who_sets_out_from_a_visit_nearby_is_near(server: TestServer) {
        let scene = Scene::build(&server).await;
        // Her base point is beyond her radius, the visit before is not.
        let spec = NurseSpec { north_m: 12_900.0, radius_m: 12_000, ..NurseSpec::default() };
        let nurse = scene.nurse(&server, 1, spec).await;
        let start = server.now() + TimeDelta::hours(5);
        visit_at(&server, &scene, &nurse, 1.0, start).await;
        let after = scene.order(&server, "UC_CHG", start + TimeDelta::hours(2)).await;
        let tomorrow = scene.order(&server, "UC_CHG", start + TimeDelta::days(1)).await;
        server.run_jobs().await;
        let offered = nurse.person.client.get("/v1/offers").await.expect(200);
        let offered = offered["items"].as_array().expect("a list").clone();
        assert_eq!(offered.len(), 1);
        assert_eq!(offered[0]["order_id"], after.to_string());
        let found = candidates(&scene, after).await;
        assert_eq!((&found["ranked"][0]["nurse_id"], &found["ranked"][0]["offer"]), (&json!(nurse.id), &json!("open")));
        let found = candidates(&scene, tomorrow).await;
        assert_eq!(found["excluded"][0]["reasons"][0]["code"], "too_far");
    }

    async fn who_sets_out_from_a_visit_far_away_is_not_near(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = at(&scene, &server, 1, 1_000.0).await;
        let start = server.now() + TimeDelta::hours(5);
        visit_at(&server, &scene, &nurse, 8.0, start).await;
        let after = scene.order(&server, "UC_CHG", start + TimeDelta::hours(2)).await;
        server.run_jobs().await;
        assert_eq!(offers(&nurse).await, 0, "the first ring ends at 5 km");
        let metres = candidates(&scene, after).await["ranked"][0]["distance_m"].as_f64();
        assert!(metres.is_some_and(|metres| (metres - 8_000.0).abs() < 10.0), "{metres:?}");
        server.advance(TimeDelta::minutes(10)).await;
        assert_eq!(offers(&nurse).await, 1);
    }

    async fn a_nurse_without_a_base_point_is_assigned_by_hand_alone(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = at(&scene, &server, 1, 1_000.0).await;
        let (community, id) = (scene.town.community, nurse.id);
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(8)).await;
        jiahu::in_write!(server.app.db, "test_base", |tx| {
            let gone = "UPDATE nurse SET base_lng = NULL, base_lat = NULL WHERE community_id = $1 AND id = $2";
            store::sql::change(tx, gone, [community.into(), id.into()]).await?;
            // Not even when the family wishes for her.
            let wished = "UPDATE care_order SET preferred_nurse_id = $3 WHERE community_id = $1 AND id = $2";
            store::sql::change(tx, wished, [community.into(), order.into(), id.into()]).await?;
            store::reach::refresh(tx, community, id).await
        })
        .expect("no base point");
        server.run_jobs().await;
        server.advance(TimeDelta::hours(1)).await;
        assert_eq!(offers(&nurse).await, 0);
        let found = candidates(&scene, order).await;
        assert_eq!((&found["ranked"], &found["place_known"]), (&json!([]), &json!(true)));
        assert_eq!(found["excluded"][0]["reasons"][0]["code"], "no_place");
        let path = format!("/v1/orders/{order}/assign");
        scene.coordinator.client.post(&path, json!({ "nurse_id": id })).await.expect(200);
    }

    async fn an_order_taken_out_of_the_search_meanwhile_is_offered_to_nobody(server: TestServer) {
        let scene = Scene::build(&server).await;
        at(&scene, &server, 1, 1_000.0).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(8)).await;
        let job = claimed(&server).await.pop().expect("a job");
        let row = state(&server, &scene, order).await;
        // Somebody holds the order back, and is not through with it when the wave has found its nurses.
        let mut slow = server.app.db.write("test_hold");
        let tx = slow.begin().await.expect("a transaction");
        store::order::advance(&tx, &server.app, &row, Command::Hold, |_| {}).await.expect("held");
        let before = server.app.db.statements();
        let wave = tokio::spawn({
            let app = server.app.clone();
            async move { jiahu::dispatch::run_wave(&app, &job).await }
        });
        // It has read the order, which was open for it.
        while server.app.db.statements() < before + 2 {
            tokio::task::yield_now().await;
        }
        slow.settle(tx, Ok(())).await;
        wave.await.expect("no panic").expect("it finds nothing to do");
        let (db, community) = (server.app.db.reader(), scene.town.community);
        assert_eq!(state(&server, &scene, order).await.state.as_str(), "assessing");
        let made = store::offer::of_round(db, community, order, 1).await.expect("offers");
        assert!(made.is_empty(), "{made:?}");
    }

    async fn an_order_that_opens_late_reaches_a_coordinator_half_way_to_its_window(server: TestServer) {
        let scene = Scene::build(&server).await;
        scene.order(&server, "UC_CHG", server.now() + TimeDelta::minutes(24)).await;
        server.run_jobs().await;
        let told = || server.phones.of(&scene.coordinator.phone).len();
        server.advance(TimeDelta::minutes(11)).await;
        assert_eq!(told(), 0);
        server.advance(TimeDelta::minutes(1)).await;
        assert_eq!(told(), 1);
        server.advance(TimeDelta::minutes(12)).await;
        assert_eq!(told(), 1, "told once, and then it expires");
    }

    async fn a_nurse_cannot_find_the_house_by_its_distance(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = at(&scene, &server, 1, 700.0).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(8)).await;
        server.run_jobs().await;
        let offer = async || {
            let offers = nurse.person.client.get("/v1/offers").await.expect(200);
            offers["items"][0].clone()
        };
        let first = offer().await;
        assert_eq!((&first["distance_m"], &first["distance_from_you_m"]), (&json!(1_000), &Value::Null));
        for (km, shown) in [(0.1, 500), (0.4, 500), (0.6, 1_000), (7.3, 7_500)] {
            let here = json!({"lng": CENTRE.0, "lat": CENTRE.1 + km * KM, "crs": "wgs84"});
            nurse.person.client.put("/v1/nurses/me/place", here).await.expect(204);
            assert_eq!(offer().await["distance_from_you_m"], shown);
        }
        // Whoever sends her knows it to the metre.
        let metres = candidates(&scene, order).await["ranked"][0]["distance_m"].as_f64();
        assert_eq!(metres, Some(700.0));
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

    async fn an_order_given_back_in_its_window_can_still_be_assigned(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (first, order) = given_back_in_its_window(&server, &scene).await;
        let desk = &scene.coordinator;
        let told: Vec<_> = server.phones.of(&desk.phone).into_iter().map(|m| m.template).collect();
        assert!(told.contains(&"given_back".to_owned()) && told.contains(&"assign_by_hand".to_owned()), "{told:?}");
        let needing = desk.client.get("/v1/orders?needs=coordinator").await.expect(200);
        assert_eq!(needing["items"][0]["id"], json!(order));
        server.advance(TimeDelta::minutes(20)).await;
        assert_eq!(state(&server, &scene, order).await.state.as_str(), "open");
        assert_eq!(offers(&first).await, 0, "she is not asked again");
        let second = at(&scene, &server, 2, 1_000.0).await;
        let path = format!("/v1/orders/{order}/assign");
        let assigned = desk.client.post(&path, json!({ "nurse_id": second.id })).await.expect(200);
        let visit = assigned["visit_id"].as_str().expect("an id").to_owned();
        second.post(&visit, "depart", json!({})).await.expect(200);
    }

    async fn an_order_given_back_in_its_window_expires_when_it_cannot_be_done_any_more(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (_, order) = given_back_in_its_window(&server, &scene).await;
        let row = state(&server, &scene, order).await;
        let last_start = row.window_end - TimeDelta::minutes(row.duration_min.into());
        server.advance(last_start - TimeDelta::seconds(1) - server.now()).await;
        assert_eq!(state(&server, &scene, order).await.state.as_str(), "open");
        server.advance(TimeDelta::seconds(1)).await;
        assert_eq!(state(&server, &scene, order).await.state.as_str(), "expired");
        let told = server.phones.of(&scene.family.phone);
        assert_eq!(told.last().expect("a message").template, "expired");
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
        let claimed = claimed(&server).await;
        assert_eq!(claimed.len(), 1);
        assert_eq!(server.run_jobs().await, 0, "the lease is still held");
        server.advance(TimeDelta::minutes(2)).await;
        assert_eq!(offers(&nurse).await, 1);
        // The dead worker comes back with its old claim.
        jiahu::dispatch::run_wave(&server.app, &claimed[0]).await.expect("it finds nothing to do");
        assert_eq!(offers(&nurse).await, 1);
    }
}

/// An order whose nurse gave it back ten minutes after its window began.
async fn given_back_in_its_window(
    server: &TestServer,
    scene: &Scene,
) -> (SceneNurse, entity::ids::OrderId) {
    let nurse = at(scene, server, 1, 1_000.0).await;
    let start = server.now() + TimeDelta::hours(5);
    let order = scene.order(server, "UC_CHG", start).await;
    let visit = scene.accepted_visit(server, &nurse, order).await;
    server
        .advance(start + TimeDelta::minutes(10) - server.now())
        .await;
    let why = json!({ "reason": "孩子发烧" });
    nurse.post(&visit, "give-back", why).await.expect(200);
    server.run_jobs().await;
    (nurse, order)
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
