//! Real things for the places of paths: all of them belong to the insiders of the cast.

use std::sync::atomic::Ordering;

use chrono::TimeDelta;
use entity::enums::LeaveKind;
use entity::ids::{AddressId, OrderId, PatientId};
use entity::{carer, certification, nurse_leave};
use jiahu_tests::harness::spec::Operation;
use jiahu_tests::harness::{CENTRE, Scene, TestServer, new_patient};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::cast::Cast;
use super::sample::Places;

/// Things for every place in an operation's path, made anew. `Err` names a place of which nothing is known here.
pub(super) async fn real(
    server: &TestServer,
    cast: &Cast,
    operation: &Operation,
) -> Result<Places, String> {
    let mut maker = Maker {
        server,
        cast,
        patient: None,
        order: None,
    };
    let mut places = Places::new();
    for parameter in operation.parameters("path") {
        let name = parameter["name"].as_str().expect("a name");
        let value = maker.make(name).await.ok_or_else(|| name.to_owned())?;
        places.insert(name.to_owned(), value);
    }
    Ok(places)
}

/// Makes things; those of one operation hang together.
struct Maker<'a> {
    server: &'a TestServer,
    cast: &'a Cast,
    patient: Option<(PatientId, AddressId)>,
    order: Option<OrderId>,
}

impl Maker<'_> {
    async fn make(&mut self, name: &str) -> Option<String> {
        let town = &self.cast.scene.town;
        let id = match name {
            "patient_id" => self.patient().await.0.to_string(),
            "address_id" => self.patient().await.1.to_string(),
            "carer_id" => self.carer().await,
            "order_id" => self.order().await.to_string(),
            "offer_id" => self.offer().await,
            "visit_id" => self.visit().await,
            "nurse_id" => self.cast.nurse.id.to_string(),
            "certification_id" => self.certification().await,
            "leave_id" => self.leave().await,
            "institution_id" => town.centre.to_string(),
            "account_id" => self.cast.scene.coordinator.account.to_string(),
            "session_id" => self.session().await,
            // What the catalogue and the rules of the community name.
            "item_code" | "code" => "UC_CHG".to_owned(),
            "kind" => "catalogue".to_owned(),
            "version" => "1".to_owned(),
            _ => return None,
        };
        Some(id)
    }

    async fn patient(&mut self) -> (PatientId, AddressId) {
        let Scene { town, family, .. } = &self.cast.scene;
        if self.patient.is_none() {
            self.patient = Some(new_patient(self.server, town, family, Some(CENTRE)).await);
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
        let patient = self.patient().await;
        // Well apart, so that the nurse has time for each.
        let number = self.cast.orders.fetch_add(1, Ordering::Relaxed);
        let start = self.server.now() + TimeDelta::hours(6) * (number + 1);
        let scene = &self.cast.scene;
        let order = scene.order_of(self.server, patient, "UC_CHG", start, Some(CENTRE));
        let order = order.await;
        self.order = Some(order);
        order
    }

    async fn offer(&mut self) -> String {
        let order = self.order().await;
        self.server.run_jobs().await;
        let offers = self
            .cast
            .nurse
            .person
            .client
            .get("/v1/offers")
            .await
            .expect(200);
        let offers = offers["items"].as_array().expect("a list");
        let offer = offers
            .iter()
            .find(|offer| offer["order_id"] == order.to_string());
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

    async fn certification(&self) -> String {
        let row = certification::Entity::find()
            .filter(certification::Column::NurseId.eq(self.cast.nurse.id))
            .one(self.server.app.db.reader())
            .await
            .expect("the database answers");
        row.expect("a certificate").id.to_string()
    }

    async fn leave(&self) -> String {
        let (app, scene) = (&self.server.app, &self.cast.scene);
        let row = nurse_leave::Model {
            community_id: scene.town.community,
            id: app.new_id(),
            nurse_id: self.cast.nurse.id,
            kind: LeaveKind::Leave,
            starts_at: app.now() + TimeDelta::days(900),
            ends_at: app.now() + TimeDelta::days(901),
            note: None,
        };
        let id = row.id;
        nurse_leave::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(app.db.reader())
            .await
            .expect("a leave");
        id.to_string()
    }

    async fn session(&self) -> String {
        let Scene { town, family, .. } = &self.cast.scene;
        let session = town.session(&self.server.app, family.account).await;
        session.session.to_string()
    }
}
