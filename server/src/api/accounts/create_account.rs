//! `POST /v1/accounts`: a new member of staff, with a one-time link instead of a password.

use axum::extract::State;
use entity::enums::{AccountStatus, Language};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{Account, AccountRole, InvitedAccount, check_wanted, grant_all, record, roles_payload};
use crate::answer::Answer;
use crate::app::App;
use crate::auth::invite::invite;
use crate::domain::event::EventKind;
use crate::domain::roles::is_staff;
use crate::error::Result;
use crate::extract::{IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::store::account::NewAccount;
use crate::wire::{NameText, PhoneText};
use crate::{once, store};

/// A member of staff.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStaff {
    /// The owner's name.
    #[schema(inline)]
    pub name: NameText,
    /// A phone that has no account in the community yet.
    #[schema(inline)]
    pub phone: PhoneText,
    /// Language of messages; Chinese when left out.
    #[serde(default = "chinese")]
    pub language: Language,
    /// What the account may do. Families make their own accounts by logging in.
    #[schema(min_items = 1, max_items = 16)]
    pub roles: Vec<AccountRole>,
}

fn chinese() -> Language {
    Language::Zh
}

/// Invite a member of staff.
///
/// The answer holds the one-time link by which the owner sets password and second factor; it is shown this once.
#[utoipa::path(
    post, path = "/v1/accounts", tag = "accounts", request_body = NewStaff,
    params(("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _")),
    responses((status = 201, description = "Invited", body = InvitedAccount,
        headers(("ETag" = String, description = "Version of the account"), ("Location" = String, description = "Where the account is read"))))
)]
pub async fn create_account(
    State(app): State<App>,
    may: May<grants::ManageAccounts>,
    request: IdempotencyKey<NewStaff>,
) -> Result<Answer> {
    let IdempotencyKey { key, body } = request;
    if !is_staff(body.roles.iter().map(|wanted| wanted.role)) {
        return Err(Problem::new(Code::InvalidRequest)
            .field("roles", Code::RoleNotGrantable)
            .into());
    }
    once!(app, may, key, "create_account", |tx| {
        check_wanted(&**tx, may.community, &body.roles).await?;
        let new = NewAccount {
            community: may.community,
            status: AccountStatus::Invited,
            name: &body.name.0,
            phone: &body.phone.0,
            language: body.language,
        };
        let row = store::account::insert(tx, &app, new).await?;
        record(
            tx,
            &app,
            EventKind::AccountCreated,
            &row,
            may.account,
            json!({}),
        )
        .await?;
        grant_all(tx, &app, &row, &body.roles, may.account).await?;
        let payload = roles_payload(&[], &body.roles);
        record(
            tx,
            &app,
            EventKind::RolesChanged,
            &row,
            may.account,
            payload,
        )
        .await?;
        let invitation = invite(tx, &app, &row, Some(may.account)).await?;
        let account = Account::read(&**tx, &app, &row).await?;
        let location = format!("/v1/accounts/{}", row.id);
        let answer = Answer::created(location, &InvitedAccount::new(account, invitation))?;
        Ok(answer.version(row.version))
    })
}
