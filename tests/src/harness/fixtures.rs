//! Patients, nurses and visits straight in the database, for tests that are about something else.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::enums::{
    CarerRelation, ConsentBasis, ConsentPurpose, Crs, HealthFactKind, IdKind, NurseTitle, Role, Sex,
};
use entity::ids::{
    AccountId, AddressId, CarerId, CertificationId, DutyId, HealthFactId, InstitutionId, NurseId,
    OrderId, PatientId, VisitId,
};
use entity::{
    address, care_order, carer, certification, health_fact, institution_item, nurse, nurse_duty,
    order_item, patient, visit,
};
use jiahu::crypto::FieldPlace;
use jiahu::domain::lifecycle::Command;
use jiahu::domain::seed;
use jiahu::store;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::assessed::assessed;
use super::people::{CENTRE, Person, Town};
use super::server::TestServer;

/// Stores a row as it is.
macro_rules! put {
    ($server:expr, $entity:ident, $row:expr) => {
        $entity::Entity::insert($row.into_active_model().reset_all())
            .exec_without_returning($server.app.db.reader())
            .await
            .expect(concat!("a row of ", stringify!($entity)))
    };
}

/// Makes rows of a town.
#[derive(Clone, Copy)]
pub struct Fixtures<'a> {
    /// The server they are for.
    pub server: &'a TestServer,
    /// The town they live in.
    pub town: &'a Town,
}

/// A patient with an address.
#[derive(Clone, Copy, Debug)]
pub struct Patient {
    /// The patient.
    pub id: PatientId,
    /// An address, 900 m east of the hospital.
    pub address: AddressId,
}

/// What is particular about a patient.
#[derive(Clone, Copy, Debug)]
pub struct PatientTraits {
    /// Name.
    pub name: &'static str,
    /// Sex.
    pub sex: Sex,
    /// Birth date.
    pub born: &'static str,
    /// The patient's own institution.
    pub institution: InstitutionId,
}

/// A nurse with her account.
#[derive(Clone, Debug)]
pub struct SceneNurse {
    /// The nurse.
    pub id: NurseId,
    /// Her account.
    pub person: Person,
}

/// Where a fixture's address is: some 900 m east of the hospital.
pub const NEAR: (f64, f64) = (CENTRE.0 + 0.01, CENTRE.1);

impl<'a> Fixtures<'a> {
    /// For a town.
    pub fn new(server: &'a TestServer, town: &'a Town) -> Self {
        Self { server, town }
    }

    /// An old man of the hospital, with an address and somebody who may book for him, found fit for every item.
    pub async fn patient(&self, carer: &Person) -> Patient {
        let traits = PatientTraits {
            name: "张大明",
            sex: Sex::Male,
            born: "1945-03-04",
            institution: self.town.hospital,
        };
        let id = self.patient_with(carer, traits).await;
        self.carer(id, carer.account, true).await;
        let address = self.address(id, Some(NEAR)).await;
        assessed(self.server, self.town.community, id, carer.account).await;
        Patient { id, address }
    }

    /// A patient without carer and address.
    pub async fn patient_with(&self, by: &Person, traits: PatientTraits) -> PatientId {
        let id = self.server.app.new_id::<PatientId>();
        let row = patient::Model {
            community_id: self.town.community,
            id,
            institution_id: traits.institution,
            name_enc: self.seal("patient", "name_enc", id.0, traits.name),
            name_hash: self.server.app.lookup.hash("patient_name", traits.name),
            id_kind: IdKind::ResidentId,
            id_number_enc: None,
            id_number_hash: None,
            mother_id_enc: None,
            birth_order: None,
            newborn_hash: None,
            birth_date: day(traits.born),
            sex: traits.sex,
            phone_enc: None,
            phone_hash: None,
            merged_into: None,
            lacks_capacity: false,
            same_sex_nurse: false,
            same_sex_since: None,
            version: 1,
            created_by: by.account,
            created_at: self.server.now(),
        };
        put!(self.server, patient, row);
        id
    }

    /// Somebody who acts for a patient.
    pub async fn carer(&self, patient: PatientId, account: AccountId, may_book: bool) -> CarerId {
        let id = self.server.app.new_id::<CarerId>();
        let row = carer::Model {
            community_id: self.town.community,
            id,
            patient_id: patient,
            account_id: account,
            relation: CarerRelation::Child,
            consent: ConsentBasis::Verbal,
            may_book,
            added_by: account,
            added_at: self.server.now(),
            ended_at: None,
        };
        put!(self.server, carer, row.clone());
        if may_book {
            consent_of(self.server, &row).await;
        }
        id
    }

    /// An address at a place (longitude, latitude), or at one that is not known.
    pub async fn address(&self, patient: PatientId, place: Option<(f64, f64)>) -> AddressId {
        let id = self.server.app.new_id::<AddressId>();
        let row = address::Model {
            community_id: self.town.community,
            id,
            patient_id: patient,
            text_enc: self.seal("address", "text_enc", id.0, "东关村 12 号"),
            landmark_enc: Some(self.seal("address", "landmark_enc", id.0, "村口大槐树")),
            township_code: Some("130431100".to_owned()),
            lng: place.map(|place| place.0),
            lat: place.map(|place| place.1),
            source_crs: place.map(|_| Crs::Wgs84),
            source_lng: place.map(|place| place.0),
            source_lat: place.map(|place| place.1),
            accuracy_m: place.map(|_| 15.0),
            fence_radius_m: 200,
            far_confirmed: false,
            version: 1,
            created_at: self.server.now(),
            removed_at: None,
        };
        put!(self.server, address, row);
        id
    }

    /// Puts a condition on a patient's record.
    pub async fn condition(&self, patient: PatientId, by: &Person, code: &str) {
        let id = self.server.app.new_id::<HealthFactId>();
        let detail = serde_json::json!({"code": code, "note": null, "since": null}).to_string();
        let row = health_fact::Model {
            community_id: self.town.community,
            id,
            patient_id: patient,
            kind: HealthFactKind::Condition,
            detail_enc: self.seal("health_fact", "detail_enc", id.0, &detail),
            recorded_by: by.account,
            recorded_at: self.server.now(),
            ended_at: None,
        };
        put!(self.server, health_fact, row);
    }

    /// Opens or closes an item at an institution.
    pub async fn decide_item(&self, institution: InstitutionId, item: &str, open: bool) {
        let row = institution_item::Model {
            community_id: self.town.community,
            institution_id: institution,
            item_code: item.to_owned(),
            open,
            changed_at: self.server.now(),
            changed_by: None,
        };
        put!(self.server, institution_item, row);
    }

    /// A nurse whose papers are all in order, with verified certificates, based at [`NEAR`]. Her phone also
    /// makes her staff and licence numbers.
    pub async fn nurse(
        &self,
        phone: &str,
        institution: InstitutionId,
        certificates: &[&str],
    ) -> SceneNurse {
        let nurse = self.nurse_with(phone, institution, |_| {}).await;
        for kind in certificates {
            let to = day("2030-12-31");
            self.certificate(nurse.id, kind, to, nurse.person.account)
                .await;
        }
        nurse
    }

    /// The same without certificates, her row changed before it is stored.
    pub async fn nurse_with(
        &self,
        phone: &str,
        institution: InstitutionId,
        change: impl FnOnce(&mut nurse::Model),
    ) -> SceneNurse {
        let person = self
            .town
            .person(self.server, phone, Role::Nurse, Some(institution))
            .await;
        let id = self.server.app.new_id::<NurseId>();
        let mut row = self.nurse_row(id, institution, &person);
        change(&mut row);
        put!(self.server, nurse, row);
        SceneNurse { id, person }
    }

    /// On duty at every hour of the week.
    pub async fn always_on_duty(&self, nurse: NurseId) {
        for weekday in 1..=7 {
            let row = nurse_duty::Model {
                community_id: self.town.community,
                id: self.server.app.new_id::<DutyId>(),
                nurse_id: nurse,
                weekday,
                start_min: 0,
                end_min: 1440,
            };
            put!(self.server, nurse_duty, row);
        }
    }

    fn nurse_row(&self, id: NurseId, institution: InstitutionId, person: &Person) -> nurse::Model {
        let later = Some(day("2030-12-31"));
        nurse::Model {
            community_id: self.town.community,
            id,
            institution_id: institution,
            account_id: Some(person.account),
            staff_no: format!("N{}", person.phone),
            name_enc: self.seal("nurse", "name_enc", id.0, "李小红"),
            sex: Sex::Female,
            title: NurseTitle::SeniorNurse,
            licence_no: format!("L{}", person.phone),
            licence_from: day("2012-01-01"),
            licence_to: day("2030-12-31"),
            practice_since: day("2010-07-01"),
            training_passed_on: Some(day("2025-01-10")),
            health_cert_to: later,
            accident_insurance_no: Some(format!("A{}", person.phone)),
            accident_insurance_to: later,
            liability_insurance_no: Some(format!("B{}", person.phone)),
            liability_insurance_to: later,
            active: true,
            base_lng: Some(NEAR.0),
            base_lat: Some(NEAR.1),
            service_radius_m: 20_000,
            daily_cap: 6,
            last_lng: None,
            last_lat: None,
            last_accuracy_m: None,
            last_place_at: None,
            version: 1,
            created_at: self.server.now(),
        }
    }

    /// A certificate that somebody has verified.
    pub async fn certificate(
        &self,
        nurse: NurseId,
        kind: &str,
        valid_to: NaiveDate,
        verified_by: AccountId,
    ) {
        let now = self.server.now();
        let row = certification::Model {
            community_id: self.town.community,
            id: self.server.app.new_id::<CertificationId>(),
            nurse_id: nurse,
            kind: kind.to_owned(),
            number: format!("{kind}-{nurse}"),
            issuer: "省护理学会".to_owned(),
            valid_from: day("2024-01-01"),
            valid_to,
            verified_by: Some(verified_by),
            verified_at: Some(now),
            revoked_at: None,
            revoke_reason: None,
            created_at: now,
        };
        put!(self.server, certification, row);
    }

    /// Lets a nurse have an open order, with a live visit at the start of its window.
    pub async fn accept(&self, order: OrderId, nurse: NurseId) -> VisitId {
        self.step(order, Command::Accept).await;
        self.visit(order, nurse).await
    }

    /// A live visit of an order, whatever its state, at the start of its window.
    pub async fn visit(&self, order: OrderId, nurse: NurseId) -> VisitId {
        let id = self.server.app.new_id::<VisitId>();
        let row = self.visit_row(id, &self.order(order).await, nurse);
        put!(self.server, visit, row);
        id
    }

    fn visit_row(&self, id: VisitId, order: &care_order::Model, nurse: NurseId) -> visit::Model {
        let duration = TimeDelta::minutes(i64::from(order.duration_min));
        let (start, margin) = (order.window_start, TimeDelta::minutes(30));
        visit::Model {
            community_id: self.town.community,
            id,
            order_id: order.id,
            patient_id: order.patient_id,
            nurse_id: nurse,
            seat: 1,
            live: true,
            version: 1,
            assigned_by: None,
            accepted_at: self.server.now(),
            starts_at: start,
            ends_at: start + duration,
            busy_from: start - margin,
            busy_to: start + duration + margin,
            departed_at: None,
            arrived_at: None,
            arrived_device_at: None,
            arrived_lng: None,
            arrived_lat: None,
            arrived_accuracy_m: None,
            arrived_distance_m: None,
            fence: None,
            started_at: None,
            finished_at: None,
            left_at: None,
            left_lng: None,
            left_lat: None,
            left_accuracy_m: None,
            left_distance_m: None,
            left_fence: None,
            left_no_fix: None,
            record_enc: None,
            recorded_at: None,
            closed_at: None,
            released_at: None,
            release_reason_enc: None,
        }
    }

    /// Takes a step of an order's life that has no further effect.
    pub async fn step(&self, order: OrderId, command: Command) {
        let read = self.order(order).await;
        jiahu::in_write!(self.server.app.db, "test_step", |tx| {
            store::order::advance(tx, &self.server.app, &read, command, |_| {}).await
        })
        .expect("the order takes the step");
    }

    /// The row of an order.
    pub async fn order(&self, id: OrderId) -> care_order::Model {
        care_order::Entity::find()
            .filter(care_order::Column::Id.eq(id))
            .one(self.server.app.db.reader())
            .await
            .expect("the database answers")
            .expect("an order")
    }

    /// The rows of an order's items.
    pub async fn items(&self, order: OrderId) -> Vec<order_item::Model> {
        order_item::Entity::find()
            .filter(order_item::Column::OrderId.eq(order))
            .all(self.server.app.db.reader())
            .await
            .expect("the database answers")
    }

    fn seal(&self, table: &'static str, column: &'static str, row: Uuid, text: &str) -> String {
        let place = FieldPlace { table, column, row };
        self.server.app.cipher.seal(place, text)
    }
}

/// Lets a carer consent to the use of health data and location, unless somebody has.
pub(super) async fn consent_of(server: &TestServer, carer: &carer::Model) {
    let app = &server.app;
    let given = store::consent::of_patient(app.db.reader(), carer.community_id, carer.patient_id);
    if !given.await.expect("the database answers").is_empty() {
        return;
    }
    for purpose in [ConsentPurpose::HealthData, ConsentPurpose::Location] {
        let text = seed::consents().of_purpose(purpose).expect("a text");
        let text = (text.code.as_str(), text.version);
        let row = store::consent::of_carer(app, carer, "王家人", purpose, text);
        jiahu::in_write!(app.db, "test_consent", |tx| {
            store::consent::insert(tx, row.clone()).await
        })
        .expect("a consent");
    }
}

/// A date written as `2026-03-31`.
fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// A moment written as local time in Shanghai, `2026-03-31 09:30`.
pub fn at(text: &str) -> DateTime<Utc> {
    use chrono::{NaiveDateTime, TimeZone};
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a local time");
    let zoned = chrono_tz::Asia::Shanghai.from_local_datetime(&local);
    zoned.single().expect("no daylight saving").to_utc()
}
