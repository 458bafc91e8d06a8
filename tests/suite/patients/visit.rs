//! Orders and visits as rows: what these tests are about is the patient.

use chrono::TimeDelta;
use entity::enums::OrderState;
use entity::ids::{NurseId, OrderId, VisitId};
use entity::{care_order, visit};
use jiahu_tests::harness::{Fixtures, SceneNurse, TestServer};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::World;

/// A nurse of the health centre with an account.
pub(super) async fn nurse(server: &TestServer, world: &World) -> SceneNurse {
    let fixtures = Fixtures::new(server, &world.town);
    fixtures.nurse("13800000020", world.town.centre, &[]).await
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
        persons: 1,
        gates: serde_json::json!({}),
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
        review_reason_enc: None,
        address_text_enc: None,
        address_landmark_enc: None,
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
    let fixtures = Fixtures::new(server, &world.town);
    fixtures.visit(order, nurse).await
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
