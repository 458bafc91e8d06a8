//! A scene for the search and the visit: a patient with a family, nurses around, an open order.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::enums::{CarerRelation, ConsentBasis, IdKind, NurseTitle, OrderState, Role, Sex};
use entity::ids::{AddressId, CarerId, CertificationId, DutyId, NurseId, OrderId, PatientId};
use entity::{address, care_order, carer, certification, nurse, nurse_duty, patient};
use jiahu::crypto::FieldPlace;
use jiahu::domain::calendar::local_date;
use jiahu::domain::price::quote;
use jiahu::domain::seed;
use jiahu::store;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};

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

/// A nurse with her account.
#[derive(Clone, Debug)]
pub struct SceneNurse {
    /// The nurse.
    pub id: NurseId,
    /// Her account.
    pub person: Person,
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

/// Stores a row as it is.
macro_rules! put {
    ($server:expr, $entity:ident, $row:expr) => {
        $entity::Entity::insert($row.into_active_model().reset_all())
            .exec_without_returning($server.app.db.reader())
            .await
            .expect(concat!("a row of ", stringify!($entity)))
    };
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
        let phone = format!("1370000{number:04}");
        let person = self
            .town
            .person(server, &phone, Role::Nurse, Some(self.town.centre))
            .await;
        let app = &server.app;
        let id = app.new_id::<NurseId>();
        let place = FieldPlace {
            table: "nurse",
            column: "name_enc",
            row: id.0,
        };
        let since = NaiveDate::from_ymd_opt(2010, 1, 1).expect("a date");
        let row = nurse::Model {
            community_id: self.town.community,
            id,
            institution_id: self.town.centre,
            account_id: Some(person.account),
            staff_no: format!("N{number:04}"),
            name_enc: app.cipher.seal(place, &format!("护士{number}")),
            sex: spec.sex,
            title: NurseTitle::SeniorNurse,
            licence_no: format!("L{number:08}"),
            licence_from: since,
            licence_to: spec.licence_to,
            practice_since: since,
            training_passed_on: Some(since),
            health_cert_to: Some(far_day()),
            accident_insurance_no: Some("A1".to_owned()),
            accident_insurance_to: Some(far_day()),
            liability_insurance_no: Some("B1".to_owned()),
            liability_insurance_to: Some(far_day()),
            active: true,
            base_lng: Some(CENTRE.0),
            base_lat: Some(CENTRE.1 + spec.north_m / DEGREE_M),
            service_radius_m: spec.radius_m,
            daily_cap: spec.daily_cap,
            last_lng: None,
            last_lat: None,
            last_accuracy_m: None,
            last_place_at: None,
            version: 1,
            created_at: app.now(),
        };
        put!(server, nurse, row);
        for weekday in 1..=7 {
            let row = nurse_duty::Model {
                community_id: self.town.community,
                id: app.new_id::<DutyId>(),
                nurse_id: id,
                weekday,
                start_min: 0,
                end_min: 1440,
            };
            put!(server, nurse_duty, row);
        }
        for (kind, valid_to) in &spec.certificates {
            let row = certification::Model {
                community_id: self.town.community,
                id: app.new_id::<CertificationId>(),
                nurse_id: id,
                kind: (*kind).to_owned(),
                number: format!("{kind}-{number}"),
                issuer: "省护理学会".to_owned(),
                valid_from: since,
                valid_to: *valid_to,
                verified_by: Some(self.coordinator.account),
                verified_at: Some(app.now()),
                revoked_at: None,
                revoke_reason: None,
                created_at: app.now(),
            };
            put!(server, certification, row);
        }
        jiahu::in_write!(app.db, "test_reach", |tx| {
            store::reach::refresh(tx, self.town.community, id).await
        })
        .expect("the search rows");
        SceneNurse { id, person }
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
            lng: place.map(|place| place.0),
            lat: place.map(|place| place.1),
            catalogue_version: 1,
            total_fen: price.total_fen,
            price: serde_json::to_value(&price).expect("JSON"),
            fee_fen: None,
            screening_enc: store::order::Sealed::Screening.seal(app, id, "{}"),
            note_enc: None,
            round: 1,
            opened_at: Some(now),
            wave: 0,
            ring_m: 0,
            coordinator_told_at: None,
            family_told_at: None,
            end_reason_enc: None,
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

/// A patient with an address, cared for by a family.
pub async fn new_patient(
    server: &TestServer,
    town: &Town,
    family: &Person,
    place: Option<(f64, f64)>,
) -> (PatientId, AddressId) {
    let app = &server.app;
    let (id, address_id) = (app.new_id::<PatientId>(), app.new_id::<AddressId>());
    let seal = |table, column, row: uuid::Uuid, text: &str| {
        app.cipher.seal(FieldPlace { table, column, row }, text)
    };
    let row = patient::Model {
        community_id: town.community,
        id,
        institution_id: town.centre,
        name_enc: seal("patient", "name_enc", id.0, "李大爷"),
        id_kind: IdKind::NewbornNone,
        id_number_enc: None,
        id_number_hash: None,
        birth_date: NaiveDate::from_ymd_opt(1950, 6, 1).expect("a date"),
        sex: Sex::Male,
        phone_enc: None,
        same_sex_nurse: false,
        version: 1,
        created_by: family.account,
        created_at: app.now(),
    };
    put!(server, patient, row);
    let row = carer::Model {
        community_id: town.community,
        id: app.new_id::<CarerId>(),
        patient_id: id,
        account_id: family.account,
        relation: CarerRelation::Child,
        consent: ConsentBasis::Verbal,
        may_book: true,
        added_by: family.account,
        added_at: app.now(),
        ended_at: None,
    };
    put!(server, carer, row);
    let row = address::Model {
        community_id: town.community,
        id: address_id,
        patient_id: id,
        text_enc: seal("address", "text_enc", address_id.0, "小寨镇东街"),
        landmark_enc: None,
        township_code: None,
        lng: place.map(|place| place.0),
        lat: place.map(|place| place.1),
        source_crs: None,
        source_lng: None,
        source_lat: None,
        accuracy_m: None,
        fence_radius_m: 200,
        far_confirmed: false,
        version: 1,
        created_at: app.now(),
        removed_at: None,
    };
    put!(server, address, row);
    (id, address_id)
}
