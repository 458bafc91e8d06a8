//! `GET /v1/orders`: orders within the caller's sight.

use axum::extract::State;
use entity::care_order;
use entity::enums::{ChargeState, OrderState};
use entity::ids::{InstitutionId, OrderId, PatientId};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::IntoParams;

use super::view::{self, Around};
use super::wire::{OrderPage, OrderSummary};
use crate::app::App;
use crate::domain::dispatch::OrderNeed;
use crate::error::{Error, Result};
use crate::extract::{Json, May, Query, grants};
use crate::rules;
use crate::store;
use crate::store::order::OrderFilter;
use crate::wire::{Cursor, Moment, Page};

/// Which orders.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OrderQuery {
    /// Only in this state.
    pub state: Option<OrderState>,
    /// Only those charged like this; `under_review`: those that somebody has to decide on.
    pub charge: Option<ChargeState>,
    /// Only those that need a person now, for this reason or for any.
    #[param(inline)]
    pub needs: Option<OrderNeed>,
    /// Only of this patient.
    pub patient_id: Option<PatientId>,
    /// Only those this institution provides.
    pub institution_id: Option<InstitutionId>,
    /// Only those whose window ends after this time.
    pub from: Option<Moment>,
    /// Only those whose window begins before this time.
    pub to: Option<Moment>,
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
    /// Items wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// List orders, newest first.
///
/// Families see those of the patients they care for, nurses those they have or had a visit for, staff those that
/// their institutions provide. Names of patients are masked.
#[utoipa::path(
    get, path = "/v1/orders", tag = "orders",
    responses((status = 200, description = "A page of orders", body = Page<OrderSummary>))
)]
pub async fn list_orders(
    State(app): State<App>,
    may: May<grants::SeeOrders>,
    Query(query): Query<OrderQuery>,
) -> Result<Json<OrderPage>> {
    let cursor = Cursor::new(query.cursor.as_deref(), query.limit)?;
    let wanted = OrderFilter {
        state: query.state,
        charge: query.charge,
        needs: query.needs,
        patient: query.patient_id,
        institution: query.institution_id,
        from: query.from.map(Into::into),
        to: query.to.map(Into::into),
    };
    let db = app.db.reader();
    let (before, limit) = (cursor.before, cursor.read());
    let rows = store::order::list(db, &may.scope, &wanted, before, limit).await?;
    let page = cursor.page(rows, |row| row.id.0, |row| row);
    let mut shown = summaries(&app, &page.items).await?;
    let page = page.try_map(|row| {
        let found = shown.remove(&row.id);
        found.ok_or_else(|| Error::internal("an order was lost on the way to its list"))
    })?;
    Ok(Json(page))
}

/// What lists say of orders: the same statements however many there are.
async fn summaries(
    app: &App,
    rows: &[care_order::Model],
) -> Result<BTreeMap<OrderId, OrderSummary>> {
    let Some(first) = rows.first() else {
        return Ok(BTreeMap::new());
    };
    let (db, community) = (app.db.reader(), first.community_id);
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let items = store::order::items_of(db, community, &ids).await?;
    let patients: BTreeSet<_> = rows.iter().map(|row| row.patient_id).collect();
    let patients = store::order::patients_of(db, community, patients).await?;
    let visits = store::order::visits_of(db, app, community, &ids).await?;
    let charges = store::charge::of_orders(db, community, ids).await?;
    let mut shown = BTreeMap::new();
    for row in rows {
        let catalogue = rules::catalogue(db, app, community, row.catalogue_version).await?;
        let around = Around {
            patient: patients.get(&row.patient_id).ok_or_else(view::no_patient)?,
            items: view::codes(items.get(&row.id).map_or(&[], Vec::as_slice)),
            visit: visits.get(&row.id),
            missing: Vec::new(),
            charge: charges.get(&row.id),
        };
        shown.insert(row.id, view::summary(app, row, &catalogue, &around)?);
    }
    Ok(shown)
}
