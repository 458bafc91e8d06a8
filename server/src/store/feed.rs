//! The event table read as a feed. On PostgreSQL a reader stops at the oldest transaction that still
//! runs, so a row that commits late is never passed over; SQLite has one writer and needs no horizon.

use chrono::{DateTime, Utc};
use entity::enums::SubjectKind;
use entity::ids::{CommunityId, InstitutionId, NurseId, PatientId};
use sea_orm::{ConnectionTrait, DatabaseBackend, FromQueryResult};
use uuid::Uuid;

use super::scope::{Scope, cared_for};
use super::sql;
use crate::domain::audience::{Concern, Sight};
use crate::error::Result;

/// A place in the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FeedCursor {
    /// Transaction that wrote the event (0 on SQLite).
    pub txid: i64,
    /// Number of the event.
    pub seq: i64,
}

impl FeedCursor {
    /// Before every event.
    pub const START: Self = Self { txid: 0, seq: 0 };
}

impl std::fmt::Display for FeedCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.txid, self.seq)
    }
}

impl std::str::FromStr for FeedCursor {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (txid, seq) = text.split_once('-').ok_or(())?;
        Ok(Self {
            txid: txid.parse().map_err(|_| ())?,
            seq: seq.parse().map_err(|_| ())?,
        })
    }
}

/// An event as the feed carries it: what happened to what, and whom it concerns.
#[derive(Clone, Debug, FromQueryResult)]
pub struct FeedRow {
    /// See [`FeedCursor`].
    pub txid: i64,
    /// See [`FeedCursor`].
    pub seq: i64,
    /// Tenant.
    pub community_id: CommunityId,
    /// What it is about.
    pub subject_kind: SubjectKind,
    /// What it is about.
    pub subject_id: Uuid,
    /// What happened.
    pub kind: String,
    /// When, by the server's clock.
    pub at: DateTime<Utc>,
    /// Institution concerned.
    pub institution_id: Option<InstitutionId>,
    /// Patient concerned.
    pub patient_id: Option<PatientId>,
    /// Nurse concerned.
    pub nurse_id: Option<NurseId>,
}

impl FeedRow {
    /// Whom it concerns.
    pub fn concern(&self) -> Concern {
        Concern {
            community: self.community_id,
            institution: self.institution_id,
            patient: self.patient_id,
            nurse: self.nurse_id,
        }
    }

    /// Where it stands.
    pub fn cursor(&self) -> FeedCursor {
        FeedCursor {
            txid: self.txid,
            seq: self.seq,
        }
    }
}

const COLUMNS: &str = "txid, seq, community_id, subject_kind, subject_id, kind, at, institution_id, patient_id, nurse_id";

/// Events after a cursor of all communities, in feed order. The operator's own query.
pub async fn after(
    db: &impl ConnectionTrait,
    cursor: FeedCursor,
    limit: u32,
) -> Result<Vec<FeedRow>> {
    let values = [cursor.txid.into(), cursor.seq.into()];
    Ok(sql::all(db, after_sql(db, limit), values).await?)
}

fn after_sql(db: &impl ConnectionTrait, limit: u32) -> String {
    format!(
        "SELECT {COLUMNS} FROM event WHERE {}{} ORDER BY txid, seq LIMIT {limit}",
        later(db, "$1", "$2"),
        horizon(db)
    )
}

/// Events of one community after a cursor, in feed order.
pub async fn of_community_after(
    db: &impl ConnectionTrait,
    community: CommunityId,
    cursor: FeedCursor,
    limit: u32,
) -> Result<Vec<FeedRow>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM event WHERE community_id = $1 AND {}{}
         ORDER BY txid, seq LIMIT {limit}",
        later(db, "$2", "$3"),
        horizon(db)
    );
    Ok(sql::all(
        db,
        sql,
        [community.into(), cursor.txid.into(), cursor.seq.into()],
    )
    .await?)
}

/// What a scope lets its owner hear of; one statement for families, none for others.
pub async fn sight(db: &impl ConnectionTrait, scope: &Scope) -> Result<Sight> {
    let mut sight = Sight {
        institutions: scope.institutions.clone(),
        nurse: scope.nurse,
        ..Sight::blind(scope.community)
    };
    if let Some(account) = scope.carer {
        let patients = cared_for(scope.community, account);
        let rows = db.query_all(&patients).await?;
        for row in rows {
            sight.patients.insert(row.try_get_by_index(0)?);
        }
    }
    Ok(sight)
}

#[derive(FromQueryResult)]
struct End {
    txid: i64,
    seq: i64,
}

/// The last event that can be read. The operator's own query.
pub async fn end(db: &impl ConnectionTrait) -> Result<FeedCursor> {
    let sql = format!(
        "SELECT txid, seq FROM event WHERE true{} ORDER BY txid DESC, seq DESC LIMIT 1",
        horizon(db)
    );
    let end = sql::one::<End>(db, sql, []).await?;
    Ok(end.map_or(FeedCursor::START, |end| FeedCursor {
        txid: end.txid,
        seq: end.seq,
    }))
}

/// After a cursor. SQLite does not look a rowid up as part of a row value: it would read the whole trail each time.
/// There every event has the transaction 0.
fn later(db: &impl ConnectionTrait, txid: &str, seq: &str) -> String {
    match db.get_database_backend() {
        DatabaseBackend::Postgres => format!("(txid, seq) > ({txid}, {seq})"),
        _ => format!("txid = {txid} AND seq > {seq}"),
    }
}

fn horizon(db: &impl ConnectionTrait) -> &'static str {
    match db.get_database_backend() {
        DatabaseBackend::Postgres => {
            " AND txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectOptions, Database};

    use super::*;

    #[tokio::test]
    async fn sqlite_looks_a_cursor_up_and_reads_on_from_there() {
        let mut options = ConnectOptions::new("sqlite::memory:");
        options.max_connections(1);
        let db = Database::connect(options).await.expect("a database");
        migration::run(&db).await.expect("a schema");
        let explain = format!("EXPLAIN QUERY PLAN {}", after_sql(&db, 500));
        let explain = sql::statement(&db, explain, [0_i64.into(), 0_i64.into()]);
        let row = db.query_one_raw(explain).await.expect("a plan");
        let plan = row.expect("a line").try_get::<String>("", "detail");
        let plan = plan.expect("a text");
        assert!(plan.contains("(txid=? AND seq>?)"), "{plan}");
    }
}
