//! `POST /v1/auth/invites/confirm`: prove the second factor; the account is active and logged in.

use axum::extract::State;
use entity::enums::{AccountStatus, SubjectKind};
use serde::Deserialize;
use utoipa::ToSchema;

use super::DeviceName;
use super::accept_invite::find;
use crate::app::App;
use crate::auth::login::{Tokens, start_session};
use crate::auth::totp;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::Json;
use crate::problem::Code;
use crate::store::event::NewEvent;
use crate::wire::Text;
use crate::{in_write, store};

/// A one-time link's token and the first code of the authenticator app.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmInvite {
    /// The token after `#` in the link.
    #[schema(inline)]
    pub invite: Text<1, 200>,
    /// Six digits of the authenticator app.
    #[schema(inline, example = "123456")]
    pub totp: Text<6, 8>,
    /// Shown in the list of sessions.
    #[schema(inline)]
    pub device: Option<DeviceName>,
}

/// Confirm the second factor.
///
/// The link is used up, every older session of the account ends, and this one starts.
#[utoipa::path(
    post, path = "/v1/auth/invites/confirm", tag = "auth", request_body = ConfirmInvite,
    security(()),
    responses((status = 200, description = "Active and logged in", body = Tokens))
)]
pub async fn confirm_invite(
    State(app): State<App>,
    Json(request): Json<ConfirmInvite>,
) -> Result<Json<Tokens>> {
    let invite = find(&app, request.invite.as_str()).await?;
    let tokens = in_write!(app.db, "confirm_invite", |tx| {
        let (community, now) = (invite.community_id, app.now());
        let mut account = store::account::get(&**tx, community, invite.account_id)
            .await?
            .ok_or(Code::InviteInvalid)?;
        let secret = store::account::totp_secret(&app, &account)?.ok_or(Code::TotpInvalid)?;
        let step = totp::verify(
            &secret.into(),
            request.totp.as_str(),
            now,
            account.totp_last_step,
        )
        .map_err(|_| Code::TotpInvalid)?;
        if !store::login::use_invite(tx, community, invite.id, now).await? {
            return Err(Code::InviteInvalid.into());
        }
        account.totp_last_step = Some(step);
        account.totp_confirmed_at = Some(now);
        account.status = AccountStatus::Active;
        let account = store::account::update(tx, account).await?;
        store::session::revoke_all(
            tx,
            community,
            account.id,
            None,
            "second_factor_changed",
            now,
        )
        .await?;
        let event = NewEvent::new(
            EventKind::AccountActivated,
            SubjectKind::Account,
            account.id.0,
            Some(account.id),
        );
        store::event::append(tx, &app, community, event).await?;
        let device = request.device.as_ref().map_or("", DeviceName::as_str);
        start_session(tx, &app, &account, device).await
    })?;
    Ok(Json(tokens))
}
