//! A scene for the search and the visit: a patient with a family, nurses around, an open order.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::care_order;
use entity::enums::{OrderState, Role, Sex};
use entity::ids::{AddressId, OrderId, PatientId};
use jiahu::domain::calendar::local_date;
use jiahu::domain::price::quote;
use jiahu::domain::seed;
use jiahu::store;
use serde_json::{Value, json};

use super::assessed::assessed;
use super::client::Reply;
use super::door::screened;
use super::fixtures::{Fixtures, PatientTraits, SceneNurse};
use super::people::{CENTRE, Person, Town};
use super::server::TestServer;

/// Metres of a degree of latitude.
const DEGREE_M: f64 = 111_195.0;

/// A town with one patient at its centre, the family that books, and a coordinator.
pub struct Scene {
    /// The town.
    pub town: Town,
    /// Books for the patient.
    pub family: Person,
    /// Of the patient's health centre.
    pub coordinator: Person,
    /// The patient.
    pub patient: PatientId,
    /// At the town's centre point.
    pub address: AddressId,
}

/// What is special about a nurse; the default may do everything and stands 1 km north of the patient.
#[derive(Clone, Debug)]
pub struct NurseSpec {
    /// Metres north of the patient.
    pub north_m: f64,
    /// Verified certificates with their last day.
    pub certificates: Vec<(&'static str, NaiveDate)>,
    /// Metres she is ready to go.
    pub radius_m: i64,
    /// Last day of her licence.
    pub licence_to: NaiveDate,
    /// Her sex.
    pub sex: Sex,
    /// Visits a day.
    pub daily_cap: i32,
}

/// A day that every test is well before.
pub fn far_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2029, 12, 31).expect("a date")
}

impl Default for NurseSpec {
    fn default() -> Self {
        Self {
            north_m: 1_000.0,
            certificates: vec![("UC", far_day()), ("NG", far_day())],
            radius_m: 50_000,
            licence_to: far_day(),
            sex: Sex::Female,
            daily_cap: 20,
        }
    }
}

impl Scene {
    /// Builds the scene.
    pub async fn build(server: &TestServer) -> Self {
        let town = Town::build(server, "130431").await;
        let family = town.person(server, "13900000001", Role::Family, None).await;
        let coordinator = town
            .person(server, "13900000002", Role::Coordinator, Some(town.centre))
            .await;
        let (patient, address) = new_patient(server, &town, &family, Some(CENTRE)).await;
        Self {
            town,
            family,
            coordinator,
            patient,
            address,
        }
    }

    /// A nurse; each needs a phone number of her own.
    pub async fn nurse(&self, server: &TestServer, number: u32, spec: NurseSpec) -> SceneNurse {
        let fixtures = Fixtures::new(server, &self.town);
        let phone = format!("1370000{number:04}");
        let nurse = fixtures
            .nurse_with(&phone, self.town.centre, |row| {
                row.sex = spec.sex;
                row.licence_to = spec.licence_to;
                row.base_lng = Some(CENTRE.0);
                row.base_lat = Some(CENTRE.1 + spec.north_m / DEGREE_M);
                row.service_radius_m = spec.radius_m;
                row.daily_cap = spec.daily_cap;
            })
            .await;
        fixtures.always_on_duty(nurse.id).await;
        for (kind, valid_to) in &spec.certificates {
            fixtures
                .certificate(nurse.id, kind, *valid_to, self.coordinator.account)
                .await;
        }
        jiahu::in_write!(server.app.db, "test_reach", |tx| {
            store::reach::refresh(tx, self.town.community, nurse.id).await
        })
        .expect("the search rows");
        nurse
    }

    /// An open order of one item for the scene's patient; the search begins when jobs run.
    pub async fn order(&self, server: &TestServer, item: &str, start: DateTime<Utc>) -> OrderId {
        self.order_of(
            server,
            (self.patient, self.address),
            item,
            start,
            Some(CENTRE),
        )
        .await
    }

    /// An open order of a patient of the town, straight in the store.
    pub async fn order_of(
        &self,
        server: &TestServer,
        (patient_id, address_id): (PatientId, AddressId),
        item: &str,
        start: DateTime<Utc>,
        place: Option<(f64, f64)>,
    ) -> OrderId {
        let app = &server.app;
        let code = item.parse().expect("an item code");
        let price = quote(
            seed::prices(),
            seed::catalogue(),
            &[code],
            1_000.0,
            start,
            seed::calendar(),
        )
        .expect("a price");
        let minutes = seed::catalogue()
            .items
            .iter()
            .find(|one| one.code.as_str() == item)
            .expect("an item of the catalogue")
            .duration_min;
        let now = app.now();
        let id = app.new_id::<OrderId>();
        let row = care_order::Model {
            community_id: self.town.community,
            id,
            number: format!(
                "{}-{}",
                local_date(now).format("%y%m%d"),
                &id.0.simple().to_string()[22..]
            ),
            patient_id,
            address_id,
            institution_id: self.town.centre,
            booked_by: self.family.account,
            state: OrderState::Open,
            version: 1,
            window_start: start,
            window_end: start + TimeDelta::hours(2),
            duration_min: i32::try_from(minutes).expect("small"),
            persons: 1,
            gates: json!({}),
            lng: place.map(|place| place.0),
            lat: place.map(|place| place.1),
            catalogue_version: 1,
            total_fen: price.total_fen,
            price: serde_json::to_value(&price).expect("JSON"),
            fee_fen: None,
            screening_enc: store::order::Sealed::Screening.seal(app, id, &unquestioned()),
            note_enc: None,
            round: 1,
            opened_at: Some(now),
            wave: 0,
            ring_m: 0,
            coordinator_told_at: None,
            family_told_at: None,
            end_reason_enc: None,
            review_reason_enc: None,
            address_text_enc: None,
            address_landmark_enc: None,
            preferred_nurse_id: None,
            created_at: now,
            updated_at: now,
        };
        jiahu::in_write!(app.db, "test_order", |tx| {
            store::order::insert(tx, app, &row, &[item.to_owned()]).await?;
            store::order::enqueue_dispatch(tx, app, &row).await
        })
        .expect("an order");
        id
    }

    /// Publishes the table of visit rules anew, with other rules.
    pub async fn publish_visit_rules(
        &self,
        server: &TestServer,
        change: impl FnOnce(&mut Vec<Value>),
    ) {
        let hospital = Some(self.town.hospital);
        let boss = self
            .town
            .person(server, "13900000098", Role::Supervisor, hospital)
            .await;
        let first = boss.client.get("/v1/rule-sets/visit_rules/1").await;
        let mut file = first.expect(200)["content"].clone();
        file["version"] = json!(2);
        change(file["rules"].as_array_mut().expect("rules"));
        let path = "/v1/rule-sets/visit_rules";
        boss.client.post(path, file).await.expect(201);
    }

    /// Runs the search and accepts the first offer to the nurse for the order; gives the visit's id.
    pub async fn accepted_visit(
        &self,
        server: &TestServer,
        nurse: &SceneNurse,
        order: OrderId,
    ) -> String {
        server.run_jobs().await;
        let offers = nurse.person.client.get("/v1/offers").await.expect(200);
        let offers = offers["items"].as_array().expect("a list");
        let offer = offers
            .iter()
            .find(|offer| offer["order_id"] == order.to_string())
            .expect("an offer");
        let path = format!("/v1/offers/{}/accept", offer["id"].as_str().expect("an id"));
        let accepted = nurse
            .person
            .client
            .post(&path, serde_json::json!({}))
            .await
            .expect(200);
        accepted["visit_id"].as_str().expect("an id").to_owned()
    }
}

impl SceneNurse {
    /// Posts to a visit of hers.
    pub async fn post(&self, visit: &str, step: &str, body: Value) -> Reply {
        let path = format!("/v1/visits/{visit}/{step}");
        self.person.client.post(&path, body).await
    }

    /// At the door: recognises the patient and has every consent signed, by whoever may sign first.
    pub async fn prepare(&self, visit: &str) {
        self.recognise(visit).await;
        self.sign(visit).await;
        screened(&self.person.client, visit).await;
    }

    /// At the door: recognises the patient by two identifiers.
    pub async fn recognise(&self, visit: &str) {
        let body = json!({ "identifiers": ["name", "birth_date"], "nurse_not_verified": "家属没有智能手机" });
        self.post(visit, "identity", body).await.expect(200);
    }

    /// At the door: has every consent signed that is still missing.
    pub async fn sign(&self, visit: &str) {
        let path = format!("/v1/visits/{visit}/consents");
        let consents = self.person.client.get(&path).await.expect(200);
        let needed = consents["needed"].as_array().expect("a list");
        for text in needed.iter().filter(|text| text["given"] == false) {
            let body = consent_body(text, &consents["signers"][0]["carer_id"]);
            self.post(visit, "consents", body).await.expect(201);
        }
    }
}

/// The begin of a procedure, with an adult of the family there, as every item of the catalogue wants it.
pub fn with_family() -> Value {
    json!({ "present": [{ "name": "张小明", "relation": "child", "of_age": true }] })
}

/// What is kept of a screening that asked nothing.
fn unquestioned() -> String {
    json!({ "answers": {}, "screening": { "catalogue_version": 1, "findings": [] } }).to_string()
}

/// A signature under a text, by the patient (null) or a carer.
pub fn consent_body(text: &Value, carer: &Value) -> Value {
    json!({
        "text": text["text"],
        "version": text["version"],
        "signer": { "name": "李大爷", "carer_id": carer, "of_age": true },
        "signature": { "sha256": "0".repeat(64), "bytes": 4000 },
        "device": "nurse",
    })
}

/// A patient of the centre with an address, cared for by a family, found fit for every item.
pub async fn new_patient(
    server: &TestServer,
    town: &Town,
    family: &Person,
    place: Option<(f64, f64)>,
) -> (PatientId, AddressId) {
    let (patient, address) = unassessed_patient(server, town, family, place).await;
    assessed(server, town.community, patient, family.account).await;
    (patient, address)
}

/// The same without a first assessment.
pub async fn unassessed_patient(
    server: &TestServer,
    town: &Town,
    family: &Person,
    place: Option<(f64, f64)>,
) -> (PatientId, AddressId) {
    let fixtures = Fixtures::new(server, town);
    let traits = PatientTraits {
        name: "李大爷",
        sex: Sex::Male,
        born: "1950-06-01",
        institution: town.centre,
    };
    let id = fixtures.patient_with(family, traits).await;
    fixtures.carer(id, family.account, true).await;
    (id, fixtures.address(id, place).await)
}
