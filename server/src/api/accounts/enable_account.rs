//! `POST /v1/accounts/{account_id}/enable`: a disabled account may log in again.

use axum::extract::State;
use entity::enums::AccountStatus;
use entity::ids::AccountId;
use serde_json::json;

use super::{Account, Nothing, record, refused};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::roles;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::Code;
use crate::{once, store};

/// Enable an account.
///
/// Staff who never set a second factor wait for a link again: see `invite_account`. Enabling an account that is not
/// disabled changes nothing.
#[utoipa::path(
    post, path = "/v1/accounts/{account_id}/enable", tag = "accounts",
    params(
        ("account_id" = AccountId, Path, description = "Another account of the community"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "Enabled", body = Account,
        headers(("ETag" = String, description = "Its new version"))))
)]
pub async fn enable_account(
    State(app): State<App>,
    may: May<grants::ManageAccounts>,
    Id(id): Id<AccountId>,
    request: IdempotencyKey<Nothing>,
) -> Result<Answer> {
    let key = request.key;
    once!(app, may, key, "enable_account", |tx| {
        roles::check_other(may.account, id).map_err(refused)?;
        let mut row = store::account::get(&**tx, may.community, id)
            .await?
            .ok_or(Code::NotFound)?;
        if row.status == AccountStatus::Disabled {
            let grants = store::account::grants_of(&**tx, may.community, id).await?;
            let staff = roles::is_staff(grants.iter().map(|grant| grant.role));
            row.status = roles::enabled_status(staff, row.totp_confirmed_at.is_some());
            row = store::account::update(tx, row).await?;
            record(
                tx,
                &app,
                EventKind::AccountEnabled,
                &row,
                may.account,
                json!({}),
            )
            .await?;
        }
        let account = Account::read(&**tx, &app, &row).await?;
        Ok(Answer::ok(&account)?.version(row.version))
    })
}
