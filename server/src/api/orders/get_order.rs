//! `GET /v1/orders/{order_id}`: one order with what is personal.

use axum::extract::State;
use entity::ids::OrderId;

use super::view::{self, OrderRules};
use super::wire::Order;
use crate::app::App;
use crate::error::Result;
use crate::extract::{ETag, Id, Json, May, grants};
use crate::{in_write, store};

/// Read an order.
///
/// The answer carries the patient's name, address and answers whole; each call is recorded as a read of them.
#[utoipa::path(
    get, path = "/v1/orders/{order_id}", tag = "orders",
    params(("order_id" = OrderId, Path, description = "An order within the caller's sight")),
    responses((
        status = 200, description = "The order", body = Order,
        headers(("ETag" = String, description = "Its version"))
    ))
)]
pub async fn get_order(
    State(app): State<App>,
    may: May<grants::SeeOrders>,
    Id(id): Id<OrderId>,
) -> Result<(ETag, Json<Order>)> {
    let db = app.db.reader();
    let row = store::order::require(db, &may.scope, id).await?;
    let rules = OrderRules::of(db, &app, &row).await?;
    let read = view::read(db, &app, &row, &rules).await?;
    let (mut order, patient) = (read.shown, read.patient);
    order.detail = Some(view::detail(db, &app, &row, &patient, read.charge.as_ref()).await?);
    in_write!(app.db, "get_order", |tx| {
        let (community, account) = (may.community, may.account);
        store::patient_read::record(tx, &app, community, patient.id, account, "get_order").await
    })?;
    Ok((ETag(row.version), Json(order)))
}
