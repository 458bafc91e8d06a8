//! What the desk hears of a record.

use chrono::TimeDelta;
use entity::enums::Role;
use jiahu_tests::harness::{Scene, SceneNurse, TestServer, filled_forms, with_family};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::at_the_door;

/// Writes the record over the one that is there.
async fn write_with(nurse: &SceneNurse, visit: &str, vitals: &[(&str, f64)], note: &str) -> Value {
    let vitals: Vec<_> = vitals
        .iter()
        .map(|(code, value)| json!({ "code": code, "value": value }))
        .collect();
    let path = format!("/v1/visits/{visit}");
    let etag = nurse.person.client.get(&path).await.etag();
    let record = json!({
        "items_done": ["UC_CHG"],
        "vitals": vitals,
        "note": note,
        "consumables": [{ "code": "foley_catheter", "quantity": 1, "lot": "A17" }],
        "forms": filled_forms(&["UC_CHG"]),
    });
    let path = format!("{path}/record");
    let kept = nurse.person.client.put_if(&path, &etag, record).await;
    kept.expect(200)
}

async fn alerts(scene: &Scene, kind: &str) -> Vec<Value> {
    let path = format!("/v1/alerts?kind={kind}");
    let list = scene.coordinator.client.get(&path).await.expect(200);
    list["items"].as_array().expect("a list").clone()
}

/// A visit whose procedure has begun.
async fn begun(server: &TestServer) -> (Scene, SceneNurse, String) {
    let (scene, nurse, _, visit) = at_the_door(server).await;
    nurse.prepare(&visit).await;
    nurse.post(&visit, "start", with_family()).await.expect(200);
    (scene, nurse, visit)
}

on_both! {
    async fn a_critical_value_opens_one_alert_and_not_again_for_the_same(server: TestServer) {
        let (scene, nurse, visit) = begun(&server).await;
        // Low, without signs of it: no red flag, so the desk looks.
        let low = [("systolic", 88.0), ("diastolic", 58.0)];
        write_with(&nurse, &visit, &[("systolic", 120.0), ("diastolic", 70.0)], "顺利").await;
        assert_eq!(alerts(&scene, "critical_value").await, Vec::<Value>::new());
        let kept = write_with(&nurse, &visit, &low, "血压低").await;
        assert_eq!((&kept["flags"][0]["red_flag"], &kept["red_flags"]), (&json!("RF11"), &json!([])));
        let opened = alerts(&scene, "critical_value").await;
        assert_eq!(opened.len(), 1);
        assert_eq!((&opened[0]["severity"], &opened[0]["visit_id"]), (&json!("critical"), &json!(visit)));
        let path = format!("/v1/alerts/{}", opened[0]["id"].as_str().expect("an id"));
        let detail = scene.coordinator.client.get(&path).await.expect(200)["detail"].to_string();
        assert!(detail.contains("88") && detail.contains("58"), "{detail}");
        // The same value in another text is known already; another one is not.
        write_with(&nurse, &visit, &low, "血压低,已告知家属").await;
        assert_eq!(alerts(&scene, "critical_value").await.len(), 1);
        write_with(&nurse, &visit, &[("systolic", 85.0), ("diastolic", 58.0)], "血压低").await;
        assert_eq!(alerts(&scene, "critical_value").await.len(), 2);
        assert_eq!(alerts(&scene, "red_flag").await, Vec::<Value>::new());
    }

    async fn a_vital_sign_raises_its_red_flag_with_deadline_and_owner(server: TestServer) {
        let (scene, nurse, visit) = begun(&server).await;
        let doctor = scene.town.person(&server, "13800000061", Role::Doctor, Some(scene.town.centre)).await;
        let kept = write_with(&nurse, &visit, &[("spo2", 85.0)], "血氧低").await;
        let told = &kept["red_flags"][0];
        assert_eq!((&told["code"], &told["call_120"]), (&json!("RF03"), &json!(true)));
        let due = server.now() + TimeDelta::minutes(15);
        let open = alerts(&scene, "red_flag").await;
        assert_eq!(open.len(), 1);
        assert_eq!(
            (&open[0]["rule"], &open[0]["owner"], &open[0]["due_at"], &open[0]["visit_id"], &open[0]["escalation"]),
            (&json!("RF03"), &json!("doctor"), &json!(due), &json!(visit), &json!(0)),
        );
        assert_eq!(alerts(&scene, "critical_value").await, Vec::<Value>::new());
        // Nobody takes it: on at half of the deadline.
        server.advance(TimeDelta::minutes(8)).await;
        assert_eq!(alerts(&scene, "red_flag").await[0]["escalation"], json!(1));
        // Dealt with, and the text is put right: the same number calls nobody again, another one does.
        let path = format!("/v1/alerts/{}", open[0]["id"].as_str().expect("an id"));
        doctor.client.post(&format!("{path}/take"), json!({})).await.expect(200);
        let outcome = json!({ "outcome": "已送医", "result": "referral" });
        doctor.client.post(&format!("{path}/close"), outcome).await.expect(200);
        let kept = write_with(&nurse, &visit, &[("spo2", 85.0)], "血氧低,已送医").await;
        assert_eq!((&kept["red_flags"], alerts(&scene, "red_flag").await.len()), (&json!([]), 1));
        write_with(&nurse, &visit, &[("spo2", 80.0)], "血氧更低").await;
        assert_eq!(alerts(&scene, "red_flag").await.len(), 2);
    }

    async fn each_vital_sign_raises_its_own(server: TestServer) {
        let (scene, nurse, visit) = begun(&server).await;
        for (vitals, expected) in [
            (&[("temperature", 39.0)][..], "RF05"),
            (&[("glucose", 2.5)][..], "RF10"),
            (&[("systolic", 200.0), ("diastolic", 100.0)][..], "RF11"),
            (&[("pain", 8.0)][..], "RF14"),
        ] {
            let kept = write_with(&nurse, &visit, vitals, "记录").await;
            assert_eq!(kept["red_flags"][0]["code"], expected);
            let due = kept["red_flags"][0]["due_at"].clone();
            let open = alerts(&scene, "red_flag").await;
            assert_eq!((&open[0]["rule"], &open[0]["due_at"]), (&json!(expected), &due));
            // Pain is the nurse's who is there.
            let hers = if expected == "RF14" { json!(nurse.id) } else { Value::Null };
            assert_eq!(open[0]["nurse_id"], hers);
        }
        assert_eq!(alerts(&scene, "critical_value").await, Vec::<Value>::new());
    }

    async fn fever_counts_sooner_with_a_line_or_under_chemotherapy(server: TestServer) {
        let (scene, nurse, visit) = begun(&server).await;
        let warm = [("temperature", 38.0)];
        assert_eq!(write_with(&nurse, &visit, &warm, "低热").await["red_flags"], json!([]));
        // The hospital told of a chemotherapy ten days ago, by its diagnosis alone.
        let mut stay = crate::discharges::stay(&["Z51.1"]);
        stay["discharged_on"] = json!("2026-02-20");
        stay["admitted_on"] = json!("2026-02-10");
        let body = json!({ "patient_id": scene.patient, "stay": stay });
        scene.coordinator.client.post("/v1/discharges", body).await.expect(201);
        write_with(&nurse, &visit, &[("temperature", 37.9)], "低热").await;
        assert_eq!(alerts(&scene, "red_flag").await, Vec::<Value>::new());
        let kept = write_with(&nurse, &visit, &warm, "低热").await;
        assert_eq!(kept["red_flags"][0]["code"], "RF05");
    }

    async fn low_oxygen_has_its_other_limit_for_whom_the_hospital_says_copd(server: TestServer) {
        let (scene, nurse, visit) = begun(&server).await;
        // A further diagnosis of the stay.
        let body = json!({ "patient_id": scene.patient, "stay": crate::discharges::stay(&["I50.9", "J44.1"]) });
        scene.coordinator.client.post("/v1/discharges", body).await.expect(201);
        assert_eq!(write_with(&nurse, &visit, &[("spo2", 88.0)], "血氧").await["red_flags"], json!([]));
        let kept = write_with(&nurse, &visit, &[("spo2", 87.0)], "血氧").await;
        assert_eq!(kept["red_flags"][0]["code"], "RF03");
    }
}
