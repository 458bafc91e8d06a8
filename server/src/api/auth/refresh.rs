//! `POST /v1/auth/refresh`: a new access token for a refresh token, which is used up.

use axum::extract::State;
use entity::enums::SubjectKind;
use entity::{refresh_token, session};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Refused;
use crate::app::App;
use crate::auth::login::{Tokens, community_of, idle, issue};
use crate::auth::refresh::{Decision, Presented, Successor, decide};
use crate::crypto::token_hash;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::Json;
use crate::problem::Code;
use crate::store::event::NewEvent;
use crate::wire::Text;
use crate::{in_write, store};

/// A refresh token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// The newest refresh token the app has.
    #[schema(inline)]
    pub refresh_token: Text<1, 200>,
}

/// Get new tokens.
///
/// When the answer was lost, send the same token again: as long as its successor was not used, new tokens
/// are made. A token whose successor was used ends the session. Run one refresh at a time.
#[utoipa::path(
    post, path = "/v1/auth/refresh", tag = "auth", request_body = RefreshRequest,
    security(()),
    responses((status = 200, description = "New tokens", body = Tokens))
)]
pub async fn refresh(
    State(app): State<App>,
    Json(request): Json<RefreshRequest>,
) -> Result<Json<Tokens>> {
    let community = community_of(request.refresh_token.as_str()).ok_or(Code::RefreshInvalid)?;
    let hash = token_hash(request.refresh_token.as_str());
    let outcome = in_write!(app.db, "refresh", |tx| {
        let token = store::login::refresh(&**tx, community, &hash)
            .await?
            .ok_or(Code::RefreshInvalid)?;
        let session = store::session::get(&**tx, community, token.session_id)
            .await?
            .ok_or(Code::RefreshInvalid)?;
        match decide(presented(tx, &app, &token, &session).await?) {
            Decision::Rotate => rotate(tx, &app, &token, session).await,
            Decision::RotateAgain { revoke } => {
                store::login::revoke_refresh(tx, community, revoke.into(), app.now()).await?;
                rotate(tx, &app, &token, session).await
            }
            Decision::RevokeFamily => end_session(tx, &app, &session).await,
            Decision::Refuse(_) => Ok(Refused::Because(Code::RefreshInvalid)),
        }
    })?;
    match outcome {
        Refused::No(tokens) => Ok(Json(tokens)),
        Refused::Because(code) => Err(code.into()),
    }
}

async fn presented(
    tx: &Tx,
    app: &App,
    token: &refresh_token::Model,
    session: &session::Model,
) -> Result<Presented> {
    let successor = match token.successor_id {
        Some(id) => store::login::refresh_by_id(&**tx, token.community_id, id).await?,
        None => None,
    };
    Ok(Presented {
        used: token.used_at.is_some(),
        successor: successor.map(|row| Successor {
            id: row.id.0,
            used: row.used_at.is_some(),
        }),
        expired: token.expires_at <= app.now() || session.expires_at <= app.now(),
        revoked: token.revoked_at.is_some(),
        session_revoked: session.revoked_at.is_some(),
    })
}

async fn rotate(
    tx: &Tx,
    app: &App,
    token: &refresh_token::Model,
    session: session::Model,
) -> Result<Refused<Tokens>> {
    let (id, tokens) = issue(tx, app, &session).await?;
    // Of two refreshes at once the second sees the first's successor; it is told to come again.
    if !store::login::replace_refresh(tx, token, id, app.now()).await? {
        return Err(Code::Busy.into());
    }
    store::session::touch(tx, session, app.now(), app.now() + idle(app)).await?;
    Ok(Refused::No(tokens))
}

/// A used token came again after its successor was used: one of the two holders is not the owner.
async fn end_session(tx: &Tx, app: &App, session: &session::Model) -> Result<Refused<Tokens>> {
    let (community, account) = (session.community_id, session.account_id);
    store::session::revoke(
        tx,
        community,
        account,
        session.id,
        "refresh_replayed",
        app.now(),
    )
    .await?;
    store::login::revoke_family(tx, community, session.id, app.now()).await?;
    let event = NewEvent::new(
        EventKind::RefreshReplayed,
        SubjectKind::Account,
        account.0,
        None,
    );
    store::event::append(tx, app, community, event).await?;
    Ok(Refused::Because(Code::RefreshReplayed))
}
