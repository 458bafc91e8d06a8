//! `POST /v1/auth/login/code`: families log in by phone and one-time code; the first time makes the account.

use axum::extract::State;
use entity::enums::{AccountStatus, Language, Role};
use entity::ids::CommunityId;
use entity::{account, login_code};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{DeviceName, Refused};
use crate::app::App;
use crate::auth::login::{Tokens, admit, count_failure, is_staff, start_session, take_turn};
use crate::crypto::same_secret;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Json, Lang};
use crate::problem::Code;
use crate::store::account::NewAccount;
use crate::store::event::NewEvent;
use crate::wire::{NameText, PhoneText, Text};
use crate::{in_write, store};

/// A phone and the code sent to it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeLogin {
    /// Code of the community.
    #[schema(inline, example = "130431")]
    pub community: Text<1, 32>,
    /// The phone the code was sent to.
    #[schema(inline)]
    pub phone: PhoneText,
    /// The code.
    #[schema(inline, example = "123456")]
    pub code: Text<4, 12>,
    /// The owner's name; needed the first time.
    #[schema(inline)]
    pub name: Option<NameText>,
    /// Shown in the list of sessions.
    #[schema(inline, example = "Huawei P30")]
    pub device: Option<DeviceName>,
}

/// Log in with a one-time code.
#[utoipa::path(
    post, path = "/v1/auth/login/code", tag = "auth", request_body = CodeLogin,
    security(()),
    responses((status = 200, description = "Logged in", body = Tokens))
)]
pub async fn login_with_code(
    State(app): State<App>,
    Lang(language): Lang,
    Json(login): Json<CodeLogin>,
) -> Result<Json<Tokens>> {
    let community = store::account::community(app.db.reader(), login.community.as_str())
        .await?
        .id;
    let phone_hash = store::account::phone_hash(&app, &login.phone.0);
    let outcome = in_write!(app.db, "login_with_code", |tx| {
        // The tries of the code are counted within the turn, too.
        take_turn(tx, &app, community, &phone_hash).await?;
        let Some(code) = store::login::newest_code(&**tx, community, &phone_hash).await? else {
            return Ok(Refused::Because(Code::LoginFailed));
        };
        if !is_right(&app, &code, login.code.as_str()) {
            // The count must stay, so this is no error of the transaction.
            store::login::count_try(tx, community, code.id).await?;
            count_failure(tx, &app, community, &phone_hash).await?;
            return Ok(Refused::Because(Code::LoginFailed));
        }
        let account = account_of(tx, &app, community, &phone_hash, &login, language).await?;
        if !store::login::use_code(tx, community, code.id, app.now()).await? {
            return Err(Code::LoginFailed.into());
        }
        let device = login.device.as_ref().map_or("", DeviceName::as_str);
        admit(tx, &app, &account).await?;
        Ok(Refused::No(
            start_session(tx, &app, &account, device).await?,
        ))
    })?;
    match outcome {
        Refused::No(tokens) => Ok(Json(tokens)),
        Refused::Because(code) => Err(code.into()),
    }
}

fn is_right(app: &App, code: &login_code::Model, given: &str) -> bool {
    let tries_left = i64::from(code.tries) < i64::from(app.config.auth.code_tries);
    let hash = app
        .lookup
        .hash("login_code", &format!("{}:{given}", code.id));
    code.used_at.is_none()
        && code.expires_at > app.now()
        && tries_left
        && same_secret(&hash, &code.code_hash)
}

/// The account of the phone; a new one for a phone we do not know yet.
async fn account_of(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    phone_hash: &str,
    login: &CodeLogin,
    language: Language,
) -> Result<account::Model> {
    if let Some(account) = store::account::lock_by_phone(tx, community, phone_hash).await? {
        let grants = store::account::grants_of(&**tx, community, account.id).await?;
        let roles: Vec<Role> = grants.iter().map(|grant| grant.role).collect();
        return match account.status {
            AccountStatus::Disabled => Err(Code::AccountDisabled.into()),
            _ if is_staff(&roles) => Err(Code::StaffNeedsPassword.into()),
            _ => Ok(account),
        };
    }
    let name = &login.name.as_ref().ok_or(Code::NameRequired)?.0;
    let new = NewAccount {
        community,
        status: AccountStatus::Active,
        name,
        phone: &login.phone.0,
        language,
    };
    let account = store::account::insert(tx, app, new).await?;
    store::account::grant(tx, app, community, account.id, Role::Family, None, None).await?;
    let event = NewEvent::new(
        EventKind::AccountCreated,
        entity::enums::SubjectKind::Account,
        account.id.0,
        Some(account.id),
    );
    store::event::append(tx, app, community, event).await?;
    Ok(account)
}
