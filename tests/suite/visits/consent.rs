//! Consent on site (R9): no procedure begins without it.

use chrono::TimeDelta;
use entity::carer;
use entity::enums::{CarerRelation, ConsentBasis, Role, Sex};
use entity::ids::CarerId;
use jiahu_tests::harness::{
    Fixtures, NurseSpec, PatientTraits, Scene, TestServer, consent_body, with_family,
};
use jiahu_tests::on_both;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use serde_json::{Value, json};

use super::at_the_door;

fn catheter() -> Value {
    json!({ "text": "care_catheter", "version": 1 })
}

/// Adds a guardian, which says that the patient cannot decide alone; gives the carer entry.
async fn guardian(server: &TestServer, scene: &Scene, phone: &str, may_book: bool) -> CarerId {
    let person = scene.town.person(server, phone, Role::Family, None).await;
    let id = server.app.new_id::<CarerId>();
    let row = carer::Model {
        community_id: scene.town.community,
        id,
        patient_id: scene.patient,
        account_id: person.account,
        relation: CarerRelation::Guardian,
        consent: ConsentBasis::Guardianship,
        may_book,
        added_by: person.account,
        added_at: server.now(),
        ended_at: None,
    };
    carer::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(server.app.db.reader())
        .await
        .expect("a carer");
    id
}

/// Registers who books as a patient too, born on this day.
async fn oneself(server: &TestServer, scene: &Scene, born: &'static str) {
    let traits = PatientTraits {
        name: "张小明",
        sex: Sex::Male,
        born,
        institution: scene.town.centre,
    };
    let make = Fixtures::new(server, &scene.town);
    let patient_id = make.patient_with(&scene.family, traits).await;
    let row = carer::Model {
        community_id: scene.town.community,
        id: server.app.new_id::<CarerId>(),
        patient_id,
        account_id: scene.family.account,
        relation: CarerRelation::Oneself,
        consent: ConsentBasis::Oneself,
        may_book: true,
        added_by: scene.family.account,
        added_at: server.now(),
        ended_at: None,
    };
    carer::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(server.app.db.reader())
        .await
        .expect("a carer");
}

async fn consents(server: &TestServer) -> usize {
    let rows =
        entity::consent::Entity::find().filter(entity::consent::Column::VisitId.is_not_null());
    rows.all(server.app.db.reader()).await.expect("rows").len()
}

on_both! {
    async fn a_procedure_needs_its_consent(server: TestServer) {
        let (scene, nurse, order, visit) = at_the_door(&server).await;
        nurse.recognise(&visit).await;
        let problem = nurse.post(&visit, "start", with_family()).await.problem(409, "consent_missing");
        assert_eq!(problem["missing"][0]["text"], "care_catheter");
        assert_eq!(problem["missing"][0]["items"], json!(["UC_CHG"]));
        let path = format!("/v1/visits/{visit}/consents");
        let sheet = nurse.person.client.get(&path).await.expect(200);
        assert_eq!(sheet["needed"][0]["given"], false);
        assert_eq!(sheet["signers"][0]["relation"], "oneself");
        let signed = nurse.post(&visit, "consents", consent_body(&catheter(), &Value::Null)).await.expect(201);
        assert_eq!((&signed["signer_name"], &signed["relation"]), (&json!("李*爷"), &json!("oneself")));
        nurse.post(&visit, "consents", consent_body(&catheter(), &Value::Null)).await.problem(409, "consent_exists");
        let family = scene.family.client.get(&path).await.expect(200);
        assert_eq!((&family["needed"][0]["given"], &family["items"][0]["id"]), (&json!(true), &signed["id"]));
        nurse.post(&visit, "start", with_family()).await.expect(200);
        let trail = jiahu::store::event::of_order(server.app.db.reader(), scene.town.community, order).await.expect("a trail");
        assert!(trail.iter().any(|event| event.kind == "consent.given"));
    }

    async fn a_withdrawn_consent_counts_no_more(server: TestServer) {
        let (_, nurse, _, visit) = at_the_door(&server).await;
        nurse.recognise(&visit).await;
        let signed = nurse.post(&visit, "consents", consent_body(&catheter(), &Value::Null)).await.expect(201);
        let step = format!("consents/{}/withdraw", signed["id"].as_str().expect("an id"));
        let withdrawn = nurse.post(&visit, &step, json!({ "reason": "害怕疼痛" })).await.expect(200);
        assert!(withdrawn["withdrawn_at"].is_string());
        nurse.post(&visit, &step, json!({})).await.problem(409, "consent_withdrawn");
        nurse.post(&visit, "start", with_family()).await.problem(409, "consent_missing");
        // Signed again, it counts.
        nurse.sign(&visit).await;
        nurse.post(&visit, "start", with_family()).await.expect(200);
    }

    async fn a_superseded_text_has_to_be_signed_anew(server: TestServer) {
        let (scene, nurse, _, visit) = at_the_door(&server).await;
        nurse.prepare(&visit).await;
        let boss = scene.town.person(&server, "13800000009", Role::Supervisor, Some(scene.town.hospital)).await;
        let first = boss.client.get("/v1/rule-sets/consents/1").await.expect(200);
        let mut file = first["content"].clone();
        file["version"] = json!(2);
        let texts = file["texts"].as_array_mut().expect("texts");
        let text = texts.iter_mut().find(|text| text["code"] == "care_catheter").expect("the text");
        text["version"] = json!(2);
        boss.client.post("/v1/rule-sets/consents", file).await.expect(201);
        let problem = nurse.post(&visit, "start", with_family()).await.problem(409, "consent_missing");
        assert_eq!(problem["missing"][0]["version"], 2);
        nurse.post(&visit, "consents", consent_body(&catheter(), &Value::Null)).await.problem(409, "consent_superseded");
        nurse.sign(&visit).await;
        nurse.post(&visit, "start", with_family()).await.expect(200);
    }

    async fn a_signature_for_another_visit_does_not_count(server: TestServer) {
        let (scene, nurse, _, first) = at_the_door(&server).await;
        nurse.prepare(&first).await;
        nurse.post(&first, "abort", json!({ "reason": "患者改期" })).await.expect(200);
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(2)).await;
        let second = scene.accepted_visit(&server, &nurse, order).await;
        for (name, body) in [("depart", json!({})), ("arrive", json!({ "no_fix_reason": "off" }))] {
            nurse.post(&second, name, body).await.expect(200);
        }
        nurse.recognise(&second).await;
        nurse.post(&second, "start", with_family()).await.problem(409, "consent_missing");
        // Nor can it be signed for a visit that is over, or taken back through another.
        nurse.post(&first, "consents", consent_body(&catheter(), &Value::Null)).await.problem(409, "order_wrong_state");
        let path = format!("/v1/visits/{first}/consents");
        let signed = nurse.person.client.get(&path).await.expect(200);
        let step = format!("consents/{}/withdraw", signed["items"][0]["id"].as_str().expect("an id"));
        nurse.post(&second, &step, json!({})).await.problem(404, "not_found");
    }

    async fn only_who_may_sign_can_sign(server: TestServer) {
        let (scene, nurse, _, visit) = at_the_door(&server).await;
        let post = async |body: Value| nurse.post(&visit, "consents", body).await;
        let mut body = consent_body(&catheter(), &Value::Null);
        body["signer"]["of_age"] = json!(false);
        body["signer"]["carer_id"] = json!(server.app.new_id::<CarerId>());
        post(body).await.problem(422, "signer_not_allowed");
        let carers = scene.family.client.get(&format!("/v1/patients/{}/carers", scene.patient)).await.expect(200);
        let child = &carers["items"][0]["id"];
        let mut minor = consent_body(&catheter(), child);
        minor["signer"]["of_age"] = json!(false);
        post(minor).await.problem(422, "signer_minor");
        let looker = guardian(&server, &scene, "13900000044", false).await;
        // With a guardian the patient, and a child who is none, cannot sign any more.
        for signer in [Value::Null, child.clone(), json!(looker)] {
            post(consent_body(&catheter(), &signer)).await.problem(422, "signer_not_allowed");
        }
        assert_eq!(consents(&server).await, 0);
        let good = guardian(&server, &scene, "13900000045", true).await;
        let signed = post(consent_body(&catheter(), &json!(good))).await.expect(201);
        assert_eq!((&signed["relation"], &signed["carer_id"]), (&json!("guardian"), &json!(good)));
    }

    async fn without_capacity_the_patient_does_not_sign_though_no_guardian_is_on_record(server: TestServer) {
        let (scene, nurse, _, visit) = at_the_door(&server).await;
        let patient = format!("/v1/patients/{}", scene.patient);
        let desk = &scene.coordinator.client;
        let etag = desk.get(&patient).await.etag();
        desk.patch(&patient, &etag, json!({ "lacks_capacity": true })).await.expect(200);
        let path = format!("/v1/visits/{visit}/consents");
        assert_eq!(nurse.person.client.get(&path).await.expect(200)["signers"], json!([]));
        let carers = scene.family.client.get(&format!("{patient}/carers")).await.expect(200);
        for signer in [&Value::Null, &carers["items"][0]["id"]] {
            nurse.post(&visit, "consents", consent_body(&catheter(), signer)).await.problem(422, "signer_not_allowed");
        }
        assert_eq!(consents(&server).await, 0);
        let guardian = guardian(&server, &scene, "13900000045", true).await;
        nurse.post(&visit, "consents", consent_body(&catheter(), &json!(guardian))).await.expect(201);
    }

    async fn a_birth_date_on_record_counts_more_than_a_word(server: TestServer) {
        let (scene, nurse, _, visit) = at_the_door(&server).await;
        let carers = scene.family.client.get(&format!("/v1/patients/{}/carers", scene.patient)).await.expect(200);
        let child = &carers["items"][0]["id"];
        let present = json!({ "present": [{ "name": "张小明", "relation": "child", "of_age": true, "carer_id": child }] });
        // Who books is registered as a patient too, and turns 18 in a year.
        oneself(&server, &scene, "2009-03-02").await;
        nurse.post(&visit, "consents", consent_body(&catheter(), child)).await.problem(422, "signer_minor");
        let body = json!({ "text": "location", "version": 1 });
        let given = scene.family.client.get(&format!("/v1/patients/{}/consents", scene.patient)).await.expect(200);
        let location = given["items"].as_array().expect("a list").iter().find(|one| one["text"] == "location").expect("given");
        let path = format!("/v1/patients/{}/consents", scene.patient);
        let withdraw = format!("{path}/{}/withdraw", location["id"].as_str().expect("an id"));
        scene.family.client.post(&withdraw, json!({})).await.expect(200);
        scene.family.client.post(&path, body.clone()).await.problem(422, "signer_minor");
        let desk = json!({ "text": "location", "version": 1, "signer": { "name": "李大爷", "carer_id": null, "of_age": true } });
        scene.coordinator.client.post(&path, desk).await.expect(201);
        nurse.recognise(&visit).await;
        nurse.post(&visit, "consents", consent_body(&catheter(), &Value::Null)).await.expect(201);
        nurse.post(&visit, "start", present.clone()).await.problem(409, "family_absent");
        let of_age = "UPDATE patient SET birth_date = '2008-03-01' WHERE birth_date = '2009-03-02'";
        server.app.db.reader().execute_unprepared(of_age).await.expect("a change");
        nurse.post(&visit, "start", present).await.expect(200);
    }

    async fn bad_signatures_change_nothing(server: TestServer) {
        let (scene, nurse, _, visit) = at_the_door(&server).await;
        let good = consent_body(&catheter(), &Value::Null);
        let bad = [
            ("signature", json!({ "sha256": "G".repeat(64), "bytes": 1 }), "invalid_request"),
            ("signature", json!({ "sha256": "a".repeat(63), "bytes": 1 }), "invalid_request"),
            ("signature", json!({ "sha256": "a".repeat(64), "bytes": 0 }), "invalid_request"),
            ("signature", json!({ "sha256": "a".repeat(64), "bytes": 90_000_000 }), "invalid_request"),
            ("text", json!("care_wound"), "consent_text_unknown"),
            ("text", json!("health_data"), "consent_text_unknown"),
        ];
        for (field, value, code) in bad {
            let mut body = good.clone();
            body[field] = value;
            nurse.post(&visit, "consents", body).await.problem(422, code);
        }
        let stranger = scene.nurse(&server, 2, NurseSpec::default()).await;
        stranger.post(&visit, "consents", good).await.problem(404, "not_found");
        assert_eq!(consents(&server).await, 0);
    }
}
