//! `GET /v1/alerts/{alert_id}/order-draft`: the order that an alert may become.

use axum::extract::State;
use entity::ids::{AddressId, AlertId, NurseId, PatientId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::code::ItemCode;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::rules::RuleBook;
use crate::store;

/// What to send to `POST /v1/orders`, together with a window and the answers of the screening.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderDraft {
    /// The patient.
    pub patient_id: PatientId,
    /// The newest address of the patient; null: there is none yet.
    pub address_id: Option<AddressId>,
    /// Items that the red flag suggests; may be empty, and may be changed.
    pub items: Vec<ItemCode>,
    /// The nurse who came last.
    pub preferred_nurse_id: Option<NurseId>,
}

/// The order that an alert may become.
///
/// Nothing is booked by it: book with `POST /v1/orders`, then close the alert with the order.
#[utoipa::path(
    get, path = "/v1/alerts/{alert_id}/order-draft", tag = "alerts",
    params(("alert_id" = AlertId, Path, description = "An alert in scope")),
    responses((status = 200, description = "What to book", body = OrderDraft))
)]
pub async fn get_order_draft(
    State(app): State<App>,
    may: May<grants::SeeAlerts>,
    Id(id): Id<AlertId>,
) -> Result<Json<OrderDraft>> {
    let db = app.db.reader();
    let row = store::alert::require(db, &may.scope, id).await?;
    let book = RuleBook::current(db, &app, may.community).await?;
    let flag = row
        .rule
        .as_deref()
        .and_then(|rule| book.red_flags.rule(rule));
    let mut items: Vec<ItemCode> = Vec::new();
    for item in flag
        .iter()
        .flat_map(|flag| &flag.levels)
        .flat_map(|level| &level.items)
    {
        // A catalogue that does not have an item any more does not get it suggested.
        if book.catalogue.item(item.as_str()).is_some() && !items.contains(item) {
            items.push(item.clone());
        }
    }
    let (community, patient) = (may.community, row.patient_id);
    let addresses = store::address::of_patient(db, community, patient).await?;
    Ok(Json(OrderDraft {
        patient_id: patient,
        address_id: addresses.iter().map(|address| address.id).max(),
        items,
        preferred_nurse_id: store::device::responsible_nurse(db, community, patient).await?,
    }))
}
