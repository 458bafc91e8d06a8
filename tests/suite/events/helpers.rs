//! Events written straight into the trail: what is under test is who hears of them.

use entity::enums::{Role, Sex, SubjectKind};
use entity::ids::{AccountId, InstitutionId, NurseId, OrderId, PatientId};
use jiahu::domain::event::EventKind;
use jiahu::store;
use jiahu::store::event::NewEvent;
use jiahu_tests::harness::{Fixtures, PatientTraits, Person, TestServer, Town};
use serde_json::Value;

/// A patient of an institution, cared for by an account.
pub(super) async fn patient(
    server: &TestServer,
    town: &Town,
    institution: InstitutionId,
    carer: &Person,
) -> PatientId {
    let traits = PatientTraits {
        name: "张大妈",
        sex: Sex::Female,
        born: "1941-05-06",
        institution,
    };
    let id = Fixtures::new(server, town)
        .patient_with(carer, traits)
        .await;
    care_for(server, town, id, carer.account).await;
    id
}

/// Makes an account a carer of a patient.
pub(super) async fn care_for(
    server: &TestServer,
    town: &Town,
    patient: PatientId,
    account: AccountId,
) {
    let fixtures = Fixtures::new(server, town);
    fixtures.carer(patient, account, true).await;
}

/// A nurse of the centre with an account.
pub(super) async fn nurse(server: &TestServer, town: &Town, phone: &str) -> (Person, NurseId) {
    let fixtures = Fixtures::new(server, town);
    let nurse = fixtures.nurse(phone, town.centre, &[]).await;
    (nurse.person, nurse.id)
}

/// An order that events are about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    pub(super) id: OrderId,
    pub(super) patient: PatientId,
    pub(super) institution: InstitutionId,
    pub(super) nurse: Option<NurseId>,
}

impl Order {
    /// An order of a patient, without a nurse.
    pub(super) fn of(server: &TestServer, patient: PatientId, institution: InstitutionId) -> Self {
        Self {
            id: server.app.new_id(),
            patient,
            institution,
            nurse: None,
        }
    }

    /// Lets something happen to it.
    pub(super) async fn happens(self, server: &TestServer, town: &Town, kind: EventKind) {
        let app = &server.app;
        jiahu::in_write!(app.db, "test_event", |tx| {
            store::event::append(tx, app, town.community, self.event(kind)).await
        })
        .expect("an event");
    }

    /// What happens to it.
    pub(super) fn event(self, kind: EventKind) -> NewEvent {
        let event = NewEvent::new(kind, SubjectKind::Order, self.id.0, None)
            .institution(self.institution)
            .patient(self.patient);
        match self.nurse {
            Some(nurse) => event.nurse(nurse),
            None => event,
        }
    }

    /// True when an event is about it.
    pub(super) fn is_subject(self, event: &Value) -> bool {
        event["order_id"] == self.id.to_string() && event["subject"]["id"] == self.id.to_string()
    }
}

/// Lets something happen to an account.
pub(super) async fn account_event(
    server: &TestServer,
    town: &Town,
    account: AccountId,
    kind: EventKind,
) {
    let app = &server.app;
    let event = NewEvent::new(kind, SubjectKind::Account, account.0, None);
    jiahu::in_write!(app.db, "test_event", |tx| {
        store::event::append(tx, app, town.community, event.clone()).await
    })
    .expect("an event");
}

/// A town with two families of one patient each at the centre, and a coordinator there.
pub(super) struct Scene {
    pub(super) town: Town,
    pub(super) family: Person,
    pub(super) stranger: Person,
    pub(super) coordinator: Person,
    pub(super) order: Order,
    pub(super) other_order: Order,
}

impl Scene {
    pub(super) async fn build(server: &TestServer) -> Self {
        let town = Town::build(server, "130431").await;
        let family = town.person(server, "13800000001", Role::Family, None).await;
        let stranger = town.person(server, "13800000002", Role::Family, None).await;
        let coordinator = town
            .person(server, "13800000003", Role::Coordinator, Some(town.centre))
            .await;
        let mine = patient(server, &town, town.centre, &family).await;
        let theirs = patient(server, &town, town.centre, &stranger).await;
        let order = Order::of(server, mine, town.centre);
        let other_order = Order::of(server, theirs, town.centre);
        Self {
            town,
            family,
            stranger,
            coordinator,
            order,
            other_order,
        }
    }

    /// Lets things happen to the first family's order.
    pub(super) async fn happen(&self, server: &TestServer, kinds: &[EventKind]) {
        for kind in kinds {
            self.order.happens(server, &self.town, *kind).await;
        }
    }
}
