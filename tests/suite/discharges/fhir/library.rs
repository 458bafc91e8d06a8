//! Bundles that an independent library made (`tests/fixtures/fhir/README.md`): in every shape the standard allows, and with
//! one mistake each.

use std::collections::BTreeMap;

use jiahu_tests::harness::Scene;
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::super::feed::feed;
use super::{listed, post};

fn cases(outcome: &str) -> Vec<Value> {
    include_str!("../../../fixtures/fhir/fhirclient/bundles.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .filter(|case| case["expect"]["outcome"] == outcome)
        .collect()
}

/// Of the encounter among the entries of an answer.
fn of_encounter<'a>(case: &Value, answer: &'a Value) -> &'a Value {
    let entries = case["bundle"]["entry"].as_array().expect("entries");
    let is_it = |one: &Value| one["resource"]["resourceType"] == "Encounter";
    let place = entries.iter().position(is_it).expect("an encounter");
    &answer["entry"][place]["response"]
}

on_both! {
    async fn every_shape_of_the_standard_is_taken_once(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (_, token) = feed(&server, &scene).await;
        let cases = cases("created");
        assert_eq!(cases.len(), 60);
        let (mut made, client) = (BTreeMap::new(), &scene.coordinator.client);
        for case in &cases {
            let answer = post(&server, &token, &case["bundle"]).await;
            assert_eq!(answer.status, 200, "{}: {:#}", case["case"], answer.body);
            let done = of_encounter(case, &answer.body);
            assert_eq!(done["status"], "201", "{}: {:#}", case["case"], answer.body);
            let location = done["location"].as_str().expect("a place");
            let id = location.strip_prefix("Encounter/").expect("an encounter").to_owned();
            let (told, expect) = (client.get(&format!("/v1/discharges/{id}")).await.expect(200), &case["expect"]);
            for field in ["admitted_on", "discharged_on"] {
                assert_eq!(told[field], expect[field], "{}", case["case"]);
            }
            assert_eq!(told["diagnosis_group"], expect["group"], "{}: {told:#}", case["case"]);
            let path = format!("/v1/patients/{}", told["patient_id"].as_str().expect("an id"));
            let person = client.get(&path).await.expect(200);
            for field in ["name", "birth_date", "sex", "phone"] {
                assert_eq!(person[field], expect[field], "{}: {person:#}", case["case"]);
            }
            assert_eq!(made.insert(id, case), None);
        }
        // The same again changes nothing.
        for case in &cases {
            let answer = post(&server, &token, &case["bundle"]).await;
            assert_eq!(of_encounter(case, &answer.body)["status"], "200", "{}", case["case"]);
        }
        let page = client.get("/v1/discharges?limit=100").await.expect(200);
        assert_eq!(page["items"].as_array().expect("a list").len(), 60);
    }

    async fn each_mistake_is_told_with_its_place(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (_, token) = feed(&server, &scene).await;
        let cases = cases("refused");
        assert_eq!(cases.len(), 21);
        for case in &cases {
            let (expect, told) = (&case["expect"], &case["case"]);
            let status = u16::try_from(expect["status"].as_u64().expect("a status")).expect("a status");
            let answer = post(&server, &token, &case["bundle"]).await;
            assert_eq!(answer.status, status, "{told}: {:#}", answer.body);
            assert_eq!(answer.body["resourceType"], "OperationOutcome", "{told}");
            // Who refers to what cannot be read is told so beside it.
            let mut issues = answer.body["issue"].as_array().expect("issues").iter();
            let there = issues.find(|one| one["expression"] == json!([expect["at"]]));
            let issue = there.unwrap_or_else(|| panic!("{told}: {:#}", answer.body));
            assert_eq!(
                (&issue["severity"], &issue["code"], &issue["details"]["text"]),
                (&json!("error"), &expect["sort"], &expect["code"]),
                "{told}: {:#}", answer.body
            );
            // As a batch the same is told of its entry, and nothing is taken either.
            let mut batch = case["bundle"].clone();
            batch["type"] = json!("batch");
            let answer = post(&server, &token, &batch).await;
            assert_eq!(answer.status, 200, "{told}: {:#}", answer.body);
            let entries = answer.body["entry"].as_array().expect("entries").iter();
            let refused = entries.filter(|one| one["response"]["outcome"]["issue"][0]["severity"] == "error");
            assert!(refused.count() > 0, "{told}: {:#}", answer.body);
            if expect["at"].as_str().is_some_and(|at| at.contains(".code")) {
                // A diagnosis that cannot be read costs the diagnosis, not the discharge.
                continue;
            }
            assert_eq!(listed(&scene).await, Vec::<Value>::new(), "{told}");
        }
    }
}
