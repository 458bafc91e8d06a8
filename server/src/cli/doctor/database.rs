//! The database: there, set up as it must be, up to date, and nothing stuck in it.

use jiahu::config::{Config, DatabaseUrl};
use jiahu::db::Db;
use jiahu::store;
use secrecy::ExposeSecret;

use super::Report;
use crate::cli::outcome::Failure;
use crate::cli::settings::absolute;

/// Oldest PostgreSQL that is tested.
const OLDEST_POSTGRES: i32 = 14;

/// Opens the database.
pub(super) async fn reach(report: &mut Report, config: &Config) -> Option<Db> {
    const WHAT: &str = "database";
    let url = &config.database_url;
    if let Err(reason) = url.require_existing() {
        report.fail(WHAT, &reason);
        return None;
    }
    let shown = match url {
        DatabaseUrl::Sqlite(path) => format!("sqlite:{}", absolute(path)),
        DatabaseUrl::Postgres(_) => url.to_string(),
    };
    match Db::connect(url.connection_url(false).expose_secret(), 1).await {
        Ok(db) => {
            report.ok(WHAT, &format!("{shown} answers"));
            Some(db)
        }
        Err(error) => {
            report.fail(WHAT, &format!("{shown} does not answer: {error}"));
            None
        }
    }
}

/// Durability and safety of what is written.
pub(super) async fn settings(report: &mut Report, db: &Db) {
    const WHAT: &str = "database settings";
    let checked = if db.is_sqlite() {
        store::operator::sqlite_settings(db.reader())
            .await
            .map(|found| {
                let sound =
                    found.journal == "wal" && found.synchronous == 2 && found.foreign_keys == 1;
                (sound, true, found.to_string())
            })
    } else {
        store::operator::postgres_settings(db.reader())
            .await
            .map(|found| {
                let durable = found.fsync == "on" && found.synchronous_commit != "off";
                (found.major() >= OLDEST_POSTGRES, durable, found.to_string())
            })
    };
    match checked {
        Ok((true, true, said)) => report.ok(WHAT, &said),
        Ok((true, false, said)) => report.warn(
            WHAT,
            &format!("{said}: a power cut loses what was acknowledged; turn fsync and synchronous_commit on"),
        ),
        Ok((false, _, said)) => report.fail(
            WHAT,
            &format!("{said}: needed are WAL, synchronous FULL and foreign keys on SQLite, or PostgreSQL {OLDEST_POSTGRES}"),
        ),
        Err(error) => report.failure(WHAT, error.into()),
    }
}

/// True when the schema is up to date.
pub(super) async fn schema(report: &mut Report, db: &Db) -> bool {
    const WHAT: &str = "schema";
    match migration::missing(db.reader()).await {
        Ok(missing) if missing.is_empty() => {
            report.ok(WHAT, "up to date");
            true
        }
        Ok(missing) => {
            let steps = missing.join(", ");
            report.fail(WHAT, &format!("missing {steps}: run `jiahu migrate`"));
            false
        }
        Err(error) => {
            report.fail(
                WHAT,
                &format!("{error}; is this program older than the database?"),
            );
            false
        }
    }
}

/// Jobs that gave up.
pub(super) async fn jobs(report: &mut Report, db: &Db) {
    const WHAT: &str = "jobs";
    match store::job::failed(db.reader()).await {
        Ok(0) => report.ok(WHAT, "none gave up"),
        Ok(count) => report.warn(
            WHAT,
            &format!("{count} gave up: column last_error of table job says why"),
        ),
        Err(error) => report.failure(WHAT, Failure::from(error)),
    }
}
