//! Real things for the places of paths: all of them belong to the insiders of the cast.

use chrono::TimeDelta;
use entity::enums::{LeaveKind, Role};
use entity::ids::{AddressId, NurseId, OrderId, PatientId};
use entity::{carer, certification, nurse_leave};
use jiahu_tests::harness::spec::Operation;
use jiahu_tests::harness::{CENTRE, NurseSpec, Scene, TestServer, new_patient};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

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
    let mut places = Places::new();
    for parameter in operation.parameters("path") {
        let name = parameter["name"].as_str().expect("a name");
        let value = maker.make(name).await.ok_or_else(|| name.to_owned())?;
        places.insert(name.to_owned(), value);
    }
    if operation.path.contains("/kept-apart/") {
        maker.keep_apart(&places).await;
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
    ] {
        places.extend(maker.make(name).await.map(|id| (name.to_owned(), id)));
    }
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
    assert_eq!(places.len(), 13);
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
    ["item_code", "code", "kind", "version"].contains(&name)
}

/// At the door of the health centre, which therefore gets the orders.
const NEAR: (f64, f64) = (CENTRE.0 + 0.05, CENTRE.1);

/// Makes things; those of one maker hang together.
struct Maker<'a> {
    server: &'a TestServer,
    cast: &'a Cast,
    patient: Option<(PatientId, AddressId)>,
    order: Option<OrderId>,
    nurse: Option<NurseId>,
}

impl<'a> Maker<'a> {
    fn new(server: &'a TestServer, cast: &'a Cast) -> Self {
        Self {
            server,
            cast,
            patient: None,
            order: None,
            nurse: None,
        }
    }

    async fn make(&mut self, name: &str) -> Option<String> {
        let id = match name {
            "patient_id" => self.patient().await.0.to_string(),
            "address_id" => self.patient().await.1.to_string(),
            "carer_id" => self.carer().await,
            "order_id" => self.order().await.to_string(),
            "offer_id" => self.offer().await,
            "visit_id" => self.visit().await,
            "nurse_id" => self.nurse().await.to_string(),
            "certification_id" => self.certification().await,
            "leave_id" => self.leave().await,
            "institution_id" => self.cast.scene.town.centre.to_string(),
            "account_id" => self.account().await,
            "session_id" => self.session().await,
            // Nobody books it here, so it does no harm when an institution closes it.
            "item_code" | "code" => "UC_CHG".to_owned(),
            "kind" => RULES.to_owned(),
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

    async fn visit(&mut self) -> String {
        let order = self.order().await;
        let Cast { scene, nurse, .. } = self.cast;
        scene.accepted_visit(self.server, nurse, order).await
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
