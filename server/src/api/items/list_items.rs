//! `GET /v1/items`: what can be booked.

use axum::extract::State;
use entity::ids::InstitutionId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ServiceItem;
use crate::app::App;
use crate::domain::catalogue::{CertificateKind, ConditionDef, ItemGroup};
use crate::error::Result;
use crate::extract::{Json, May, Query, grants};
use crate::problem::Code;
use crate::rules::RuleBook;
use crate::store;

/// Whose items.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ItemQuery {
    /// Say of each item whether this institution offers it, not whether any does.
    pub institution_id: Option<InstitutionId>,
}

/// The catalogue that holds today.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceCatalogue {
    /// Version of the catalogue.
    pub catalogue_version: u32,
    /// Version of the price rules.
    pub price_version: u32,
    /// Headings, in the order shown.
    pub groups: Vec<ItemGroup>,
    /// Items, in the order shown.
    pub items: Vec<ServiceItem>,
    /// Conditions that can be on a patient's record.
    pub conditions: Vec<ConditionDef>,
    /// Kinds of certificates a nurse can hold.
    pub certificate_kinds: Vec<CertificateKind>,
}

/// What can be booked, at which price.
///
/// The whole catalogue in one answer: it is a few dozen items and changes with its version only.
#[utoipa::path(
    get, path = "/v1/items", tag = "items",
    responses((status = 200, description = "The catalogue that holds today", body = ServiceCatalogue))
)]
pub async fn list_items(
    State(app): State<App>,
    may: May<grants::BeLoggedIn>,
    Query(query): Query<ItemQuery>,
) -> Result<Json<ServiceCatalogue>> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    let mut providers = store::institution::providers(app.db.reader(), may.community, None).await?;
    if let Some(wanted) = query.institution_id {
        providers.retain(|provider| provider.id == wanted);
        if providers.is_empty() {
            return Err(Code::NotFound.into());
        }
    }
    let catalogue = &book.catalogue;
    let items = catalogue
        .items
        .iter()
        .map(|item| ServiceItem::of(item, &book, &providers));
    Ok(Json(ServiceCatalogue {
        catalogue_version: catalogue.version,
        price_version: book.prices.version,
        groups: catalogue.groups.clone(),
        items: items.collect(),
        conditions: catalogue.conditions.clone(),
        certificate_kinds: catalogue.certificate_kinds.clone(),
    }))
}
