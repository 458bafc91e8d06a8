//! `GET /v1/accounts`: the accounts of the community, masked.

use axum::extract::State;
use entity::enums::{AccountStatus, Role};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Account;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, May, Query, grants};
use crate::store;
use crate::wire::{Cursor, Page};

/// Which accounts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccountFilter {
    /// In this state only.
    #[param(inline)]
    pub status: Option<AccountStatus>,
    /// With this role only.
    #[param(inline)]
    pub role: Option<Role>,
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
    /// Items wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// List accounts.
#[utoipa::path(
    get, path = "/v1/accounts", tag = "accounts",
    responses((status = 200, description = "Newest first", body = Page<Account>))
)]
pub async fn list_accounts(
    State(app): State<App>,
    may: May<grants::ManageAccounts>,
    Query(filter): Query<AccountFilter>,
) -> Result<Json<Page<Account>>> {
    let (db, community) = (app.db.reader(), may.community);
    let cursor = Cursor::new(filter.cursor.as_deref(), filter.limit)?;
    let rows = store::account::page(db, community, filter.status, filter.role, &cursor).await?;
    let page = cursor.page(rows, |row| row.id.0, |row| row);
    let ids = page.items.iter().map(|row| row.id);
    let grants = store::account::grants_of_all(db, community, ids).await?;
    let page = page.try_map(|row| {
        let grants = grants.get(&row.id).map_or(&[][..], Vec::as_slice);
        Account::of(&app, &row, grants)
    })?;
    Ok(Json(page))
}
