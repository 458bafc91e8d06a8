//! A ward types a discharge.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use jiahu_tests::harness::{NurseSpec, Scene};
use jiahu_tests::on_both;
use serde_json::json;

use super::{person, schedules, stay, words};

on_both! {
    async fn a_discharge_is_planned_by_its_diagnoses_and_conditions(server: TestServer) {
        let scene = Scene::build(&server).await;
        let client = &scene.coordinator.client;
        let mut stay = stay(&["I63.902", "I10.x00"]);
        stay["conditions"] = json!(["tube_at_home"]);
        let body = json!({ "patient_id": scene.patient, "stay": stay });
        let made = client.post("/v1/discharges", body).await.expect(201);
        assert_eq!((&made["diagnosis_group"], &made["diagnosis_known"]), (&json!("stroke"), &json!(true)));
        assert_eq!(schedules(&made), words(&["hypertension", "stroke", "tube"]));
        assert_eq!(made["diagnoses"], json!(["I63.902", "I10.X00"]));
        let path = format!("/v1/patients/{}/follow-up", scene.patient);
        let shown = client.get(&path).await.expect(200);
        let tasks = shown["tasks"].as_array().expect("a list");
        let days: BTreeSet<_> = tasks.iter().map(|task| task["due_on"].as_str().expect("a day")).collect();
        assert_eq!(days.len(), tasks.len(), "nobody is called twice on a day");
        // Day 7 of stroke and tube is one call.
        let seventh = tasks.iter().find(|task| task["due_on"] == "2026-03-09").expect("day 7");
        assert_eq!(seventh["questionnaires"], json!(["stroke", "tube"]));
        let listed = client.get("/v1/discharges").await.expect(200);
        assert_eq!(listed["items"][0]["id"], made["id"]);
        assert!(listed["items"][0]["diagnoses"].is_null(), "diagnoses stand in the whole discharge alone");
        let path = format!("/v1/discharges/{}", made["id"].as_str().expect("an id"));
        let whole = client.get(&path).await.expect(200);
        assert_eq!(whole["doctor"], "王医生");
    }

    async fn bad_discharges_are_refused_and_change_nothing(server: TestServer) {
        let scene = Scene::build(&server).await;
        let client = &scene.coordinator.client;
        let cases = [
            ("admitted_on", json!("2026-03-03"), "discharge_before_admission"),
            ("discharged_on", json!("2026-03-03"), "date_future"),
            ("admitted_on", json!("1900-01-01"), "date_impossible"),
            ("conditions", json!(["nothing_of_the_sort"]), "follow_condition_unknown"),
        ];
        for (field, value, code) in cases {
            let mut stay = stay(&["I63.9"]);
            stay[field] = value;
            let body = json!({ "patient_id": scene.patient, "stay": stay });
            let problem = client.post("/v1/discharges", body).await.problem(422, "invalid_request");
            assert_eq!(problem["errors"][0]["code"], code);
        }
        let both = json!({ "patient_id": scene.patient, "person": person(1), "stay": stay(&[]) });
        client.post("/v1/discharges", both).await.problem(422, "discharge_who");
        let neither = json!({ "stay": stay(&[]) });
        client.post("/v1/discharges", neither).await.problem(422, "discharge_who");
        let listed = client.get("/v1/discharges").await.expect(200);
        assert_eq!(listed["items"], json!([]));
    }

    async fn an_unknown_diagnosis_gets_the_general_plan_and_is_flagged(server: TestServer) {
        let scene = Scene::build(&server).await;
        let client = &scene.coordinator.client;
        let body = json!({ "patient_id": scene.patient, "stay": stay(&["QQ99"]) });
        let made = client.post("/v1/discharges", body).await.expect(201);
        assert_eq!(schedules(&made), words(&["general"]));
        assert_eq!(made["diagnosis_known"], false);
        let flagged = client.get("/v1/discharges?unknown_diagnosis=true").await.expect(200);
        assert_eq!(flagged["items"].as_array().expect("a list").len(), 1);
    }

    async fn a_person_is_found_by_the_id_number_and_never_merged_by_name(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let client = &nurse.person.client;
        let body = json!({ "person": person(1), "stay": stay(&["I50.9"]) });
        let made = client.post("/v1/discharges", body.clone()).await.expect(201);
        client.post("/v1/discharges", body.clone()).await.problem(409, "discharge_exists");
        let mut earlier = body.clone();
        earlier["stay"]["admitted_on"] = json!("2026-01-05");
        earlier["stay"]["discharged_on"] = json!("2026-01-20");
        let second = client.post("/v1/discharges", earlier).await.expect(201);
        assert_eq!(made["patient_id"], second["patient_id"]);
        assert_eq!(schedules(&second), words(&[]), "in hospital again since");
        let mut other = body;
        other["person"]["name"] = json!("赵丽华");
        client.post("/v1/discharges", other).await.problem(409, "patient_name_differs");
        // She told of it, so she may read it.
        let path = format!("/v1/discharges/{}", made["id"].as_str().expect("an id"));
        client.get(&path).await.expect(200);
    }

    async fn a_correction_plans_anew_and_a_cancellation_stops(server: TestServer) {
        let scene = Scene::build(&server).await;
        let client = &scene.coordinator.client;
        let body = json!({ "patient_id": scene.patient, "stay": stay(&["I63.9"]) });
        let made = client.post("/v1/discharges", body).await.expect(201);
        let path = format!("/v1/discharges/{}", made["id"].as_str().expect("an id"));
        let same = json!({ "stay": stay(&["I63.9"]) });
        let unchanged = client.post(&format!("{path}/correct"), same).await.expect(200);
        assert_eq!(unchanged["revision"], 1);
        let other = json!({ "stay": stay(&["I50.9"]) });
        let corrected = client.post(&format!("{path}/correct"), other).await.expect(200);
        assert_eq!((&corrected["revision"], &corrected["state"]), (&json!(2), &json!("corrected")));
        assert_eq!(schedules(&corrected), words(&["heart_failure"]));
        let gone = client.post(&format!("{path}/cancel"), json!({})).await.expect(200);
        assert_eq!(gone["state"], "cancelled");
        let follow_up = format!("/v1/patients/{}/follow-up", scene.patient);
        let shown = client.get(&follow_up).await.expect(200);
        assert_eq!(shown["tasks"], json!([]));
        let causes: BTreeSet<_> = shown["plans"].as_array().expect("plans").iter().map(|plan| plan["stop_cause"].to_string()).collect();
        assert_eq!(causes, words(&["\"cancelled\"", "\"corrected\""]));
        let again = json!({ "stay": stay(&["I63.9"]) });
        client.post(&format!("{path}/correct"), again).await.problem(409, "discharge_cancelled");
        // The day is free again.
        let body = json!({ "patient_id": scene.patient, "stay": stay(&["I63.9"]) });
        client.post("/v1/discharges", body).await.expect(201);
    }

    async fn a_readmission_stops_the_plans_of_the_stay_before(server: TestServer) {
        let scene = Scene::build(&server).await;
        let client = &scene.coordinator.client;
        let body = json!({ "patient_id": scene.patient, "stay": stay(&["I63.9"]) });
        let made = client.post("/v1/discharges", body).await.expect(201);
        server.advance(TimeDelta::days(3)).await;
        let path = format!("/v1/patients/{}/admissions", scene.patient);
        client.post(&path, json!({ "admitted_on": "2026-03-05" })).await.expect(201);
        let path = format!("/v1/discharges/{}", made["id"].as_str().expect("an id"));
        let whole = client.get(&path).await.expect(200);
        assert_eq!(whole["plans"][0]["stop_cause"], "readmitted");
        server.advance(TimeDelta::days(2)).await;
        let mut next = stay(&["I63.9"]);
        next["admitted_on"] = json!("2026-03-05");
        next["discharged_on"] = json!("2026-03-07");
        let body = json!({ "patient_id": scene.patient, "stay": next });
        let second = client.post("/v1/discharges", body).await.expect(201);
        assert_eq!(schedules(&second), words(&["stroke"]));
    }
}
