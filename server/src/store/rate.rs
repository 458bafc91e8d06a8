//! Counters of what must not be guessed, in fixed windows. In the database, so that a restart or a second
//! process does not forget them.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use entity::ids::CommunityId;
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::sql;
use crate::db::Tx;
use crate::error::Result;

#[derive(FromQueryResult)]
struct Hits {
    hits: i64,
}

/// Start of the window that `now` lies in.
fn window_start(now: DateTime<Utc>, window: TimeDelta) -> DateTime<Utc> {
    now.duration_trunc(window).unwrap_or(now)
}

/// Counts one hit and tells how many there are in this window.
pub async fn hit(
    tx: &Tx,
    community: CommunityId,
    subject: &str,
    window: TimeDelta,
    now: DateTime<Utc>,
) -> Result<i64> {
    let row = sql::one::<Hits>(
        &**tx,
        "INSERT INTO rate_counter (community_id, subject, window_start, hits) VALUES ($1, $2, $3, 1)
         ON CONFLICT (community_id, subject, window_start) DO UPDATE SET hits = rate_counter.hits + 1
         RETURNING hits",
        [community.into(), subject.into(), window_start(now, window).into()],
    )
    .await?;
    Ok(row.map_or(0, |row| row.hits))
}

/// Hits in this window so far.
pub async fn hits(
    db: &impl ConnectionTrait,
    community: CommunityId,
    subject: &str,
    window: TimeDelta,
    now: DateTime<Utc>,
) -> Result<i64> {
    let row = sql::one::<Hits>(
        db,
        "SELECT hits FROM rate_counter WHERE community_id = $1 AND subject = $2 AND window_start = $3",
        [community.into(), subject.into(), window_start(now, window).into()],
    )
    .await?;
    Ok(row.map_or(0, |row| row.hits))
}

/// Seconds until the window ends.
pub fn seconds_left(now: DateTime<Utc>, window: TimeDelta) -> u64 {
    let left = window_start(now, window) + window - now;
    u64::try_from(left.num_seconds()).unwrap_or(0) + 1
}

/// Forgets the hits of this window.
pub async fn clear(tx: &Tx, community: CommunityId, subject: &str) -> Result<()> {
    sql::change(
        tx,
        "DELETE FROM rate_counter WHERE community_id = $1 AND subject = $2",
        [community.into(), subject.into()],
    )
    .await?;
    Ok(())
}
