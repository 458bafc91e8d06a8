//! Counters of what must not be repeated without end. In the database, so that a restart or a second process does not
//! forget them.

use chrono::{DateTime, TimeDelta, Utc};
use entity::ids::CommunityId;
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::sql;
use crate::db::Tx;
use crate::domain::attempts::{Tries, looks_back};
use crate::domain::calendar::{day_start, local_date};
use crate::error::Result;

#[derive(FromQueryResult)]
struct Hits {
    window_start: DateTime<Utc>,
    hits: i64,
}

/// Lets those who try at the same moment go one after the other, each judged by what came of those before: until the write
/// ends the subject is this one's. The row that says so holds no hit and lies before every window.
pub async fn take_turn(tx: &Tx, community: CommunityId, subject: &str) -> Result<()> {
    let moment = DateTime::<Utc>::UNIX_EPOCH;
    sql::change(
        tx,
        "INSERT INTO rate_counter (community_id, subject, window_start, hits) VALUES ($1, $2, $3, 0)
         ON CONFLICT (community_id, subject, window_start) DO UPDATE SET hits = 0",
        [community.into(), subject.into(), moment.into()],
    )
    .await?;
    Ok(())
}

/// Counts one hit at a moment.
pub async fn hit(tx: &Tx, community: CommunityId, subject: &str, at: DateTime<Utc>) -> Result<()> {
    count(tx, community, subject, at).await?;
    Ok(())
}

/// Counts one hit in the day of Asia/Shanghai that a moment lies in, and tells how many the day has.
pub async fn hit_of_day(
    tx: &Tx,
    community: CommunityId,
    subject: &str,
    now: DateTime<Utc>,
) -> Result<i64> {
    count(tx, community, subject, day_start(local_date(now))).await
}

async fn count(
    tx: &Tx,
    community: CommunityId,
    subject: &str,
    start: DateTime<Utc>,
) -> Result<i64> {
    let row = sql::one::<Hits>(
        &**tx,
        "INSERT INTO rate_counter (community_id, subject, window_start, hits) VALUES ($1, $2, $3, 1)
         ON CONFLICT (community_id, subject, window_start) DO UPDATE SET hits = rate_counter.hits + 1
         RETURNING window_start, hits",
        [community.into(), subject.into(), start.into()],
    )
    .await?;
    Ok(row.map_or(0, |row| row.hits))
}

/// Hits that matter to whether a door is shut now, for [`crate::domain::attempts::shut_until`].
pub async fn recent(
    db: &impl ConnectionTrait,
    community: CommunityId,
    subject: &str,
    window: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Vec<Tries>> {
    let rows = sql::all::<Hits>(
        db,
        "SELECT window_start, hits FROM rate_counter WHERE community_id = $1 AND subject = $2 AND window_start > $3",
        [
            community.into(),
            subject.into(),
            (now - looks_back(window)).into(),
        ],
    )
    .await?;
    let tries = |row: Hits| Tries {
        at: row.window_start,
        count: row.hits,
    };
    Ok(rows.into_iter().map(tries).collect())
}

/// Forgets the hits on something.
pub async fn clear(tx: &Tx, community: CommunityId, subject: &str) -> Result<()> {
    sql::change(
        tx,
        "DELETE FROM rate_counter WHERE community_id = $1 AND subject = $2",
        [community.into(), subject.into()],
    )
    .await?;
    Ok(())
}
