//! What a ward typed stands beside what a bundle says.

use jiahu_tests::harness::{NurseSpec, Scene};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::super::feed::feed;
use super::super::{id_number, schedules, words};
use super::{bundle, entries, post};

/// What a ward knows of the stay that the bundle tells of.
fn typed(nurse: Value) -> Value {
    json!({
        "person": { "name": "孙桂英", "id_kind": "resident_id", "id_number": id_number("19500101", 2) },
        "stay": {
            "ward": "神经内科", "admitted_on": "2026-02-20", "discharged_on": "2026-03-02", "diagnoses": ["I63.9"],
            "conditions": ["tube_at_home"], "nurse_id": nurse, "readmission_planned": true, "note": "傍晚联系",
            "doctor": "王医生",
        },
    })
}

on_both! {
    async fn what_a_bundle_has_no_word_for_stays_as_it_was_typed(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (_, token) = feed(&server, &scene).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let client = &scene.coordinator.client;
        let made = client.post("/v1/discharges", typed(json!(nurse.id))).await.expect(201);
        let path = format!("/v1/discharges/{}", made["id"].as_str().expect("an id"));
        assert_eq!(schedules(&made), words(&["stroke", "tube"]));
        let sent = bundle("transaction", &entries(1));
        let answer = post(&server, &token, &sent).await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        let shown = client.get(&path).await.expect(200);
        assert_eq!((&shown["system"], &shown["revision"]), (&json!("his"), &json!(2)));
        assert_eq!(schedules(&shown), words(&["stroke", "tube"]));
        for field in ["conditions", "nurse_id", "readmission_planned", "note", "doctor", "ward"] {
            assert_eq!(shown[field], made[field], "{field}");
        }
        // The plans went on as they were.
        assert_eq!(shown["plans"], made["plans"]);
        // Words without a diagnosis say nothing of it either.
        let mut bare = entries(1);
        bare.remove(1);
        bare[1]["resource"]["diagnosis"] = json!([]);
        let answer = post(&server, &token, &bundle("transaction", &bare)).await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        let shown = client.get(&path).await.expect(200);
        assert_eq!((&shown["diagnoses"], &shown["revision"]), (&json!(["I63.9"]), &json!(2)));
        // One that takes back the diagnosis it names does.
        let mut refuted = entries(1);
        refuted[1]["resource"]["verificationStatus"] = json!({ "coding": [{ "code": "entered-in-error" }] });
        post(&server, &token, &bundle("transaction", &refuted)).await;
        let shown = client.get(&path).await.expect(200);
        assert_eq!(shown["diagnoses"], json!([]));
        assert_eq!(schedules(&shown), words(&["general", "tube"]));
    }

    async fn an_encounter_sent_again_does_not_undo_a_correction(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (_, token) = feed(&server, &scene).await;
        let client = &scene.coordinator.client;
        let sent = bundle("transaction", &entries(1));
        post(&server, &token, &sent).await;
        let listed = client.get("/v1/discharges").await.expect(200);
        let path = format!("/v1/discharges/{}", listed["items"][0]["id"].as_str().expect("an id"));
        let right = json!({ "stay": {
            "admitted_on": "2026-02-20", "discharged_on": "2026-03-01", "diagnoses": ["I50.9"],
            "conditions": ["tube_at_home"], "note": "出院带尿管",
        } });
        let corrected = client.post(&format!("{path}/correct"), right).await.expect(200);
        assert_eq!(schedules(&corrected), words(&["heart_failure", "tube"]));
        let answer = post(&server, &token, &sent).await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        let shown = client.get(&path).await.expect(200);
        assert_eq!(shown, corrected);
        // A newer word counts where it says something else than before, and nowhere else.
        let mut newer = entries(1);
        newer[2]["resource"]["period"]["start"] = json!("2026-02-18");
        post(&server, &token, &bundle("transaction", &newer)).await;
        let shown = client.get(&path).await.expect(200);
        assert_eq!((&shown["admitted_on"], &shown["discharged_on"]), (&json!("2026-02-18"), &json!("2026-03-01")));
        assert_eq!(shown["diagnoses"], json!(["I50.9"]));
        assert_eq!(schedules(&shown), words(&["heart_failure", "tube"]));
    }

    async fn tubes_wounds_and_chemotherapy_come_with_further_diagnoses(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (_, token) = feed(&server, &scene).await;
        let mut told = entries(1);
        for (rank, code) in (2..).zip(["Z93.1", "L89.200", "Z51.1"]) {
            let urn = format!("urn:uuid:01945d00-0000-7000-8000-0000cc00{rank:04}");
            let subject = told[0]["fullUrl"].clone();
            told.push(json!({ "fullUrl": urn, "resource": {
                "resourceType": "Condition", "subject": { "reference": subject },
                "code": { "coding": [{ "system": "http://hl7.org/fhir/sid/icd-10", "code": code }] },
            } }));
            let named = json!({ "condition": { "reference": urn }, "rank": rank });
            told[2]["resource"]["diagnosis"].as_array_mut().expect("a list").push(named);
        }
        let answer = post(&server, &token, &bundle("transaction", &told)).await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        let client = &scene.coordinator.client;
        let listed = client.get("/v1/discharges").await.expect(200);
        assert_eq!(listed["items"][0]["conditions"], json!(["chemotherapy", "tube_at_home", "wound"]));
        let path = format!("/v1/discharges/{}", listed["items"][0]["id"].as_str().expect("an id"));
        let shown = client.get(&path).await.expect(200);
        assert_eq!(schedules(&shown), words(&["stroke", "tube", "tumour", "wound"]));
    }
}
