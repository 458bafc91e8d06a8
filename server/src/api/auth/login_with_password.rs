//! `POST /v1/auth/login/password`: phone and password; staff send the code of their authenticator app too.

use axum::extract::State;
use entity::account;
use entity::enums::{AccountStatus, Role};
use entity::ids::CommunityId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{DeviceName, Refused};
use crate::app::App;
use crate::auth::login::{
    Tokens, admit, check_lock, count_failure, is_staff, start_session, take_turn,
};
use crate::auth::totp;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::extract::Json;
use crate::problem::Code;
use crate::wire::{PasswordText, PhoneText, Text};
use crate::{in_write, store};

/// A phone and its password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordLogin {
    /// Code of the community.
    #[schema(inline, example = "130431")]
    pub community: Text<1, 32>,
    /// The account's phone.
    #[schema(inline)]
    pub phone: PhoneText,
    /// The password.
    #[schema(value_type = String, format = Password, max_length = 128)]
    pub password: PasswordText,
    /// Six digits of the authenticator app; staff need it.
    #[schema(inline, example = "123456")]
    pub totp: Option<Text<6, 8>>,
    /// Shown in the list of sessions.
    #[schema(inline, example = "Huawei P30")]
    pub device: Option<DeviceName>,
}

/// Log in with a password.
///
/// Staff without `totp` get `totp_required` once the password is right.
#[utoipa::path(
    post, path = "/v1/auth/login/password", tag = "auth", request_body = PasswordLogin,
    security(()),
    responses((status = 200, description = "Logged in", body = Tokens))
)]
pub async fn login_with_password(
    State(app): State<App>,
    Json(login): Json<PasswordLogin>,
) -> Result<Json<Tokens>> {
    let community = store::account::community(app.db.reader(), login.community.as_str())
        .await?
        .id;
    let phone_hash = store::account::phone_hash(&app, &login.phone.0);
    check_lock(app.db.reader(), &app, community, &phone_hash).await?;
    let known = store::account::by_phone(app.db.reader(), community, &phone_hash).await?;
    let mut hash = known.and_then(|account| account.password_hash);
    let mut once_more = true;
    let outcome = loop {
        let named = (community, phone_hash.as_str());
        match attempt(&app, named, &login, hash, once_more).await? {
            Tried::Judged(outcome) => break outcome,
            Tried::Changed(newer) => (hash, once_more) = (newer, false),
        }
    };
    match outcome {
        Refused::No(tokens) => Ok(Json(tokens)),
        Refused::Because(code) => Err(code.into()),
    }
}

/// What came of a password held against a hash.
enum Tried {
    /// Let in, or refused.
    Judged(Refused<Tokens>),
    /// The account has this hash by now, of a new password or made anew of the same one by a login at the same moment.
    Changed(Option<String>),
}

/// Holds the password against a hash, and judges when it is the account's still. A hash that changed is told `once_more`, then
/// counts as a failure.
async fn attempt(
    app: &App,
    (community, phone_hash): (CommunityId, &str),
    login: &PasswordLogin,
    hash: Option<String>,
    once_more: bool,
) -> Result<Tried> {
    // Outside the transaction: hashing is slow by intent.
    let verdict = app
        .passwords
        .verify(hash.clone(), login.password.0.clone())
        .await
        .map_err(Error::internal)?;
    in_write!(app.db, "login_with_password", |tx| {
        take_turn(tx, app, community, phone_hash).await?;
        // As it is by now: the password may have been changed while it was hashed.
        let account = store::account::lock_by_phone(tx, community, phone_hash).await?;
        let stored = account.as_ref().and_then(|row| row.password_hash.clone());
        if stored != hash && once_more {
            return Ok(Tried::Changed(stored));
        }
        let refused = match &account {
            Some(account) if verdict.ok && stored == hash => {
                check_second_factor(tx, app, account, login.totp.as_ref().map(Text::as_str)).await?
            }
            _ => Some(Code::LoginFailed),
        };
        match (refused, &account) {
            (None, Some(account)) => {
                let device = login.device.as_ref().map_or("", DeviceName::as_str);
                admit(tx, app, account).await?;
                if let Some(hash) = &verdict.rehash {
                    // Its cost is out of date.
                    store::account::set_password_hash(tx, account, hash).await?;
                }
                let tokens = start_session(tx, app, account, device).await?;
                Ok(Tried::Judged(Refused::No(tokens)))
            }
            (refused, _) => {
                let code = refused.unwrap_or(Code::LoginFailed);
                if code != Code::TotpRequired {
                    count_failure(tx, app, community, phone_hash).await?;
                }
                Ok(Tried::Judged(Refused::Because(code)))
            }
        }
    })
}

/// Checks the state of the account and, for staff, the second factor.
async fn check_second_factor(
    tx: &Tx,
    app: &App,
    account: &account::Model,
    given: Option<&str>,
) -> Result<Option<Code>> {
    match account.status {
        AccountStatus::Active => {}
        AccountStatus::Disabled => return Ok(Some(Code::AccountDisabled)),
        AccountStatus::Invited => return Ok(Some(Code::LoginFailed)),
    }
    let grants = store::account::grants_of(&**tx, account.community_id, account.id).await?;
    let roles: Vec<Role> = grants.iter().map(|grant| grant.role).collect();
    if !is_staff(&roles) {
        return Ok(None);
    }
    let Some(given) = given else {
        return Ok(Some(Code::TotpRequired));
    };
    let Some(secret) = store::account::totp_secret(app, account)? else {
        return Ok(Some(Code::LoginFailed));
    };
    let Ok(step) = totp::verify(&secret.into(), given, app.now(), account.totp_last_step) else {
        return Ok(Some(Code::LoginFailed));
    };
    let taken = store::account::take_totp_step(tx, account.community_id, account.id, step).await?;
    Ok((!taken).then_some(Code::LoginFailed))
}
