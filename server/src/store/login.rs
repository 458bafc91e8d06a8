//! One-time codes, one-time links and refresh tokens. Only hashes are kept.

use chrono::{DateTime, Utc};
use entity::ids::{AccountId, CommunityId, InviteId, LoginCodeId, RefreshTokenId, SessionId};
use entity::{invite, login_code, refresh_token};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};

use super::sql;
use crate::db::Tx;
use crate::error::Result;

/// Keeps a code.
pub async fn insert_code(tx: &Tx, row: login_code::Model) -> Result<()> {
    login_code::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// The newest code of a phone, used or not.
pub async fn newest_code(
    db: &impl ConnectionTrait,
    community: CommunityId,
    phone_hash: &str,
) -> Result<Option<login_code::Model>> {
    Ok(login_code::Entity::find()
        .filter(login_code::Column::CommunityId.eq(community))
        .filter(login_code::Column::PhoneHash.eq(phone_hash))
        .order_by_desc(login_code::Column::CreatedAt)
        .one(db)
        .await?)
}

/// Counts a wrong try on a code.
pub async fn count_try(tx: &Tx, community: CommunityId, id: LoginCodeId) -> Result<()> {
    sql::change(
        tx,
        "UPDATE login_code SET tries = tries + 1 WHERE community_id = $1 AND id = $2",
        [community.into(), id.into()],
    )
    .await?;
    Ok(())
}

/// Uses a code up; false when it was used meanwhile.
pub async fn use_code(
    tx: &Tx,
    community: CommunityId,
    id: LoginCodeId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let changed = sql::change(
        tx,
        "UPDATE login_code SET used_at = $1 WHERE community_id = $2 AND id = $3 AND used_at IS NULL",
        [now.into(), community.into(), id.into()],
    )
    .await?;
    Ok(changed == 1)
}

/// Keeps a link.
pub async fn insert_invite(tx: &Tx, row: invite::Model) -> Result<()> {
    invite::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// A link by the hash of its token.
pub async fn invite(
    db: &impl ConnectionTrait,
    community: CommunityId,
    token_hash: &str,
) -> Result<Option<invite::Model>> {
    Ok(invite::Entity::find()
        .filter(invite::Column::CommunityId.eq(community))
        .filter(invite::Column::TokenHash.eq(token_hash))
        .one(db)
        .await?)
}

/// Uses a link up; false when it was used meanwhile.
pub async fn use_invite(
    tx: &Tx,
    community: CommunityId,
    id: InviteId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let changed = sql::change(
        tx,
        "UPDATE invite SET used_at = $1 WHERE community_id = $2 AND id = $3 AND used_at IS NULL",
        [now.into(), community.into(), id.into()],
    )
    .await?;
    Ok(changed == 1)
}

/// Voids the links of an account that were not used.
pub async fn void_invites(
    tx: &Tx,
    community: CommunityId,
    account: AccountId,
    now: DateTime<Utc>,
) -> Result<()> {
    sql::change(
        tx,
        "UPDATE invite SET used_at = $1 WHERE community_id = $2 AND account_id = $3 AND used_at IS NULL",
        [now.into(), community.into(), account.into()],
    )
    .await?;
    Ok(())
}

/// Keeps a refresh token.
pub async fn insert_refresh(tx: &Tx, row: refresh_token::Model) -> Result<()> {
    refresh_token::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// A refresh token by its hash.
pub async fn refresh(
    db: &impl ConnectionTrait,
    community: CommunityId,
    token_hash: &str,
) -> Result<Option<refresh_token::Model>> {
    Ok(refresh_token::Entity::find()
        .filter(refresh_token::Column::CommunityId.eq(community))
        .filter(refresh_token::Column::TokenHash.eq(token_hash))
        .one(db)
        .await?)
}

/// A refresh token by its id.
pub async fn refresh_by_id(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: RefreshTokenId,
) -> Result<Option<refresh_token::Model>> {
    Ok(refresh_token::Entity::find_by_id((community, id))
        .one(db)
        .await?)
}

/// Marks a token used and names its successor; `seen` is the successor it had when it was read, so of two
/// that refresh at once one runs again. False when it lost.
pub async fn replace_refresh(
    tx: &Tx,
    token: &refresh_token::Model,
    successor: RefreshTokenId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let changed = sql::change(
        tx,
        "UPDATE refresh_token SET used_at = $1, successor_id = $2
         WHERE community_id = $3 AND id = $4 AND revoked_at IS NULL
           AND ((successor_id IS NULL AND $5 = 0) OR ($5 = 1 AND successor_id = $6))",
        [
            now.into(),
            successor.into(),
            token.community_id.into(),
            token.id.into(),
            i32::from(token.successor_id.is_some()).into(),
            token.successor_id.unwrap_or(successor).into(),
        ],
    )
    .await?;
    Ok(changed == 1)
}

/// Voids a refresh token that nobody used. When somebody did meanwhile the write is lost, and runs again upon that.
pub async fn revoke_refresh(
    tx: &Tx,
    community: CommunityId,
    id: RefreshTokenId,
    now: DateTime<Utc>,
) -> Result<()> {
    let changed = sql::change(
        tx,
        "UPDATE refresh_token SET revoked_at = $1
         WHERE community_id = $2 AND id = $3 AND revoked_at IS NULL AND used_at IS NULL",
        [now.into(), community.into(), id.into()],
    )
    .await?;
    if changed == 1 {
        Ok(())
    } else {
        Err(sql::lost_race())
    }
}

/// Voids every refresh token of a session.
pub async fn revoke_family(
    tx: &Tx,
    community: CommunityId,
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<()> {
    sql::change(
        tx,
        "UPDATE refresh_token SET revoked_at = $1 WHERE community_id = $2 AND session_id = $3 AND revoked_at IS NULL",
        [now.into(), community.into(), session.into()],
    )
    .await?;
    Ok(())
}
