//! Consent to the use of health data and of location (R24): each by itself, both before the first booking.

use entity::carer;
use entity::enums::{CarerRelation, ConsentBasis, Role};
use entity::ids::{CarerId, PatientId};
use jiahu_tests::harness::{Fixtures, PatientTraits, Person, TestServer, Town, at};
use jiahu_tests::on_both;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

/// A patient with a carer, an address and no consent.
async fn patient(
    server: &TestServer,
    town: &Town,
    family: &Person,
    born: &'static str,
) -> (PatientId, Value) {
    let make = Fixtures::new(server, town);
    let traits = PatientTraits {
        name: "张大明",
        sex: entity::enums::Sex::Male,
        born,
        institution: town.hospital,
    };
    let id = make.patient_with(family, traits).await;
    let row = carer::Model {
        community_id: town.community,
        id: server.app.new_id::<CarerId>(),
        patient_id: id,
        account_id: family.account,
        relation: CarerRelation::Parent,
        consent: ConsentBasis::Verbal,
        may_book: true,
        added_by: family.account,
        added_at: server.now(),
        ended_at: None,
    };
    carer::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(server.app.db.reader())
        .await
        .expect("a carer");
    let address = make.address(id, Some(jiahu_tests::harness::NEAR)).await;
    let order = json!({
        "patient_id": id,
        "address_id": address,
        "items": ["EDU"],
        "window": { "start": at("2026-03-10 09:00"), "end": at("2026-03-10 12:00") },
        "answers": { "FEVER": false, "CONSC": false, "CHEST": false, "AGGR": false, "INFECT": false },
    });
    (id, order)
}

fn give(text: &str) -> Value {
    json!({ "text": text, "version": 1 })
}

on_both! {
    async fn nothing_is_booked_before_both_are_given(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let family = town.person(&server, "13900000001", Role::Family, None).await;
        let (id, order) = patient(&server, &town, &family, "1945-03-04").await;
        let path = format!("/v1/patients/{id}/consents");
        let texts = family.client.get("/v1/consent-texts").await.expect(200);
        assert_eq!(texts["version"], 1);
        let problem = family.client.post("/v1/orders", order.clone()).await.problem(409, "consent_missing");
        assert_eq!(problem["missing"].as_array().expect("a list").len(), 2);
        let health = family.client.post(&path, give("health_data")).await.expect(201);
        assert_eq!((&health["device"], &health["relation"]), (&json!("family"), &json!("parent")));
        let problem = family.client.post("/v1/orders", order.clone()).await.problem(409, "consent_missing");
        assert_eq!(problem["missing"][0]["text"], "location");
        family.client.post(&path, give("location")).await.expect(201);
        family.client.post(&path, give("location")).await.problem(409, "consent_exists");
        let list = family.client.get(&path).await.expect(200);
        assert_eq!((&list["missing"], list["items"].as_array().expect("a list").len()), (&json!([]), 2));
        let booked = family.client.post("/v1/orders", order.clone()).await;
        assert_ne!(booked.body["code"], "consent_missing");
        // Taken back, nothing more is booked.
        let withdraw = format!("{path}/{}/withdraw", health["id"].as_str().expect("an id"));
        family.client.post(&withdraw, json!({ "reason": "不再需要" })).await.expect(200);
        family.client.post(&withdraw, json!({})).await.problem(409, "consent_withdrawn");
        let problem = family.client.post("/v1/orders", order).await.problem(409, "consent_missing");
        assert_eq!(problem["missing"][0]["text"], "health_data");
    }

    async fn a_desk_says_who_signed_and_a_minor_cannot(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let family = town.person(&server, "13900000001", Role::Family, None).await;
        let desk = town.person(&server, "13900000002", Role::Coordinator, Some(town.hospital)).await;
        let (old, _) = patient(&server, &town, &family, "1945-03-04").await;
        let path = format!("/v1/patients/{old}/consents");
        desk.client.post(&path, give("location")).await.problem(422, "signer_not_allowed");
        let mut body = give("location");
        body["signer"] = json!({ "name": "张大明", "of_age": true });
        let given = desk.client.post(&path, body.clone()).await.expect(201);
        assert_eq!((&given["device"], &given["relation"]), (&json!("desk"), &json!("oneself")));
        let (young, _) = patient(&server, &town, &family, "2015-03-04").await;
        desk.client.post(&format!("/v1/patients/{young}/consents"), body).await.problem(422, "signer_minor");
        // A parent who is no guardian on record cannot either.
        family.client.post(&format!("/v1/patients/{young}/consents"), give("location")).await.problem(422, "signer_not_allowed");
    }

    async fn wrong_texts_and_strangers_are_refused(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let family = town.person(&server, "13900000001", Role::Family, None).await;
        let (id, _) = patient(&server, &town, &family, "1945-03-04").await;
        let path = format!("/v1/patients/{id}/consents");
        for text in ["care", "care_catheter", "nothing"] {
            family.client.post(&path, give(text)).await.problem(422, "consent_text_unknown");
        }
        let next = json!({ "text": "location", "version": 2 });
        family.client.post(&path, next).await.problem(409, "consent_superseded");
        let stranger = town.person(&server, "13900000077", Role::Family, None).await;
        stranger.client.post(&path, give("location")).await.problem(404, "not_found");
        stranger.client.get(&path).await.problem(404, "not_found");
        let list = family.client.get(&path).await.expect(200);
        assert_eq!(list["items"], json!([]));
    }
}
