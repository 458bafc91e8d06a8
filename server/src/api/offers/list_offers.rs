//! `GET /v1/offers`: what is offered to me, nearest first.

use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::Sex;
use entity::ids::{InstitutionId, OfferId, OrderId};
use entity::nurse;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::calendar::local_date;
use crate::domain::patient::age_on;
use crate::domain::place::{Point, vague_distance_m, vague_m};
use crate::error::Result;
use crate::extract::{Json, May, grants};
use crate::problem::Code;
use crate::store;
use crate::store::offer::Offered;
use crate::wire::ItemName;

/// A place she reported longer ago says nothing about where she is.
const FRESH: TimeDelta = TimeDelta::minutes(30);

/// An order that the nurse may accept. Who the patient is, she learns when she has it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Offer {
    /// The offer.
    pub id: OfferId,
    /// Its order.
    pub order_id: OrderId,
    /// Number of the order, for talking about it.
    pub order_number: String,
    /// What is to be done.
    pub items: Vec<ItemName>,
    /// Start of the window.
    pub window_start: DateTime<Utc>,
    /// End of the window.
    pub window_end: DateTime<Utc>,
    /// Minutes at the patient's.
    pub duration_min: i32,
    /// Metres in a straight line from where she would set out, rounded up to 500: where the patient lives she learns when she
    /// has the order.
    pub distance_m: i64,
    /// Metres in a straight line from where she reported to be within the last 30 minutes to about where the patient lives,
    /// rounded up to 500.
    pub distance_from_you_m: Option<i64>,
    /// The institution that provides.
    pub institution_id: InstitutionId,
    /// Sex of the patient.
    pub patient_sex: Sex,
    /// Age of the patient in full years.
    pub patient_age: u32,
    /// Made at.
    pub created_at: DateTime<Utc>,
}

/// Open offers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Offers {
    /// Nearest first.
    pub items: Vec<Offer>,
}

/// Offers to me.
#[utoipa::path(
    get, path = "/v1/offers", tag = "offers",
    responses((status = 200, description = "Open offers, nearest first", body = Offers))
)]
pub async fn list_offers(
    State(app): State<App>,
    may: May<grants::DoVisits>,
) -> Result<Json<Offers>> {
    let nurse = may.nurse.ok_or(Code::NoNurseProfile)?;
    let db = app.db.reader();
    let offered = store::offer::open_of_nurse(db, may.community, nurse).await?;
    let me = store::offer::nurse(db, may.community, nurse)
        .await?
        .ok_or(Code::NoNurseProfile)?;
    let here = fresh_place(&me, app.now());
    let mut items = Vec::with_capacity(offered.len());
    for row in offered {
        items.push(offer(&app, row, here).await?);
    }
    items.sort_by_key(|offer: &Offer| {
        (
            offer.distance_from_you_m.unwrap_or(offer.distance_m),
            offer.id,
        )
    });
    Ok(Json(Offers { items }))
}

fn fresh_place(nurse: &nurse::Model, now: DateTime<Utc>) -> Option<Point> {
    nurse.last_place_at.filter(|at| now - *at <= FRESH)?;
    Point::new(nurse.last_lng?, nurse.last_lat?).ok()
}

/// The catalogue comes from memory, so this reads nothing.
async fn offer(app: &App, row: Offered, here: Option<Point>) -> Result<Offer> {
    let order = row.order;
    let catalogue = crate::rules::catalogue(
        app.db.reader(),
        app,
        order.community_id,
        order.catalogue_version,
    )
    .await?;
    let there = order
        .lng
        .zip(order.lat)
        .and_then(|(lng, lat)| Point::new(lng, lat).ok());
    Ok(Offer {
        id: row.offer.id,
        order_id: order.id,
        order_number: order.number,
        items: row
            .items
            .iter()
            .map(|code| ItemName::of(&catalogue, code))
            .collect(),
        window_start: order.window_start,
        window_end: order.window_end,
        duration_min: order.duration_min,
        distance_m: vague_m(row.offer.distance_m),
        distance_from_you_m: here
            .zip(there)
            .map(|(here, there)| vague_distance_m(here, there)),
        institution_id: order.institution_id,
        patient_sex: row.patient_sex,
        patient_age: age_on(row.patient_birth_date, local_date(app.now())).into(),
        created_at: row.offer.created_at,
    })
}
