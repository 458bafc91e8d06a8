//! Sheets that raise what their words say: tubes, measurements that were not made, questions of each disease.

use entity::enums::{DeviceKind, Role};
use jiahu_tests::harness::{Scene, TestServer};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{task_with, with};

/// Opens a task, answers it, and gives the codes of the flags.
async fn flags(server: &TestServer, scene: &Scene, sheet: &str, answers: Value) -> Vec<String> {
    let no_scales = |row: &mut entity::follow_task::Model| row.scales = json!([]);
    let task = task_with(server, scene, json!([sheet]), no_scales).await;
    let path = format!("/v1/follow-tasks/{task}/answers");
    let body = json!({ "answers": answers, "proxy": true });
    let desk = &scene.coordinator.client;
    let kept = desk.post(&path, body).await.expect(200);
    assert_eq!(kept["state"], "done");
    let found = kept["red_flags"].as_array().expect("flags").iter();
    found
        .map(|one| one["code"].as_str().expect("a code").to_owned())
        .collect()
}

fn tube(kind: &str, change: &Value) -> Value {
    let quiet = json!({
        "tube_kind": kind, "fever": false, "caregiver_cannot_cope": false, "no_caregiver": false,
    });
    with(&quiet, change)
}

const NONE: [String; 0] = [];

on_both! {
    async fn the_tube_that_is_named_counts_for_fever(server: TestServer) {
        let scene = Scene::build(&server).await;
        let fever = json!({ "fever": true, "temperature": 38.0, "chills": true });
        let urine = json!({ "no_urine_6h": false, "urine_clots": false, "catheter_out": false });
        let feeding = json!({ "ng_out": false, "feeding_cough": false, "aspirate_dark": false });
        for (kind, extra, expected) in [
            ("other", json!({}), false),
            ("feeding", feeding.clone(), false),
            ("urinary", urine.clone(), true),
            ("urinary_feeding", with(&urine, &feeding), true),
            ("picc", json!({ "line_trouble": false }), true),
            ("port", json!({}), true),
        ] {
            let answers = tube(kind, &with(&fever, &extra));
            let expected = if expected { vec!["RF05".to_owned()] } else { vec![] };
            assert_eq!(flags(&server, &scene, "tube", answers).await, expected, "{kind}");
        }
        // A catheter without chills waits for 38.5.
        let calm = with(&fever, &json!({ "chills": false }));
        assert_eq!(flags(&server, &scene, "tube", tube("urinary", &with(&calm, &urine))).await, NONE);
    }

    async fn oxygen_that_falls_while_fed_is_told(server: TestServer) {
        let scene = Scene::build(&server).await;
        let feeding = json!({
            "ng_out": false, "feeding_cough": false, "aspirate_dark": false, "feeding_spo2_drop": true,
        });
        assert_eq!(flags(&server, &scene, "tube", tube("feeding", &feeding)).await, ["RF09"]);
    }

    async fn the_hospital_knows_of_the_chemotherapy(server: TestServer) {
        let scene = Scene::build(&server).await;
        let answers = json!({
            "fever": true, "temperature": 38.1, "chills": false, "pain": 1, "caregiver_cannot_cope": false,
            "no_caregiver": false, "wound_pus": false, "wound_redness": false, "wound_open": false, "wound_bleeding": false,
        });
        assert_eq!(flags(&server, &scene, "wound", answers.clone()).await, NONE);
        let mut stay = crate::discharges::stay(&["C34.9"]);
        stay["conditions"] = json!(["chemotherapy"]);
        let body = json!({ "patient_id": scene.patient, "stay": stay });
        scene.coordinator.client.post("/v1/discharges", body).await.expect(201);
        assert_eq!(flags(&server, &scene, "wound", answers).await, ["RF05"]);
    }

    async fn a_line_of_the_register_counts_too(server: TestServer) {
        let scene = Scene::build(&server).await;
        let body = json!({ "kind": DeviceKind::Picc, "site": "left_arm", "placed_by": "hospital" });
        let devices = format!("/v1/patients/{}/devices", scene.patient);
        scene.coordinator.client.post(&devices, body).await.expect(201);
        let answers = tube("other", &json!({ "fever": true, "temperature": 38.0, "chills": false }));
        assert_eq!(flags(&server, &scene, "tube", answers).await, ["RF05"]);
    }

    async fn somebody_who_cannot_be_woken_is_an_emergency(server: TestServer) {
        let scene = Scene::build(&server).await;
        let mut answers = json!({ "unconscious": true, "takes_drugs": "yes" });
        for quiet in [
            "face_droop", "arm_weakness", "speech_trouble", "sudden_headache", "fell", "low_bp_symptoms", "mood_low",
            "key_drug_stopped", "caregiver_cannot_cope", "no_caregiver",
        ] {
            answers[quiet] = json!(false);
        }
        assert_eq!(flags(&server, &scene, "stroke", answers).await, ["RF01"]);
        // A coma by its scale says the same.
        let gcs = json!({ "scale": "gcs", "answers": { "eyes": "none", "verbal": "sounds", "motor": "flexion" } });
        let path = format!("/v1/patients/{}/scales", scene.patient);
        let doctor = scene.town.person(&server, "13800000061", Role::Doctor, Some(scene.town.centre)).await;
        let scored = doctor.client.post(&path, gcs).await.expect(201);
        assert_eq!((&scored["red_flags"][0]["code"], &scored["red_flags"][0]["call_120"]), (&json!("RF01"), &json!(true)));
        assert!(scored["red_flags"][0]["now"]["zh"].as_str().expect("a text").contains("120"));
    }

    async fn what_could_not_be_measured_hides_no_word(server: TestServer) {
        let scene = Scene::build(&server).await;
        let mut heart = json!({ "chest_pain": true, "chest_pain_15min": true, "takes_drugs": "yes" });
        for quiet in [
            "new_leg_oedema", "orthopnoea", "breathless_at_rest", "syncope", "low_bp_symptoms", "key_drug_stopped",
            "caregiver_cannot_cope", "no_caregiver",
        ] {
            heart[quiet] = json!(false);
        }
        assert_eq!(flags(&server, &scene, "heart_failure", heart.clone()).await, ["RF02"]);
        let swollen = with(&heart, &json!({ "chest_pain": false, "orthopnoea": true }));
        assert_eq!(flags(&server, &scene, "heart_failure", swollen).await, ["RF04"]);
        let newborn = json!({
            "newborn_feeds": 8, "newborn_jaundice": false, "newborn_limp": true, "caregiver_cannot_cope": false,
            "no_caregiver": false,
        });
        assert_eq!(flags(&server, &scene, "newborn", newborn).await, ["RF17"]);
        let mut pressure = json!({ "face_droop": true, "takes_drugs": "yes", "no_caregiver": true });
        for quiet in [
            "unconscious", "arm_weakness", "speech_trouble", "sudden_headache", "chest_pain", "syncope", "low_bp_symptoms",
            "key_drug_stopped", "caregiver_cannot_cope",
        ] {
            pressure[quiet] = json!(false);
        }
        assert_eq!(flags(&server, &scene, "hypertension", pressure).await, ["RF01", "RF18"]);
    }
}
