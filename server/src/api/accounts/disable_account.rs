//! `POST /v1/accounts/{account_id}/disable`: nobody logs in with it any more.

use axum::extract::State;
use entity::enums::AccountStatus;
use entity::ids::AccountId;
use serde_json::json;

use super::{Account, Nothing, record, refused, shut_out};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::roles;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::Code;
use crate::store::session::ACCOUNT_DISABLED;
use crate::{dispatch, once, store};

/// Disable an account.
///
/// Its sessions end at once and its one-time links become void. The desk is told of visits that a nurse has not set out for.
/// Disabling a disabled account changes nothing.
#[utoipa::path(
    post, path = "/v1/accounts/{account_id}/disable", tag = "accounts",
    params(
        ("account_id" = AccountId, Path, description = "Another account of the community"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "Disabled", body = Account,
        headers(("ETag" = String, description = "Its new version"))))
)]
pub async fn disable_account(
    State(app): State<App>,
    may: May<grants::ManageAccounts>,
    Id(id): Id<AccountId>,
    request: IdempotencyKey<Nothing>,
) -> Result<Answer> {
    let key = request.key;
    once!(app, may, key, "disable_account", |tx| {
        roles::check_other(may.account, id).map_err(refused)?;
        // Before anything is read: see `lock_active_admins`.
        let admins = store::account::lock_active_admins(tx, may.community).await?;
        let mut row = store::account::get(&**tx, may.community, id)
            .await?
            .ok_or(Code::NotFound)?;
        if row.status != AccountStatus::Disabled {
            roles::check_admin_left(&admins, id).map_err(refused)?;
            row.status = AccountStatus::Disabled;
            row = store::account::update(tx, row).await?;
            shut_out(tx, &app, &row, ACCOUNT_DISABLED).await?;
            record(
                tx,
                &app,
                EventKind::AccountDisabled,
                &row,
                may.account,
                json!({}),
            )
            .await?;
            if let Some(nurse) = store::nurse::of_account(&**tx, may.community, id).await? {
                dispatch::look_ahead(tx, &app, may.community, nurse.id, may.account).await?;
            }
        }
        let account = Account::read(&**tx, &app, &row).await?;
        Ok(Answer::ok(&account)?.version(row.version))
    })
}
