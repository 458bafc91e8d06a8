//! Dropping what has no further use. The operator's own queries: they cross communities.

use chrono::{DateTime, Utc};

use super::sql;
use crate::db::Tx;
use crate::error::Result;

/// Rows dropped by one statement, so that no write is held up for long.
pub const BATCH: u64 = 1_000;

/// What is dropped, in an order that leaves no row pointing at one that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stale {
    /// Answers kept for retries, by age.
    Answers,
    /// Rate counters, by the start of their window.
    Counters,
    /// One-time codes, by their end.
    Codes,
    /// Refresh tokens, by their own end or their session's. Used ones stay until then: a replay has to be noticed.
    Tokens,
    /// Sessions without a token, by their end.
    Sessions,
    /// The way of a visit, of either nurse, by its release or by the end of its order. A visit that was finished and not closed
    /// keeps it: nothing is proven yet.
    Tracks,
    /// What phones told later of places on the way, also what was refused, by when it came. That it was told stays.
    ToldPlaces,
}

/// What is done with rows that are stale.
enum Drop {
    /// They are deleted.
    Row,
    /// They stay, and this is set.
    Part(&'static str),
}

impl Stale {
    /// The table and its key, and which rows of it ended before `$1`.
    const fn parts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Answers => (
                "idempotency",
                "community_id, account_id, key",
                "SELECT community_id, account_id, key FROM idempotency WHERE created_at < $1",
            ),
            Self::Counters => (
                "rate_counter",
                "community_id, subject, window_start",
                "SELECT community_id, subject, window_start FROM rate_counter WHERE window_start < $1",
            ),
            Self::Codes => (
                "login_code",
                "community_id, id",
                "SELECT community_id, id FROM login_code WHERE expires_at < $1",
            ),
            Self::Tokens => (
                "refresh_token",
                "community_id, id",
                "SELECT t.community_id, t.id FROM refresh_token t
                 JOIN session s ON s.community_id = t.community_id AND s.id = t.session_id
                 WHERE t.expires_at < $1 OR s.expires_at < $1 OR s.revoked_at < $1",
            ),
            Self::Sessions => (
                "session",
                "community_id, id",
                "SELECT s.community_id, s.id FROM session s
                 WHERE (s.expires_at < $1 OR s.revoked_at < $1) AND NOT EXISTS (
                     SELECT 1 FROM refresh_token t WHERE t.community_id = s.community_id AND t.session_id = s.id)",
            ),
            Self::Tracks => (
                "visit_position",
                "community_id, visit_id, at",
                "SELECT p.community_id, p.visit_id, p.at FROM visit_position p
                 JOIN visit v ON v.community_id = p.community_id AND v.id = p.visit_id
                 JOIN care_order o ON o.community_id = v.community_id AND o.id = v.order_id
                 WHERE v.released_at < $1
                    OR (o.state IN ('closed', 'cancelled', 'aborted', 'expired', 'refused') AND o.updated_at < $1)",
            ),
            Self::ToldPlaces => (
                "sync_action",
                "community_id, nurse_id, id",
                "SELECT community_id, nurse_id, id FROM sync_action
                 WHERE kind = 'positions' AND received_at < $1 AND body_enc <> ''",
            ),
        }
    }

    const fn drop(self) -> Drop {
        match self {
            Self::ToldPlaces => Drop::Part("body_enc = ''"),
            _ => Drop::Row,
        }
    }
}

/// Drops at most [`BATCH`] rows that ended before a moment; how many there were.
pub async fn purge(tx: &Tx, what: Stale, before: DateTime<Utc>) -> Result<u64> {
    let (table, key, stale) = what.parts();
    let change = match what.drop() {
        Drop::Row => format!("DELETE FROM {table}"),
        Drop::Part(set) => format!("UPDATE {table} SET {set}"),
    };
    Ok(sql::change(
        tx,
        format!("{change} WHERE ({key}) IN ({stale} LIMIT {BATCH})"),
        [before.into()],
    )
    .await?)
}

#[cfg(test)]
mod tests {
    use entity::enums::{ActKind, OrderState};

    use super::*;
    use crate::domain::lifecycle::is_final;

    #[test]
    fn the_way_goes_once_nothing_can_happen_to_the_order() {
        let (_, _, stale) = Stale::Tracks.parts();
        for state in OrderState::ALL {
            let named = stale.contains(&format!("'{state}'"));
            assert_eq!(named, is_final(*state), "{state}");
        }
        let (_, _, stale) = Stale::ToldPlaces.parts();
        assert!(stale.contains(&format!("'{}'", ActKind::Positions)));
    }
}
