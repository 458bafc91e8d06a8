//! What is measured a month and three months after a discharge, and exercises.

use chrono::TimeDelta;
use entity::enums::Role;
use entity::ids::{PatientId, RehabLogId};
use jiahu_tests::harness::Scene;
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{
    PERIOD, another, check, discharged, first_task, part, scored, to_december, tried, why,
};

/// A Barthel form of 0 points, and one of 55.
fn barthel(independent: &[&str]) -> Value {
    let mut form = serde_json::Map::new();
    for item in [
        "feeding", "bathing", "grooming", "dressing", "toilet", "transfer", "walking", "stairs",
    ] {
        let word = if independent.contains(&item) {
            "independent"
        } else {
            "dependent"
        };
        form.insert(item.to_owned(), json!(word));
    }
    form.insert("bowels".to_owned(), json!("incontinent"));
    form.insert("bladder".to_owned(), json!("incontinent"));
    Value::Object(form)
}

/// Answers to the questionnaire after an infarction.
async fn answered(scene: &Scene, patient: PatientId, takes: &str) {
    let mut answers = json!({ "takes_drugs": takes });
    for quiet in [
        "chest_pain",
        "syncope",
        "breathless_at_rest",
        "black_stool",
        "vomiting_blood",
        "nose_bleed_20min",
        "low_bp_symptoms",
        "key_drug_stopped",
        "caregiver_cannot_cope",
        "no_caregiver",
    ] {
        answers[quiet] = json!(false);
    }
    let task = first_task(scene, patient).await;
    let path = format!("/v1/follow-tasks/{task}/answers");
    let body = json!({ "answers": answers, "proxy": false });
    scene.coordinator.client.post(&path, body).await.expect(200);
}

on_both! {
    async fn scores_and_drugs_after_weeks(server: TestServer) {
        let scene = Scene::build(&server).await;
        to_december(&server).await;
        let client = &scene.coordinator.client;
        let mut people = vec![scene.patient];
        for _ in 0..5 {
            people.push(another(&server, &scene).await);
        }
        let [better, unknown, dead, takes, forgets, silent] = people[..] else { panic!("six people") };
        for patient in [better, unknown, dead] {
            discharged(&scene, patient, "I63.9", "神经内科").await;
        }
        for patient in [takes, forgets, silent] {
            discharged(&scene, patient, "I21.9", "心内科").await;
        }
        server.advance(TimeDelta::days(1)).await;
        for patient in [better, unknown] {
            scored(&scene, patient, "barthel", barthel(&["feeding"])).await;
        }
        scored(&scene, dead, "barthel", barthel(&[])).await;
        server.advance(TimeDelta::days(6)).await;
        tried(&scene, &first_task(&scene, dead).await, "died", None).await;
        // The contact of day 30.
        server.advance(TimeDelta::days(23)).await;
        answered(&scene, takes, "yes").await;
        answered(&scene, forgets, "some").await;
        check(client, PERIOD, "drugs_taken", (0, 0, &[("window_open", 3)])).await;
        server.advance(TimeDelta::days(8)).await;
        let cases = check(client, PERIOD, "drugs_taken", (1, 2, &[("not_asked", 1)])).await;
        assert_eq!([takes, forgets].map(|one| part(&cases, one)), ["numerator", "denominator"]);
        assert_eq!((why(&cases, silent), part(&cases, better)), ("not_asked", "not there"));
        // Day 90.
        server.advance(TimeDelta::days(52)).await;
        scored(&scene, better, "barthel", barthel(&["feeding", "toilet", "walking"])).await;
        scored(&scene, better, "mrs", json!({ "grade": "grade_2" })).await;
        server.advance(TimeDelta::days(15)).await;
        let cases = check(client, PERIOD, "barthel_change", (25, 1, &[("not_measured", 1), ("died", 1), ("not_measured_before", 3)])).await;
        assert_eq!((why(&cases, unknown), why(&cases, dead), why(&cases, takes)), ("not_measured", "died", "not_measured_before"));
        let cases = check(client, PERIOD, "mrs_good", (1, 2, &[("not_measured", 1)])).await;
        assert_eq!((part(&cases, better), part(&cases, dead), part(&cases, takes)), ("numerator", "denominator", "not there"));
        let all = client.get(&format!("/v1/indicators?{PERIOD}")).await.expect(200);
        let of = |code: &str| all["items"].as_array().expect("a list").iter().find(|one| one["code"] == code).expect("one").clone();
        assert_eq!((&of("barthel_change")["unit"], &of("barthel_change")["value"]), (&json!("points"), &json!(25.0)));
        assert_eq!((&of("mrs_good")["unit"], &of("mrs_good")["value"]), (&json!("share"), &json!(0.5)));
        assert_eq!(of("rehab_adherence")["value"], Value::Null);
        // A ward alone.
        let ward = format!("{PERIOD}&ward=%E5%BF%83%E5%86%85%E7%A7%91");
        check(client, &ward, "mrs_good", (0, 0, &[])).await;
        check(client, &ward, "drugs_taken", (1, 2, &[("not_asked", 1)])).await;
        // A community that counts otherwise publishes its own rules.
        let boss = crate::discharges::supervisor(&server, &scene).await;
        let held = boss.client.get("/v1/rule-sets/indicators/1").await.expect(200);
        let mut rules = held["content"].clone();
        rules["version"] = json!(2);
        rules["mrs"]["good_to"] = json!(1);
        boss.client.post("/v1/rule-sets/indicators", rules).await.expect(201);
        check(client, PERIOD, "mrs_good", (0, 2, &[("not_measured", 1)])).await;
    }

    async fn sessions_done_are_counted_over_the_last_week(server: TestServer) {
        let scene = Scene::build(&server).await;
        to_december(&server).await;
        let client = &scene.coordinator.client;
        let doctor = scene.town.person(&server, "13800000051", Role::Doctor, Some(scene.town.centre)).await;
        let plan = async |patient: PatientId, times: i32| {
            let exercise = json!({ "exercise": "ankle_pump", "dose": { "times_per_day": times, "repetitions": 10 } });
            let body = json!({ "goal": "走到院门口", "exercises": [exercise] });
            let path = format!("/v1/patients/{patient}/rehab-plans");
            let made = doctor.client.post(&path, body).await.expect(201);
            let id = |one: &Value| one["id"].as_str().expect("an id").to_owned();
            (id(&made), id(&made["exercises"][0]))
        };
        let other = another(&server, &scene).await;
        let (mine, exercise) = plan(scene.patient, 2).await;
        let (theirs, _) = plan(other, 1).await;
        let taps: Vec<_> = (0..3).map(|day| json!({
            "id": server.app.new_id::<RehabLogId>(), "exercise_id": exercise, "outcome": "done",
            "device_at": server.now() + TimeDelta::days(day),
        })).collect();
        server.advance(TimeDelta::days(4)).await;
        let path = format!("/v1/rehab-plans/{mine}/log");
        scene.family.client.post(&path, json!({ "entries": taps })).await.expect(200);
        doctor.client.post(&format!("/v1/rehab-plans/{theirs}/stop"), json!({ "cause": "refused" })).await.expect(200);
        server.advance(TimeDelta::days(3)).await;
        // Seven days from 12-28 to 01-03: twice a day for one, once on the four days before the stop for the other.
        let cases = check(client, "from=2026-12-28&to=2027-01-04", "rehab_adherence", (3, 18, &[])).await;
        assert_eq!((part(&cases, scene.patient), part(&cases, other)), ("numerator", "denominator"));
        // Of the week that ends on 12-28 one day lies in both plans.
        check(client, "from=2026-12-01&to=2026-12-29", "rehab_adherence", (1, 3, &[])).await;
        // Later the one that was stopped is no case any more.
        server.advance(TimeDelta::days(10)).await;
        let cases = check(client, "from=2027-01-01&to=2027-02-01", "rehab_adherence", (0, 14, &[])).await;
        assert_eq!(part(&cases, other), "not there");
    }
}
