//! A fresh database for each test, copied from a template that is migrated once.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use jiahu::config::DatabaseUrl;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use tokio::sync::OnceCell;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// A file.
    Sqlite,
    /// The server of `JIAHU_TEST_DATABASE_URL`.
    Postgres,
}

/// A database of one test.
pub struct TestDatabase {
    /// Where it is.
    pub url: DatabaseUrl,
    cleanup: Cleanup,
}

enum Cleanup {
    Directory(
        #[expect(dead_code, reason = "removes the directory when dropped")] tempfile::TempDir,
    ),
    Postgres(String),
}

static SERIAL: AtomicU32 = AtomicU32::new(1);
static SQLITE_TEMPLATE: OnceCell<(tempfile::TempDir, PathBuf)> = OnceCell::const_new();
static POSTGRES_TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// Address of the PostgreSQL server; `make test` provides one. A test never passes without it.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where tests learn of their server"
)]
pub fn postgres_server() -> String {
    std::env::var("JIAHU_TEST_DATABASE_URL")
        .expect("JIAHU_TEST_DATABASE_URL is not set: run `make test`, or `scripts/with-postgres cargo test`")
}

/// The server's address with another database name.
pub fn postgres_url(database: &str) -> String {
    let server = postgres_server();
    let (head, options) = server
        .split_once('?')
        .map_or((server.as_str(), ""), |(head, rest)| (head, rest));
    let base = head
        .rsplit_once('/')
        .expect("a database name in the address")
        .0;
    let question = if options.is_empty() { "" } else { "?" };
    format!("{base}/{database}{question}{options}")
}

impl TestDatabase {
    /// An empty, migrated database.
    pub async fn create(backend: Backend) -> Self {
        super::watchdog::watch();
        match backend {
            Backend::Sqlite => Self::sqlite().await,
            Backend::Postgres => Self::postgres().await,
        }
    }

    async fn sqlite() -> Self {
        let (_, template) = SQLITE_TEMPLATE
            .get_or_init(|| async {
                let directory = tempfile::tempdir().expect("a temporary directory");
                let file = directory.path().join("template.db");
                let url = format!("sqlite://{}?mode=rwc", file.display());
                let db = Database::connect(url).await.expect("SQLite opens");
                migration::run(&db).await.expect("the schema is made");
                db.close().await.expect("SQLite closes");
                (directory, file)
            })
            .await;
        let directory = tempfile::tempdir().expect("a temporary directory");
        let file = directory.path().join("jiahu.db");
        std::fs::copy(template, &file).expect("the template is copied");
        Self {
            url: DatabaseUrl::Sqlite(file),
            cleanup: Cleanup::Directory(directory),
        }
    }

    async fn postgres() -> Self {
        let template = POSTGRES_TEMPLATE
            .get_or_init(|| async {
                let name = format!("jiahu_template_{}", std::process::id());
                let server = Database::connect(postgres_server())
                    .await
                    .expect("PostgreSQL answers");
                run(&server, &format!("CREATE DATABASE {name}")).await;
                let db = Database::connect(postgres_url(&name))
                    .await
                    .expect("PostgreSQL answers");
                migration::run(&db).await.expect("the schema is made");
                db.close().await.expect("PostgreSQL closes");
                name
            })
            .await;
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        let name = format!("jiahu_test_{}_{serial}", std::process::id());
        let server = Database::connect(postgres_server())
            .await
            .expect("PostgreSQL answers");
        run(
            &server,
            &format!("CREATE DATABASE {name} TEMPLATE {template}"),
        )
        .await;
        server.close().await.expect("PostgreSQL closes");
        let url = postgres_url(&name).parse().expect("a PostgreSQL address");
        Self {
            url,
            cleanup: Cleanup::Postgres(name),
        }
    }

    /// An empty PostgreSQL database, for migrating from nothing.
    pub async fn empty_postgres() -> Self {
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        let name = format!("jiahu_empty_{}_{serial}", std::process::id());
        let server = Database::connect(postgres_server())
            .await
            .expect("PostgreSQL answers");
        run(&server, &format!("CREATE DATABASE {name}")).await;
        server.close().await.expect("PostgreSQL closes");
        Self {
            url: postgres_url(&name).parse().expect("a PostgreSQL address"),
            cleanup: Cleanup::Postgres(name),
        }
    }

    /// Name of the PostgreSQL database; empty on SQLite.
    pub fn name(&self) -> &str {
        match &self.cleanup {
            Cleanup::Postgres(name) => name,
            Cleanup::Directory(_) => "",
        }
    }

    /// Removes the database.
    pub async fn remove(self) {
        if let Cleanup::Postgres(name) = &self.cleanup {
            let server = Database::connect(postgres_server())
                .await
                .expect("PostgreSQL answers");
            run(
                &server,
                &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            )
            .await;
        }
    }
}

async fn run(db: &DatabaseConnection, sql: &str) {
    db.execute_unprepared(sql)
        .await
        .expect("PostgreSQL does as told");
}
