//! The nurse's steps, their gates and their proof.

use chrono::{NaiveDate, TimeDelta};
use entity::ids::OrderId;
use jiahu_tests::harness::{
    CENTRE, NurseSpec, Scene, SceneNurse, TestServer, filled_forms, with_family,
};
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

fn waste(scene: &Scene) -> Value {
    json!({ "bags": 1, "weight_g": 350, "returned_to": scene.town.centre, "handed_to": "赵强", "signature_hash": "5".repeat(64) })
}

/// A visit whose record is written and whose nurse has left.
async fn finished(server: &TestServer) -> (Scene, SceneNurse, String) {
    let (scene, nurse, _, visit) = accepted(server, NurseSpec::default()).await;
    step(&nurse, &visit, "depart", json!({})).await;
    step(&nurse, &visit, "arrive", json!({ "place": here() })).await;
    let started = step(&nurse, &visit, "start", with_family()).await;
    server.advance(TimeDelta::minutes(30)).await;
    let etag = format!("\"v{}\"", started["version"]);
    let path = format!("/v1/visits/{visit}/record");
    nurse
        .person
        .client
        .put_if(&path, &etag, record())
        .await
        .expect(200);
    step(&nurse, &visit, "finish", json!({})).await;
    (scene, nurse, visit)
}

fn record() -> Value {
    json!({
        "items_done": ["UC_CHG"],
        "vitals": [{ "code": "temperature", "value": 36.8 }],
        "note": "更换顺利,尿色清",
        "consumables": [{ "code": "foley_catheter", "quantity": 1, "lot": "A17" }],
        "forms": filled_forms(&["UC_CHG"]),
    })
}

on_both! {
    async fn a_visit_goes_from_departure_to_the_closed_proof(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server, NurseSpec::default()).await;
        let departed = step(&nurse, &visit, "depart", json!({ "place": here() })).await;
        assert_eq!(departed["state"], "departed");
        let arrived = step(&nurse, &visit, "arrive", json!({ "place": here() })).await;
        assert_eq!((&arrived["state"], &arrived["fence"]), (&json!("arrived"), &json!("inside")));
        let started = step(&nurse, &visit, "start", with_family()).await;
        server.advance(TimeDelta::minutes(35)).await;
        let path = format!("/v1/visits/{visit}/record");
        let etag = format!("\"v{}\"", started["version"]);
        let kept = nurse.person.client.put_if(&path, &etag, record()).await.expect(200);
        assert_eq!(kept["flags"], json!([]));
        nurse.person.client.put_if(&path, &etag, record()).await.problem(412, "precondition_failed");
        step(&nurse, &visit, "finish", json!({ "place": here() })).await;
        step(&nurse, &visit, "sign", json!({})).await;
        step(&nurse, &visit, "waste", waste(&scene)).await;
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
                "visit.recorded", "visit.finished", "visit.signed", "visit.waste_returned", "visit.closed",
            ]
        );
        let (_, broken) = jiahu::store::event::verify_all(server.app.db.reader(), &server.app).await.expect("a walk");
        assert_eq!(broken, []);
    }

    async fn the_time_of_a_device_is_kept_as_it_was_hashed(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server, NurseSpec::default()).await;
        let path = format!("/v1/visits/{visit}/depart");
        for odd in ["2026-03-02T01:00:60Z", "-5000-01-01T00:00:00Z"] {
            let refused = nurse.person.client.post(&path, json!({ "device_at": odd })).await.problem(422, "invalid_request");
            let error = &refused["errors"][0];
            assert_eq!((&error["field"], &error["code"]), (&json!("device_at"), &json!("date_time_invalid")));
        }
        // Finer than the databases keep it, and in the zone of the phone.
        step(&nurse, &visit, "depart", json!({ "device_at": "2026-03-02T09:00:59.9999999+08:00" })).await;
        let trail = jiahu::store::event::of_order(server.app.db.reader(), scene.town.community, order).await.expect("a trail");
        let departed = trail.iter().find(|event| event.kind == "visit.departed").expect("an event");
        let kept = "2026-03-02T01:00:59.999999Z".parse().expect("a time");
        assert_eq!(departed.device_at, Some(kept));
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
        let (scene, nurse, _, visit) = accepted(&server, NurseSpec::default()).await;
        step(&nurse, &visit, "depart", json!({})).await;
        step(&nurse, &visit, "arrive", json!({ "place": here() })).await;
        step(&nurse, &visit, "start", with_family()).await;
        let path = format!("/v1/visits/{visit}/close");
        nurse.person.client.post(&path, json!({})).await.problem(409, "order_wrong_state");
        server.advance(TimeDelta::minutes(30)).await;
        let finished = step(&nurse, &visit, "finish", json!({})).await;
        let problem = nurse.person.client.post(&path, json!({})).await.problem(409, "visit_not_proven");
        assert_eq!(problem["missing"][0]["code"], "evv_service");
        let etag = format!("\"v{}\"", finished["version"]);
        let client = &nurse.person.client;
        client.post(&format!("/v1/visits/{visit}/sign"), json!({})).await.problem(409, "record_missing");
        client.put_if(&format!("/v1/visits/{visit}/record"), &etag, record()).await.expect(200);
        client.post(&path, json!({})).await.problem(409, "record_unsigned");
        step(&nurse, &visit, "sign", json!({})).await;
        client.post(&path, json!({})).await.problem(409, "waste_missing");
        step(&nurse, &visit, "waste", waste(&scene)).await;
        client.post(&path, json!({})).await.expect(200);
    }

    async fn implausible_values_are_refused_and_critical_ones_flagged(server: TestServer) {
        let (_, nurse, _, visit) = accepted(&server, NurseSpec::default()).await;
        step(&nurse, &visit, "depart", json!({})).await;
        step(&nurse, &visit, "arrive", json!({ "place": here() })).await;
        let started = step(&nurse, &visit, "start", with_family()).await;
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

    async fn a_record_is_held_against_the_form_of_its_items(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server, NurseSpec::default()).await;
        step(&nurse, &visit, "depart", json!({})).await;
        step(&nurse, &visit, "arrive", json!({ "place": here() })).await;
        let started = step(&nurse, &visit, "start", with_family()).await;
        let etag = format!("\"v{}\"", started["version"]);
        let path = format!("/v1/visits/{visit}/record");
        let put = async |body: Value| nurse.person.client.put_if(&path, &etag, body).await;
        let with = |field: &str, value: Value| {
            let mut body = record();
            body["forms"]["UC_CHG"][field] = value;
            body
        };
        let mut without = record();
        without["forms"]["UC_CHG"].as_object_mut().expect("a form").remove("aseptic");
        let mut empty = record();
        empty.as_object_mut().expect("a record").remove("forms");
        let mut other = record();
        other["forms"]["PICC"] = json!({});
        let mut lot = record();
        lot["consumables"] = json!([{ "code": "foley_catheter", "quantity": 1 }]);
        for (body, field, code) in [
            (without, "forms.UC_CHG.aseptic", "field_missing"),
            (empty, "forms.UC_CHG.identity_checked", "field_missing"),
            (other, "forms.PICC", "item_not_ordered"),
            (lot, "consumables[0].lot", "lot_missing"),
            (with("mood", json!("fine")), "forms.UC_CHG.mood", "field_unknown"),
            (with("balloon_ml", json!(51)), "forms.UC_CHG.balloon_ml", "form_value_implausible"),
            (with("balloon_ml", json!("10")), "forms.UC_CHG.balloon_ml", "form_value_kind"),
            (with("urine_colour", json!("green")), "forms.UC_CHG.urine_colour", "form_choice_unknown"),
        ] {
            let problem = put(body).await.problem(422, "invalid_request");
            assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["code"]), (&json!(field), &json!(code)));
        }
        let kept = put(with("urine_colour", json!("bloody"))).await.expect(200);
        assert_eq!(kept["form_flags"][0]["red_flag"], "FORM_HAEMATURIA");
        let trail = jiahu::store::event::of_order(server.app.db.reader(), scene.town.community, order)
            .await
            .expect("a trail");
        let recorded: Vec<_> = trail.iter().filter(|event| event.kind == "visit.recorded").collect();
        // The refused ones left nothing; what calls for somebody stands in the trail.
        assert_eq!(recorded.len(), 1);
        assert!(recorded[0].payload.contains("FORM_HAEMATURIA"));
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

    async fn a_signed_record_stays_and_is_only_amended(server: TestServer) {
        let (scene, nurse, visit) = finished(&server).await;
        let client = &nurse.person.client;
        let path = |name: &str| format!("/v1/visits/{visit}/{name}");
        let whole = format!("/v1/visits/{visit}");
        let amendment = json!({ "reason": "体温漏记", "fields": [{ "field": "vitals.temperature", "value": "37.2" }] });
        client.post(&path("amendments"), amendment.clone()).await.problem(409, "record_unsigned");
        // Not the hash of this visit's record.
        let other = json!({ "record_hash": "0".repeat(64) });
        client.post(&path("sign"), other).await.problem(409, "signature_mismatch");
        let seen = client.get(&whole).await.expect(200);
        assert_eq!(seen["signature"], Value::Null);
        let signed = step(&nurse, &visit, "sign", json!({ "record_hash": seen["record_hash"] })).await;
        assert_eq!(signed["record_hash"], seen["record_hash"]);
        client.post(&path("sign"), json!({})).await.problem(409, "record_signed");
        let etag = format!("\"v{}\"", seen["version"]);
        let mut changed = record();
        changed["note"] = json!("改过");
        client.put_if(&path("record"), &etag, changed).await.problem(409, "record_signed");
        // Nor by any other way.
        let id = visit.parse().expect("an id");
        let scope = jiahu::store::scope::Scope {
            community: scene.town.community,
            carer: None,
            nurse: Some(nurse.id),
            institutions: std::collections::BTreeSet::new(),
        };
        let found = jiahu::store::visit::find(server.app.db.reader(), &scope, id).await.expect("a query");
        let (row, _) = found.expect("the visit");
        let stored = jiahu::in_write!(server.app.db, "test_record", |tx| {
            jiahu::store::visit::update(tx, &row, |row| row.record_enc = sea_orm::ActiveValue::Set(None)).await
        });
        assert_eq!(stored.expect_err("refused").code().expect("a code").as_str(), "record_signed");
        // Amendments stand beside it; one a day later is a late entry.
        let first = client.post(&path("amendments"), amendment.clone()).await.expect(201);
        assert_eq!(first["late"], false);
        server.advance(TimeDelta::hours(25)).await;
        let late = client.post(&path("amendments"), amendment).await.expect(201);
        assert_eq!(late["late"], true);
        let unknown = json!({ "reason": "x", "fields": [{ "field": "state", "value": "closed" }] });
        let problem = client.post(&path("amendments"), unknown).await.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["code"], "field_unknown");
        let after = client.get(&whole).await.expect(200);
        assert_eq!(after["record"], seen["record"]);
        assert_eq!(after["amendments"].as_array().expect("a list").len(), 2);
        assert_eq!(after["amendments"][0]["fields"][0]["value"], "37.2");
        // Somebody else's visit is not there to be signed.
        let other = scene.nurse(&server, 2, NurseSpec::default()).await;
        other.person.client.post(&path("sign"), json!({})).await.problem(404, "not_found");
        other.person.client.post(&path("waste"), waste(&scene)).await.problem(404, "not_found");
    }

    async fn waste_is_returned_once_with_an_amount_to_a_place_there_is(server: TestServer) {
        let (scene, nurse, visit) = finished(&server).await;
        let client = &nurse.person.client;
        let path = format!("/v1/visits/{visit}/waste");
        let with = |field: &str, value: Value| {
            let mut body = waste(&scene);
            body[field] = value;
            body
        };
        for (body, code) in [
            (with("weight_g", Value::Null), "waste_amount_missing"),
            (with("weight_g", json!(-1)), "field_invalid"),
            (with("bags", json!(51)), "field_invalid"),
            (with("signature_hash", json!("abc")), "text_length"),
            (with("signature_hash", json!("g".repeat(64))), "field_invalid"),
        ] {
            let problem = client.post(&path, body).await.problem(422, "invalid_request");
            assert_eq!(problem["errors"][0]["code"], code);
        }
        let nowhere = with("returned_to", json!(scene.patient));
        client.post(&path, nowhere).await.problem(422, "institution_unknown");
        assert_eq!(client.get(&format!("/v1/visits/{visit}")).await.expect(200)["waste"], Value::Null);
        client.post(&path, waste(&scene)).await.expect(200);
        client.post(&path, waste(&scene)).await.problem(409, "waste_returned_already");
        let seen = client.get(&format!("/v1/visits/{visit}")).await.expect(200);
        assert_eq!(seen["waste"]["weight_g"], 350);
    }
}
