//! The first month after a discharge.

use chrono::TimeDelta;
use jiahu_tests::harness::Scene;
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{
    PERIOD, admitted, another, check, discharged, first_task, part, scored, to_december, tried, why,
};

const WARD: &str = "心内科";

async fn alert_of(scene: &Scene, patient: entity::ids::PatientId) -> String {
    let path = format!("/v1/alerts?kind=red_flag&patient_id={patient}");
    let listed = scene.coordinator.client.get(&path).await.expect(200);
    listed["items"][0]["id"]
        .as_str()
        .expect("an alert")
        .to_owned()
}

on_both! {
    async fn reached_tried_lost_and_in_hospital_again(server: TestServer) {
        let scene = Scene::build(&server).await;
        to_december(&server).await;
        let client = &scene.coordinator.client;
        let mut people = vec![scene.patient];
        for _ in 0..5 {
            people.push(another(&server, &scene).await);
        }
        let [reached, tried_only, nobody, dead, unplanned, chemo] = people[..] else { panic!("six people") };
        for patient in &people {
            discharged(&scene, *patient, "I50.9", WARD).await;
        }
        // Day 1: the first contacts are open.
        server.advance(TimeDelta::days(1)).await;
        tried(&scene, &first_task(&scene, reached).await, "reached_self", None).await;
        let lost = first_task(&scene, tried_only).await;
        tried(&scene, &lost, "no_answer", None).await;
        tried(&scene, &first_task(&scene, dead).await, "died", None).await;
        // Two flags: one is closed in time.
        for patient in [reached, tried_only] {
            scored(&scene, patient, "nrs_pain", json!({ "pain": 8 })).await;
        }
        check(client, PERIOD, "red_flag_in_time", (0, 0, &[("window_open", 2)])).await;
        let alert = alert_of(&scene, reached).await;
        for (step, body) in [("take", json!({})), ("close", json!({ "outcome": "已上门处理", "result": "advice" }))] {
            client.post(&format!("/v1/alerts/{alert}/{step}"), body).await.expect(200);
        }
        check(client, PERIOD, "red_flag_in_time", (1, 1, &[("window_open", 1)])).await;
        server.advance(TimeDelta::hours(26)).await;
        tried(&scene, &lost, "no_answer", None).await;
        tried(&scene, &lost, "no_answer", None).await;
        let flags = check(client, PERIOD, "red_flag_in_time", (1, 2, &[])).await;
        assert_eq!((part(&flags, reached), part(&flags, tried_only)), ("numerator", "denominator"));
        // Day 7: nobody is counted yet.
        server.advance(TimeDelta::hours(22)).await;
        server.advance(TimeDelta::days(2)).await;
        admitted(&scene, unplanned, "2027-01-02", None).await;
        server.advance(TimeDelta::days(1)).await;
        admitted(&scene, chemo, "2027-01-03", Some("chemotherapy")).await;
        server.advance(TimeDelta::days(1)).await;
        check(client, PERIOD, "follow_up", (0, 0, &[("window_open", 3), ("died", 1), ("readmitted", 2)])).await;
        // Day 8.
        server.advance(TimeDelta::days(1)).await;
        let gone = [("died", 1), ("readmitted", 2)];
        let cases = check(client, PERIOD, "follow_up", (1, 3, &gone)).await;
        assert_eq!([reached, tried_only, nobody].map(|one| part(&cases, one)), ["numerator", "denominator", "denominator"]);
        assert_eq!([dead, unplanned, chemo].map(|one| why(&cases, one)), ["died", "readmitted", "readmitted"]);
        let cases = check(client, PERIOD, "attempted", (2, 3, &gone)).await;
        assert_eq!(part(&cases, tried_only), "numerator");
        let cases = check(client, PERIOD, "reached", (1, 2, &[("died", 1), ("readmitted", 2), ("not_attempted", 1)])).await;
        assert_eq!(why(&cases, nobody), "not_attempted");
        // Of six contacts that fell due by the end of the year one was given up after three attempts.
        let cases = check(client, PERIOD, "lost", (1, 5, &[("stopped", 1)])).await;
        assert_eq!((part(&cases, tried_only), part(&cases, nobody), why(&cases, dead)), ("numerator", "denominator", "stopped"));
        assert!(cases.iter().all(|case| case["on"] == "2026-12-31"));
        // Thirty days after: one came back unplanned. The planned one is left out, and so is the dead.
        check(client, PERIOD, "readmission", (0, 0, &[("window_open", 6)])).await;
        server.advance(TimeDelta::days(23)).await;
        let cases = check(client, PERIOD, "readmission", (1, 4, &[("died", 1), ("planned_chemotherapy", 1)])).await;
        assert_eq!((part(&cases, unplanned), why(&cases, chemo), why(&cases, dead)), ("numerator", "planned_chemotherapy", "died"));
        // A second stay within the time changes nothing.
        admitted(&scene, unplanned, "2027-01-20", None).await;
        check(client, PERIOD, "readmission", (1, 4, &[("died", 1), ("planned_chemotherapy", 1)])).await;
        let text = &cases.iter().find(|case| case["excluded"]["code"] == "died").expect("the dead")["excluded"]["text"];
        assert_eq!((&text["zh"], &text["en"]), (&json!("时限内死亡"), &json!("died within the time")));
        // What the period does not hold does not count.
        let next = "from=2027-01-01&to=2027-02-01";
        check(client, next, "readmission", (0, 0, &[])).await;
        let later: Value = client.get(&format!("/v1/indicators?{next}")).await.expect(200);
        assert_eq!(later["items"].as_array().expect("a list").len(), 10);
    }

    async fn a_contact_that_was_not_due_and_a_discharge_told_late_are_left_out(server: TestServer) {
        let scene = Scene::build(&server).await;
        to_december(&server).await;
        let client = &scene.coordinator.client;
        let late = another(&server, &scene).await;
        // High blood pressure asks for a contact after three months.
        discharged(&scene, scene.patient, "I10", WARD).await;
        server.advance(TimeDelta::days(8)).await;
        let id = discharged(&scene, late, "I50.9", WARD).await;
        let cases = check(client, PERIOD, "follow_up", (0, 0, &[("nothing_due", 1), ("told_late", 1)])).await;
        assert_eq!((why(&cases, scene.patient), why(&cases, late)), ("nothing_due", "told_late"));
        // A discharge that was an error is no case, and its stay was none.
        client.post(&format!("/v1/discharges/{id}/cancel"), json!({})).await.expect(200);
        check(client, PERIOD, "follow_up", (0, 0, &[("nothing_due", 1)])).await;
    }

    async fn a_link_reaches_without_a_call(server: TestServer) {
        let scene = Scene::build(&server).await;
        to_december(&server).await;
        discharged(&scene, scene.patient, "I50.9", WARD).await;
        server.advance(TimeDelta::days(1)).await;
        let task = first_task(&scene, scene.patient).await;
        let mut answers = json!({ "weight": 60, "takes_drugs": "yes" });
        for quiet in ["new_leg_oedema", "orthopnoea", "breathless_at_rest", "chest_pain", "syncope", "low_bp_symptoms", "key_drug_stopped", "caregiver_cannot_cope", "no_caregiver"] {
            answers[quiet] = json!(false);
        }
        let client = &scene.coordinator.client;
        let path = format!("/v1/follow-tasks/{task}/answers");
        client.post(&path, json!({ "answers": answers, "proxy": true })).await.expect(200);
        server.advance(TimeDelta::days(7)).await;
        for code in ["follow_up", "attempted", "reached"] {
            check(client, PERIOD, code, (1, 1, &[])).await;
        }
    }
}
