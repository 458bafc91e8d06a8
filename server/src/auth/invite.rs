//! One-time links by which staff set password and second factor. Nobody ever hands out a password.

use chrono::{DateTime, TimeDelta, Utc};
use entity::ids::{AccountId, InviteId};
use entity::{account, invite};

use crate::app::App;
use crate::crypto::{random_token, token_hash};
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::store;
use crate::store::event::NewEvent;

/// How long a link is good.
const LIFE: TimeDelta = TimeDelta::hours(72);

/// A link, known in the clear this once: only the hash of its token is kept.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// The address to open. The token stands after `#`, so that no server log sees it.
    pub url: String,
    /// End of the link.
    pub expires_at: DateTime<Utc>,
}

/// Makes a link for an account; older ones become void.
pub async fn invite(
    tx: &Tx,
    app: &App,
    account: &account::Model,
    by: Option<AccountId>,
) -> Result<Invitation> {
    let (community, now) = (account.community_id, app.now());
    store::login::void_invites(tx, community, account.id, now).await?;
    // The community stands in front, so that the look-up stays within it.
    let token = format!("{}.{}", community.0.simple(), random_token());
    let row = invite::Model {
        community_id: community,
        id: app.new_id::<InviteId>(),
        account_id: account.id,
        token_hash: token_hash(&token),
        created_at: now,
        expires_at: now + LIFE,
        used_at: None,
    };
    let expires_at = row.expires_at;
    store::login::insert_invite(tx, row).await?;
    let event = NewEvent::new(
        EventKind::AccountInvited,
        entity::enums::SubjectKind::Account,
        account.id.0,
        by,
    );
    store::event::append(tx, app, community, event).await?;
    Ok(Invitation {
        url: format!("{}/#/invite/{token}", app.config.public_url),
        expires_at,
    })
}
