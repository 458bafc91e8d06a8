//! How the database is set up: the operator's own queries.

use std::fmt;

use sea_orm::{ConnectionTrait, FromQueryResult};

use super::sql;
use crate::error::{Error, Result};

/// Settings of an SQLite connection.
#[derive(Clone, Debug, FromQueryResult)]
pub struct SqliteSettings {
    /// Version of the library.
    pub version: String,
    /// Journal mode.
    pub journal: String,
    /// 2 is FULL.
    pub synchronous: i64,
    /// 1 is on.
    pub foreign_keys: i64,
}

impl fmt::Display for SqliteSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SQLite {}, journal {}, synchronous {}, foreign keys {}",
            self.version, self.journal, self.synchronous, self.foreign_keys
        )
    }
}

/// Asks a connection that was opened as the server opens them.
pub async fn sqlite_settings(db: &impl ConnectionTrait) -> Result<SqliteSettings> {
    let row = sql::one(
        db,
        "SELECT sqlite_version() AS version,
                (SELECT journal_mode FROM pragma_journal_mode) AS journal,
                (SELECT synchronous FROM pragma_synchronous) AS synchronous,
                (SELECT foreign_keys FROM pragma_foreign_keys) AS foreign_keys",
        [],
    )
    .await?;
    row.ok_or_else(|| Error::internal("SQLite does not tell its settings"))
}

/// Settings of a PostgreSQL server.
#[derive(Clone, Debug, FromQueryResult)]
pub struct PostgresSettings {
    /// Version, such as `15.6`.
    pub version: String,
    /// Writes reach the disk.
    pub fsync: String,
    /// Commits wait for the disk.
    pub synchronous_commit: String,
}

impl PostgresSettings {
    /// The number in front.
    pub fn major(&self) -> i32 {
        let digits: String = self
            .version
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        digits.parse().unwrap_or(0)
    }
}

impl fmt::Display for PostgresSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "PostgreSQL {}, fsync {}, synchronous_commit {}",
            self.version, self.fsync, self.synchronous_commit
        )
    }
}

/// Asks the server.
pub async fn postgres_settings(db: &impl ConnectionTrait) -> Result<PostgresSettings> {
    let row = sql::one(
        db,
        "SELECT current_setting('server_version') AS version,
                current_setting('fsync') AS fsync,
                current_setting('synchronous_commit') AS synchronous_commit",
        [],
    )
    .await?;
    row.ok_or_else(|| Error::internal("PostgreSQL does not tell its settings"))
}
