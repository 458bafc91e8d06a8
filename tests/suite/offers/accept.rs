//! One nurse wins, and none is in two places at once.

use chrono::{NaiveDate, TimeDelta};
use entity::ids::OrderId;
use futures::future::join_all;
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
            let answers = join_all(
                nurses
                    .iter()
                    .zip(&paths)
                    .map(|(nurse, path)| nurse.person.client.post(path, json!({}))),
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
        assert!(least[0] <= 20 && least[1] <= 28 && least[2] <= 3, "{least:?}");
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
        let live = jiahu::store::visit::live_of_order(db.reader(), scene.town.community, order)
            .await
            .expect("a query")
            .expect("a visit");
        let twin = |order| entity::visit::Model { id: server.app.new_id(), order_id: order, ..live.clone() };
        let overlap = jiahu::in_write!(db, "overlap", |tx| {
            jiahu::store::visit::insert(tx, twin(second)).await
        });
        assert_eq!(overlap.expect_err("refused").code(), Some(jiahu::problem::Code::NurseDoubleBooked));
        let rival = scene.nurse(&server, 2, NurseSpec::default()).await;
        let second_live = jiahu::in_write!(db, "second", |tx| {
            let row = entity::visit::Model {
                nurse_id: rival.id,
                ..twin(order)
            };
            jiahu::store::visit::insert(tx, row).await
        });
        assert_eq!(second_live.expect_err("refused").code(), Some(jiahu::problem::Code::OrderGone));
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
