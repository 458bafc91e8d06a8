//! Accounts and their roles, for administrators.

pub mod create_account;
pub mod disable_account;
pub mod enable_account;
pub mod get_account;
pub mod invite_account;
pub mod list_accounts;
pub mod set_roles;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::account::Model;
use entity::enums::{AccountStatus, Language, Role, SubjectKind};
use entity::ids::{AccountId, CommunityId, InstitutionId};
use entity::role_grant;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::invite::Invitation;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::domain::name::PersonName;
use crate::domain::roles::{self, Grant, RoleError};
use crate::error::{Error, Result};
use crate::problem::{Code, Problem};
use crate::store;
use crate::store::event::NewEvent;

/// An account as administrators see it: whose it is, masked, and what it may do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Account {
    /// The account.
    pub id: AccountId,
    /// State.
    pub status: AccountStatus,
    /// The owner's name, masked.
    #[schema(example = "张*明")]
    pub name: String,
    /// The phone, masked.
    #[schema(example = "138****1234")]
    pub phone: String,
    /// Language of messages.
    pub language: Language,
    /// Roles.
    pub roles: Vec<AccountRole>,
    /// A second factor is set up.
    pub second_factor: bool,
    /// Made at.
    pub created_at: DateTime<Utc>,
}

/// A role of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountRole {
    /// The role.
    pub role: Role,
    /// Nurse, coordinator, doctor and supervisor act for this institution and those under it; null for the others.
    pub institution_id: Option<InstitutionId>,
}

/// An account with the one-time link for its owner.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitedAccount {
    /// The account.
    pub account: Account,
    /// Hand it to the owner in person or by a safe way. It is shown this once and used once.
    #[schema(example = "https://jiahu.example/#/invite/0190…")]
    pub invite_url: String,
    /// End of the link.
    pub invite_expires_at: DateTime<Utc>,
}

/// A request that says all with its address.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

impl Account {
    fn of(app: &App, row: &Model, grants: &[role_grant::Model]) -> Result<Self> {
        let name = PersonName::parse(&store::account::name(app, row)?).map_err(Error::internal)?;
        Ok(Self {
            id: row.id,
            status: row.status,
            name: name.masked(),
            phone: store::account::phone(app, row)?.masked(),
            language: row.language,
            roles: grants.iter().map(AccountRole::of).collect(),
            second_factor: row.totp_confirmed_at.is_some(),
            created_at: row.created_at,
        })
    }

    /// Reads the roles too.
    async fn read(db: &impl ConnectionTrait, app: &App, row: &Model) -> Result<Self> {
        let grants = store::account::grants_of(db, row.community_id, row.id).await?;
        Self::of(app, row, &grants)
    }
}

impl AccountRole {
    fn of(grant: &role_grant::Model) -> Self {
        Self {
            role: grant.role,
            institution_id: grant.institution_id,
        }
    }
}

impl InvitedAccount {
    fn new(account: Account, invitation: Invitation) -> Self {
        Self {
            account,
            invite_url: invitation.url,
            invite_expires_at: invitation.expires_at,
        }
    }
}

/// A refusal of the role rules, for the caller.
fn refused(error: RoleError) -> Error {
    let code = Code::parse(error.code()).unwrap_or(Code::RoleNotGrantable);
    match error.field() {
        Some(field) => Problem::new(Code::InvalidRequest).field(field, code).into(),
        None => code.into(),
    }
}

/// Checks the roles wanted, and that their institutions exist.
async fn check_wanted(
    db: &impl ConnectionTrait,
    community: CommunityId,
    wanted: &[AccountRole],
) -> Result<()> {
    let grants: Vec<Grant> = wanted
        .iter()
        .map(|wanted| Grant {
            role: wanted.role,
            institution: wanted.institution_id,
        })
        .collect();
    roles::check_grants(&grants).map_err(refused)?;
    let named: BTreeSet<_> = wanted
        .iter()
        .filter_map(|role| role.institution_id)
        .collect();
    let existing = store::institution::existing(db, community, &named).await?;
    let unknown = wanted.iter().position(|role| {
        role.institution_id
            .is_some_and(|id| !existing.contains(&id))
    });
    match unknown {
        None => Ok(()),
        Some(at) => Err(Problem::new(Code::InvalidRequest)
            .field(
                format!("roles[{at}].institution_id"),
                Code::InstitutionUnknown,
            )
            .into()),
    }
}

/// Gives roles that were checked.
async fn grant_all(
    tx: &Tx,
    app: &App,
    account: &Model,
    wanted: &[AccountRole],
    by: AccountId,
) -> Result<()> {
    let community = account.community_id;
    for AccountRole {
        role,
        institution_id,
    } in wanted
    {
        let by = Some(by);
        store::account::grant(tx, app, community, account.id, *role, *institution_id, by).await?;
    }
    Ok(())
}

/// Ends whatever lets the owner in: sessions and links.
async fn shut_out(tx: &Tx, app: &App, account: &Model, reason: &str) -> Result<()> {
    let (community, now) = (account.community_id, app.now());
    store::session::revoke_all(tx, community, account.id, None, reason, now).await?;
    store::login::void_invites(tx, community, account.id, now).await
}

/// Leaves an event of an account.
async fn record(
    tx: &Tx,
    app: &App,
    kind: EventKind,
    account: &Model,
    by: AccountId,
    payload: serde_json::Value,
) -> Result<()> {
    let event = NewEvent::new(kind, SubjectKind::Account, account.id.0, Some(by)).payload(payload);
    store::event::append(tx, app, account.community_id, event).await
}

/// Roles for the trail.
fn roles_payload(before: &[AccountRole], after: &[AccountRole]) -> serde_json::Value {
    json!({ "before": before, "after": after })
}
