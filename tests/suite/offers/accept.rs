//! One nurse wins, and none is in two places at once.

use chrono::{NaiveDate, TimeDelta};
use entity::enums::Role;
use entity::ids::OrderId;
use futures::future::join_all;
use jiahu::dispatch::{Acceptance, Weighed, take, weigh};
use jiahu::problem::Code;
use jiahu::store;
use jiahu_tests::harness::{
    Backend, CENTRE, NurseSpec, Scene, SceneNurse, TestServer, new_patient,
};
use jiahu_tests::on_both;
use rstest::rstest;
use serde_json::json;

async fn offer_of(nurse: &SceneNurse, order: OrderId) -> String {
    let offers = nurse.person.client.get("/v1/offers").await.expect(200);
    let offers = offers["items"].as_array().expect("a list").clone();
    let offer = offers
        .iter()
        .find(|offer| offer["order_id"] == order.to_string())
        .expect("an offer");
    format!("/v1/offers/{}/accept", offer["id"].as_str().expect("an id"))
}

async fn weighed(
    server: &TestServer,
    scene: &Scene,
    order: OrderId,
    nurse: &SceneNurse,
) -> Weighed {
    let db = server.app.db.reader();
    let row = store::order::in_community(db, scene.town.community, order)
        .await
        .expect("a query")
        .expect("the order");
    weigh(db, &server.app, row, nurse.id)
        .await
        .expect("she may")
}

/// Takes the order that was weighed; why not, if not.
async fn taken(server: &TestServer, weighed: &Weighed, acceptance: Acceptance) -> Option<Code> {
    let app = &server.app;
    let outcome = jiahu::in_write!(app.db, "test_take", |tx| {
        take(tx, app, weighed, acceptance).await
    });
    outcome.err().and_then(|error| error.code())
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_racing_nurses_one_wins(#[case] backend: Backend) {
    TestServer::with_config(
        backend,
        |config| config.matching.offer_batch = 64,
        async |server| {
            let scene = Scene::build(&server).await;
            let mut nurses = Vec::new();
            for number in 0..64 {
                let north_m = 100.0 + 50.0 * f64::from(number);
                nurses.push(
                    scene
                        .nurse(
                            &server,
                            number,
                            NurseSpec {
                                north_m,
                                ..NurseSpec::default()
                            },
                        )
                        .await,
                );
            }
            let order = scene
                .order(&server, "UC_CHG", server.now() + TimeDelta::hours(5))
                .await;
            server.run_jobs().await;
            let paths = join_all(nurses.iter().map(|nurse| offer_of(nurse, order))).await;
            // Where the database serves two processes, every other nurse asks the second.
            let second = match backend {
                Backend::Postgres => Some(server.second().await),
                Backend::Sqlite => None,
            };
            let clients: Vec<_> = nurses
                .iter()
                .enumerate()
                .map(|(number, nurse)| match &second {
                    Some(second) if number % 2 == 1 => second.client_of(&nurse.person.client),
                    _ => nurse.person.client.clone(),
                })
                .collect();
            let answers = join_all(
                clients
                    .iter()
                    .zip(&paths)
                    .map(|(client, path)| client.post(path, json!({}))),
            )
            .await;
            let won = answers.iter().filter(|answer| answer.status == 200).count();
            assert_eq!(won, 1);
            for lost in answers.into_iter().filter(|answer| answer.status != 200) {
                let problem = lost.problem(409, "order_gone");
                assert!(problem.get("nurse_id").is_none(), "who won is not said");
            }
        },
    )
    .await;
}

on_both! {
    async fn two_orders_at_one_time_give_one_visit(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let start = server.now() + TimeDelta::hours(5);
        let other = new_patient(&server, &scene.town, &scene.family, Some(CENTRE)).await;
        let first = scene.order(&server, "UC_CHG", start).await;
        let second = scene.order_of(&server, other, "UC_CHG", start + TimeDelta::minutes(30), Some(CENTRE)).await;
        server.run_jobs().await;
        let (one, two) = (offer_of(&nurse, first).await, offer_of(&nurse, second).await);
        let client = &nurse.person.client;
        let (one, two) = tokio::join!(client.post(&one, json!({})), client.post(&two, json!({})));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        let lost = if one.status == 409 { one } else { two };
        lost.problem(409, "nurse_double_booked");
    }

    async fn the_travel_between_two_visits_counts(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let start = server.now() + TimeDelta::hours(5);
        // 20 km east: some 52 minutes on the road.
        let far = (CENTRE.0 + 0.2247, CENTRE.1);
        let other = new_patient(&server, &scene.town, &scene.family, Some(far)).await;
        let first = scene.order(&server, "UC_CHG", start).await;
        let soon = start + TimeDelta::minutes(40 + 20);
        let second = scene.order_of(&server, other, "UC_CHG", soon, Some(far)).await;
        server.run_jobs().await;
        server.advance(TimeDelta::minutes(31)).await;
        let (one, two) = (offer_of(&nurse, first).await, offer_of(&nurse, second).await);
        nurse.person.client.post(&one, json!({})).await.expect(200);
        nurse.person.client.post(&two, json!({})).await.problem(409, "nurse_double_booked");
    }

    async fn the_travel_to_a_visit_that_she_has_already_counts(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let start = server.now() + TimeDelta::hours(6);
        // 20 km east: some 52 minutes on the road.
        let far = (CENTRE.0 + 0.2247, CENTRE.1);
        let other = new_patient(&server, &scene.town, &scene.family, Some(far)).await;
        let late = scene.order(&server, "UC_CHG", start).await;
        // 40 minutes there, and 52 on the road with 15 before and after.
        let soon = scene.order_of(&server, other, "UC_CHG", start - TimeDelta::minutes(40 + 81), Some(far)).await;
        let there = scene.order_of(&server, other, "NG_CHG", start - TimeDelta::minutes(45 + 83), Some(far)).await;
        server.run_jobs().await;
        server.advance(TimeDelta::minutes(31)).await;
        let client = &nurse.person.client;
        client.post(&offer_of(&nurse, late).await, json!({})).await.expect(200);
        client.post(&offer_of(&nurse, soon).await, json!({})).await.problem(409, "nurse_double_booked");
        client.post(&offer_of(&nurse, there).await, json!({})).await.expect(200);
    }

    async fn two_accepts_at_once_do_not_go_over_what_she_is_ready_for(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec { daily_cap: 1, ..NurseSpec::default() }).await;
        let other = new_patient(&server, &scene.town, &scene.family, Some(CENTRE)).await;
        let start = server.now() + TimeDelta::hours(5);
        let first = scene.order(&server, "UC_CHG", start).await;
        let second = scene.order_of(&server, other, "UC_CHG", start + TimeDelta::hours(3), Some(CENTRE)).await;
        server.run_jobs().await;
        let (one, two) = (offer_of(&nurse, first).await, offer_of(&nurse, second).await);
        let client = &nurse.person.client;
        let (one, two) = tokio::join!(client.post(&one, json!({})), client.post(&two, json!({})));
        let (won, lost) = if one.status == 200 { (one, two) } else { (two, one) };
        won.expect(200);
        let problem = lost.problem(422, "nurse_not_eligible");
        assert_eq!(problem["reasons"][0]["code"], "daily_cap");
    }

    async fn what_a_booking_and_an_accept_cost(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let late = scene.nurse(&server, 2, NurseSpec::default()).await;
        let mut cost = [Vec::new(), Vec::new(), Vec::new()];
        for day in 2..5 {
            let before = server.app.db.statements();
            let start = server.now() + TimeDelta::days(day);
            let body = json!({
                "patient_id": scene.patient, "address_id": scene.address, "items": ["EDU"],
                "window": { "start": start, "end": start + TimeDelta::hours(2) },
                "answers": {
                    "GEN_EMERGENCY": false, "GEN_AGITATED": false, "GEN_INFECTIOUS": false,
                    "GEN_FAMILY": true, "GEN_SUPPLIES": "nurse", "GEN_TRUE": true,
                },
            });
            let order = scene.family.client.post("/v1/orders", body).await.expect(201);
            cost[0].push(server.app.db.statements() - before);
            let order: OrderId = serde_json::from_value(order["id"].clone()).expect("an id");
            server.run_jobs().await;
            let paths = (offer_of(&nurse, order).await, offer_of(&late, order).await);
            let before = server.app.db.statements();
            nurse.person.client.post(&paths.0, json!({})).await.expect(200);
            cost[1].push(server.app.db.statements() - before);
            let before = server.app.db.statements();
            late.person.client.post(&paths.1, json!({})).await.problem(409, "order_gone");
            cost[2].push(server.app.db.statements() - before);
        }
        let least = cost.map(|counts| counts.into_iter().min().unwrap_or_default());
        println!("statements to book, accept, come too late: {least:?}");
        // Five of an accept read again, under the lock of the nurse, what may have changed about her since she was weighed.
        assert!(least[0] <= 20 && least[1] <= 31 && least[2] <= 3, "{least:?}");
    }

    async fn the_database_refuses_an_overlap_that_no_rule_saw(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let start = server.now() + TimeDelta::hours(5);
        let order = scene.order(&server, "UC_CHG", start).await;
        scene.accepted_visit(&server, &nurse, order).await;
        let other = new_patient(&server, &scene.town, &scene.family, Some(CENTRE)).await;
        let second = scene.order_of(&server, other, "UC_CHG", start, Some(CENTRE)).await;
        let db = &server.app.db;
        let live = store::visit::live_of_order(db.reader(), scene.town.community, order)
            .await
            .expect("a query")
            .expect("a visit");
        let twin = |order| entity::visit::Model { id: server.app.new_id(), order_id: order, ..live.clone() };
        let overlap = jiahu::in_write!(db, "overlap", |tx| {
            store::visit::insert(tx, twin(second)).await
        });
        assert_eq!(overlap.expect_err("refused").code(), Some(Code::NurseDoubleBooked));
        let rival = scene.nurse(&server, 2, NurseSpec::default()).await;
        let second_live = jiahu::in_write!(db, "second", |tx| {
            let row = entity::visit::Model {
                nurse_id: rival.id,
                ..twin(order)
            };
            store::visit::insert(tx, row).await
        });
        assert_eq!(second_live.expect_err("refused").code(), Some(Code::OrderGone));
    }

    async fn an_offer_declined_while_it_is_accepted_is_not_taken(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(5)).await;
        server.run_jobs().await;
        let accept = offer_of(&nurse, order).await;
        let decline = accept.replace("/accept", "/decline");
        let weighed = weighed(&server, &scene, order, &nurse).await;
        nurse.person.client.post(&decline, json!({"reason": "家里有事"})).await.expect(204);
        let hers = Acceptance { nurse: nurse.id, actor: nurse.person.account, assigned: false };
        assert_eq!(taken(&server, &weighed, hers).await, Some(Code::OrderGone));
        let db = server.app.db.reader();
        let live = store::visit::live_of_order(db, scene.town.community, order).await.expect("a query");
        assert!(live.is_none(), "she declined and has nothing");
        // A coordinator may still give it to her.
        let by_hand = Acceptance { nurse: nurse.id, actor: scene.coordinator.account, assigned: true };
        assert_eq!(taken(&server, &weighed, by_hand).await, None);
    }

    async fn what_is_decided_about_her_while_she_is_weighed_counts(server: TestServer) {
        let scene = Scene::build(&server).await;
        let town = &scene.town;
        let head = town.person(&server, "13900000071", Role::Supervisor, Some(town.centre)).await;
        let admin = town.person(&server, "13900000072", Role::Admin, None).await;
        for number in 1..=4_u32 {
            let nurse = scene.nurse(&server, number, NurseSpec::default()).await;
            let start = server.now() + TimeDelta::days(number.into());
            let order = scene.order(&server, "UC_CHG", start).await;
            let weighed = weighed(&server, &scene, order, &nurse).await;
            match number {
                1 => {
                    let path = format!("/v1/patients/{}/kept-apart/{}", scene.patient, nurse.id);
                    let apart = json!({"refused_by": "patient", "reason": "曾有争执"});
                    scene.coordinator.client.put(&path, apart).await.expect(200);
                }
                2 => {
                    let path = format!("/v1/nurses/{}/leave", nurse.id);
                    let leave = json!({"kind": "leave", "starts_at": start, "ends_at": start + TimeDelta::hours(8)});
                    head.client.post(&path, leave).await.expect(201);
                }
                3 => {
                    let path = format!("/v1/accounts/{}/disable", nurse.person.account);
                    admin.client.post(&path, json!({})).await.expect(200);
                }
                _ => {
                    let path = format!("/v1/institutions/{}/items/UC_CHG", town.centre);
                    head.client.put(&path, json!({"open": false})).await.expect(200);
                }
            }
            let by_hand = Acceptance { nurse: nurse.id, actor: scene.coordinator.account, assigned: true };
            assert_eq!(taken(&server, &weighed, by_hand).await, Some(Code::NurseNotEligible), "case {number}");
        }
    }

    async fn a_retried_accept_gives_the_same_answer(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(5)).await;
        server.run_jobs().await;
        let path = offer_of(&nurse, order).await;
        let first = nurse.person.client.post_with_key(&path, json!({}), "accept-once").await.expect(200);
        let again = nurse.person.client.post_with_key(&path, json!({}), "accept-once").await.expect(200);
        assert_eq!(first, again);
        nurse.person.client.post(&path, json!({})).await.problem(409, "order_gone");
    }

    async fn a_declined_offer_is_gone_for_her_and_costs_nothing(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(5)).await;
        server.run_jobs().await;
        let accept = offer_of(&nurse, order).await;
        let decline = accept.replace("/accept", "/decline");
        nurse.person.client.post(&decline, json!({"reason": "家里有事"})).await.expect(204);
        nurse.person.client.post(&accept, json!({})).await.problem(409, "order_gone");
        server.advance(TimeDelta::minutes(25)).await;
        let offers = nurse.person.client.get("/v1/offers").await.expect(200);
        assert_eq!(offers["items"], json!([]), "she is not asked again");
        let candidates =
            scene.coordinator.client.get(&format!("/v1/orders/{order}/candidates")).await.expect(200);
        assert_eq!(candidates["ranked"][0]["offer"], "declined");
        assert_eq!(candidates["ranked"][0]["decline_reason"], "家里有事");
        let (db, community) = (server.app.db.reader(), scene.town.community);
        let kept = store::offer::of_round(db, community, order, 1).await.expect("offers");
        let sealed = kept[0].decline_reason_enc.as_deref().expect("a reason");
        assert!(sealed.starts_with("v1:"), "{sealed}");
        // Also when she may not take it any more.
        let apart = format!("/v1/patients/{}/kept-apart/{}", scene.patient, nurse.id);
        let why = json!({"refused_by": "nurse", "reason": "养狗"});
        scene.coordinator.client.put(&apart, why).await.expect(200);
        let candidates =
            scene.coordinator.client.get(&format!("/v1/orders/{order}/candidates")).await.expect(200);
        let excluded = &candidates["excluded"][0];
        assert_eq!((&excluded["offer"], &excluded["decline_reason"]), (&json!("declined"), &json!("家里有事")));
    }

    async fn somebody_elses_offer_is_not_found(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let other = scene.nurse(&server, 2, NurseSpec { certificates: vec![], ..NurseSpec::default() }).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(5)).await;
        server.run_jobs().await;
        let path = offer_of(&nurse, order).await;
        other.person.client.post(&path, json!({})).await.problem(404, "not_found");
        scene.family.client.post(&path, json!({})).await.problem(403, "forbidden");
    }

    async fn a_certificate_that_lapses_before_the_visit_does_not_match(server: TestServer) {
        let scene = Scene::build(&server).await;
        let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).expect("a date");
        let until = |to| NurseSpec { certificates: vec![("UC", to)], ..NurseSpec::default() };
        // The visit is on 3 March; a certificate counts through its last day.
        let lapsed = scene.nurse(&server, 1, until(day(2))).await;
        let last_day = scene.nurse(&server, 2, until(day(3))).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::days(1)).await;
        server.run_jobs().await;
        let seen = |offers: serde_json::Value| offers["items"].as_array().map_or(0, Vec::len);
        assert_eq!(seen(lapsed.person.client.get("/v1/offers").await.expect(200)), 0);
        assert_eq!(seen(last_day.person.client.get("/v1/offers").await.expect(200)), 1);
        let body = json!({ "nurse_id": lapsed.id });
        let path = format!("/v1/orders/{order}/assign");
        let problem = scene.coordinator.client.post(&path, body).await.problem(422, "nurse_not_eligible");
        assert_eq!(problem["reasons"][0]["code"], "certificate_expired");
        assert!(problem["reasons"][0]["en"].as_str().expect("a text").contains("2026-03-02"));
    }
}
