//! What changed since the booking is asked as she sets out: hours, the table of visit rules, the record (R6, R10).

use chrono::TimeDelta;
use entity::ids::OrderId;
use jiahu_tests::harness::{NurseSpec, Person, Scene, TestServer, with_family};
use jiahu_tests::on_both;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{accepted, at_the_door};

/// Puts these conditions on the patient's record, and no others.
async fn on_record(scene: &Scene, conditions: &[&str]) {
    let path = format!("/v1/patients/{}/health", scene.patient);
    let desk = &scene.coordinator.client;
    let etag = desk.get(&path).await.etag();
    let conditions: Vec<_> = conditions
        .iter()
        .map(|code| json!({ "code": code }))
        .collect();
    let facts = json!({ "allergies": [], "diagnoses": [], "conditions": conditions });
    desk.put_if(&path, &etag, facts).await.expect(200);
}

/// How urgent the alerts of a kind are that somebody sees, the newest first.
async fn alerts(who: &Person, kind: &str) -> Vec<Value> {
    let path = format!("/v1/alerts?kind={kind}");
    let list = who.client.get(&path).await.expect(200);
    let list = list["items"].as_array().expect("a list").iter();
    list.map(|alert| alert["severity"].clone()).collect()
}

/// The desk moves the order to another window; how many nurses it takes then.
async fn moved(server: &TestServer, scene: &Scene, order: OrderId, hours: i64) -> Value {
    let path = format!("/v1/orders/{order}");
    let desk = &scene.coordinator.client;
    let etag = desk.get(&path).await.etag();
    let start = server.now() + TimeDelta::hours(hours);
    let window = json!({ "window": { "start": start, "end": start + TimeDelta::hours(2) } });
    let path = format!("{path}/reschedule");
    let moved = desk.post_if(&path, &etag, window).await.expect(200);
    moved["order"]["persons"].clone()
}

on_both! {
    async fn who_would_get_there_at_night_does_not_go_alone(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        // It is noon; the procedure takes 40 minutes, and the night begins at eight.
        server.advance(TimeDelta::minutes(7 * 60 + 30)).await;
        for _ in 0..2 {
            let problem = nurse.post(&visit, "depart", json!({})).await.problem(409, "more_nurses_needed");
            assert_eq!(problem["gates"]["persons"], 2);
            assert!(problem["gates"]["reasons"].to_string().contains("night"), "{problem}");
        }
        // The desk is called once, and the nurse sees that it was.
        for who in [&scene.coordinator, &nurse.person] {
            assert_eq!(alerts(who, "gates_changed").await, ["critical"]);
        }
        assert_eq!(moved(&server, &scene, order, 24).await, 2);
    }

    async fn whoever_has_it_next_hears_of_it_too(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        server.advance(TimeDelta::minutes(7 * 60 + 30)).await;
        nurse.post(&visit, "depart", json!({})).await.problem(409, "more_nurses_needed");
        let next = scene.nurse(&server, 2, NurseSpec::default()).await;
        let path = format!("/v1/orders/{order}/reassign");
        let to = json!({ "reason": "联系不上", "nurse_id": next.id });
        let given = scene.coordinator.client.post(&path, to).await.expect(200);
        let visit = given["visit_id"].as_str().expect("an id");
        for _ in 0..2 {
            next.post(visit, "depart", json!({})).await.problem(409, "more_nurses_needed");
        }
        assert_eq!(alerts(&next.person, "gates_changed").await, ["critical"]);
        assert_eq!(alerts(&scene.coordinator, "gates_changed").await, ["critical", "critical"]);
    }

    async fn an_address_without_a_place_is_not_guessed_to_be_an_hour_away(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let start = server.now() + TimeDelta::hours(5);
        let order = scene.order_of(&server, (scene.patient, scene.address), "UC_CHG", start, None).await;
        let path = format!("/v1/orders/{order}/assign");
        let given = scene.coordinator.client.post(&path, json!({ "nurse_id": nurse.id })).await.expect(200);
        let visit = given["visit_id"].as_str().expect("an id");
        // It is seven: in an hour it would touch the night.
        server.advance(TimeDelta::hours(10)).await;
        nurse.post(visit, "depart", json!({})).await.expect(200);
    }

    async fn in_time_for_the_day_she_goes_alone(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        server.advance(TimeDelta::hours(7)).await;
        nurse.post(&visit, "depart", json!({})).await.expect(200);
        assert_eq!(alerts(&scene.coordinator, "gates_changed").await, Vec::<Value>::new());
    }

    async fn what_came_onto_the_record_stops_the_departure(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        on_record(&scene, &["dvt"]).await;
        assert_eq!(alerts(&scene.coordinator, "gates_changed").await, Vec::<Value>::new());
        on_record(&scene, &["dvt", "aggression"]).await;
        for who in [&scene.coordinator, &nurse.person] {
            assert_eq!(alerts(who, "gates_changed").await, ["warning"]);
        }
        let problem = nurse.post(&visit, "depart", json!({})).await.problem(409, "contraindicated");
        assert_eq!(problem["findings"][0]["source"]["code"], "aggression");
        assert_eq!(alerts(&scene.coordinator, "gates_changed").await, ["critical", "warning"]);
        on_record(&scene, &["dvt"]).await;
        nurse.post(&visit, "depart", json!({})).await.expect(200);
        // On her way it is urgent.
        on_record(&scene, &["aggression"]).await;
        assert_eq!(alerts(&nurse.person, "gates_changed").await, ["critical", "critical", "warning"]);
    }

    async fn who_lost_the_visit_does_not_read_any_more_what_is_said_of_it(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        on_record(&scene, &["aggression"]).await;
        let (hers, desk) = (&nurse.person.client, &scene.coordinator.client);
        let open = desk.get("/v1/alerts?kind=gates_changed").await.expect(200);
        let path = format!("/v1/alerts/{}", open["items"][0]["id"].as_str().expect("an id"));
        hers.get(&path).await.expect(200);
        nurse.post(&visit, "give-back", json!({ "reason": "孩子发烧" })).await.expect(200);
        hers.get(&path).await.problem(404, "not_found");
        hers.post(&format!("{path}/take"), json!({})).await.problem(404, "not_found");
        assert_eq!(alerts(&nurse.person, "gates_changed").await, Vec::<Value>::new());
        desk.get(&path).await.expect(200);
    }

    async fn what_stands_against_it_is_not_moved_away(server: TestServer) {
        let (scene, _, order, _) = accepted(&server).await;
        on_record(&scene, &["aggression"]).await;
        let path = format!("/v1/orders/{order}");
        let desk = &scene.coordinator.client;
        let etag = desk.get(&path).await.etag();
        let start = server.now() + TimeDelta::hours(24);
        let window = json!({ "window": { "start": start, "end": start + TimeDelta::hours(2) } });
        let moved = desk.post_if(&format!("{path}/reschedule"), &etag, window).await;
        let problem = moved.problem(409, "contraindicated");
        assert_eq!(problem["findings"][0]["source"]["code"], "aggression");
    }

    async fn a_wish_for_the_same_sex_holds_for_who_has_the_order(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let path = format!("/v1/patients/{}", scene.patient);
        let desk = &scene.coordinator.client;
        let wish = async |same: bool| {
            let etag = desk.get(&path).await.etag();
            desk.patch(&path, &etag, json!({ "same_sex_nurse": same })).await.expect(200)
        };
        wish(true).await;
        for who in [&scene.coordinator, &nurse.person] {
            assert_eq!(alerts(who, "gates_changed").await, ["warning"]);
        }
        nurse.post(&visit, "depart", json!({})).await.problem(422, "nurse_not_eligible");
        wish(false).await;
        assert_eq!(alerts(&scene.coordinator, "gates_changed").await, ["warning"]);
        nurse.post(&visit, "depart", json!({})).await.expect(200);
    }

    async fn a_corrected_sex_calls_the_desk_where_the_nurse_has_to_be_of_it(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let path = format!("/v1/patients/{}", scene.patient);
        let desk = &scene.coordinator.client;
        let change = async |fields: Value| {
            let etag = desk.get(&path).await.etag();
            desk.patch(&path, &etag, fields).await.expect(200)
        };
        let sex = |sex: &str| json!({ "id_kind": "passport", "id_number": "E12345678", "sex": sex });
        // Nobody minds.
        change(sex("female")).await;
        assert_eq!(alerts(&scene.coordinator, "gates_changed").await, Vec::<Value>::new());
        change(json!({ "same_sex_nurse": true })).await;
        assert_eq!(alerts(&scene.coordinator, "gates_changed").await, ["warning"]);
        change(sex("male")).await;
        for who in [&scene.coordinator, &nurse.person] {
            assert_eq!(alerts(who, "gates_changed").await, ["warning", "warning"]);
        }
        nurse.post(&visit, "depart", json!({})).await.problem(422, "nurse_not_eligible");
    }

    async fn a_condition_of_the_table_asks_for_a_second_nurse(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        scene.publish_visit_rules(&server, |rules| {
            let name = json!({ "zh": "须两名护士", "en": "two go" });
            let when = json!({ "patient_conditions": ["dvt"] });
            rules.push(json!({ "code": "dvt", "name": name, "when": when, "require": "two_persons" }));
        }).await;
        on_record(&scene, &["dvt"]).await;
        assert_eq!(alerts(&nurse.person, "gates_changed").await, ["warning"]);
        nurse.post(&visit, "depart", json!({})).await.problem(409, "more_nurses_needed");
        assert_eq!(moved(&server, &scene, order, 24).await, 2);
    }

    async fn the_family_takes_its_consent_back_while_she_is_there(server: TestServer) {
        let (scene, nurse, _, visit) = at_the_door(&server).await;
        nurse.prepare(&visit).await;
        nurse.post(&visit, "start", with_family()).await.expect(200);
        let path = format!("/v1/patients/{}/consents", scene.patient);
        let family = &scene.family.client;
        let given = family.get(&path).await.expect(200);
        let care = given["items"].as_array().expect("a list").iter().find(|one| one["visit_id"] == visit);
        let withdraw = format!("{path}/{}/withdraw", care.expect("signed")["id"].as_str().expect("an id"));
        family.post(&withdraw, json!({ "reason": "改变主意" })).await.expect(200);
        for who in [&scene.coordinator, &nurse.person] {
            assert_eq!(alerts(who, "consent_withdrawn").await, ["critical"]);
        }
        let rows = entity::event::Entity::find().all(server.app.db.reader()).await.expect("events");
        let withdrawn = rows.iter().find(|event| event.kind == "consent.withdrawn").expect("the event");
        assert_eq!(withdrawn.nurse_id, Some(nurse.id));
    }
}
