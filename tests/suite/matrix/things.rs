//! Real things for the places of paths: all of them belong to the insiders of the cast.

mod complaints;
mod entitlements;
mod photos;
mod pictures;

use chrono::TimeDelta;
use entity::enums::{
    ActKind, AlertKind, AlertSeverity, ArrivalDoubt, ConsentDevice, ConsentPurpose, DeviceKind,
    DevicePlacer, DrugSource, LeaveKind, ProposalState, Role, SyncResult,
};
use entity::ids::{AddressId, NurseId, OrderId, PatientId, SyncActionId, VisitId};
use entity::{
    address_proposal, arrival_exception, assessment, carer, certification, consent, device,
    nurse_leave, patient, sync_action,
};
use jiahu::store;
use jiahu::store::prescription::{NewPrescription, Prescribed};
use jiahu_tests::harness::spec::Operation;
use jiahu_tests::harness::{CENTRE, NurseSpec, Scene, TestServer, new_patient};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

mod between_visits;
mod follow_up;
mod merges;

use super::cast::Cast;
use super::sample::Places;

/// A kind of rule file with a second version that only the insiders' community has.
const RULES: &str = "holidays";

/// Things for every place in an operation's path, made anew: the calls may use them up. `Err` names a place of which
/// nothing is known here.
pub(super) async fn real(
    server: &TestServer,
    cast: &Cast,
    operation: &Operation,
) -> Result<Places, String> {
    let mut maker = Maker::new(server, cast);
    maker.reports = operation.path.split('/').nth(2).expect("a path").to_owned();
    let mut places = Places::new();
    for parameter in operation.parameters("path") {
        let name = parameter["name"].as_str().expect("a name");
        let value = maker.make(name).await.ok_or_else(|| name.to_owned())?;
        places.insert(name.to_owned(), value);
    }
    if operation.path.contains("/kept-apart/") {
        maker.keep_apart(&places).await;
    }
    if operation.path.ends_with("/warning") {
        maker.warn(&places).await;
    }
    Ok(places)
}

/// Something of everything that a list may tell of.
pub(super) async fn one_of_each(server: &TestServer, cast: &Cast) -> Places {
    let mut places = Places::new();
    let mut maker = Maker::new(server, cast);
    for name in [
        "patient_id",
        "address_id",
        "carer_id",
        "order_id",
        "visit_id",
        "alert_id",
        "sos_id",
        "exception_id",
        "proposal_id",
        "action_id",
        "report_id",
        "device_id",
        "complaint_id",
        "entitlement_id",
        "discharge_id",
        "follow_task_id",
        "feed_id",
        "rehab_id",
        "duplicate_id",
        "merge_id",
    ] {
        places.extend(maker.make(name).await.map(|id| (name.to_owned(), id)));
    }
    // Both sorts of reports have ids of the same name.
    "incidents".clone_into(&mut maker.reports);
    places.insert("incident_id".to_owned(), maker.report().await);
    // The offer of the first order was accepted.
    let mut maker = Maker::new(server, cast);
    for name in [
        "offer_id",
        "nurse_id",
        "certification_id",
        "leave_id",
        "account_id",
        "session_id",
    ] {
        places.extend(maker.make(name).await.map(|id| (name.to_owned(), id)));
    }
    // Readers are told by name, and so is the nurse who is herself.
    places.insert("her_id".to_owned(), cast.nurse.id.to_string());
    places.insert(
        "family_id".to_owned(),
        cast.scene.family.account.to_string(),
    );
    let path = format!("/v1/patients/{}", places["patient_id"]);
    cast.scene.family.client.get(&path).await.expect(200);
    assert_eq!(places.len(), 29);
    places
}

/// Queries by which a list is asked for things of the insiders.
pub(super) fn queries(name: &str, things: &Places) -> Option<Places> {
    let one = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    match name {
        "subject_id" => Some(Places::from([
            one("subject_kind", "order"),
            one("subject_id", &things["order_id"]),
        ])),
        "account_id" => Some(Places::from([one(name, &things["family_id"])])),
        _ => things.get(name).map(|id| Places::from([one(name, id)])),
    }
}

/// True for places that hold a word which every community has.
pub(super) fn is_word(name: &str) -> bool {
    ["item_code", "code", "kind", "version", "scale", "indicator"].contains(&name)
}

/// At the door of the health centre, which therefore gets the orders.
const NEAR: (f64, f64) = (CENTRE.0 + 0.05, CENTRE.1);

fn id_of(made: &Value) -> String {
    made["id"].as_str().expect("an id").to_owned()
}

/// Makes things; those of one maker hang together.
struct Maker<'a> {
    server: &'a TestServer,
    cast: &'a Cast,
    patient: Option<(PatientId, AddressId)>,
    order: Option<OrderId>,
    visit: Option<VisitId>,
    nurse: Option<NurseId>,
    /// A rehabilitation plan and an exercise of it.
    rehab: Option<(String, String)>,
    /// Where reports of the wanted sort are filed.
    reports: String,
}

impl<'a> Maker<'a> {
    fn new(server: &'a TestServer, cast: &'a Cast) -> Self {
        Self {
            server,
            cast,
            patient: None,
            order: None,
            visit: None,
            nurse: None,
            rehab: None,
            reports: "adverse-events".to_owned(),
        }
    }

    async fn make(&mut self, name: &str) -> Option<String> {
        let id = match name {
            "patient_id" => self.patient().await.0.to_string(),
            "address_id" => self.patient().await.1.to_string(),
            "carer_id" => self.carer().await,
            "order_id" => self.order().await.to_string(),
            "offer_id" => self.offer().await,
            "visit_id" => self.visit().await.to_string(),
            "alert_id" => self.alert().await,
            "assessment_id" => self.assessment().await,
            "prescription_id" => self.prescription().await,
            "consent_id" => self.consent().await,
            "device_id" => self.device().await,
            "sos_id" => self.sos().await,
            "exception_id" => self.exception().await,
            "proposal_id" => self.proposal().await,
            "action_id" => self.action().await,
            "report_id" => self.report().await,
            "complaint_id" => self.complaint().await,
            "entitlement_id" => self.entitlement().await,
            "photo_id" => self.photo().await,
            "picture_id" => self.picture().await,
            "nurse_id" => self.nurse().await.to_string(),
            "certification_id" => self.certification().await,
            "leave_id" => self.leave().await,
            "discharge_id" | "follow_task_id" | "plan_id" | "feed_id" => self.follow_up(name).await,
            "institution_id" => self.cast.scene.town.centre.to_string(),
            "account_id" => self.account().await,
            "session_id" => self.session().await,
            // Nobody books it here, so it does no harm when an institution closes it.
            "item_code" | "code" => "UC_CHG".to_owned(),
            "kind" => RULES.to_owned(),
            "scale" => "barthel".to_owned(),
            "indicator" => "follow_up".to_owned(),
            "duplicate_id" => self.duplicate().await,
            "merge_id" => self.merge().await,
            "rehab_id" => self.rehab().await,
            "rehab_exercise_id" => self.rehab_exercise().await,
            "version" => self.version().await,
            _ => return None,
        };
        Some(id)
    }

    async fn patient(&mut self) -> (PatientId, AddressId) {
        let Scene { town, family, .. } = &self.cast.scene;
        if self.patient.is_none() {
            self.patient = Some(new_patient(self.server, town, family, Some(NEAR)).await);
        }
        self.patient.expect("made just now")
    }

    async fn carer(&mut self) -> String {
        let patient = self.patient().await.0;
        let row = carer::Entity::find()
            .filter(carer::Column::PatientId.eq(patient))
            .one(self.server.app.db.reader())
            .await
            .expect("the database answers");
        row.expect("the family").id.to_string()
    }

    async fn order(&mut self) -> OrderId {
        if let Some(order) = self.order {
            return order;
        }
        let (patient, address) = self.patient().await;
        // Well apart, so that the nurse has time for each.
        let number = self.cast.next();
        let start = self.server.now() + TimeDelta::hours(24 + 6 * i64::from(number));
        let body = json!({
            "patient_id": patient, "address_id": address, "items": ["EDU"],
            "window": {"start": start, "end": start + TimeDelta::hours(2)},
            "answers": {
                "GEN_EMERGENCY": false, "GEN_AGITATED": false, "GEN_INFECTIOUS": false,
                "GEN_FAMILY": true, "GEN_SUPPLIES": "nurse", "GEN_TRUE": true,
            },
        });
        let family = &self.cast.scene.family.client;
        let booked = family.post("/v1/orders", body).await.expect(201);
        let order = booked["id"]
            .as_str()
            .expect("an id")
            .parse()
            .expect("an id");
        self.order = Some(order);
        order
    }

    async fn offer(&mut self) -> String {
        let order = self.order().await.to_string();
        self.server.run_jobs().await;
        let nurse = &self.cast.nurse.person.client;
        let offers = nurse.get("/v1/offers").await.expect(200);
        let mut offers = offers["items"].as_array().expect("a list").iter();
        let offer = offers.find(|offer| offer["order_id"] == order);
        offer.expect("an offer")["id"]
            .as_str()
            .expect("an id")
            .to_owned()
    }

    async fn visit(&mut self) -> VisitId {
        if self.visit.is_none() {
            let order = self.order().await;
            let Cast { scene, nurse, .. } = self.cast;
            let visit = scene.accepted_visit(self.server, nurse, order).await;
            self.visit = Some(visit.parse().expect("an id"));
        }
        self.visit.expect("made just now")
    }

    async fn patient_row(&mut self) -> patient::Model {
        let id = self.patient().await.0;
        let row = patient::Entity::find()
            .filter(patient::Column::Id.eq(id))
            .one(self.server.app.db.reader())
            .await
            .expect("the database answers");
        row.expect("a patient")
    }

    async fn alert(&mut self) -> String {
        let (app, patient) = (&self.server.app, self.patient_row().await);
        let row = jiahu::in_write!(app.db, "test_alert", |tx| {
            let (kind, severity) = (AlertKind::CriticalValue, AlertSeverity::Critical);
            let new = store::alert::NewAlert::of_patient(app, kind, severity, &patient, app.now());
            store::alert::open(tx, app, new).await
        });
        row.expect("an alert").id.to_string()
    }

    /// The one that every patient of the tests has.
    async fn assessment(&mut self) -> String {
        let patient = self.patient().await.0;
        let row = assessment::Entity::find()
            .filter(assessment::Column::PatientId.eq(patient))
            .one(self.server.app.db.reader())
            .await
            .expect("the database answers");
        row.expect("an assessment").id.to_string()
    }

    async fn prescription(&mut self) -> String {
        let (app, patient) = (&self.server.app, self.patient_row().await);
        let (today, by) = (app.now().date_naive(), self.cast.scene.coordinator.account);
        let text = || "每日一次".to_owned();
        let row = jiahu::in_write!(app.db, "test_prescription", |tx| {
            let new = NewPrescription {
                item: "UC_CHG".to_owned(),
                prescribed_on: today,
                valid_until: today + TimeDelta::days(1),
                drug_source: DrugSource::Institution,
                detail: Prescribed {
                    prescriber: text(),
                    drug: text(),
                    dose: text(),
                    route: text(),
                    frequency: text(),
                },
                image: None,
                by,
            };
            store::prescription::insert(tx, app, &patient, new).await
        });
        row.expect("a prescription").id.to_string()
    }

    /// One for the visit, when there is a visit; else one that the family gave for the patient.
    async fn consent(&mut self) -> String {
        let (app, patient) = (&self.server.app, self.patient().await.0);
        let given = consent::Entity::find()
            .filter(consent::Column::PatientId.eq(patient))
            .one(app.db.reader())
            .await
            .expect("the database answers")
            .expect("a consent");
        let Some(visit) = self.visit else {
            return given.id.to_string();
        };
        let id = app.new_id();
        let row = consent::Model {
            id,
            order_id: self.order,
            visit_id: Some(visit),
            purpose: ConsentPurpose::Care,
            text_code: "care_catheter".to_owned(),
            signer_name_enc: store::consent::seal_name(app, id, "李大爷"),
            device: ConsentDevice::Nurse,
            signature_sha256: Some("0".repeat(64)),
            signature_bytes: Some(4_000),
            ..given
        };
        jiahu::in_write!(app.db, "test_consent", |tx| {
            store::consent::insert(tx, row.clone()).await
        })
        .expect("a consent");
        id.to_string()
    }

    async fn device(&mut self) -> String {
        let (app, patient) = (&self.server.app, self.patient_row().await);
        let id = app.new_id();
        let row = device::Model {
            community_id: patient.community_id,
            id,
            patient_id: patient.id,
            kind: DeviceKind::Uc,
            site: "urethra".to_owned(),
            material: None,
            detail_enc: store::device::seal_detail(app, id, &store::device::Detail::default())
                .expect("sealed"),
            placed_at: app.now() - TimeDelta::days(3),
            placed_by: DevicePlacer::Unknown,
            placed_by_nurse: None,
            review_due: None,
            latest_on: None,
            reviewed_at: None,
            told_for: None,
            removed_at: None,
            removal: None,
            replaced_by: None,
            version: 1,
            created_by: self.cast.scene.coordinator.account,
            created_at: app.now(),
        };
        jiahu::in_write!(app.db, "test_device", |tx| {
            store::device::insert(tx, row.clone()).await
        })
        .expect("a device");
        id.to_string()
    }

    async fn sos(&mut self) -> String {
        let visit = self.visit().await.to_string();
        let alarm = self.cast.nurse.post(&visit, "sos", json!({})).await;
        id_of(&alarm.expect(200))
    }

    async fn exception(&mut self) -> String {
        let (app, scene) = (&self.server.app, &self.cast.scene);
        let row = arrival_exception::Model {
            community_id: scene.town.community,
            id: app.new_id(),
            visit_id: self.visit().await,
            order_id: self.order().await,
            patient_id: self.patient().await.0,
            institution_id: scene.town.centre,
            nurse_id: self.cast.nurse.id,
            kind: ArrivalDoubt::Mock,
            cause: None,
            distance_m: None,
            accuracy_m: None,
            mock: true,
            reason_enc: None,
            at: app.now(),
            proof: None,
            proof_at: None,
            decision: None,
            resolved_by: None,
            resolved_at: None,
            note_enc: None,
            version: 1,
        };
        jiahu::in_write!(app.db, "test_exception", |tx| {
            store::arrival::insert(tx, row.clone()).await
        })
        .expect("an exception");
        row.id.to_string()
    }

    async fn proposal(&mut self) -> String {
        let app = &self.server.app;
        let (patient_id, address_id) = self.patient().await;
        let row = address_proposal::Model {
            community_id: self.cast.scene.town.community,
            id: app.new_id(),
            address_id,
            patient_id,
            visit_id: self.visit().await,
            lng: NEAR.0,
            lat: NEAR.1,
            accuracy_m: Some(10.0),
            distance_m: None,
            state: ProposalState::Open,
            created_at: app.now(),
            decided_by: None,
            decided_at: None,
        };
        jiahu::in_write!(app.db, "test_proposal", |tx| {
            store::address_proposal::insert(tx, row.clone()).await
        })
        .expect("a proposal");
        row.id.to_string()
    }

    /// An act that was refused, as it stands in the work list.
    async fn action(&mut self) -> String {
        use store::sync_action::Sealed;
        let (app, scene) = (&self.server.app, &self.cast.scene);
        let id = app.new_id::<SyncActionId>();
        let row = sync_action::Model {
            community_id: scene.town.community,
            nurse_id: self.cast.nurse.id,
            id,
            account_id: self.cast.nurse.person.account,
            institution_id: scene.town.centre,
            visit_id: self.visit().await,
            order_id: Some(self.order().await),
            patient_id: Some(self.patient().await.0),
            device: "p1".to_owned(),
            counter: Some(1),
            kind: ActKind::Close,
            body_hash: "0".repeat(64),
            body_enc: Sealed::Body.seal(app, id, "{}"),
            device_at: app.now(),
            at: app.now(),
            skew_s: 0,
            received_at: app.now(),
            result: SyncResult::Refused,
            code: Some("order_state_conflict".to_owned()),
            answer_enc: Sealed::Answer.seal(app, id, "null"),
            duplicate_visit_id: None,
            settled_by: None,
            settled_at: None,
            settle_note_enc: None,
            original_id: None,
        };
        jiahu::in_write!(app.db, "test_action", |tx| {
            store::sync_action::put(tx, row.clone()).await
        })
        .expect("an act");
        id.to_string()
    }

    async fn report(&mut self) -> String {
        let mut body = json!({
            "kind": "cauti", "severity": "none", "what": "尿液浑浊",
            "patient_id": self.patient().await.0, "occurred_at": self.server.now() - TimeDelta::hours(1),
        });
        if self.reports == "incidents" {
            body["kind"] = json!("wrong_address");
        }
        let coordinator = &self.cast.scene.coordinator.client;
        let path = format!("/v1/{}", self.reports);
        id_of(&coordinator.post(&path, body).await.expect(201))
    }

    async fn warn(&self, places: &Places) {
        let Scene { coordinator, .. } = &self.cast.scene;
        let path = format!(
            "/v1/patients/{}/addresses/{}/warning",
            places["patient_id"], places["address_id"]
        );
        let set = coordinator
            .client
            .put(&path, json!({"text": "院内有犬"}))
            .await;
        assert!(set.status.is_success(), "{:#}", set.body);
    }

    /// A nurse of the centre who lives too far away to be asked.
    async fn nurse(&mut self) -> NurseId {
        if self.nurse.is_none() {
            let spec = NurseSpec {
                north_m: 90_000.0,
                radius_m: 1_000,
                ..NurseSpec::default()
            };
            let number = self.cast.next();
            self.nurse = Some(self.cast.scene.nurse(self.server, number, spec).await.id);
        }
        self.nurse.expect("made just now")
    }

    async fn certification(&mut self) -> String {
        let nurse = self.nurse().await;
        let row = certification::Entity::find()
            .filter(certification::Column::NurseId.eq(nurse))
            .one(self.server.app.db.reader())
            .await
            .expect("the database answers");
        row.expect("a certificate").id.to_string()
    }

    async fn leave(&mut self) -> String {
        let (app, community) = (&self.server.app, self.cast.scene.town.community);
        let row = nurse_leave::Model {
            community_id: community,
            id: app.new_id(),
            nurse_id: self.nurse().await,
            kind: LeaveKind::Leave,
            starts_at: app.now() + TimeDelta::days(100),
            ends_at: app.now() + TimeDelta::days(101),
            note: None,
        };
        let id = row.id;
        nurse_leave::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(app.db.reader())
            .await
            .expect("a leave");
        id.to_string()
    }

    async fn account(&self) -> String {
        let town = &self.cast.scene.town;
        let phone = format!("1360000{:04}", self.cast.next());
        let person = town.person(self.server, &phone, Role::Doctor, Some(town.centre));
        person.await.account.to_string()
    }

    async fn session(&self) -> String {
        let Scene { town, family, .. } = &self.cast.scene;
        let session = town.session(&self.server.app, family.account).await;
        session.session.to_string()
    }

    /// A version of the rule file that no other community has.
    async fn version(&self) -> String {
        let boss = &self.cast.insider(Role::Supervisor).person.client;
        let path = format!("/v1/rule-sets/{RULES}");
        let first = boss.get(&format!("{path}/1")).await.expect(200);
        let mut file = first["content"].clone();
        file["version"] = json!(2);
        boss.post(&path, file).await.expect(201);
        "2".to_owned()
    }

    async fn keep_apart(&self, places: &Places) {
        let Scene { coordinator, .. } = &self.cast.scene;
        let path = format!(
            "/v1/patients/{}/kept-apart/{}",
            places["patient_id"], places["nurse_id"]
        );
        let why = json!({"refused_by": "patient", "reason": "争执"});
        let kept = coordinator.client.put(&path, why).await;
        assert!(kept.status.is_success(), "{:#}", kept.body);
    }
}
