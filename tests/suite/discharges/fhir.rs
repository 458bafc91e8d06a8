//! Discharges as FHIR R4 bundles.

mod examples;
mod library;
mod typed;

use chrono::TimeDelta;
use entity::enums::Role;
use jiahu_tests::harness::{Scene, TestServer};
use jiahu_tests::on_both;
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::feed::feed;
use super::id_number;

/// A patient, an encounter and a condition that refer to each other by URN, as interface engines write them.
fn entries(sequence: u32) -> Vec<Value> {
    let urn = |kind: u32| format!("urn:uuid:01945d00-0000-7000-8000-0000{sequence:04}{kind:04}");
    vec![
        json!({ "fullUrl": urn(1), "request": { "method": "POST", "url": "Patient" }, "resource": {
            "resourceType": "Patient",
            "meta": { "profile": ["http://hl7.org/fhir/StructureDefinition/Patient"] },
            "identifier": [
                { "use": "usual", "system": "urn:oid:1.2.3", "value": "MRN-7" },
                { "use": "official", "type": { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "NI" }] },
                  "value": id_number("19500101", 2 * sequence) },
            ],
            "name": [{ "use": "official", "family": "孙", "given": ["桂英"] }],
            "telecom": [{ "system": "phone", "value": "138 3333 4444", "use": "mobile" }],
            "gender": "female", "birthDate": "1950-01-01",
        }}),
        json!({ "fullUrl": urn(2), "request": { "method": "POST", "url": "Condition" }, "resource": {
            "resourceType": "Condition", "subject": { "reference": urn(1) }, "encounter": { "reference": urn(3) },
            "code": { "coding": [
                { "system": "http://snomed.info/sct", "code": "230690007" },
                { "system": "http://hl7.org/fhir/sid/icd-10", "code": "I63.9", "display": "Cerebral infarction" },
            ], "text": "脑梗死" },
        }}),
        json!({ "fullUrl": urn(3), "request": { "method": "POST", "url": "Encounter" }, "resource": {
            "resourceType": "Encounter", "status": "finished",
            "class": { "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP" },
            "identifier": [{ "system": "urn:oid:1.2.4", "value": format!("E{sequence}") }],
            "subject": { "reference": urn(1) },
            // The evening before in Greenwich is the day itself in Shanghai.
            "period": { "start": "2026-02-20T08:00:00+08:00", "end": "2026-03-01T23:00:00Z" },
            "diagnosis": [{ "condition": { "reference": urn(2) }, "rank": 1 }],
        }}),
    ]
}

fn bundle(kind: &str, entry: &[Value]) -> Value {
    json!({ "resourceType": "Bundle", "type": kind, "entry": entry })
}

struct Answer {
    status: u16,
    body: Value,
}

impl Answer {
    fn issue(&self, status: u16, code: &str) -> &Value {
        assert_eq!(self.status, status, "{:#}", self.body);
        assert_eq!(self.body["resourceType"], "OperationOutcome");
        let issue = &self.body["issue"][0];
        assert_eq!(
            (&issue["severity"], &issue["code"]),
            (&json!("error"), &json!(code)),
            "{:#}",
            self.body
        );
        issue
    }
}

async fn send(server: &TestServer, token: Option<&str>, kind: &str, body: String) -> Answer {
    let client = server.nobody();
    let mut request = client
        .request(Method::POST, "/fhir/R4")
        .header("content-type", kind)
        .body(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let reply = request.send().await.expect("the server answers");
    let kind = reply.headers()["content-type"]
        .to_str()
        .expect("text")
        .to_owned();
    assert_eq!(kind, "application/fhir+json");
    Answer {
        status: reply.status().as_u16(),
        body: reply.json().await.expect("JSON"),
    }
}

async fn post(server: &TestServer, token: &str, bundle: &Value) -> Answer {
    send(
        server,
        Some(token),
        "application/fhir+json",
        bundle.to_string(),
    )
    .await
}

async fn listed(scene: &Scene) -> Vec<Value> {
    let page = scene
        .coordinator
        .client
        .get("/v1/discharges")
        .await
        .expect(200);
    page["items"].as_array().expect("a list").clone()
}

/// How often a death was noted and a device announced, and the days of catheters in March.
async fn after_death(server: &TestServer, scene: &Scene) -> (usize, usize, Value) {
    let events = entity::event::Entity::find();
    let events = events.all(server.app.db.reader()).await.expect("events");
    let count = |kind: &str| events.iter().filter(|event| event.kind == kind).count();
    let (town, at) = (&scene.town, Some(scene.town.centre));
    let head = town.person(server, "13900000078", Role::Supervisor, at);
    let head = head.await.client;
    let report = head.get("/v1/reports/device-days?from=2026-03-01&to=2026-04-01");
    let report = report.await.expect(200);
    let kinds = report["kinds"].as_array().expect("a list");
    let uc = kinds.iter().find(|one| one["kind"] == "uc");
    let days = uc.expect("catheters")["days"].clone();
    (
        count("patient.death_told"),
        count("device.review_due"),
        days,
    )
}

on_both! {
    async fn a_transaction_is_taken_once(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (_, token) = feed(&server, &scene).await;
        let sent = bundle("transaction", &entries(1));
        let answer = post(&server, &token, &sent).await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        assert_eq!(answer.body["type"], "transaction-response");
        let statuses: Vec<_> = answer.body["entry"].as_array().expect("entries").iter().map(|one| &one["response"]["status"]).collect();
        assert_eq!(statuses, ["200", "200", "201"]);
        let found = listed(&scene).await;
        assert_eq!(found.len(), 1);
        assert_eq!((&found[0]["diagnosis_group"], &found[0]["source"]), (&json!("stroke"), &json!("fhir")));
        assert_eq!((&found[0]["admitted_on"], &found[0]["discharged_on"]), (&json!("2026-02-20"), &json!("2026-03-02")));
        assert_eq!(found[0]["system_ref"], "E1");
        let again = post(&server, &token, &sent).await;
        assert_eq!(again.body["entry"][2]["response"]["status"], "200");
        assert_eq!(listed(&scene).await.len(), 1);
        let mut gone = entries(1);
        gone[2]["resource"]["status"] = json!("entered-in-error");
        let answer = post(&server, &token, &bundle("collection", &gone)).await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        assert_eq!(listed(&scene).await[0]["state"], "cancelled");
    }

    async fn a_batch_takes_each_encounter_by_itself(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (_, token) = feed(&server, &scene).await;
        let mut all = entries(1);
        all.extend(entries(2));
        all.extend(entries(3));
        all[2]["resource"]["period"]["end"] = json!("2026-02-01");
        all[5]["resource"]["subject"]["reference"] = json!("Patient/nobody");
        let answer = post(&server, &token, &bundle("batch", &all)).await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        let at = |place: usize| &answer.body["entry"][place]["response"];
        assert_eq!((&at(2)["status"], &at(5)["status"], &at(8)["status"]), (&json!("422"), &json!("422"), &json!("201")));
        let issue = &at(2)["outcome"]["issue"][0];
        assert_eq!(issue["details"]["text"], "discharge_before_admission");
        assert_eq!(at(5)["outcome"]["issue"][0]["code"], "not-found");
        assert_eq!(listed(&scene).await.len(), 1);
        // As a transaction it is refused as a whole.
        let answer = post(&server, &token, &bundle("transaction", &all)).await;
        answer.issue(422, "not-found");
        let mut two = entries(4);
        two.extend(entries(5));
        two[5]["resource"]["period"]["end"] = json!("2026-03-09");
        let answer = post(&server, &token, &bundle("transaction", &two)).await;
        let issue = answer.issue(422, "business-rule");
        assert_eq!(issue["details"]["text"], "date_future");
        assert_eq!(issue["expression"][0], "Bundle.entry[5].resource");
        assert_eq!(listed(&scene).await.len(), 1);
    }

    async fn what_is_no_bundle_of_ours_is_told_as_an_outcome(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (_, token) = feed(&server, &scene).await;
        let good = bundle("transaction", &entries(1));
        let kind = "application/fhir+json";
        send(&server, None, kind, good.to_string()).await.issue(401, "login");
        send(&server, Some("guess"), kind, good.to_string()).await.issue(401, "login");
        send(&server, Some(&token), "text/xml", good.to_string()).await.issue(415, "not-supported");
        send(&server, Some(&token), kind, "{".to_owned()).await.issue(400, "structure");
        send(&server, Some(&token), kind, "[]".to_owned()).await.issue(400, "structure");
        post(&server, &token, &json!({ "resourceType": "Bundle" })).await.issue(400, "structure");
        post(&server, &token, &json!({ "resourceType": "Patient" })).await.issue(400, "not-supported");
        post(&server, &token, &bundle("searchset", &[])).await.issue(400, "not-supported");
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        send(&server, Some(&token), kind, deep).await.issue(400, "structure");
        let many = vec![json!({ "resource": { "resourceType": "Basic" } }); 10_000];
        post(&server, &token, &bundle("batch", &many)).await.issue(413, "too-long");
        let large = format!("{{\"resourceType\": \"Bundle\", \"id\": \"{}\"}}", "x".repeat(6_000_000));
        send(&server, Some(&token), kind, large).await.issue(413, "too-long");
        let mut open = entries(1);
        open[2]["resource"]["status"] = json!("in-progress");
        post(&server, &token, &bundle("transaction", &open)).await.issue(422, "business-rule");
        let mut nameless = entries(1);
        nameless[0]["resource"]["name"] = json!([]);
        post(&server, &token, &bundle("transaction", &nameless)).await.issue(422, "required");
        let mut wrong = entries(1);
        wrong[0]["resource"]["identifier"][1]["value"] = json!("130499195001010000");
        post(&server, &token, &bundle("transaction", &wrong)).await.issue(422, "value");
        let mut gone = entries(9);
        gone[2]["resource"]["status"] = json!("cancelled");
        post(&server, &token, &bundle("transaction", &gone)).await.issue(404, "not-found");
        assert_eq!(listed(&scene).await, Vec::<Value>::new());
    }

    async fn who_died_is_not_followed_up(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (_, token) = feed(&server, &scene).await;
        let plans = async || {
            let id = listed(&scene).await[0]["id"].as_str().expect("an id").to_owned();
            let path = format!("/v1/discharges/{id}");
            let found = scene.coordinator.client.get(&path).await.expect(200);
            found["plans"].as_array().expect("plans").clone()
        };
        // A stay that ended in death and that nobody knew is nothing to follow up.
        let mut died = entries(1);
        died[2]["resource"]["hospitalization"] = json!({ "dischargeDisposition": { "coding": [
            { "system": "http://terminology.hl7.org/CodeSystem/discharge-disposition", "code": "exp" },
        ] } });
        died[2]["resource"]["identifier"][0]["value"] = json!("E2");
        let answer = post(&server, &token, &bundle("transaction", &died)).await;
        assert_eq!(answer.body["entry"][2]["response"]["status"], "200");
        assert_eq!(listed(&scene).await, Vec::<Value>::new());
        post(&server, &token, &bundle("transaction", &entries(1))).await;
        assert_eq!(plans().await[0]["state"], "active");
        // The next stay of the same person did: the earlier plan ends.
        let answer = post(&server, &token, &bundle("transaction", &died)).await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        for plan in plans().await {
            assert_eq!((&plan["state"], &plan["stop_cause"]), (&json!("stopped"), &json!("died")));
        }
        let mut told = entries(1);
        told[0]["resource"]["deceasedDateTime"] = json!("2026-03-02");
        let answer = post(&server, &token, &bundle("transaction", &told)).await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        assert_eq!(listed(&scene).await.len(), 1);
    }

    async fn a_death_is_known_though_nobody_was_followed_up_any_more(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (_, token) = feed(&server, &scene).await;
        post(&server, &token, &bundle("transaction", &entries(1))).await;
        let staff = &scene.coordinator.client;
        let id = listed(&scene).await[0]["id"].as_str().expect("an id").to_owned();
        let shown = staff.get(&format!("/v1/discharges/{id}")).await.expect(200);
        let patient = shown["patient_id"].as_str().expect("an id");
        for plan in shown["plans"].as_array().expect("plans") {
            let end = format!("/v1/patients/{patient}/follow-up/{}/end", plan["id"].as_str().expect("an id"));
            staff.post(&end, json!({})).await.expect(200);
        }
        let device = json!({ "kind": "uc", "material": "silicone", "placed_by": "hospital" });
        staff.post(&format!("/v1/patients/{patient}/devices"), device).await.expect(201);
        server.advance(TimeDelta::days(3)).await;
        let mut told = entries(1);
        told[0]["resource"]["deceasedBoolean"] = json!(true);
        for _ in 0..2 {
            let answer = post(&server, &token, &bundle("transaction", &told)).await;
            assert_eq!(answer.status, 200, "{:#}", answer.body);
        }
        server.advance(TimeDelta::days(25)).await;
        server.run_jobs().await;
        assert_eq!(after_death(&server, &scene).await, (1, 0, json!(3)));
    }

    async fn a_death_is_believed_again_after_a_false_one(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (_, token) = feed(&server, &scene).await;
        post(&server, &token, &bundle("transaction", &entries(1))).await;
        let staff = &scene.coordinator.client;
        let id = listed(&scene).await[0]["id"].as_str().expect("an id").to_owned();
        let shown = staff.get(&format!("/v1/discharges/{id}")).await.expect(200);
        let patient = shown["patient_id"].as_str().expect("an id");
        let device = json!({ "kind": "uc", "material": "silicone", "placed_by": "hospital" });
        let device = staff.post(&format!("/v1/patients/{patient}/devices"), device).await.expect(201);
        let review = format!("/v1/devices/{}/review", device["id"].as_str().expect("an id"));
        let mut died = entries(1);
        died[0]["resource"]["deceasedBoolean"] = json!(true);
        let died = bundle("transaction", &died);
        server.advance(TimeDelta::days(3)).await;
        assert_eq!(post(&server, &token, &died).await.status, 200);
        server.advance(TimeDelta::days(1)).await;
        staff.post(&review, json!({})).await.expect(200);
        server.advance(TimeDelta::days(1)).await;
        assert_eq!(post(&server, &token, &died).await.status, 200);
        server.advance(TimeDelta::days(40)).await;
        server.run_jobs().await;
        assert_eq!(after_death(&server, &scene).await, (2, 0, json!(5)));
    }

    async fn a_name_that_two_have_finds_neither(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (_, token) = feed(&server, &scene).await;
        let mut two = entries(1);
        let other = entries(2).swap_remove(0);
        two.push(other);
        two[0]["resource"]["id"] = json!("7");
        two[3]["resource"]["id"] = json!("7");
        two[2]["resource"]["subject"]["reference"] = json!("Patient/7");
        let answer = post(&server, &token, &bundle("transaction", &two)).await;
        let issue = answer.issue(422, "not-found");
        assert_eq!(issue["expression"][0], "Bundle.entry[2].resource.subject.reference");
        // Each on a server of its own, it means the one beside it.
        two[0]["fullUrl"] = json!("https://a.example/fhir/Patient/7");
        two[2]["fullUrl"] = json!("https://a.example/fhir/Encounter/1");
        two[3]["fullUrl"] = json!("https://b.example/fhir/Patient/7");
        two[1]["resource"]["subject"]["reference"] = json!("https://b.example/fhir/Patient/7");
        let answer = post(&server, &token, &bundle("transaction", &two)).await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        // The diagnosis says that it is the other's.
        assert_eq!(listed(&scene).await[0]["diagnosis_known"], json!(false));
    }

    async fn what_is_no_stay_in_hospital_is_passed_over(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (_, token) = feed(&server, &scene).await;
        let mut clinic = entries(1);
        clinic[2]["resource"]["class"]["code"] = json!("AMB");
        clinic[2]["resource"]["status"] = json!("planned");
        clinic.push(json!({ "resource": { "resourceType": "Observation", "status": "final" } }));
        let answer = post(&server, &token, &bundle("transaction", &clinic)).await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        assert_eq!(listed(&scene).await, Vec::<Value>::new());
    }
}
