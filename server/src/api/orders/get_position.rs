//! `GET /v1/orders/{order_id}/position`: where the nurse is, for this order and only on her way and at work.

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::ids::OrderId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::lifecycle::position_visible;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::problem::Code;
use crate::store;
use crate::wire::PlaceOut;

/// The newest position of the nurse.
#[derive(Debug, Serialize, ToSchema)]
pub struct NursePosition {
    /// Where.
    pub place: PlaceOut,
    /// When she was there, by her device's report.
    pub at: DateTime<Utc>,
}

/// Where is the nurse.
///
/// Between departure and leaving only; before, after, and for any other order of hers: `position_not_visible`.
#[utoipa::path(
    get, path = "/v1/orders/{order_id}/position", tag = "orders",
    params(("order_id" = OrderId, Path, description = "An order in scope")),
    responses((status = 200, description = "Her newest position", body = NursePosition))
)]
pub async fn get_position(
    State(app): State<App>,
    may: May<grants::FollowNurse>,
    Id(id): Id<OrderId>,
) -> Result<Json<NursePosition>> {
    let db = app.db.reader();
    let order = store::order::require(db, &may.scope, id).await?;
    if !position_visible(order.state) {
        return Err(Code::PositionNotVisible.into());
    }
    let visit = store::visit::live_of_order(db, may.community, id)
        .await?
        .ok_or(Code::PositionNotVisible)?;
    let last = store::visit::last_position(db, may.community, visit.id)
        .await?
        .ok_or(Code::PositionNotVisible)?;
    let place = PlaceOut::from_columns(Some(last.lng), Some(last.lat), last.accuracy_m);
    Ok(Json(NursePosition {
        place: place.ok_or(Code::PositionNotVisible)?,
        at: last.at,
    }))
}
