//! `GET /v1/accounts/{account_id}`: one account, masked.

use axum::extract::State;
use entity::ids::AccountId;

use super::Account;
use crate::app::App;
use crate::error::Result;
use crate::extract::{ETag, Id, Json, May, grants};
use crate::problem::Code;
use crate::store;

/// Read an account.
#[utoipa::path(
    get, path = "/v1/accounts/{account_id}", tag = "accounts",
    params(("account_id" = AccountId, Path, description = "An account of the community")),
    responses((status = 200, description = "The account, with its ETag", body = Account,
        headers(("ETag" = String, description = "Its version"))))
)]
pub async fn get_account(
    State(app): State<App>,
    may: May<grants::ManageAccounts>,
    Id(id): Id<AccountId>,
) -> Result<(ETag, Json<Account>)> {
    let db = app.db.reader();
    let row = store::account::get(db, may.community, id)
        .await?
        .ok_or(Code::NotFound)?;
    Ok((
        ETag(row.version),
        Json(Account::read(db, &app, &row).await?),
    ))
}
