//! `POST /v1/accounts/{account_id}/invite`: a new one-time link, also when the second factor is lost.

use axum::extract::State;
use entity::account::Model;
use entity::enums::AccountStatus;
use entity::ids::AccountId;

use super::{Account, InvitedAccount, Nothing, refused, shut_out};
use crate::answer::Answer;
use crate::app::App;
use crate::auth::invite::invite;
use crate::domain::roles;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::Code;
use crate::{once, store};

/// Invite again, or reset a lost second factor.
///
/// Password and second factor so far are dropped, sessions end, older links become void. The owner sets both anew
/// by the link in the answer, which is shown this once.
#[utoipa::path(
    post, path = "/v1/accounts/{account_id}/invite", tag = "accounts",
    params(
        ("account_id" = AccountId, Path, description = "Another staff account that is not disabled"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "Invited", body = InvitedAccount,
        headers(("ETag" = String, description = "New version of the account"))))
)]
pub async fn invite_account(
    State(app): State<App>,
    may: May<grants::ManageAccounts>,
    Id(id): Id<AccountId>,
    request: IdempotencyKey<Nothing>,
) -> Result<Answer> {
    let key = request.key;
    once!(app, may, key, "invite_account", |tx| {
        roles::check_other(may.account, id).map_err(refused)?;
        let admins = store::account::lock_active_admins(tx, may.community).await?;
        let row = store::account::get(&**tx, may.community, id)
            .await?
            .ok_or(Code::NotFound)?;
        let grants = store::account::grants_of(&**tx, may.community, id).await?;
        let staff = roles::is_staff(grants.iter().map(|grant| grant.role));
        if !staff || row.status == AccountStatus::Disabled {
            return Err(Code::StaffOnly.into());
        }
        roles::check_admin_left(&admins, id).map_err(refused)?;
        let row = store::account::update(tx, forgotten(row)).await?;
        shut_out(tx, &app, &row, "invited_again").await?;
        let invitation = invite(tx, &app, &row, Some(may.account)).await?;
        let account = Account::of(&app, &row, &grants)?;
        Ok(Answer::ok(&InvitedAccount::new(account, invitation))?.version(row.version))
    })
}

/// The account without password and second factor.
fn forgotten(mut row: Model) -> Model {
    row.status = AccountStatus::Invited;
    row.password_hash = None;
    row.totp_secret_enc = None;
    row.totp_confirmed_at = None;
    row.totp_last_step = None;
    row
}
