//! Nurses, orders and visits as rows: what these tests are about is the patient.

use chrono::TimeDelta;
use entity::enums::{NurseTitle, OrderState, Role, Sex};
use entity::ids::{NurseId, OrderId, VisitId};
use entity::{care_order, nurse, visit};
use jiahu_tests::harness::{Person, TestServer};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::World;

/// A nurse of the health centre with an account.
pub(super) struct Nurse {
    pub(super) id: NurseId,
    pub(super) person: Person,
}

pub(super) async fn nurse(server: &TestServer, world: &World) -> Nurse {
    let centre = world.town.centre;
    let person = world
        .town
        .person(server, "13800000020", Role::Nurse, Some(centre))
        .await;
    let day = |text: &str| text.parse().expect("a date");
    let row = nurse::Model {
        community_id: world.town.community,
        id: server.app.new_id(),
        institution_id: centre,
        account_id: Some(person.account),
        staff_no: "N1".to_owned(),
        name_enc: "v1:none".to_owned(),
        sex: Sex::Female,
        title: NurseTitle::SeniorNurse,
        licence_no: "L1".to_owned(),
        licence_from: day("2020-01-01"),
        licence_to: day("2030-01-01"),
        practice_since: day("2010-01-01"),
        training_passed_on: None,
        health_cert_to: None,
        accident_insurance_no: None,
        accident_insurance_to: None,
        liability_insurance_no: None,
        liability_insurance_to: None,
        active: true,
        base_lng: None,
        base_lat: None,
        service_radius_m: 10_000,
        daily_cap: 6,
        last_lng: None,
        last_lat: None,
        last_accuracy_m: None,
        last_place_at: None,
        version: 1,
        created_at: server.now(),
    };
    let id = row.id;
    nurse::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(server.app.db.reader())
        .await
        .expect("a nurse");
    Nurse { id, person }
}

/// An order of the patient to this address.
pub(super) async fn order(
    server: &TestServer,
    world: &World,
    patient: &str,
    address: &str,
) -> OrderId {
    let patient = patient.rsplit('/').next().expect("an id");
    let now = server.now();
    let row = care_order::Model {
        community_id: world.town.community,
        id: server.app.new_id(),
        number: "A1".to_owned(),
        patient_id: patient.parse().expect("an id"),
        address_id: address.parse().expect("an id"),
        institution_id: world.town.centre,
        booked_by: world.family.account,
        state: OrderState::Open,
        version: 1,
        window_start: now + TimeDelta::hours(5),
        window_end: now + TimeDelta::hours(6),
        duration_min: 30,
        lng: None,
        lat: None,
        catalogue_version: 1,
        price: json!({}),
        total_fen: 0,
        fee_fen: None,
        screening_enc: "v1:none".to_owned(),
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
    let id = row.id;
    care_order::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(server.app.db.reader())
        .await
        .expect("an order");
    id
}

pub(super) async fn set_state(server: &TestServer, order: OrderId, state: OrderState) {
    let db = server.app.db.reader();
    let rows = care_order::Entity::find().all(db).await.expect("rows");
    let row = rows
        .into_iter()
        .find(|row| row.id == order)
        .expect("the order");
    let mut row = row.into_active_model();
    row.state = Set(state);
    row.update(db).await.expect("the order changes");
}

/// The nurse gets the order.
pub(super) async fn begin(
    server: &TestServer,
    world: &World,
    order: OrderId,
    nurse: NurseId,
) -> VisitId {
    let db = server.app.db.reader();
    let orders = care_order::Entity::find().all(db).await.expect("rows");
    let order = orders
        .into_iter()
        .find(|row| row.id == order)
        .expect("the order");
    let row = visit::Model {
        community_id: world.town.community,
        id: server.app.new_id(),
        order_id: order.id,
        patient_id: order.patient_id,
        nurse_id: nurse,
        seat: 1,
        live: true,
        version: 1,
        assigned_by: None,
        accepted_at: server.now(),
        starts_at: order.window_start,
        ends_at: order.window_end,
        busy_from: order.window_start,
        busy_to: order.window_end,
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
        left_lng: None,
        left_lat: None,
        left_accuracy_m: None,
        record_enc: None,
        recorded_at: None,
        closed_at: None,
        released_at: None,
        release_reason_enc: None,
    };
    let id = row.id;
    visit::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(db)
        .await
        .expect("a visit");
    id
}

/// The visit is over.
pub(super) async fn end(server: &TestServer, id: VisitId) {
    let db = server.app.db.reader();
    let rows = visit::Entity::find().all(db).await.expect("rows");
    let row = rows
        .into_iter()
        .find(|row| row.id == id)
        .expect("the visit");
    let mut row = row.into_active_model();
    row.live = Set(false);
    row.update(db).await.expect("the visit changes");
}
