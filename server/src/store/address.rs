//! Where a patient can be visited. A removed address stays on record for the orders that used it.

use entity::address::{Column, Entity, Model};
use entity::enums::OrderState;
use entity::ids::{AddressId, CommunityId, PatientId};
use entity::{care_order, community};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder,
};

use super::order::Sealed;
use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::address_change::same_place;
use crate::domain::lifecycle;
use crate::domain::place::{Point, SourcePlace};
use crate::error::{Error, Result};
use crate::problem::Code;

/// Table name, for sealed fields.
const TABLE: &str = "address";

/// A new address, not yet stored.
#[derive(Debug)]
pub struct NewAddress<'a> {
    /// Tenant.
    pub community: CommunityId,
    /// The patient.
    pub patient: PatientId,
    /// Village, street, house.
    pub text: &'a str,
    /// What to look for on the way.
    pub landmark: Option<&'a str>,
    /// Statistical code of the township or village.
    pub township_code: Option<&'a str>,
    /// The place, when known, and whether a far one was confirmed.
    pub place: Option<(SourcePlace, bool)>,
    /// Radius of the fence in metres.
    pub fence_radius_m: u32,
}

/// Stores an address.
pub async fn insert(tx: &Tx, app: &App, new: NewAddress<'_>) -> Result<Model> {
    let mut row = Model {
        community_id: new.community,
        id: app.new_id::<AddressId>(),
        patient_id: new.patient,
        text_enc: String::new(),
        landmark_enc: None,
        township_code: new.township_code.map(str::to_owned),
        lng: None,
        lat: None,
        source_crs: None,
        source_lng: None,
        source_lat: None,
        accuracy_m: None,
        fence_radius_m: i64::from(new.fence_radius_m),
        far_confirmed: false,
        version: 1,
        created_at: app.now(),
        removed_at: None,
    };
    set_text(app, &mut row, new.text);
    set_landmark(app, &mut row, new.landmark);
    set_place(&mut row, new.place);
    Entity::insert(row.clone().into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await?;
    Ok(row)
}

/// Writes every column of an address whose version is still the one read; raises the version.
pub async fn update(tx: &Tx, row: Model) -> Result<Model> {
    let updated = sql::update_read_version!(tx, row)?;
    updated.ok_or_else(|| Code::PreconditionFailed.into())
}

/// An address of a patient that was not removed.
pub async fn get(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    id: AddressId,
) -> Result<Model> {
    let found = find(db, community, patient, id).await?;
    found.ok_or_else(|| Code::NotFound.into())
}

/// The same, when there is one.
pub async fn find(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    id: AddressId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
        .filter(Column::Id.eq(id))
        .filter(Column::RemovedAt.is_null())
        .one(db)
        .await?)
}

/// The address of an order, also when it was removed since.
pub async fn of_order(db: &impl ConnectionTrait, order: &care_order::Model) -> Result<Model> {
    Entity::find_by_id((order.community_id, order.address_id))
        .one(db)
        .await?
        .ok_or_else(|| Error::internal("an order has no address"))
}

/// How the address of an order reads, with its landmark: as it was when the order ended, else as it is now.
pub fn words(
    app: &App,
    order: &care_order::Model,
    row: &Model,
) -> Result<(String, Option<String>)> {
    match Sealed::AddressText.open(app, order)? {
        Some(text) => Ok((text, Sealed::AddressLandmark.open(app, order)?)),
        None => Ok((text(app, row)?, landmark(app, row)?)),
    }
}

/// Accuracy of the point that an order goes to in metres; none when the address has another point by now.
pub fn accuracy_m(order: &care_order::Model, row: &Model) -> Option<f64> {
    let goes_to = point_of(order.lng, order.lat).ok()?;
    let lies_at = point(row).ok()?;
    row.accuracy_m.filter(|_| same_place(goes_to, lies_at))
}

/// The place of an address, when it is known.
pub fn point(row: &Model) -> Result<Option<Point>> {
    point_of(row.lng, row.lat)
}

fn point_of(lng: Option<f64>, lat: Option<f64>) -> Result<Option<Point>> {
    let place = lng.zip(lat);
    place
        .map(|(lng, lat)| Point::new(lng, lat).map_err(Error::internal))
        .transpose()
}

/// Addresses of a patient that were not removed, oldest first.
pub async fn of_patient(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
        .filter(Column::RemovedAt.is_null())
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// True when an order that is not finished goes there.
pub async fn in_use(db: &impl ConnectionTrait, address: &Model) -> Result<bool> {
    let unfinished = OrderState::ALL
        .iter()
        .filter(|state| !lifecycle::is_final(**state));
    let orders = care_order::Entity::find()
        .filter(care_order::Column::CommunityId.eq(address.community_id))
        .filter(care_order::Column::PatientId.eq(address.patient_id))
        .filter(care_order::Column::AddressId.eq(address.id))
        .filter(care_order::Column::State.is_in(unfinished.copied()))
        .count(db)
        .await?;
    Ok(orders > 0)
}

/// The point that an address is held against.
pub async fn centre(db: &impl ConnectionTrait, community: CommunityId) -> Result<Point> {
    let row = community::Entity::find_by_id(community)
        .one(db)
        .await?
        .ok_or_else(|| Error::internal("the caller's community is gone"))?;
    Point::new(row.lng, row.lat).map_err(Error::internal)
}

/// Village, street, house.
pub fn text(app: &App, row: &Model) -> Result<String> {
    app.cipher
        .open(place(row.id, "text_enc"), &row.text_enc)
        .map_err(Error::internal)
}

/// What to look for on the way.
pub fn landmark(app: &App, row: &Model) -> Result<Option<String>> {
    let Some(sealed) = &row.landmark_enc else {
        return Ok(None);
    };
    app.cipher
        .open(place(row.id, "landmark_enc"), sealed)
        .map(Some)
        .map_err(Error::internal)
}

/// Seals another text.
pub fn set_text(app: &App, row: &mut Model, text: &str) {
    row.text_enc = app.cipher.seal(place(row.id, "text_enc"), text);
}

/// Seals another landmark, or drops it.
pub fn set_landmark(app: &App, row: &mut Model, landmark: Option<&str>) {
    let place = place(row.id, "landmark_enc");
    row.landmark_enc = landmark.map(|text| app.cipher.seal(place, text));
}

/// Takes another place with what was sent, or none.
pub fn set_place(row: &mut Model, place: Option<(SourcePlace, bool)>) {
    let source = place.map(|(source, _)| source);
    row.lng = source.map(|source| source.point.lng());
    row.lat = source.map(|source| source.point.lat());
    row.source_crs = source.map(|source| source.crs);
    row.source_lng = source.map(|source| source.src_lng);
    row.source_lat = source.map(|source| source.src_lat);
    row.accuracy_m = source.and_then(|source| source.accuracy_m);
    row.far_confirmed = place.is_some_and(|(_, far)| far);
}

fn place(id: AddressId, column: &'static str) -> FieldPlace {
    FieldPlace {
        table: TABLE,
        column,
        row: id.0,
    }
}
