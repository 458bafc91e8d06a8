//! Adverse events with their clock (R18), and incidents.

use chrono::TimeDelta;
use entity::enums::Role;
use jiahu_tests::harness::{Person, TestServer};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{OnDuty, count};

async fn supervisor(server: &TestServer, duty: &OnDuty) -> Person {
    let town = &duty.scene.town;
    town.person(server, "13900000007", Role::Supervisor, Some(town.hospital))
        .await
}

/// A tube that came out on the visit, some hours ago.
fn extubation(server: &TestServer, duty: &OnDuty, hours: i64) -> Value {
    json!({
        "kind": "unplanned_extubation", "tube": "urinary_catheter", "severity": "mild",
        "occurred_at": server.now() - TimeDelta::hours(hours),
        "what": "更换体位时导管滑出", "action": "已重新置管", "visit_id": duty.visit,
    })
}

on_both! {
    async fn a_report_is_reviewed_and_closed_with_a_finding(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let lead = supervisor(&server, &duty).await;
        let nurse = &duty.nurse.person.client;
        let report = nurse.post("/v1/adverse-events", extubation(&server, &duty, 1)).await;
        let location = report.headers["location"].to_str().expect("ASCII").to_owned();
        let report = report.expect(201);
        assert_eq!((&report["state"], &report["reported_late"]), (&json!("reported"), &json!(false)));
        assert_eq!(report["patient_id"], duty.scene.patient.to_string());
        assert_eq!(nurse.get(&location).await.expect(200), report);
        nurse.post(&format!("{location}/review"), json!({})).await.problem(403, "forbidden");
        duty.scene.coordinator.client.post(&format!("{location}/review"), json!({})).await.problem(403, "forbidden");
        assert_eq!(duty.scene.coordinator.client.get(&location).await.expect(200), report);
        let reviewed = lead.client.post(&format!("{location}/review"), json!({})).await.expect(200);
        assert_eq!(reviewed["review_by"], lead.account.to_string());
        lead.client.post(&format!("{location}/review"), json!({})).await.problem(409, "already_settled");
        let finding = json!({ "finding": "固定不牢,已培训" });
        let closed = lead.client.post(&format!("{location}/close"), finding.clone()).await.expect(200);
        assert_eq!((&closed["state"], &closed["finding"]), (&json!("closed"), &finding["finding"]));
        lead.client.post(&format!("{location}/close"), finding).await.problem(409, "already_settled");
        server.advance(TimeDelta::days(3)).await;
        assert_eq!(count(&server, &lead.phone, "report_waits"), 0);
        let (db, community) = (server.app.db.reader(), duty.scene.town.community);
        let id = report["id"].as_str().expect("an id").parse().expect("an id");
        let row = jiahu::store::safety_report::in_community(db, community, id).await.expect("a query").expect("a report");
        assert!(!row.what_enc.contains("滑出") && !row.finding_enc.expect("a finding").contains("培训"));
    }

    async fn a_report_that_nobody_reviews_calls_supervisors_after_a_day(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let lead = supervisor(&server, &duty).await;
        let nurse = &duty.nurse.person.client;
        let report = nurse.post("/v1/adverse-events", extubation(&server, &duty, 25)).await.expect(201);
        assert_eq!(report["reported_late"], true);
        server.advance(TimeDelta::hours(24) - TimeDelta::seconds(1)).await;
        assert_eq!(count(&server, &lead.phone, "report_waits"), 0);
        server.advance(TimeDelta::seconds(1)).await;
        assert_eq!(count(&server, &lead.phone, "report_waits"), 1);
        server.advance(TimeDelta::hours(24)).await;
        assert_eq!(count(&server, &lead.phone, "report_waits"), 2);
        let list = lead.client.get("/v1/adverse-events?state=reported").await.expect(200);
        assert!(list["items"][0]["escalated_at"].is_string());
    }

    async fn harm_calls_supervisors_at_once_and_a_near_miss_does_not(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let lead = supervisor(&server, &duty).await;
        let mut body = json!({
            "kind": "fall", "injury_level": 3, "severity": "severe", "occurred_at": server.now(),
            "what": "下床时跌倒", "near_miss": true, "patient_id": duty.scene.patient,
        });
        let nurse = &duty.nurse.person.client;
        nurse.post("/v1/adverse-events", body.clone()).await.expect(201);
        server.run_jobs().await;
        assert_eq!(count(&server, &lead.phone, "report_waits"), 0);
        body["near_miss"] = json!(false);
        nurse.post("/v1/adverse-events", body).await.expect(201);
        server.run_jobs().await;
        assert_eq!(count(&server, &lead.phone, "report_waits"), 1);
    }

    async fn what_is_not_right_is_refused_and_leaves_nothing(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let nurse = &duty.nurse.person.client;
        let good = extubation(&server, &duty, 1);
        let with = |name: &str, value: Value| {
            let mut body = good.clone();
            body[name] = value;
            body
        };
        for (body, field, code) in [
            (with("kind", json!("bad_luck")), "kind", "choice_unknown"),
            (with("tube", Value::Null), "tube", "field_missing"),
            (with("tube", json!("hose")), "tube", "choice_unknown"),
            (with("kind", json!("cauti")), "tube", "field_unknown"),
            (with("injury_level", json!(2)), "injury_level", "field_unknown"),
            (with("injury_level", json!(4)), "injury_level", "number_range"),
            (with("occurred_at", json!(server.now() + TimeDelta::minutes(6))), "occurred_at", "date_future"),
        ] {
            let problem = nurse.post("/v1/adverse-events", body).await.problem(422, "invalid_request");
            assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["code"]), (&json!(field), &json!(code)));
        }
        let mut nowhere = good.clone();
        nowhere.as_object_mut().expect("an object").remove("visit_id");
        let problem = duty.scene.coordinator.client.post("/v1/adverse-events", nowhere.clone()).await.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["code"], "institution_unknown");
        let other = with("patient_id", json!("01945d00-0000-7000-8000-00000000dead"));
        nurse.post("/v1/adverse-events", other).await.problem(404, "not_found");
        let stranger = duty.scene.nurse(&server, 2, jiahu_tests::harness::NurseSpec::default()).await;
        stranger.person.client.post("/v1/adverse-events", good).await.problem(404, "not_found");
        duty.scene.family.client.post("/v1/adverse-events", nowhere).await.problem(403, "forbidden");
        assert_eq!(nurse.get("/v1/adverse-events").await.expect(200)["items"], json!([]));
    }

    async fn reports_are_of_the_institution_and_of_who_told(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let town = &duty.scene.town;
        let far = town.person(&server, "13900000008", Role::Supervisor, Some(town.other_centre)).await;
        let nurse = &duty.nurse.person.client;
        let report = nurse.post("/v1/adverse-events", extubation(&server, &duty, 1)).await.expect(201);
        let path = format!("/v1/adverse-events/{}", report["id"].as_str().expect("an id"));
        far.client.get(&path).await.problem(404, "not_found");
        far.client.post(&format!("{path}/review"), json!({})).await.problem(404, "not_found");
        far.client.post(&format!("{path}/close"), json!({ "finding": "x" })).await.problem(404, "not_found");
        assert_eq!(far.client.get("/v1/adverse-events").await.expect(200)["items"], json!([]));
        // An adverse event is no incident.
        let wrong = path.replace("adverse-events", "incidents");
        nurse.get(&wrong).await.problem(404, "not_found");
        let doctor = town.person(&server, "13900000006", Role::Doctor, Some(town.centre)).await;
        assert_eq!(doctor.client.get("/v1/adverse-events").await.expect(200)["items"], json!([]));
    }

    async fn a_device_that_is_named_is_one_of_the_patient(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let town = &duty.scene.town;
        let other = jiahu_tests::harness::new_patient(&server, town, &duty.scene.family, None).await.0;
        let place = async |patient: String| {
            let body = json!({ "kind": "uc", "placed_by": "hospital" });
            let path = format!("/v1/patients/{patient}/devices");
            duty.scene.coordinator.client.post(&path, body).await.expect(201)["id"].clone()
        };
        let [hers, others] = [place(duty.scene.patient.to_string()).await, place(other.to_string()).await];
        let nurse = &duty.nurse.person.client;
        let mut report = extubation(&server, &duty, 1);
        for wrong in [others, json!("01945d00-0000-7000-8000-00000000dead")] {
            report["device_id"] = wrong;
            let problem = nurse.post("/v1/adverse-events", report.clone()).await.problem(422, "invalid_request");
            assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["code"]), (&json!("device_id"), &json!("device_unknown")));
        }
        report["device_id"] = hers.clone();
        assert_eq!(nurse.post("/v1/adverse-events", report).await.expect(201)["device_id"], hers);
    }

    async fn a_kind_that_is_published_can_be_reported(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let lead = supervisor(&server, &duty).await;
        let nurse = &duty.nurse.person.client;
        let burn = json!({
            "kind": "burn", "severity": "mild", "occurred_at": server.now(), "what": "热水袋烫伤", "visit_id": duty.visit,
        });
        nurse.post("/v1/adverse-events", burn.clone()).await.problem(422, "invalid_request");
        let mut file = lead.client.get("/v1/rule-sets/harm/1").await.expect(200)["content"].clone();
        file["version"] = json!(2);
        let kinds = file["adverse_events"].as_array_mut().expect("kinds");
        kinds.push(json!({ "code": "burn", "zh": "烫伤", "en": "Burn" }));
        let mut twice = file.clone();
        twice["adverse_events"].as_array_mut().expect("kinds").push(json!({ "code": "burn", "zh": "烫伤", "en": "Burn" }));
        lead.client.post("/v1/rule-sets/harm", twice).await.problem(422, "rule_set_invalid");
        lead.client.post("/v1/rule-sets/harm", file).await.expect(201);
        nurse.post("/v1/adverse-events", burn).await.expect(201);
        let list = nurse.get("/v1/adverse-event-kinds").await.expect(200);
        assert_eq!((&list["version"], list["adverse_events"].to_string().contains("burn")), (&json!(2), true));
    }

    async fn who_reads_a_report_is_noted(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let town = &duty.scene.town;
        let lead = supervisor(&server, &duty).await;
        let auditor = town.person(&server, "13900000009", Role::Auditor, None).await;
        let nurse = &duty.nurse.person.client;
        let event = nurse.post("/v1/adverse-events", extubation(&server, &duty, 1)).await.expect(201);
        let body = json!({ "kind": "aggression", "occurred_at": server.now(), "what": "家属推搡", "visit_id": duty.visit });
        let incident = nurse.post("/v1/incidents", body).await.expect(201);
        let reads = async || {
            let path = format!("/v1/audit/patient-reads?patient_id={}&account_id={}", duty.scene.patient, lead.account);
            let page = auditor.client.get(&path).await.expect(200);
            let items = page["items"].as_array().expect("a list").iter().rev();
            items.map(|read| read["operation"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(reads().await, Vec::<String>::new());
        for (report, sort) in [(&event, "adverse-events"), (&incident, "incidents")] {
            lead.client.get(&format!("/v1/{sort}/{}", report["id"].as_str().expect("an id"))).await.expect(200);
        }
        assert_eq!(reads().await, ["get_report", "get_report"]);
        lead.client.get("/v1/adverse-events").await.expect(200);
        assert_eq!(reads().await.len(), 3);
    }

    async fn the_counts_keep_near_misses_apart(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let nurse = &duty.nurse.person.client;
        let mut body = extubation(&server, &duty, 30);
        nurse.post("/v1/adverse-events", body.clone()).await.expect(201);
        body["near_miss"] = json!(true);
        body["occurred_at"] = json!(server.now());
        nurse.post("/v1/adverse-events", body).await.expect(201);
        let period = |from: &str, to: &str| format!("/v1/reports/adverse-events?from={from}&to={to}");
        let desk = &duty.scene.coordinator.client;
        let report = desk.get(&period("2026-02-01T00:00:00Z", "2026-04-01T00:00:00Z")).await.expect(200);
        let counts = &report["counts"];
        assert_eq!((&counts["events"], &counts["near_misses"], &counts["in_time"]), (&json!(1), &json!(1), &json!(1)));
        assert_eq!(counts["by_tube"]["urinary_catheter"], 1);
        let march = desk.get(&period("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")).await.expect(200);
        assert_eq!(march["counts"]["events"], 0);
        desk.get(&period("2026-04-01T00:00:00Z", "2026-03-01T00:00:00Z")).await.problem(422, "invalid_request");
    }

    async fn an_incident_goes_the_same_way(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let body = json!({ "kind": "aggression", "occurred_at": server.now(), "what": "家属推搡", "visit_id": duty.visit });
        let nurse = &duty.nurse.person.client;
        let report = nurse.post("/v1/incidents", body).await.expect(201);
        assert_eq!((&report["sort"], &report["severity"]), (&json!("incident"), &json!("none")));
        let path = format!("/v1/incidents/{}", report["id"].as_str().expect("an id"));
        let desk = &duty.scene.coordinator.client;
        let list = desk.get("/v1/incidents").await.expect(200);
        assert_eq!(list["items"], json!([report]));
        desk.post(&format!("{path}/review"), json!({})).await.expect(200);
        let closed = desk.post(&format!("{path}/close"), json!({ "finding": "加派一人" })).await.expect(200);
        assert_eq!(closed["state"], "closed");
        let kinds = nurse.get("/v1/adverse-event-kinds").await.expect(200);
        assert!(kinds["incidents"].to_string().contains("aggression"));
    }
}
