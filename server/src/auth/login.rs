//! What every login shares: a session, its tokens, its trail, and the lock against guessing.

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::{Role, SubjectKind};
use entity::ids::{CommunityId, RefreshTokenId, SessionId};
use entity::{account, refresh_token, session};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::token::Subject;
use crate::crypto::{random_token, token_hash};
use crate::db::Tx;
use crate::domain::attempts::{seconds_until, shut_until};
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::problem::{Code, Problem};
use crate::store;
use crate::store::event::NewEvent;

/// What a login or refresh gives.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Tokens {
    /// Send as `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds the access token is good for.
    #[schema(example = 600)]
    pub expires_in: i64,
    /// Good for one refresh; keep it in the phone's safe storage.
    pub refresh_token: String,
    /// End of the refresh token.
    pub refresh_expires_at: DateTime<Utc>,
    /// The session, as in the list of sessions.
    pub session_id: SessionId,
}

/// Starts a session for an account.
pub async fn start_session(
    tx: &Tx,
    app: &App,
    account: &account::Model,
    device: &str,
) -> Result<Tokens> {
    let now = app.now();
    let id = app.new_id::<SessionId>();
    let row = session::Model {
        community_id: account.community_id,
        id,
        account_id: account.id,
        device: device.to_owned(),
        created_at: now,
        last_seen_at: now,
        expires_at: now + idle(app),
        revoked_at: None,
        revoke_reason: None,
    };
    store::session::insert(tx, row.clone()).await?;
    let (_, tokens) = issue(tx, app, &row).await?;
    Ok(tokens)
}

/// Makes an access token and a refresh token for a session.
pub async fn issue(
    tx: &Tx,
    app: &App,
    session: &session::Model,
) -> Result<(RefreshTokenId, Tokens)> {
    let now = app.now();
    let id = app.new_id::<RefreshTokenId>();
    // The community stands in front, so that the look-up stays within it.
    let token = format!("{}.{}", session.community_id.0.simple(), random_token());
    let expires_at = now + TimeDelta::days(i64::from(app.config.auth.refresh_token_days));
    store::login::insert_refresh(
        tx,
        refresh_token::Model {
            community_id: session.community_id,
            id,
            session_id: session.id,
            token_hash: token_hash(&token),
            created_at: now,
            expires_at,
            used_at: None,
            successor_id: None,
            revoked_at: None,
        },
    )
    .await?;
    let subject = Subject {
        account: session.account_id.0,
        session: session.id.0,
        community: session.community_id.0,
    };
    let tokens = Tokens {
        access_token: app.tokens.issue(subject, now),
        token_type: "Bearer",
        expires_in: app.tokens.lifetime().num_seconds(),
        refresh_token: token,
        refresh_expires_at: expires_at,
        session_id: session.id,
    };
    Ok((id, tokens))
}

/// How long a session lives without being used.
pub fn idle(app: &App) -> TimeDelta {
    TimeDelta::hours(i64::from(app.config.auth.session_idle_h))
}

/// The community in front of an opaque token.
pub fn community_of(token: &str) -> Option<CommunityId> {
    let (community, _) = token.split_once('.')?;
    community.parse().ok().map(CommunityId)
}

/// True when any of the roles is a staff role: those need password and second factor.
pub fn is_staff(roles: &[Role]) -> bool {
    roles.iter().any(|role| *role != Role::Family)
}

/// Subject of the counter of failed logins of a phone. Kept for unknown phones too, so that an answer
/// does not tell which phones have accounts.
fn failures(phone_hash: &str) -> String {
    format!("login:{phone_hash}")
}

/// Within which failed logins are counted, and for which the last of them locks.
fn lockout(app: &App) -> TimeDelta {
    TimeDelta::minutes(i64::from(app.config.auth.lockout_min))
}

async fn locked_until(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    phone_hash: &str,
) -> Result<Option<DateTime<Utc>>> {
    let (now, window) = (app.now(), lockout(app));
    let tries = store::rate::recent(db, community, &failures(phone_hash), window, now).await?;
    let most = i64::from(app.config.auth.login_tries);
    Ok(shut_until(&tries, most, window, now))
}

/// Fails while a phone is locked: before a password is hashed for nothing.
pub async fn check_lock(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    phone_hash: &str,
) -> Result<()> {
    let Some(until) = locked_until(db, app, community, phone_hash).await? else {
        return Ok(());
    };
    let seconds = seconds_until(until, app.now());
    Err(Problem::new(Code::AccountLocked)
        .with("seconds", seconds)
        .retry_after(seconds)
        .into())
}

/// Takes a phone's turn within a write, and fails while it is locked: of tries at once each knows of those before it.
pub async fn take_turn(tx: &Tx, app: &App, community: CommunityId, phone_hash: &str) -> Result<()> {
    store::rate::take_turn(tx, community, &failures(phone_hash)).await?;
    check_lock(&**tx, app, community, phone_hash).await
}

/// Forgets the failures of an account's phone, and leaves the event of the login.
pub async fn admit(tx: &Tx, app: &App, account: &account::Model) -> Result<()> {
    let (community, id) = (account.community_id, account.id);
    store::rate::clear(tx, community, &failures(&account.phone_hash)).await?;
    let event = NewEvent::new(
        EventKind::LoggedIn,
        SubjectKind::Account,
        id.0,
        Some(account.id),
    );
    store::event::append(tx, app, community, event).await
}

/// Counts a failed login; the one that locks leaves an event, when the phone has an account.
pub async fn count_failure(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    phone_hash: &str,
) -> Result<()> {
    store::rate::hit(tx, community, &failures(phone_hash), app.now()).await?;
    if locked_until(&**tx, app, community, phone_hash)
        .await?
        .is_none()
    {
        return Ok(());
    }
    let Some(account) = store::account::by_phone(&**tx, community, phone_hash).await? else {
        return Ok(());
    };
    let (kind, subject) = (EventKind::LoginLocked, SubjectKind::Account);
    let event = NewEvent::new(kind, subject, account.id.0, None);
    store::event::append(tx, app, community, event).await
}
