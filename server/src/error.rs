//! The one error of the service. A [`Problem`] is for the caller; everything else is logged once,
//! at the boundary, and answered without detail.

use axum::response::{IntoResponse, Response};
use sea_orm::{DbErr, RuntimeErr, SqlErr};

use crate::problem::{Code, Problem};

/// Result of whatever can fail on behalf of a caller.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something the caller can read and mend.
    #[error("{}", .0.code.as_str())]
    Problem(Box<Problem>),
    /// The database refused or is away.
    #[error(transparent)]
    Db(#[from] DbErr),
    /// Something that should not happen; the text is for the log.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// An error for the log, not for the caller.
    pub fn internal(context: impl std::fmt::Display) -> Self {
        Self::Internal(context.to_string())
    }

    /// The problem shown to the caller.
    pub fn into_problem(self) -> Problem {
        match self {
            Self::Problem(problem) => *problem,
            Self::Db(error) if is_unavailable(&error) => {
                Problem::new(Code::DatabaseUnavailable).retry_after(2)
            }
            Self::Db(error) if is_full(&error) => Problem::new(Code::StorageFull).retry_after(60),
            Self::Db(_) | Self::Internal(_) => Problem::new(Code::Internal),
        }
    }

    /// The problem code, when it is one.
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Problem(problem) => Some(problem.code),
            _ => None,
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Problem::new(code).into()
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match &self {
            Self::Problem(_) => {}
            Self::Db(error) if is_unavailable(error) => tracing::warn!(%error, "database away"),
            Self::Db(error) if is_full(error) => tracing::error!(%error, "the disk is full"),
            Self::Db(error) => tracing::error!(%error, "database error"),
            Self::Internal(error) => tracing::error!(%error, "internal error"),
        }
        self.into_problem().into_response()
    }
}

impl IntoResponse for Problem {
    /// Carries the problem to `middleware::problems`, which knows the caller's language.
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// SQLSTATE or SQLite code and the text of a database error.
fn database_error(error: &DbErr) -> Option<(String, String)> {
    let (DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))
    | DbErr::Conn(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    let error = error.as_database_error()?;
    Some((
        error.code().unwrap_or_default().into_owned(),
        format!(
            "{} {}",
            error.message(),
            error.constraint().unwrap_or_default()
        ),
    ))
}

/// True when a constraint, index or trigger of that name refused the change. SQLite names the columns
/// of a unique index instead (`table.column`), so give those too.
pub fn violates(error: &DbErr, names: &[&str]) -> bool {
    let text = match error.sql_err() {
        Some(
            SqlErr::UniqueConstraintViolation(text) | SqlErr::ForeignKeyConstraintViolation(text),
        ) => text,
        _ => database_error(error)
            .map(|(_, text)| text)
            .unwrap_or_default(),
    };
    names.iter().any(|name| text.contains(name))
}

/// True when the same transaction may succeed if run again.
pub fn is_retryable(error: &DbErr) -> bool {
    const SERIALIZATION: [&str; 2] = ["40001", "40P01"];
    const SQLITE_BUSY: [&str; 3] = ["5", "517", "261"];
    database_error(error).is_some_and(|(code, _)| {
        SERIALIZATION.contains(&code.as_str()) || SQLITE_BUSY.contains(&code.as_str())
    })
}

/// True when the database cannot be reached or is shutting down.
pub fn is_unavailable(error: &DbErr) -> bool {
    const SHUTDOWN: [&str; 5] = ["57P01", "57P02", "57P03", "08006", "53300"];
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) => {
            inner.as_database_error().is_none()
                && !matches!(
                    inner.as_ref(),
                    sea_orm::SqlxError::RowNotFound
                        | sea_orm::SqlxError::ColumnDecode { .. }
                        | sea_orm::SqlxError::Decode(_)
                        | sea_orm::SqlxError::Encode(_)
                )
                || database_error(error).is_some_and(|(code, _)| SHUTDOWN.contains(&code.as_str()))
        }
        _ => false,
    }
}

/// True when the database has no room left: what is there can still be read, and nothing was changed.
pub fn is_full(error: &DbErr) -> bool {
    // PostgreSQL's disk_full, SQLite's SQLITE_FULL.
    const FULL: [&str; 2] = ["53100", "13"];
    database_error(error).is_some_and(|(code, _)| FULL.contains(&code.as_str()))
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectOptions, ConnectionTrait, Database};

    use super::*;

    /// A database that may not grow behaves as one on a full disk.
    #[tokio::test]
    async fn a_full_disk_is_told_apart_from_a_fault() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}/full.db?mode=rwc", folder.path().display());
        let options = ConnectOptions::new(url).max_connections(1).to_owned();
        let db = Database::connect(options).await.expect("a database");
        let table = "CREATE TABLE t (x BLOB)";
        db.execute_unprepared(table).await.expect("a table");
        let pages = "PRAGMA max_page_count = 3";
        db.execute_unprepared(pages).await.expect("a limit");
        let much = "INSERT INTO t VALUES (randomblob(100000))";
        let full = db.execute_unprepared(much).await.expect_err("full");
        assert!(is_full(&full) && !is_unavailable(&full) && !is_retryable(&full));
        let problem = Error::from(full).into_problem();
        assert_eq!(problem.code, Code::StorageFull);
        assert_eq!(
            (problem.code.status().as_u16(), problem.retry_after_s),
            (503, Some(60))
        );
        let wrong = db
            .execute_unprepared("INSERT INTO nowhere VALUES (1)")
            .await;
        let wrong = wrong.expect_err("no such table");
        assert!(!is_full(&wrong));
        assert_eq!(Error::from(wrong).into_problem().code, Code::Internal);
    }
}
