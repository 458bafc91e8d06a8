//! `PUT /v1/accounts/{account_id}/roles`: all the roles of an account, anew.

use axum::extract::State;
use entity::enums::{AccountStatus, Role};
use entity::ids::AccountId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Account, AccountRole, check_wanted, grant_all, record, refused, roles_payload, shut_out,
};
use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::domain::roles;
use crate::error::Result;
use crate::extract::{ETag, Id, IfMatch, Json, May, grants};
use crate::problem::Code;
use crate::{in_write, store};

/// The roles an account shall have from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRoles {
    /// All of them; what is not here is taken away.
    #[schema(min_items = 1, max_items = 16)]
    pub roles: Vec<AccountRole>,
}

/// Set the roles of an account.
///
/// Holds from the next request on. A login of the account with a time code raises its version, too. A family that becomes
/// staff is logged out and needs a link (`invite_account`), because a one-time code is not enough for staff.
#[utoipa::path(
    put, path = "/v1/accounts/{account_id}/roles", tag = "accounts", request_body = NewRoles,
    params(
        ("account_id" = AccountId, Path, description = "Another account of the community"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses((status = 200, description = "The account with its new roles", body = Account,
        headers(("ETag" = String, description = "Its new version"))))
)]
pub async fn set_roles(
    State(app): State<App>,
    may: May<grants::ManageAccounts>,
    Id(id): Id<AccountId>,
    if_match: IfMatch,
    Json(NewRoles { roles: wanted }): Json<NewRoles>,
) -> Result<(ETag, Json<Account>)> {
    let (version, account) = in_write!(app.db, "set_roles", |tx| {
        let admins = store::account::lock_active_admins(tx, may.community).await?;
        let mut row = store::account::get(&**tx, may.community, id)
            .await?
            .ok_or(Code::NotFound)?;
        if_match.check(row.version)?;
        roles::check_other(may.account, id).map_err(refused)?;
        check_wanted(&**tx, may.community, &wanted).await?;
        if wanted.iter().all(|wanted| wanted.role != Role::Admin) {
            roles::check_admin_left(&admins, id).map_err(refused)?;
        }
        let before = current(tx, &row).await?;
        let staff = roles::is_staff(wanted.iter().map(|wanted| wanted.role));
        if row.status != AccountStatus::Disabled {
            row.status = roles::enabled_status(staff, row.totp_confirmed_at.is_some());
        }
        let row = store::account::update(tx, row).await?;
        if row.status == AccountStatus::Invited && !was_staff(&before) {
            shut_out(tx, &app, &row, "became_staff").await?;
        }
        store::account::clear_grants(tx, may.community, id).await?;
        grant_all(tx, &app, &row, &wanted, may.account).await?;
        let payload = roles_payload(&before, &wanted);
        record(
            tx,
            &app,
            EventKind::RolesChanged,
            &row,
            may.account,
            payload,
        )
        .await?;
        Ok((row.version, Account::read(&**tx, &app, &row).await?))
    })?;
    Ok((ETag(version), Json(account)))
}

async fn current(tx: &Tx, row: &entity::account::Model) -> Result<Vec<AccountRole>> {
    let grants = store::account::grants_of(&**tx, row.community_id, row.id).await?;
    Ok(grants.iter().map(AccountRole::of).collect())
}

fn was_staff(roles: &[AccountRole]) -> bool {
    roles::is_staff(roles.iter().map(|role| role.role))
}
