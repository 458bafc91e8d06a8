//! `GET /v1/institutions/{institution_id}/items`: every item of the catalogue, open or closed at an institution.

use std::collections::BTreeMap;

use axum::extract::State;
use entity::ids::InstitutionId;
use serde::Serialize;
use utoipa::ToSchema;

use super::InstitutionItem;
use crate::app::App;
use crate::domain::catalogue::Item;
use crate::domain::screening::check_bookable;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::problem::Code;
use crate::rules::RuleBook;
use crate::store;

/// The items at an institution. As many as the catalogue has, so there are no pages.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstitutionItems {
    /// In the order of the catalogue.
    pub items: Vec<InstitutionItem>,
}

/// List the items of an institution.
#[utoipa::path(
    get, path = "/v1/institutions/{institution_id}/items", tag = "institutions",
    params(("institution_id" = InstitutionId, Path, description = "An institution of the community")),
    responses((status = 200, description = "Every item of the catalogue", body = InstitutionItems))
)]
pub async fn list_institution_items(
    State(app): State<App>,
    may: May<grants::BeLoggedIn>,
    Id(id): Id<InstitutionId>,
) -> Result<Json<InstitutionItems>> {
    let db = app.db.reader();
    store::institution::get(db, may.community, id)
        .await?
        .ok_or(Code::NotFound)?;
    let rules = RuleBook::current(db, &app, may.community).await?;
    let decisions: BTreeMap<String, bool> =
        store::institution::open_items(db, may.community, &[id])
            .await?
            .into_iter()
            .map(|row| (row.item_code, row.open))
            .collect();
    let items = rules.catalogue.items.iter();
    let items = items.map(|item| item_at(item, decisions.get(item.code.as_str()).copied()));
    Ok(Json(InstitutionItems {
        items: items.collect(),
    }))
}

/// An item with what an institution has decided about it.
pub(super) fn item_at(item: &Item, decided: Option<bool>) -> InstitutionItem {
    InstitutionItem {
        item_code: item.code.to_string(),
        name_zh: item.name.zh.clone(),
        name_en: item.name.en.clone(),
        open: check_bookable(item, decided).is_ok(),
        decided,
    }
}
