//! Numbers that families and nurses tell between visits: judged at once, also by how they changed.

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::Role;
use jiahu_tests::harness::{Client, NurseSpec, Reply, Scene, TestServer, Town};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use crate::discharges::stay;

fn path(scene: &Scene) -> String {
    format!("/v1/patients/{}/readings", scene.patient)
}

/// The scene with its patient in follow-up after heart failure.
async fn followed(server: &TestServer) -> Scene {
    let scene = Scene::build(server).await;
    discharged(&scene, None).await;
    scene
}

async fn discharged(scene: &Scene, nurse: Option<entity::ids::NurseId>) {
    let mut stay = stay(&["I50.9"]);
    stay["nurse_id"] = json!(nurse);
    let body = json!({ "patient_id": scene.patient, "stay": stay });
    let desk = &scene.coordinator.client;
    desk.post("/v1/discharges", body).await.expect(201);
}

async fn tell(
    client: &Client,
    scene: &Scene,
    readings: &[(&str, f64)],
    at: Option<DateTime<Utc>>,
) -> Reply {
    let readings: Vec<_> = readings
        .iter()
        .map(|(code, value)| json!({ "code": code, "value": value }))
        .collect();
    let body = json!({ "readings": readings, "taken_at": at });
    client.post(&path(scene), body).await
}

/// The family tells a weight; codes of the flags that are up.
async fn weight(scene: &Scene, value: f64, at: Option<DateTime<Utc>>) -> Vec<String> {
    let told = tell(&scene.family.client, scene, &[("weight", value)], at).await;
    codes(&told.expect(201))
}

fn codes(told: &Value) -> Vec<String> {
    let flags = told["red_flags"].as_array().expect("flags").iter();
    flags
        .map(|one| one["code"].as_str().expect("a code").to_owned())
        .collect()
}

on_both! {
    async fn two_kilograms_in_three_days_are_seen_between_contacts(server: TestServer) {
        let scene = followed(&server).await;
        assert_eq!(weight(&scene, 70.0, None).await, Vec::<String>::new());
        server.advance(TimeDelta::hours(71)).await;
        let told = tell(&scene.family.client, &scene, &[("weight", 72.1)], None).await.expect(201);
        let flag = &told["red_flags"][0];
        assert_eq!((&flag["code"], &flag["call_120"], &told["call_120"]), (&json!("RF04"), &json!(false), &json!(false)));
        assert_eq!(flag["due_at"], json!(server.now() + TimeDelta::hours(4)));
        assert!(flag["now"]["zh"].as_str().expect("a text").contains("120"));
        let alerts = scene.coordinator.client.get("/v1/alerts?kind=red_flag").await.expect(200);
        assert_eq!((&alerts["items"][0]["rule"], &alerts["items"][0]["owner"]), (&json!("RF04"), &json!("doctor")));
    }

    async fn a_kilogram_in_a_day_is_seen(server: TestServer) {
        let scene = followed(&server).await;
        weight(&scene, 70.0, None).await;
        server.advance(TimeDelta::hours(24)).await;
        assert_eq!(weight(&scene, 71.2, None).await, ["RF04"]);
    }

    async fn two_kilograms_in_five_days_are_no_flag(server: TestServer) {
        let scene = followed(&server).await;
        weight(&scene, 70.0, None).await;
        server.advance(TimeDelta::days(5)).await;
        assert_eq!(weight(&scene, 72.0, None).await, Vec::<String>::new());
    }

    async fn a_weight_told_late_counts_in_its_place(server: TestServer) {
        let scene = followed(&server).await;
        assert_eq!(weight(&scene, 72.0, None).await, Vec::<String>::new());
        let before = Some(server.now() - TimeDelta::hours(20));
        assert_eq!(weight(&scene, 70.8, before).await, ["RF04"]);
        let long_ago = Some(server.now() - TimeDelta::hours(73));
        let told = tell(&scene.family.client, &scene, &[("weight", 70.0)], long_ago).await;
        told.problem(422, "reading_too_old");
        let future = Some(server.now() + TimeDelta::hours(1));
        let told = tell(&scene.family.client, &scene, &[("weight", 70.0)], future).await;
        told.problem(422, "time_in_future");
    }

    async fn each_number_is_held_against_its_flag(server: TestServer) {
        let scene = followed(&server).await;
        let family = &scene.family.client;
        for (readings, expected) in [
            (&[("spo2", 82.0)][..], "RF03"),
            (&[("temperature", 39.0)][..], "RF05"),
            (&[("glucose", 2.5)][..], "RF10"),
            (&[("systolic", 200.0), ("diastolic", 100.0)][..], "RF11"),
            (&[("pain", 8.0)][..], "RF14"),
        ] {
            server.advance(TimeDelta::minutes(1)).await;
            let told = tell(family, &scene, readings, None).await.expect(201);
            assert_eq!(codes(&told), [expected]);
            assert_eq!(told["call_120"], json!(expected == "RF03"));
        }
        // Low, and nobody knows of signs: a person of the desk looks, once until it is closed.
        for _ in 0..2 {
            let told = tell(family, &scene, &[("systolic", 85.0), ("diastolic", 50.0)], None).await.expect(201);
            assert_eq!(codes(&told), Vec::<String>::new());
        }
        let alerts = scene.coordinator.client.get("/v1/alerts?kind=critical_value").await.expect(200);
        assert_eq!(alerts["items"].as_array().expect("a list").len(), 1);
    }

    async fn the_temperature_of_a_newborn_has_its_own_limits(server: TestServer) {
        let scene = followed(&server).await;
        let family = &scene.family.client;
        let warm = [("temperature", 37.6)];
        assert_eq!(codes(&tell(family, &scene, &warm, None).await.expect(201)), Vec::<String>::new());
        jiahu::in_write!(server.app.db, "test_birth", |tx| {
            let born = jiahu::domain::calendar::local_date(server.now()) - TimeDelta::days(5);
            let sql = "UPDATE patient SET birth_date = $1 WHERE id = $2";
            Ok(jiahu::store::sql::change(tx, sql, [born.into(), scene.patient.into()]).await?)
        }).expect("a newborn");
        let told = tell(family, &scene, &warm, None).await.expect(201);
        assert_eq!((codes(&told), &told["call_120"]), (vec!["RF17".to_owned()], &json!(true)));
    }

    async fn what_cannot_be_true_is_refused_and_the_same_twice_is_one(server: TestServer) {
        let scene = followed(&server).await;
        let family = &scene.family.client;
        let refused = tell(family, &scene, &[("weight", 700.0), ("pulse", 80.0)], None).await.problem(422, "invalid_request");
        assert_eq!((&refused["errors"][0]["field"], &refused["errors"][0]["code"]), (&json!("readings[1].value"), &json!("vital_unknown")));
        for readings in [&[("weight", 700.0)][..], &[("weight", 70.55)][..], &[("systolic", 80.0), ("diastolic", 90.0)][..]] {
            let refused = tell(family, &scene, readings, None).await.problem(422, "invalid_request");
            assert_eq!(refused["errors"][0]["code"], "vital_implausible");
        }
        tell(family, &scene, &[], None).await.problem(422, "invalid_request");
        let listed = async || {
            let shown = scene.coordinator.client.get(&format!("{}?fact=weight", path(&scene))).await.expect(200);
            shown["items"].as_array().expect("a list").clone()
        };
        assert_eq!(listed().await, Vec::<Value>::new());
        let body = json!({ "readings": [{ "code": "weight", "value": 70.5 }] });
        let key = jiahu_tests::harness::fresh_key();
        for _ in 0..2 {
            family.post_with_key(&path(&scene), body.clone(), &key).await.expect(201);
        }
        let shown = listed().await;
        assert_eq!(shown.len(), 1);
        assert_eq!(
            (&shown[0]["value"], &shown[0]["unit"], &shown[0]["source"], &shown[0]["told_by"]),
            (&json!(70.5), &json!("kg"), &json!("own"), &json!(scene.family.account)),
        );
    }

    async fn only_of_somebody_who_is_followed(server: TestServer) {
        let scene = Scene::build(&server).await;
        let refused = tell(&scene.family.client, &scene, &[("weight", 70.0)], None).await;
        refused.problem(409, "patient_not_followed");
        // Rehabilitation alone is enough.
        let at = Some(scene.town.centre);
        let doctor = scene.town.person(&server, "13800000051", Role::Doctor, at).await;
        let exercise = json!({ "exercise": "ankle_pump", "dose": { "times_per_day": 2, "repetitions": 10 } });
        let plan = json!({ "goal": "走到院门口", "exercises": [exercise] });
        let plans = format!("/v1/patients/{}/rehab-plans", scene.patient);
        doctor.client.post(&plans, plan).await.expect(201);
        assert_eq!(weight(&scene, 70.0, None).await, Vec::<String>::new());
    }

    async fn the_nurse_who_follows_tells_and_reads_and_no_other(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let colleague = scene.nurse(&server, 2, NurseSpec::default()).await;
        discharged(&scene, Some(nurse.id)).await;
        weight(&scene, 70.0, None).await;
        server.advance(TimeDelta::hours(20)).await;
        let told = tell(&nurse.person.client, &scene, &[("weight", 71.5), ("pain", 7.0)], None).await.expect(201);
        assert_eq!(codes(&told), ["RF04", "RF14"]);
        // Pain is hers.
        let alert = told["red_flags"][1]["alert_id"].as_str().expect("an alert");
        let shown = nurse.person.client.get(&format!("/v1/alerts/{alert}")).await.expect(200);
        assert_eq!(shown["nurse_id"], json!(nurse.id));
        // How it went, whoever told it.
        for reader in [&nurse.person.client, &scene.family.client, &scene.coordinator.client] {
            let shown = reader.get(&format!("{}?fact=weight", path(&scene))).await.expect(200);
            let values: Vec<_> = shown["items"].as_array().expect("a list").iter().map(|one| one["value"].clone()).collect();
            assert_eq!(values, [json!(71.5), json!(70.0)]);
        }
        let near = Some(scene.town.other_centre);
        let near = scene.town.person(&server, "13800000031", Role::Coordinator, near).await;
        let away = Town::build(&server, "130432").await;
        let far = away.person(&server, "13800000032", Role::Coordinator, Some(away.hospital)).await;
        let stranger = scene.town.person(&server, "13800000033", Role::Family, None).await;
        for other in [&colleague.person.client, &near.client, &far.client, &stranger.client] {
            tell(other, &scene, &[("weight", 70.0)], None).await.problem(404, "not_found");
            other.get(&path(&scene)).await.problem(404, "not_found");
        }
        let auditor = scene.town.person(&server, "13800000072", Role::Auditor, None).await;
        let reads = auditor.client.get(&format!("/v1/audit/patient-reads?patient_id={}", scene.patient)).await.expect(200);
        let of_readings = reads["items"].as_array().expect("reads").iter().filter(|read| read["operation"] == "list_readings");
        assert_eq!(of_readings.count(), 3);
    }
}
