//! The database: how it is opened, and the one path on which anything is written.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::{
    ConnectOptions, Database, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::error::{Error, Result, is_retryable, violates};
use crate::problem::{Code, Problem};

/// How often a write is run before the caller is told that the system is busy.
const MAX_ATTEMPTS: u32 = 12;

/// A pool of connections to one database.
#[derive(Clone, Debug)]
pub struct Db {
    connection: DatabaseConnection,
    /// The same pool, not counted: what runs by itself must not blur the count of a request.
    background: DatabaseConnection,
    /// SQLite has one writer: waiting here is fair and costs nothing, waiting in SQLite is polling.
    sqlite_writer: Option<Arc<Semaphore>>,
    commits: watch::Sender<u64>,
    statements: Arc<AtomicU64>,
}

/// A write transaction. Only `store` functions that take one can change rows.
pub struct Tx {
    inner: DatabaseTransaction,
    _writer: Option<OwnedSemaphorePermit>,
}

impl std::ops::Deref for Tx {
    type Target = DatabaseTransaction;
    fn deref(&self) -> &DatabaseTransaction {
        &self.inner
    }
}

impl Db {
    /// Opens `sqlite:` or `postgres:`; the schema is not touched.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self> {
        let statements = Arc::new(AtomicU64::new(0));
        let mut connection = Database::connect(options(url, max_connections)).await?;
        let background = connection.clone();
        let counter = statements.clone();
        connection.set_metric_callback(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let sqlite = connection.get_database_backend() == DatabaseBackend::Sqlite;
        Ok(Self {
            connection,
            background,
            sqlite_writer: sqlite.then(|| Arc::new(Semaphore::new(1))),
            commits: watch::Sender::new(0),
            statements,
        })
    }

    /// For reads outside a write.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// For the feed, which reads whether anybody asks or not.
    pub fn background(&self) -> &DatabaseConnection {
        &self.background
    }

    /// True on SQLite.
    pub fn is_sqlite(&self) -> bool {
        self.sqlite_writer.is_some()
    }

    /// Counts commits of this process: a wake-up for whoever tails the events or runs jobs.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }

    /// Statements that requests and jobs of this process ran so far; tests hold it against the size of the answer.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Starts a write; use [`crate::in_write!`].
    pub fn write(&self, name: &'static str) -> Write<'_> {
        Write {
            db: self,
            name,
            attempts: 0,
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one home of write transactions"
    )]
    async fn begin(&self) -> Result<Tx> {
        let writer = match &self.sqlite_writer {
            Some(writer) => Some(
                writer
                    .clone()
                    .acquire_owned()
                    .await
                    .map_err(Error::internal)?,
            ),
            None => None,
        };
        // A deferred transaction on SQLite fails when it turns from reading to writing under load.
        let options = TransactionOptions {
            sqlite_transaction_mode: writer.is_some().then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(Tx {
            inner: self.connection.begin_with_options(options).await?,
            _writer: writer,
        })
    }
}

/// A named write that may be run more than once.
pub struct Write<'db> {
    db: &'db Db,
    name: &'static str,
    attempts: u32,
}

/// What came of one run of a write's body.
pub enum Settled<T> {
    /// Committed, or failed for good.
    Done(Result<T>),
    /// Lost a race; run the body again.
    Again,
}

impl Write<'_> {
    /// Begins the next run.
    pub async fn begin(&mut self) -> Result<Tx> {
        self.attempts += 1;
        self.db.begin().await
    }

    /// Commits or rolls back, and tells whether to run the body again.
    pub async fn settle<T>(&self, tx: Tx, outcome: Result<T>) -> Settled<T> {
        let outcome = match outcome {
            Ok(value) => match tx.inner.commit().await {
                Ok(()) => {
                    self.db.commits.send_modify(|count| *count += 1);
                    return Settled::Done(Ok(value));
                }
                Err(error) => Err(Error::from(error)),
            },
            Err(error) => {
                // The first error is the one to tell; a failed rollback ends the connection anyway.
                if let Err(rollback) = tx.inner.rollback().await {
                    tracing::debug!(name = self.name, %rollback, "rollback failed");
                }
                Err(error)
            }
        };
        match &outcome {
            Err(Error::Db(error)) if may_retry(error) => {
                if self.attempts < MAX_ATTEMPTS {
                    tracing::debug!(name = self.name, attempt = self.attempts, %error, "write runs again");
                    return Settled::Again;
                }
                tracing::warn!(name = self.name, %error, "write gave up");
                Settled::Done(Err(Problem::new(Code::Busy).retry_after(1).into()))
            }
            _ => Settled::Done(outcome),
        }
    }
}

/// A row that is not as it was read, and a link of an event chain, an idempotency key, a place among a nurse's acts, the
/// open alarm of a visit, the number of an order or the photo of a visit taken by a neighbour count as a lost race.
fn may_retry(error: &DbErr) -> bool {
    is_retryable(error)
        || matches!(error, DbErr::RecordNotUpdated)
        || violates(
            error,
            &[
                "event_chain",
                "event.subject_no",
                "idempotency_pkey",
                "idempotency.key",
                "sync_action_pkey",
                "sync_action.id",
                "sync_action_chain",
                "sync_action.counter",
                "sync_action_other_text",
                "sync_action.original_id",
                "sos_one_open",
                "sos_alarm.visit_id",
                "care_order_community_id_number_key",
                "care_order.number",
                "visit_photo_once",
                "visit_photo.sha256",
            ],
        )
}

/// Fixes the error type of a write's body.
pub fn body<T, F: Future<Output = Result<T>>>(future: F) -> F {
    future
}

/// Runs a block in one write transaction: `in_write!(db, "accept_order", |tx| { … Ok(value) })`.
///
/// The block may run more than once, so it has no effect but rows. It is a macro and not a closure
/// because a future that borrows from its surroundings through a closure cannot be shown to be `Send`.
#[macro_export]
macro_rules! in_write {
    ($db:expr, $name:literal, |$tx:ident| $block:block) => {{
        let mut write = $db.write($name);
        loop {
            let $tx = match write.begin().await {
                Ok(tx) => tx,
                Err(error) => break Err(error),
            };
            let outcome = {
                let $tx = &$tx;
                $crate::db::body(async { $block }).await
            };
            match write.settle($tx, outcome).await {
                $crate::db::Settled::Done(result) => break result,
                $crate::db::Settled::Again => {}
            }
        }
    }};
}

/// PRAGMAs are per connection, so they stand in the options of the pool.
fn options(url: &str, max_connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(max_connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(5))
        .connect_timeout(Duration::from_secs(5))
        // Asking a busy connection whether it is alive would double the round trips of every statement.
        .test_before_acquire_if_idle_for(Duration::from_secs(1))
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL")
                .pragma("foreign_keys", "ON")
                .pragma("temp_store", "MEMORY")
                .pragma("cache_size", "-16000")
                .busy_timeout(Duration::from_secs(10))
        });
    options
}
