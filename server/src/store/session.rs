//! Sessions and the roles behind them.

use chrono::{DateTime, Utc};
use entity::enums::{AccountStatus, Role};
use entity::ids::{AccountId, CommunityId, InstitutionId, NurseId, SessionId};
use entity::session::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel,
    QueryFilter, QueryOrder,
};

use super::sql;
use crate::db::Tx;
use crate::error::Result;

/// Why the sessions of an account that is disabled end.
pub const ACCOUNT_DISABLED: &str = "account_disabled";

/// A session with one (role, institution) pair of its account; accounts without a role give one row.
#[derive(Clone, Debug, FromQueryResult)]
pub struct SessionRole {
    /// The account.
    pub account_id: AccountId,
    /// State of the account.
    pub status: AccountStatus,
    /// Ended.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Why.
    pub revoke_reason: Option<String>,
    /// End of the session at the latest.
    pub expires_at: DateTime<Utc>,
    /// The account's nurse profile.
    pub nurse_id: Option<NurseId>,
    /// A role.
    pub role: Option<Role>,
    /// An institution that the role reaches.
    pub institution_id: Option<InstitutionId>,
}

/// Who is behind a session, in one statement.
pub async fn roles_of(
    db: &impl ConnectionTrait,
    community: CommunityId,
    session: SessionId,
) -> Result<Vec<SessionRole>> {
    let rows = sql::all(
        db,
        "SELECT s.account_id, a.status, s.revoked_at, s.revoke_reason, s.expires_at, n.id AS nurse_id, g.role,
                m.member_id AS institution_id
         FROM session s
         JOIN account a ON a.community_id = s.community_id AND a.id = s.account_id
         LEFT JOIN nurse n ON n.community_id = s.community_id AND n.account_id = s.account_id
         LEFT JOIN role_grant g ON g.community_id = s.community_id AND g.account_id = s.account_id
         LEFT JOIN institution_scope m ON m.community_id = g.community_id AND m.institution_id = g.institution_id
         WHERE s.community_id = $1 AND s.id = $2",
        [community.into(), session.into()],
    )
    .await?;
    Ok(rows)
}

/// Starts a session.
pub async fn insert(tx: &Tx, session: Model) -> Result<()> {
    Entity::insert(session.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// A session of the community.
pub async fn get(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: SessionId,
) -> Result<Option<Model>> {
    Ok(Entity::find_by_id((community, id)).one(db).await?)
}

/// Live sessions of an account, newest first.
pub async fn live_of(
    db: &impl ConnectionTrait,
    community: CommunityId,
    account: AccountId,
    now: DateTime<Utc>,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::AccountId.eq(account))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .order_by_desc(Column::Id)
        .all(db)
        .await?)
}

/// Ends a session of an account; false when there is none that lives.
pub async fn revoke(
    tx: &Tx,
    community: CommunityId,
    account: AccountId,
    session: SessionId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let changed = sql::change(
        tx,
        "UPDATE session SET revoked_at = $1, revoke_reason = $2
         WHERE community_id = $3 AND id = $4 AND account_id = $5 AND revoked_at IS NULL",
        [
            now.into(),
            reason.into(),
            community.into(),
            session.into(),
            account.into(),
        ],
    )
    .await?;
    Ok(changed == 1)
}

/// Ends every session of an account but one (none: all).
pub async fn revoke_all(
    tx: &Tx,
    community: CommunityId,
    account: AccountId,
    but: Option<SessionId>,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<u64> {
    let keep = but.map_or(uuid::Uuid::nil(), |id| id.0);
    Ok(sql::change(
        tx,
        "UPDATE session SET revoked_at = $1, revoke_reason = $2
         WHERE community_id = $3 AND account_id = $4 AND id <> $5 AND revoked_at IS NULL",
        [
            now.into(),
            reason.into(),
            community.into(),
            account.into(),
            keep.into(),
        ],
    )
    .await?)
}

/// Notes that a session was used and extends it.
pub async fn touch(
    tx: &Tx,
    session: Model,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    let mut row: ActiveModel = session.into_active_model();
    row.last_seen_at = sea_orm::ActiveValue::Set(now);
    row.expires_at = sea_orm::ActiveValue::Set(expires_at);
    row.update(&**tx).await?;
    Ok(())
}
