//! Visits by two nurses (R10).

use chrono::TimeDelta;
use entity::ids::{OrderId, VisitId};
use entity::visit;
use futures::future::join_all;
use jiahu::store;
use jiahu_tests::harness::{
    Backend, Fixtures, NurseSpec, Scene, SceneNurse, TestServer, far_day, filled_forms,
    good_answers, with_family,
};
use jiahu_tests::on_both;
use rstest::rstest;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};

use super::here;

/// An open order for two, and nurses around it.
pub(super) async fn for_two(server: &TestServer, nurses: u32) -> (Scene, Vec<SceneNurse>, OrderId) {
    let scene = Scene::build(server).await;
    let mut all = Vec::new();
    for number in 1..=nurses {
        all.push(scene.nurse(server, number, NurseSpec::default()).await);
    }
    let start = server.now() + TimeDelta::hours(5);
    let order = scene.order(server, "UC_CHG", start).await;
    let two = "UPDATE care_order SET persons = 2";
    server
        .app
        .db
        .reader()
        .execute_unprepared(two)
        .await
        .expect("a change");
    (scene, all, order)
}

/// Books an item for tomorrow as the family does.
async fn book(server: &TestServer, scene: &Scene, item: &str) -> Value {
    let (start, end) = (
        server.now() + TimeDelta::hours(26),
        server.now() + TimeDelta::hours(29),
    );
    let mut body = json!({
        "patient_id": scene.patient, "address_id": scene.address, "items": [item],
        "window": { "start": start, "end": end },
    });
    let family = &scene.family.client;
    let asked = json!({
        "patient_id": scene.patient, "address_id": scene.address, "items": [item], "window_start": start,
    });
    let quote = family.post("/v1/quotes", asked).await.expect(200);
    body["answers"] = good_answers(&quote["questions"]);
    family.post("/v1/orders", body).await.expect(201)
}

async fn offer_of(nurse: &SceneNurse, order: OrderId) -> Option<String> {
    let offers = nurse.person.client.get("/v1/offers").await.expect(200);
    let offers = offers["items"].as_array().expect("a list").clone();
    let mine = offers
        .iter()
        .find(|offer| offer["order_id"] == order.to_string())?;
    Some(format!(
        "/v1/offers/{}/accept",
        mine["id"].as_str().expect("an id")
    ))
}

async fn visits(server: &TestServer) -> Vec<visit::Model> {
    visit::Entity::find()
        .all(server.app.db.reader())
        .await
        .expect("visits")
}

pub(super) async fn state(server: &TestServer, scene: &Scene, order: OrderId) -> String {
    let row = store::order::in_community(server.app.db.reader(), scene.town.community, order);
    row.await
        .expect("a query")
        .expect("the order")
        .state
        .to_string()
}

async fn sheet(nurse: &SceneNurse, visit: &str) -> Value {
    nurse
        .person
        .client
        .get(&format!("/v1/visits/{visit}"))
        .await
        .expect(200)
}

/// Whether the second nurse's alarm lies outside the visit that the first one broke off, and the answer as she says that she
/// has left. `there`: she had arrived.
async fn left_after_the_other_broke_off(server: &TestServer, there: bool) -> (bool, u16) {
    let (scene, nurses, order) = for_two(server, 2).await;
    let lead = scene.accepted_visit(server, &nurses[0], order).await;
    let second = scene.accepted_visit(server, &nurses[1], order).await;
    server.advance(TimeDelta::hours(3)).await;
    for (nurse, visit) in [(&nurses[0], &lead), (&nurses[1], &second)] {
        nurse.post(visit, "depart", json!({})).await.expect(200);
    }
    if there {
        let place = json!({ "place": here() });
        nurses[1].post(&second, "arrive", place).await.expect(200);
    }
    server.advance(TimeDelta::minutes(1)).await;
    let abort = json!({ "reason": "患者住院", "left": true });
    nurses[0].post(&lead, "abort", abort).await.expect(200);
    server.advance(TimeDelta::minutes(1)).await;
    let alarm = nurses[1].post(&second, "sos", json!({})).await.expect(200);
    let left = nurses[1].post(&second, "leave", json!({})).await;
    (alarm["outside_visit"] == true, left.status.as_u16())
}

on_both! {
    async fn an_item_of_high_risk_is_booked_for_two_nurses(server: TestServer) {
        let scene = Scene::build(&server).await;
        Fixtures::new(&server, &scene.town).decide_item(scene.town.centre, "DR_C", true).await;
        let spec = || NurseSpec { certificates: vec![("ET", far_day())], ..NurseSpec::default() };
        let [one, two] = [scene.nurse(&server, 1, spec()).await, scene.nurse(&server, 2, spec()).await];
        let booked = book(&server, &scene, "DR_C").await;
        assert_eq!(booked["persons"], 2);
        let order: OrderId = booked["id"].as_str().expect("an id").parse().expect("an id");
        let lead = scene.accepted_visit(&server, &one, order).await;
        let reasons = sheet(&one, &lead).await["gates"]["reasons"].clone();
        let asks: Vec<_> = reasons.as_array().expect("a list").iter().map(|one| (&one["rule"], &one["require"])).collect();
        assert!(asks.contains(&(&json!("high_risk"), &json!("two_persons"))), "{asks:?}");
        assert_eq!(state(&server, &scene, order).await, "open");
        server.advance(TimeDelta::hours(24)).await;
        one.post(&lead, "depart", json!({})).await.problem(409, "second_nurse_missing");
        let second = scene.accepted_visit(&server, &two, order).await;
        assert_eq!(state(&server, &scene, order).await, "accepted");
        for (nurse, visit) in [(&one, &lead), (&two, &second)] {
            nurse.post(visit, "depart", json!({})).await.expect(200);
            nurse.post(visit, "arrive", json!({ "place": here() })).await.expect(200);
        }
        one.prepare(&lead).await;
        let start = json!({ "present": [{ "name": "张小明", "relation": "child", "of_age": true }] });
        one.post(&lead, "start", start).await.expect(200);
        assert_eq!((&sheet(&one, &lead).await["seat"], &sheet(&two, &second).await["seat"]), (&json!(1), &json!(2)));
    }

    async fn an_item_of_less_risk_is_booked_for_one(server: TestServer) {
        let scene = Scene::build(&server).await;
        let booked = book(&server, &scene, "UC_CHG").await;
        assert_eq!(booked["persons"], 1);
    }

    async fn two_accept_and_the_first_one_leads(server: TestServer) {
        let (scene, nurses, order) = for_two(&server, 2).await;
        let [one, two] = &nurses[..] else { panic!("two nurses") };
        let lead = scene.accepted_visit(&server, one, order).await;
        assert_eq!(state(&server, &scene, order).await, "open");
        server.advance(TimeDelta::hours(3)).await;
        one.post(&lead, "depart", json!({})).await.problem(409, "second_nurse_missing");
        // She has one seat; the other is not for her.
        assert_eq!(offer_of(one, order).await, None);
        let assign = format!("/v1/orders/{order}/assign");
        let body = json!({ "nurse_id": one.id });
        scene.coordinator.client.post(&assign, body).await.problem(409, "nurse_double_booked");
        let second = scene.accepted_visit(&server, two, order).await;
        assert_eq!(state(&server, &scene, order).await, "accepted");
        assert_eq!((&sheet(one, &lead).await["seat"], &sheet(two, &second).await["seat"]), (&json!(1), &json!(2)));
        // The family knows both, and the phone of neither.
        let seen = scene.family.client.get("/v1/orders").await.expect(200);
        let (first, other) = (&seen["items"][0]["visit"], &seen["items"][0]["visit"]["second"]);
        assert_eq!((&first["nurse_id"], &other["nurse_id"]), (&json!(one.id), &json!(two.id)));
        assert_eq!((&other["visit_id"], &other["nurse_title"]), (&json!(second), &first["nurse_title"]));
        assert!(other["nurse_name"].is_string() && !seen.to_string().contains(&two.person.phone));
        // The second comes and goes by herself.
        for early in ["arrive", "finish"] {
            let body = if early == "arrive" { json!({ "place": here() }) } else { json!({}) };
            two.post(&second, early, body).await.problem(409, "order_wrong_state");
        }
        let departed = two.post(&second, "depart", json!({})).await.expect(200);
        assert_eq!(departed["state"], "accepted");
        two.post(&second, "depart", json!({})).await.problem(409, "order_wrong_state");
        two.post(&second, "arrive", json!({ "place": here() })).await.expect(200);
        for leading in ["start", "close"] {
            two.post(&second, leading, json!({})).await.problem(409, "seat_not_lead");
        }
        two.post(&second, "abort", json!({ "reason": "患者发热" })).await.problem(409, "seat_not_lead");
        two.post(&second, "finish", json!({})).await.problem(409, "order_wrong_state");
        one.post(&lead, "depart", json!({})).await.expect(200);
        one.post(&lead, "arrive", json!({ "place": here() })).await.expect(200);
        one.prepare(&lead).await;
        let started = one.post(&lead, "start", with_family()).await.expect(200);
        server.advance(TimeDelta::minutes(30)).await;
        let record = json!({
            "items_done": ["UC_CHG"], "vitals": [], "note": "顺利", "consumables": [], "forms": filled_forms(&["UC_CHG"]),
        });
        let etag = format!("\"v{}\"", started["version"]);
        one.person.client.put_if(&format!("/v1/visits/{lead}/record"), &etag, record).await.expect(200);
        assert_eq!(one.post(&lead, "finish", json!({})).await.expect(200)["state"], "finished");
        one.post(&lead, "sign", json!({})).await.expect(200);
        let waste = json!({ "bags": 1, "weight_g": 300, "returned_to": scene.town.centre, "handed_to": "赵强", "signature_hash": "5".repeat(64) });
        one.post(&lead, "waste", waste).await.expect(200);
        one.post(&lead, "close", json!({})).await.problem(409, "second_nurse_not_left");
        two.post(&second, "finish", json!({ "place": here() })).await.expect(200);
        assert_eq!(one.post(&lead, "close", json!({})).await.expect(200)["state"], "closed");
        assert!(visits(&server).await.iter().all(|visit| !visit.live && visit.finished_at.is_some()));
    }

    async fn nobody_begins_alone_what_takes_two(server: TestServer) {
        let (scene, nurses, order) = for_two(&server, 2).await;
        let [one, two] = &nurses[..] else { panic!("two nurses") };
        let lead = scene.accepted_visit(&server, one, order).await;
        let second = scene.accepted_visit(&server, two, order).await;
        server.advance(TimeDelta::hours(3)).await;
        for (nurse, visit) in [(one, &lead), (two, &second)] {
            nurse.post(visit, "depart", json!({})).await.expect(200);
        }
        one.post(&lead, "arrive", json!({ "place": here() })).await.expect(200);
        one.prepare(&lead).await;
        one.post(&lead, "start", with_family()).await.problem(409, "second_nurse_absent");
        // Her phone has no signal.
        let mut both = with_family();
        both["second_nurse_present"] = json!(true);
        one.post(&lead, "start", both).await.expect(200);
        let db = server.app.db.reader();
        let trail = store::event::of_order(db, scene.town.community, order).await.expect("a trail");
        let started = trail.iter().find(|event| event.kind == "visit.started").expect("the event");
        assert!(started.payload.contains("\"second_nurse_present\":true"), "{}", started.payload);
    }

    async fn the_second_nurse_neither_screens_nor_signs_nor_returns_waste(server: TestServer) {
        let (scene, nurses, order) = for_two(&server, 2).await;
        let [one, two] = &nurses[..] else { panic!("two nurses") };
        let lead = scene.accepted_visit(&server, one, order).await;
        let second = scene.accepted_visit(&server, two, order).await;
        server.advance(TimeDelta::hours(3)).await;
        for (nurse, visit) in [(one, &lead), (two, &second)] {
            nurse.post(visit, "depart", json!({})).await.expect(200);
            nurse.post(visit, "arrive", json!({ "place": here() })).await.expect(200);
        }
        let questions = one.person.client.get(&format!("/v1/visits/{lead}/screening")).await.expect(200);
        let answers = json!({ "answers": good_answers(&questions["questions"]) });
        two.post(&second, "screening", answers).await.problem(409, "seat_not_lead");
        one.prepare(&lead).await;
        let started = one.post(&lead, "start", with_family()).await.expect(200);
        let record = json!({
            "items_done": ["UC_CHG"], "vitals": [], "note": "顺利", "consumables": [], "forms": filled_forms(&["UC_CHG"]),
        });
        let hers = sheet(two, &second).await["version"].clone();
        let put = async |nurse: &SceneNurse, visit: &str, version: &Value| {
            let path = format!("/v1/visits/{visit}/record");
            nurse.person.client.put_if(&path, &format!("\"v{version}\""), record.clone()).await
        };
        put(two, &second, &hers).await.problem(409, "seat_not_lead");
        put(one, &lead, &started["version"]).await.expect(200);
        server.advance(TimeDelta::minutes(30)).await;
        one.post(&lead, "finish", json!({})).await.expect(200);
        two.post(&second, "sign", json!({})).await.problem(409, "seat_not_lead");
        let waste = json!({ "bags": 1, "weight_g": 300, "returned_to": scene.town.centre, "handed_to": "赵强", "signature_hash": "5".repeat(64) });
        two.post(&second, "waste", waste).await.problem(409, "seat_not_lead");
        // Nor on the visit of the first.
        two.post(&lead, "sign", json!({})).await.problem(404, "not_found");
        let seen = sheet(one, &lead).await;
        assert_eq!((&seen["signature"], &seen["waste"]), (&Value::Null, &Value::Null));
    }

    async fn the_database_refuses_both_seats_to_one_nurse(server: TestServer) {
        let (scene, nurses, order) = for_two(&server, 1).await;
        scene.accepted_visit(&server, &nurses[0], order).await;
        let first = visits(&server).await.remove(0);
        // Far from each other in time, so that no overlap stands in the way.
        let later = TimeDelta::days(10);
        let twin = visit::Model {
            id: server.app.new_id::<VisitId>(),
            seat: 2,
            busy_from: first.busy_from + later,
            busy_to: first.busy_to + later,
            ..first.clone()
        };
        let refused = jiahu::in_write!(server.app.db, "test_twin", |tx| { store::visit::insert(tx, twin.clone()).await });
        let code = refused.expect_err("a refusal").code();
        assert_eq!(code, Some(jiahu::problem::Code::NurseDoubleBooked));
    }

    async fn a_seat_that_is_released_opens_the_order_again(server: TestServer) {
        let (scene, nurses, order) = for_two(&server, 3).await;
        let [one, two, three] = &nurses[..] else { panic!("three nurses") };
        let lead = scene.accepted_visit(&server, one, order).await;
        let second = scene.accepted_visit(&server, two, order).await;
        let path = format!("/v1/orders/{order}/reassign");
        let desk = &scene.coordinator.client;
        desk.post(&path, json!({ "reason": "临时请假" })).await.problem(422, "seat_unclear");
        let off = json!({ "reason": "临时请假", "visit_id": server.app.new_id::<VisitId>() });
        desk.post(&path, off).await.problem(404, "not_found");
        assert_eq!(state(&server, &scene, order).await, "accepted");
        let off = json!({ "reason": "临时请假", "visit_id": lead });
        assert_eq!(desk.post(&path, off).await.expect(200)["state"], "open");
        server.advance(TimeDelta::hours(3)).await;
        two.post(&second, "depart", json!({})).await.problem(409, "second_nurse_missing");
        one.post(&lead, "depart", json!({})).await.problem(404, "not_found");
        let new = scene.accepted_visit(&server, three, order).await;
        assert_eq!(sheet(three, &new).await["seat"], 1);
        assert_eq!(state(&server, &scene, order).await, "accepted");
        two.post(&second, "depart", json!({})).await.expect(200);
    }

    async fn a_half_filled_order_is_released_and_expires(server: TestServer) {
        let (scene, nurses, order) = for_two(&server, 2).await;
        scene.accepted_visit(&server, &nurses[0], order).await;
        let path = format!("/v1/orders/{order}/reassign");
        let desk = &scene.coordinator.client;
        assert_eq!(desk.post(&path, json!({ "reason": "临时请假" })).await.expect(200)["state"], "open");
        assert!(visits(&server).await.iter().all(|visit| !visit.live));
        scene.accepted_visit(&server, &nurses[1], order).await;
        server.advance(TimeDelta::hours(6)).await;
        server.run_jobs().await;
        assert_eq!(state(&server, &scene, order).await, "expired");
        assert!(visits(&server).await.iter().all(|visit| !visit.live));
    }

    async fn who_is_there_when_the_other_breaks_off_has_to_leave(server: TestServer) {
        assert_eq!(left_after_the_other_broke_off(&server, true).await, (false, 200));
    }

    async fn who_is_on_her_way_when_the_other_breaks_off_is_called_back(server: TestServer) {
        assert_eq!(left_after_the_other_broke_off(&server, false).await, (true, 409));
    }

    async fn breaking_off_frees_both(server: TestServer) {
        let (scene, nurses, order) = for_two(&server, 2).await;
        let lead = scene.accepted_visit(&server, &nurses[0], order).await;
        scene.accepted_visit(&server, &nurses[1], order).await;
        server.advance(TimeDelta::hours(3)).await;
        nurses[0].post(&lead, "depart", json!({})).await.expect(200);
        nurses[0].post(&lead, "abort", json!({ "reason": "患者住院" })).await.expect(200);
        assert!(visits(&server).await.iter().all(|visit| !visit.live));
    }
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_racing_nurses_two_win_different_seats(#[case] backend: Backend) {
    TestServer::with_config(
        backend,
        |config| config.matching.offer_batch = 16,
        async |server| {
            let (_, nurses, order) = for_two(&server, 16).await;
            server.run_jobs().await;
            let paths = join_all(nurses.iter().map(|nurse| offer_of(nurse, order))).await;
            let posts = nurses.iter().zip(paths).map(|(nurse, path)| async move {
                let path = path.expect("an offer");
                nurse.person.client.post(&path, json!({})).await
            });
            let answers = join_all(posts).await;
            let won = answers.iter().filter(|answer| answer.status == 200).count();
            assert_eq!(won, 2);
            for lost in answers.into_iter().filter(|answer| answer.status != 200) {
                lost.problem(409, "order_gone");
            }
            let mut seats: Vec<_> = visits(&server)
                .await
                .iter()
                .map(|visit| visit.seat)
                .collect();
            seats.sort_unstable();
            assert_eq!(seats, [1, 2]);
        },
    )
    .await;
}
