//! The nurse's steps, their gates and their proof.

use chrono::{NaiveDate, TimeDelta};
use entity::ids::OrderId;
use jiahu_tests::harness::{CENTRE, NurseSpec, Scene, SceneNurse, TestServer, screened};
use jiahu_tests::on_both;
use serde_json::{Value, json};

/// A nurse with an accepted order whose window begins in two hours.
async fn accepted(server: &TestServer, spec: NurseSpec) -> (Scene, SceneNurse, OrderId, String) {
    let scene = Scene::build(server).await;
    let nurse = scene.nurse(server, 1, spec).await;
    let order = scene
        .order(server, "UC_CHG", server.now() + TimeDelta::hours(5))
        .await;
    let visit = scene.accepted_visit(server, &nurse, order).await;
    server.advance(TimeDelta::hours(3)).await;
    (scene, nurse, order, visit)
}

async fn step(nurse: &SceneNurse, visit: &str, name: &str, body: Value) -> Value {
    if name == "start" {
        nurse.prepare(visit).await;
    }
    nurse
        .person
        .client
        .post(&format!("/v1/visits/{visit}/{name}"), body)
        .await
        .expect(200)
}

fn here() -> Value {
    json!({ "lng": CENTRE.0, "lat": CENTRE.1, "crs": "wgs84", "accuracy_m": 20 })
}

fn record() -> Value {
    json!({
        "items_done": ["UC_CHG"],
        "vitals": [{ "code": "temperature", "value": 36.8 }],
        "note": "更换顺利,尿色清",
        "consumables": [{ "code": "foley", "quantity": 1, "lot": "A17" }],
    })
}

on_both! {
    async fn a_visit_goes_from_departure_to_the_closed_proof(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server, NurseSpec::default()).await;
        let departed = step(&nurse, &visit, "depart", json!({ "place": here() })).await;
        assert_eq!(departed["state"], "departed");
        let arrived = step(&nurse, &visit, "arrive", json!({ "place": here() })).await;
        assert_eq!((&arrived["state"], &arrived["fence"]), (&json!("arrived"), &json!("inside")));
        screened(&nurse.person.client, &visit).await;
        let started = step(&nurse, &visit, "start", json!({})).await;
        server.advance(TimeDelta::minutes(35)).await;
        let path = format!("/v1/visits/{visit}/record");
        let etag = format!("\"v{}\"", started["version"]);
        let kept = nurse.person.client.put_if(&path, &etag, record()).await.expect(200);
        assert_eq!(kept["flags"], json!([]));
        nurse.person.client.put_if(&path, &etag, record()).await.problem(412, "precondition_failed");
        step(&nurse, &visit, "finish", json!({ "place": here() })).await;
        let closed = step(&nurse, &visit, "close", json!({})).await;
        assert_eq!(closed["state"], "closed");
        let trail = jiahu::store::event::of_order(server.app.db.reader(), scene.town.community, order)
            .await
            .expect("a trail");
        let kinds: Vec<_> = trail.iter().map(|event| event.kind.as_str()).filter(|kind| kind.starts_with("visit")).collect();
        assert_eq!(
            kinds,
            [
                "visit.departed", "visit.arrived", "visit.identity_checked", "visit.screened", "visit.started",
                "visit.recorded", "visit.finished", "visit.closed"
            ]
        );
        let (_, broken) = jiahu::store::event::verify_all(server.app.db.reader(), &server.app).await.expect("a walk");
        assert_eq!(broken, []);
    }

    async fn steps_out_of_order_are_refused(server: TestServer) {
        let (_, nurse, _, visit) = accepted(&server, NurseSpec::default()).await;
        let post = async |name: &str| {
            nurse.person.client.post(&format!("/v1/visits/{visit}/{name}"), json!({})).await
        };
        for name in ["start", "finish", "close"] {
            post(name).await.problem(409, "order_wrong_state");
        }
        nurse.person.client.post(&format!("/v1/visits/{visit}/arrive"), json!({ "place": here() })).await.problem(409, "order_wrong_state");
        post("depart").await.expect(200);
        post("depart").await.problem(409, "order_wrong_state");
    }

    async fn a_nurse_does_not_set_out_hours_too_early(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(30)).await;
        let visit = scene.accepted_visit(&server, &nurse, order).await;
        let path = format!("/v1/visits/{visit}/depart");
        nurse.person.client.post(&path, json!({})).await.problem(409, "too_early");
        server.advance(TimeDelta::hours(26)).await;
        nurse.person.client.post(&path, json!({})).await.expect(200);
    }

    async fn papers_that_lapse_after_the_accept_stop_the_departure(server: TestServer) {
        // The clock stands on 2 March; the visit is on 2 March, but she sets out on the 3rd.
        let to = NaiveDate::from_ymd_opt(2026, 3, 2).expect("a date");
        let (_, nurse, _, visit) = accepted(&server, NurseSpec { licence_to: to, ..NurseSpec::default() }).await;
        server.advance(TimeDelta::hours(13)).await;
        let path = format!("/v1/visits/{visit}/depart");
        let problem = nurse.person.client.post(&path, json!({})).await.problem(422, "nurse_not_eligible");
        assert_eq!(problem["reasons"][0]["code"], "licence_expired");
    }

    async fn an_arrival_outside_the_fence_is_flagged_not_refused(server: TestServer) {
        let (_, nurse, _, visit) = accepted(&server, NurseSpec::default()).await;
        step(&nurse, &visit, "depart", json!({})).await;
        let away = json!({ "lng": CENTRE.0, "lat": CENTRE.1 + 0.01, "crs": "wgs84", "accuracy_m": 20 });
        let arrived = step(&nurse, &visit, "arrive", json!({ "place": away })).await;
        assert_eq!(arrived["fence"], "outside");
    }

    async fn a_place_in_another_coordinate_system_is_converted(server: TestServer) {
        let (_, nurse, _, visit) = accepted(&server, NurseSpec::default()).await;
        step(&nurse, &visit, "depart", json!({})).await;
        let (lng, lat) = jiahu::domain::place::wgs84_to_gcj02(CENTRE.0, CENTRE.1);
        let wrong = json!({ "lng": lng, "lat": lat, "crs": "wgs84", "accuracy_m": 20 });
        let path = format!("/v1/visits/{visit}/arrive");
        let right = json!({ "lng": lng, "lat": lat, "crs": "gcj02", "accuracy_m": 20 });
        let arrived = nurse.person.client.post(&path, json!({ "place": right })).await.expect(200);
        assert_eq!(arrived["fence"], "inside");
        // The same numbers taken as GPS are half a kilometre off.
        let wrong = jiahu::domain::place::Point::new(
            wrong["lng"].as_f64().expect("a number"),
            wrong["lat"].as_f64().expect("a number"),
        );
        let centre = jiahu::domain::place::Point::new(CENTRE.0, CENTRE.1).expect("a point");
        assert!(jiahu::domain::place::distance_m(wrong.expect("a point"), centre) > 300.0);
    }

    async fn without_a_fix_the_reason_is_asked_for_and_kept(server: TestServer) {
        let (_, nurse, _, visit) = accepted(&server, NurseSpec::default()).await;
        step(&nurse, &visit, "depart", json!({})).await;
        let path = format!("/v1/visits/{visit}/arrive");
        let problem = nurse.person.client.post(&path, json!({})).await.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["code"], "no_fix_reason_missing");
        let arrived = step(&nurse, &visit, "arrive", json!({ "no_fix_reason": "timeout" })).await;
        assert_eq!(arrived["fence"], "no_fix");
    }

    async fn a_visit_without_its_record_or_service_does_not_close(server: TestServer) {
        let (_, nurse, _, visit) = accepted(&server, NurseSpec::default()).await;
        step(&nurse, &visit, "depart", json!({})).await;
        step(&nurse, &visit, "arrive", json!({ "place": here() })).await;
        screened(&nurse.person.client, &visit).await;
        step(&nurse, &visit, "start", json!({})).await;
        let path = format!("/v1/visits/{visit}/close");
        nurse.person.client.post(&path, json!({})).await.problem(409, "order_wrong_state");
        server.advance(TimeDelta::minutes(30)).await;
        let finished = step(&nurse, &visit, "finish", json!({})).await;
        let problem = nurse.person.client.post(&path, json!({})).await.problem(409, "visit_not_proven");
        assert_eq!(problem["missing"][0]["code"], "evv_service");
        let etag = format!("\"v{}\"", finished["version"]);
        nurse.person.client.put_if(&format!("/v1/visits/{visit}/record"), &etag, record()).await.expect(200);
        nurse.person.client.post(&path, json!({})).await.expect(200);
    }

    async fn implausible_values_are_refused_and_critical_ones_flagged(server: TestServer) {
        let (_, nurse, _, visit) = accepted(&server, NurseSpec::default()).await;
        step(&nurse, &visit, "depart", json!({})).await;
        step(&nurse, &visit, "arrive", json!({ "place": here() })).await;
        screened(&nurse.person.client, &visit).await;
        let started = step(&nurse, &visit, "start", json!({})).await;
        let etag = format!("\"v{}\"", started["version"]);
        let path = format!("/v1/visits/{visit}/record");
        let put = async |body: Value| nurse.person.client.put_if(&path, &etag, body).await;
        let mut bad = record();
        bad["vitals"] = json!([{ "code": "temperature", "value": 368.0 }]);
        let problem = put(bad).await.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["code"], "vital_implausible");
        let mut bad = record();
        bad["items_done"] = json!(["PICC"]);
        let problem = put(bad).await.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["code"], "item_not_ordered");
        let mut high = record();
        high["vitals"] = json!([{ "code": "temperature", "value": 39.2 }]);
        let kept = put(high).await.expect(200);
        assert_eq!(kept["flags"].as_array().expect("flags").len(), 1);
    }

    async fn a_broken_off_visit_keeps_its_fee_and_frees_the_nurse(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server, NurseSpec::default()).await;
        step(&nurse, &visit, "depart", json!({})).await;
        step(&nurse, &visit, "arrive", json!({ "place": here() })).await;
        let aborted = step(&nurse, &visit, "abort", json!({ "reason": "患者发热" })).await;
        assert_eq!(aborted["state"], "aborted");
        let row = jiahu::store::order::in_community(server.app.db.reader(), scene.town.community, order)
            .await
            .expect("a query")
            .expect("the order");
        assert!(row.fee_fen.expect("a fee") > 0);
        let again = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(1)).await;
        scene.accepted_visit(&server, &nurse, again).await;
    }
}
