//! The public examples of FHIR R4 (`tests/fixtures/fhir/README.md`), each with what becomes of it.

use std::collections::BTreeMap;
use std::path::Path;

use jiahu_tests::harness::Scene;
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::super::feed::feed;
use super::super::id_number;
use super::{Answer, listed, post};

/// Where the standard's examples live.
const HOME: &str = "http://hl7.org/fhir";

fn examples() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fhir/r4-examples");
    let files = std::fs::read_dir(folder).expect("the examples");
    files
        .map(|file| {
            let path = file.expect("a file").path();
            let text = std::fs::read_to_string(&path).expect("a text");
            let name = path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, serde_json::from_str(&text).expect("JSON"))
        })
        .collect()
}

fn of_kind(kind: &str) -> Vec<(String, Value)> {
    let of_it = |(_, one): &(String, Value)| one["resourceType"] == kind;
    examples().into_iter().filter(of_it).collect()
}

fn entry(resource: &Value) -> Value {
    let url = format!(
        "{HOME}/{}/{}",
        resource["resourceType"].as_str().expect("a kind"),
        resource["id"].as_str().expect("an id")
    );
    json!({ "fullUrl": url, "resource": resource, "request": { "method": "POST", "url": resource["resourceType"] } })
}

fn transaction(resources: &[&Value]) -> Value {
    let entries: Vec<_> = resources.iter().map(|one| entry(one)).collect();
    json!({ "resourceType": "Bundle", "type": "transaction", "entry": entries })
}

/// A stay that nothing is wrong with, about a patient of the examples.
fn stay_of(patient: &Value, number: usize) -> Value {
    json!({
        "resourceType": "Encounter", "id": format!("stay{number}"), "status": "finished",
        "class": { "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP" },
        "subject": { "reference": format!("Patient/{}", patient["id"].as_str().expect("an id")) },
        "period": { "start": "2026-02-20", "end": "2026-03-01" },
    })
}

/// A patient of the examples with an identity card as people here have one.
fn made_ours(patient: &Value, number: &str) -> Value {
    let mut patient = patient.clone();
    let identifiers = patient["identifier"].as_array_mut().expect("identifiers");
    identifiers.push(
        json!({ "use": "official", "value": number, "type": { "coding": [
        { "system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "NI" },
    ] } }),
    );
    patient
}

/// Checks the first issue: its sort, what exactly, and where.
fn is_refused(name: &str, answer: &Answer, status: u16, (sort, code, at): (&str, &str, &str)) {
    let issue = answer.issue(status, sort);
    assert_eq!(issue["details"]["text"], code, "{name}: {:#}", answer.body);
    assert_eq!(
        issue["expression"],
        json!([at]),
        "{name}: {:#}",
        answer.body
    );
}

on_both! {
    async fn a_resource_by_itself_is_no_bundle(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (_, token) = feed(&server, &scene).await;
        for kind in ["Encounter", "Patient", "Condition"] {
            let found = of_kind(kind);
            assert!(found.len() > 9, "{kind}");
            for (name, resource) in found {
                let answer = post(&server, &token, &resource).await;
                let issue = answer.issue(400, "not-supported");
                assert_eq!(issue["details"]["text"], "not_a_bundle", "{name}");
            }
        }
        assert_eq!(listed(&scene).await, Vec::<Value>::new());
    }

    async fn bundles_are_taken_by_their_type(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (_, token) = feed(&server, &scene).await;
        let method = |place: usize| ("not-supported", "method_not_supported", format!("Bundle.entry[{place}].request.method"));
        for (name, bundle) in of_kind("Bundle") {
            let answer = post(&server, &token, &bundle).await;
            match name.as_str() {
                // Deletes and reads are not done here, and all of a transaction is refused with them.
                "Bundle-bundle-transaction" => {
                    let (sort, code, at) = method(5);
                    is_refused(&name, &answer, 422, (sort, code, &at));
                    let places: Vec<_> = answer.body["issue"].as_array().expect("issues").iter().map(|one| one["expression"][0].clone()).collect();
                    assert_eq!(places, [5, 6, 8, 9].map(|place| method(place).2));
                }
                // A batch of reads: each is told so by itself.
                "Bundle-bundle-request-medsallergies" => {
                    assert_eq!(answer.status, 200, "{name}");
                    for one in answer.body["entry"].as_array().expect("entries") {
                        assert_eq!(one["response"]["outcome"]["issue"][0]["code"], "not-supported", "{name}");
                    }
                }
                "Bundle-xds" | "Bundle-hla-1" | "Bundle-bundle-references" | "Bundle-f001" | "Bundle-b248b1b2-1686-4b94-9936-37d7a5f94b51" => {
                    assert_eq!(answer.status, 200, "{name}: {:#}", answer.body);
                    let entries = answer.body["entry"].as_array().expect("entries");
                    assert_eq!(entries.len(), bundle["entry"].as_array().expect("entries").len());
                    assert!(entries.iter().all(|one| one["response"]["status"] == "200"), "{name}");
                }
                // Answers, search results, documents and messages.
                "Bundle-bundle-response" | "Bundle-bundle-example" | "Bundle-father" | "Bundle-10bb101f-a121-4264-a920-67be9cb82c74" => {
                    is_refused(&name, &answer, 400, ("not-supported", "bundle_type_not_supported", "Bundle.type"));
                }
                _ => panic!("nothing is said of {name}"),
            }
        }
        assert_eq!(listed(&scene).await, Vec::<Value>::new());
    }

    async fn encounters_are_what_they_say(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (_, token) = feed(&server, &scene).await;
        let all = examples();
        let conditions: Vec<_> = all.values().filter(|one| one["resourceType"] == "Condition").collect();
        for (name, encounter) in of_kind("Encounter") {
            let subject = encounter["subject"]["reference"].as_str().expect("a patient");
            let patient = &all[&subject.replace('/', "-")];
            let mut resources = vec![&encounter, patient];
            resources.extend(&conditions);
            let answer = post(&server, &token, &transaction(&resources)).await;
            match name.as_str() {
                // In hospital still.
                "Encounter-example" | "Encounter-emerg" => {
                    is_refused(&name, &answer, 422, ("business-rule", "not_discharged", "Bundle.entry[0].resource.status"));
                }
                // The only inpatient stay that is over, of somebody without a number that is known here.
                "Encounter-f203" => {
                    is_refused(&name, &answer, 422, ("business-rule", "id_number_needed", "Bundle.entry[1].resource.identifier"));
                    let ours = made_ours(patient, &id_number("19600313", 1));
                    resources[1] = &ours;
                    let answer = post(&server, &token, &transaction(&resources)).await;
                    assert_eq!((answer.status, &answer.body["entry"][0]["response"]["status"]), (200, &json!("201")), "{:#}", answer.body);
                }
                // Ambulatory or at home.
                _ => {
                    assert_eq!(answer.status, 200, "{name}: {:#}", answer.body);
                    assert_eq!(answer.body["entry"][0]["response"], json!({ "status": "200" }), "{name}");
                }
            }
        }
        let found = listed(&scene).await;
        assert_eq!(found.len(), 1);
        let (one, client) = (&found[0], &scene.coordinator.client);
        assert_eq!((&one["admitted_on"], &one["discharged_on"]), (&json!("2013-03-11"), &json!("2013-03-20")));
        assert_eq!(one["system_ref"], "Encounter_Roel_20130311");
        // Its diagnoses are SNOMED: kept in words, planned as general, flagged.
        assert_eq!((&one["diagnosis_group"], &one["diagnosis_known"]), (&json!("general"), &json!(false)));
        let told = client.get(&format!("/v1/discharges/{}", one["id"].as_str().expect("an id"))).await.expect(200);
        // Condition/stroke, its admission diagnosis, is about Patient/example in the standard's own text.
        assert_eq!(told["diagnosis_text"], "Fever");
    }

    async fn patients_are_registered_by_what_is_known_of_them(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (_, token) = feed(&server, &scene).await;
        let mut taken = Vec::new();
        for (number, (name, patient)) in of_kind("Patient").into_iter().enumerate() {
            let answer = post(&server, &token, &transaction(&[&stay_of(&patient, number), &patient])).await;
            let at = |field: &str| format!("Bundle.entry[1].resource.{field}");
            match name.as_str() {
                // Born in 2017 and unnamed; not yet born; a number and nothing else.
                "Patient-newborn" | "Patient-infant-fetal" | "Patient-proband" => {
                    is_refused(&name, &answer, 422, ("required", "field_missing", &at("name")));
                }
                "Patient-dicom" | "Patient-ihe-pcd" | "Patient-pat1" | "Patient-pat2" => {
                    is_refused(&name, &answer, 422, ("required", "field_missing", &at("birthDate")));
                }
                // Deceased: nobody to follow up.
                _ if answer.status == 200 => {
                    assert_eq!(answer.body["entry"][0]["response"], json!({ "status": "200" }), "{name}");
                    taken.push(name);
                }
                // Grown up, and without a document that is known here.
                _ => is_refused(&name, &answer, 422, ("business-rule", "id_number_needed", &at("identifier"))),
            }
        }
        let gone: Vec<_> = of_kind("Patient").into_iter().filter(|(_, one)| one["deceasedBoolean"] == true || one["deceasedDateTime"].is_string()).map(|(name, _)| name).collect();
        assert_eq!(taken, gone);
        assert_eq!(listed(&scene).await, Vec::<Value>::new());
    }

    async fn conditions_are_taken_as_diagnoses(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (_, token) = feed(&server, &scene).await;
        let all = examples();
        for (number, (name, condition)) in of_kind("Condition").into_iter().enumerate() {
            let subject = condition["subject"]["reference"].as_str().expect("a patient");
            let mut patient = all[&subject.replace('/', "-")].clone();
            let birth = patient["birthDate"].as_str().expect("a date").replace('-', "");
            // A person and a stay for each.
            patient = made_ours(&patient, &id_number(&birth, 2 * u32::try_from(number).expect("few") + 1));
            let mut stay = stay_of(&patient, number);
            stay["diagnosis"] = json!([{ "condition": { "reference": format!("Condition/{}", condition["id"].as_str().expect("an id")) } }]);
            let answer = post(&server, &token, &transaction(&[&stay, &patient, &condition])).await;
            assert_eq!(answer.status, 200, "{name}: {:#}", answer.body);
            assert_eq!(answer.body["entry"][0]["response"]["status"], "201", "{name}");
            let id = answer.body["entry"][0]["response"]["location"].as_str().expect("a place").replace("Encounter/", "");
            let told = scene.coordinator.client.get(&format!("/v1/discharges/{id}")).await.expect(200);
            let code = &condition["code"];
            let words = code["text"].as_str().or(code["coding"][0]["display"].as_str());
            // An error and what was refuted are no diagnoses; the others are kept in words, cut to what fits.
            let status = condition["verificationStatus"]["coding"][0]["code"].as_str();
            let words = words.filter(|_| !status.is_some_and(|one| ["refuted", "entered-in-error"].contains(&one)));
            let kept = told["diagnosis_text"].as_str();
            assert_eq!(kept.map(|text| text.chars().take(60).collect::<String>()), words.map(|text| text.chars().take(60).collect()), "{name}: {told:#}");
        }
    }
}
