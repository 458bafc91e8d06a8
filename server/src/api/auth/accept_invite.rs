//! `POST /v1/auth/invites/accept`: a new member of staff chooses a password and gets a second factor to set up.

use axum::extract::State;
use entity::invite;
use secrecy::ExposeSecret;
use serde::Deserialize;
use utoipa::ToSchema;

use super::SecondFactor;
use crate::app::App;
use crate::auth::login::community_of;
use crate::auth::{password, totp};
use crate::crypto::token_hash;
use crate::error::{Error, Result};
use crate::extract::Json;
use crate::problem::{Code, Problem};
use crate::wire::{PasswordText, Text};
use crate::{in_write, store};

/// A one-time link's token and the password wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptInvite {
    /// The token after `#` in the link.
    #[schema(inline)]
    pub invite: Text<1, 200>,
    /// At least 10 characters.
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 128)]
    pub password: PasswordText,
}

/// Choose a password and get a second factor.
///
/// May be repeated until `confirm_invite` succeeds; each time gives a new second factor.
#[utoipa::path(
    post, path = "/v1/auth/invites/accept", tag = "auth", request_body = AcceptInvite,
    security(()),
    responses((status = 200, description = "Set this up in an authenticator app, then confirm", body = SecondFactor))
)]
pub async fn accept_invite(
    State(app): State<App>,
    Json(request): Json<AcceptInvite>,
) -> Result<Json<SecondFactor>> {
    let invite = find(&app, request.invite.as_str()).await?;
    let account = store::account::get(app.db.reader(), invite.community_id, invite.account_id)
        .await?
        .ok_or(Code::InviteInvalid)?;
    let phone = store::account::phone(&app, &account)?;
    password::check_policy(request.password.0.expose_secret(), Some(phone.reveal())).map_err(
        |error| {
            let code = Code::parse(error.code()).unwrap_or(Code::FieldInvalid);
            Problem::new(Code::InvalidRequest).field("password", code)
        },
    )?;
    let hash = app
        .passwords
        .hash(request.password.0)
        .await
        .map_err(Error::internal)?;
    let secret = totp::new_secret();
    let label = format!("{} ({})", phone.masked(), account.id);
    let url = totp::otpauth_url(&secret, &label).map_err(Error::internal)?;
    in_write!(app.db, "accept_invite", |tx| {
        let mut row = store::account::get(&**tx, invite.community_id, invite.account_id)
            .await?
            .ok_or(Code::InviteInvalid)?;
        row.password_hash = Some(hash.clone());
        row.totp_secret_enc = Some(store::account::seal_totp_secret(
            &app,
            row.id,
            secret.expose_secret(),
        ));
        row.totp_confirmed_at = None;
        row.totp_last_step = None;
        store::account::update(tx, row).await
    })?;
    Ok(Json(SecondFactor {
        totp_secret: secret.expose_secret().to_owned(),
        otpauth_url: url.expose_secret().to_owned(),
    }))
}

/// The link of a token, when it is good.
pub(super) async fn find(app: &App, token: &str) -> Result<invite::Model> {
    let community = community_of(token).ok_or(Code::InviteInvalid)?;
    let invite = store::login::invite(app.db.reader(), community, &token_hash(token)).await?;
    invite
        .filter(|invite| invite.used_at.is_none() && invite.expires_at > app.now())
        .ok_or_else(|| Code::InviteInvalid.into())
}
