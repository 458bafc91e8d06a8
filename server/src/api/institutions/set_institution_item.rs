//! `PUT /v1/institutions/{institution_id}/items/{item_code}`: open or close an item.

use axum::extract::State;
use entity::ids::InstitutionId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::list_institution_items::item_at;
use super::{InstitutionItem, record};
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::screening::check_bookable;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::{in_write, store};

/// Whether an item is offered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemOpening {
    /// True: offered from now on. False: no new orders; those booked stay.
    pub open: bool,
}

/// Open or close an item.
///
/// What stands on the county's negative list cannot be opened.
#[utoipa::path(
    put, path = "/v1/institutions/{institution_id}/items/{item_code}", tag = "institutions",
    request_body = ItemOpening,
    params(
        ("institution_id" = InstitutionId, Path, description = "An institution within the caller's scope"),
        ("item_code" = String, Path, description = "Code of an item of the catalogue"),
    ),
    responses((status = 200, description = "As it stands now", body = InstitutionItem))
)]
pub async fn set_institution_item(
    State(app): State<App>,
    may: May<grants::ManageInstitutions>,
    Id((id, item_code)): Id<(InstitutionId, String)>,
    Json(ItemOpening { open }): Json<ItemOpening>,
) -> Result<Json<InstitutionItem>> {
    if !may.scope.reaches(id) {
        return Err(Code::NotFound.into());
    }
    let rules = RuleBook::current(app.db.reader(), &app, may.community).await?;
    let item = rules.catalogue.item(&item_code).ok_or_else(|| {
        // Whatever stands in the address comes back shortened.
        let shown: String = item_code.chars().take(32).collect();
        Problem::new(Code::ItemUnknown).with("item", shown)
    })?;
    if open && let Err(error) = check_bookable(item, Some(true)) {
        let code = Code::parse(error.code()).unwrap_or(Code::ItemClosed);
        return Err(Problem::new(code).with("item", &item_code).into());
    }
    in_write!(app.db, "set_institution_item", |tx| {
        let (community, by) = (may.community, may.account);
        if store::institution::set_item(tx, &app, community, id, &item_code, open, by).await? {
            let payload = json!({ "item": item_code, "open": open });
            record(
                tx,
                &app,
                EventKind::ItemOpened,
                (community, id),
                by,
                payload,
            )
            .await?;
        }
        Ok(())
    })?;
    Ok(Json(item_at(item, Some(open))))
}
