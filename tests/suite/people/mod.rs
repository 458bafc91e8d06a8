//! The people a nurse follows, who needs her first.

use chrono::TimeDelta;
use entity::enums::Role;
use entity::ids::PatientId;
use jiahu_tests::harness::{
    CENTRE, NurseSpec, Person, Scene, SceneNurse, TestServer, new_patient, statements_of,
};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use crate::devices::{catheter, devices, finish, on_site};
use crate::discharges::stay;

async fn people(nurse: &SceneNurse) -> Value {
    nurse.person.client.get("/v1/me/people").await.expect(200)
}

/// Who stands in the list, each with the codes of the reasons.
fn listed(people: &Value) -> Vec<(String, Vec<String>)> {
    let word = |value: &Value| value.as_str().expect("a word").to_owned();
    let list = people["items"].as_array().expect("a list").iter();
    list.map(|one| {
        let reasons = one["reasons"].as_array().expect("reasons").iter();
        (
            word(&one["patient_id"]),
            reasons.map(|reason| word(&reason["code"])).collect(),
        )
    })
    .collect()
}

fn expected(list: &[(PatientId, &[&str])]) -> Vec<(String, Vec<String>)> {
    list.iter()
        .map(|(id, codes)| {
            let codes = codes.iter().map(|code| (*code).to_owned());
            (id.to_string(), codes.collect())
        })
        .collect()
}

async fn another(server: &TestServer, scene: &Scene) -> PatientId {
    new_patient(server, &scene.town, &scene.family, Some(CENTRE))
        .await
        .0
}

/// Discharged with a diagnosis; the nurse follows up.
async fn discharged(scene: &Scene, nurse: &SceneNurse, patient: PatientId, diagnosis: &str) {
    let mut stay = stay(&[diagnosis]);
    stay["nurse_id"] = json!(nurse.id);
    let body = json!({ "patient_id": patient, "stay": stay });
    let client = &scene.coordinator.client;
    client.post("/v1/discharges", body).await.expect(201);
}

/// A rehabilitation plan, and the doctor who made it; a nurse who is named looks after it.
pub(crate) async fn rehab(
    server: &TestServer,
    scene: &Scene,
    nurse: Option<&SceneNurse>,
    patient: PatientId,
) -> (Person, Value) {
    let at = Some(scene.town.centre);
    let doctor = scene
        .town
        .person(server, "13800000051", Role::Doctor, at)
        .await;
    let exercise =
        json!({ "exercise": "ankle_pump", "dose": { "times_per_day": 2, "repetitions": 10 } });
    let nurse = nurse.map(|nurse| nurse.id);
    let body = json!({ "goal": "走到院门口", "nurse_id": nurse, "exercises": [exercise] });
    let path = format!("/v1/patients/{patient}/rehab-plans");
    let plan = doctor.client.post(&path, body).await.expect(201);
    (doctor, plan)
}

/// Strong pain: the flag of a nurse.
async fn pain(scene: &Scene, patient: PatientId) {
    let body = json!({ "scale": "nrs_pain", "answers": { "pain": 8 } });
    let path = format!("/v1/patients/{patient}/scales");
    scene.coordinator.client.post(&path, body).await.expect(201);
}

on_both! {
    async fn who_needs_her_first_stands_first_with_the_reason(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let (heart, general, silent) = (scene.patient, another(&server, &scene).await, another(&server, &scene).await);
        let stranger = another(&server, &scene).await;
        assert_eq!(listed(&people(&nurse).await), []);
        discharged(&scene, &nurse, heart, "I50.9").await;
        discharged(&scene, &nurse, general, "QQ99").await;
        rehab(&server, &scene, Some(&nurse), silent).await;
        // Nothing is due yet; by the next day.
        let shown = people(&nurse).await;
        assert_eq!(listed(&shown), expected(&[(heart, &[]), (general, &[]), (silent, &[])]));
        assert_eq!((&shown["followed"], &shown["in_need"]), (&json!(3), &json!(0)));
        assert_eq!((&shown["items"][0]["next_on"], &shown["items"][1]["next_on"], &shown["items"][2]["next_on"]), (&json!("2026-03-05"), &json!("2026-03-09"), &Value::Null));
        assert_eq!(shown["items"][0]["patient_name"], "李*爷");
        // Day 3 is the last one for a failing heart. Nothing was told of the exercises for three days.
        server.advance(TimeDelta::days(3)).await;
        let shown = people(&nurse).await;
        assert_eq!(listed(&shown), expected(&[(heart, &["task_ending"]), (silent, &["rehab_silent"]), (general, &[])]));
        let reason = &shown["items"][0]["reasons"][0];
        assert_eq!((&reason["due_on"], &reason["text"]["en"]), (&json!("2026-03-05"), &json!("A contact is about to be lost: its last day is 2026-03-05")));
        assert!(reason["follow_task_id"].is_string());
        // A flag of somebody she follows, though it is a doctor's; nobody's flag of somebody else.
        pain(&scene, general).await;
        pain(&scene, stranger).await;
        let shown = people(&nurse).await;
        assert_eq!(listed(&shown), expected(&[(general, &["red_flag"]), (heart, &["task_ending"]), (silent, &["rehab_silent"])]));
        let flag = &shown["items"][0]["reasons"][0];
        assert_eq!((&flag["rule"], &flag["due_at"], &flag["alert_id"]), (&json!("RF14"), &json!("2026-03-05T05:00:00Z"), &Value::Null));
        // An answer that calls for her names her. The contact is made.
        let task = shown["items"][1]["reasons"][0]["follow_task_id"].as_str().expect("a task");
        let mut answers = json!({ "weight": 60, "takes_drugs": "yes" });
        for quiet in ["new_leg_oedema", "orthopnoea", "breathless_at_rest", "chest_pain", "syncope", "low_bp_symptoms", "key_drug_stopped", "no_caregiver"] {
            answers[quiet] = json!(false);
        }
        answers["caregiver_cannot_cope"] = json!(true);
        let path = format!("/v1/follow-tasks/{task}/answers");
        let body = json!({ "answers": answers, "proxy": true });
        nurse.person.client.post(&path, body).await.expect(200);
        let shown = people(&nurse).await;
        assert_eq!(listed(&shown), expected(&[(general, &["red_flag"]), (heart, &["red_flag"]), (silent, &["rehab_silent"])]), "the sooner deadline first");
        let alert = shown["items"][1]["reasons"][0]["alert_id"].as_str().expect("hers");
        nurse.person.client.get(&format!("/v1/alerts/{alert}")).await.expect(200);
        // What is closed is gone.
        for (step, body) in [("take", json!({})), ("close", json!({ "outcome": "已联系社工", "result": "advice" }))] {
            nurse.person.client.post(&format!("/v1/alerts/{alert}/{step}"), body).await.expect(200);
        }
        let shown = people(&nurse).await;
        assert_eq!(listed(&shown), expected(&[(general, &["red_flag"]), (silent, &["rehab_silent"]), (heart, &[])]));
        let one = nurse.person.client.get("/v1/me/people?limit=1").await.expect(200);
        assert_eq!((listed(&one).len(), &one["followed"], &one["in_need"]), (1, &json!(3), &json!(2)));
    }

    async fn a_device_in_her_care_comes_due(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (nurse, visit) = on_site(&server, &scene).await;
        let mut body = catheter();
        body["visit_id"] = json!(visit);
        body["next_review"] = json!("2026-03-12");
        nurse.person.client.post(&devices(&scene), body).await.expect(201);
        assert_eq!(listed(&people(&nurse).await), [], "the visit is not over");
        finish(&server, &nurse, &visit).await;
        let shown = people(&nurse).await;
        assert_eq!((listed(&shown), &shown["items"][0]["next_on"]), (expected(&[(scene.patient, &[])]), &json!("2026-03-12")));
        server.advance(TimeDelta::days(7)).await;
        assert_eq!(listed(&people(&nurse).await), expected(&[(scene.patient, &["device_due"])]));
        server.advance(TimeDelta::days(4)).await;
        let shown = people(&nurse).await;
        assert_eq!(listed(&shown), expected(&[(scene.patient, &["device_overdue"])]));
        assert!(shown["items"][0]["reasons"][0]["text"]["en"].as_str().expect("a text").contains("2026-03-12"));
        // Nobody looks after the device of the dead.
        let at = Some(scene.town.centre);
        let doctor = scene.town.person(&server, "13800000053", Role::Doctor, at).await;
        let exercise = json!({ "exercise": "ankle_pump", "dose": { "times_per_day": 2, "repetitions": 10 } });
        let path = format!("/v1/patients/{}/rehab-plans", scene.patient);
        let plan = json!({ "goal": "走到院门口", "exercises": [exercise] });
        let plan = doctor.client.post(&path, plan).await.expect(201);
        let stop = format!("/v1/rehab-plans/{}/stop", plan["id"].as_str().expect("an id"));
        doctor.client.post(&stop, json!({ "cause": "died" })).await.expect(200);
        assert_eq!(listed(&people(&nurse).await), []);
    }

    async fn others_are_not_hers_and_each_look_is_recorded(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let colleague = scene.nurse(&server, 2, NurseSpec::default()).await;
        discharged(&scene, &nurse, scene.patient, "I50.9").await;
        server.advance(TimeDelta::days(3)).await;
        assert_eq!(listed(&people(&colleague).await), []);
        for person in [&scene.family, &scene.coordinator] {
            person.client.get("/v1/me/people").await.problem(403, "forbidden");
        }
        nurse.person.client.get("/v1/me/people?nurse_id=x").await.problem(400, "query_invalid");
        let cost = async || statements_of(&server, async || { people(&nurse).await; }).await;
        let one = cost().await;
        let reads = async || {
            let auditor = scene.town.person(&server, "13800000072", Role::Auditor, None).await;
            let path = format!("/v1/audit/patient-reads?patient_id={}&limit=100", scene.patient);
            let list = auditor.client.get(&path).await.expect(200);
            let list = list["items"].as_array().expect("a list").clone();
            list.iter().filter(|read| read["operation"] == "list_people").count()
        };
        assert_eq!(reads().await, 5);
        for _ in 0..4 {
            let patient = another(&server, &scene).await;
            discharged(&scene, &nurse, patient, "I50.9").await;
        }
        assert_eq!(people(&nurse).await["followed"], 5);
        assert_eq!(cost().await, one, "however many people");
    }
}
