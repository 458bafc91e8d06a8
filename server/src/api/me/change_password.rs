//! `PUT /v1/me/password`: set or change the caller's password.

use axum::extract::State;
use axum::http::StatusCode;
use entity::account;
use entity::enums::SubjectKind;
use secrecy::ExposeSecret;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::login::{check_lock, count_failure, take_turn};
use crate::auth::password;
use crate::domain::event::EventKind;
use crate::error::{Error, Result};
use crate::extract::{Json, May, grants};
use crate::problem::{Code, Problem};
use crate::store::event::NewEvent;
use crate::wire::PasswordText;
use crate::{in_write, store};

/// The old and the new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password so far; left out when there is none yet.
    #[schema(value_type = Option<String>, format = Password, max_length = 128)]
    pub current: Option<PasswordText>,
    /// At least 10 characters.
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 128)]
    pub new: PasswordText,
}

/// Change my password.
///
/// Every other session of the account ends. A wrong current password counts as a failed login.
#[utoipa::path(
    put, path = "/v1/me/password", tag = "me", request_body = ChangePassword,
    responses((status = 204, description = "Changed"))
)]
pub async fn change_password(
    State(app): State<App>,
    may: May<grants::BeLoggedIn>,
    Json(request): Json<ChangePassword>,
) -> Result<StatusCode> {
    let community = may.community;
    let account = store::account::get(app.db.reader(), community, may.account)
        .await?
        .ok_or(Code::NotFound)?;
    let phone = store::account::phone(&app, &account)?;
    password::check_policy(request.new.0.expose_secret(), Some(phone.reveal())).map_err(
        |error| {
            let code = Code::parse(error.code()).unwrap_or(Code::FieldInvalid);
            Problem::new(Code::InvalidRequest).field("new", code)
        },
    )?;
    let has_one = account.password_hash.is_some();
    if has_one {
        check_current(&app, &account, request.current).await?;
    }
    let hash = app
        .passwords
        .hash(request.new.0)
        .await
        .map_err(Error::internal)?;
    in_write!(app.db, "change_password", |tx| {
        if has_one {
            take_turn(tx, &app, community, &account.phone_hash).await?;
        }
        let stands = store::account::lock_by_phone(tx, community, &account.phone_hash).await?;
        if stands.is_none_or(|stands| stands.password_hash != account.password_hash) {
            // Another change came first.
            return Err(wrong());
        }
        store::account::set_password_hash(tx, &account, &hash).await?;
        store::session::revoke_all(
            tx,
            community,
            may.account,
            Some(may.session),
            "password_changed",
            app.now(),
        )
        .await?;
        let event = NewEvent::new(
            EventKind::PasswordChanged,
            SubjectKind::Account,
            may.account.0,
            Some(may.account),
        );
        store::event::append(tx, &app, community, event).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Fails unless it is the password so far. Whoever holds a session guesses no more often than whoever logs in.
async fn check_current(
    app: &App,
    account: &account::Model,
    current: Option<PasswordText>,
) -> Result<()> {
    let (community, phone_hash) = (account.community_id, &account.phone_hash);
    check_lock(app.db.reader(), app, community, phone_hash).await?;
    let current = current.map(|text| text.0).unwrap_or_default();
    let verdict = app
        .passwords
        .verify(account.password_hash.clone(), current)
        .await
        .map_err(Error::internal)?;
    if verdict.ok {
        return Ok(());
    }
    in_write!(app.db, "count_wrong_password", |tx| {
        take_turn(tx, app, community, phone_hash).await?;
        count_failure(tx, app, community, phone_hash).await
    })?;
    Err(wrong())
}

fn wrong() -> Error {
    Problem::new(Code::InvalidRequest)
        .field("current", Code::PasswordWrong)
        .into()
}
