//! The bare floor: what this box can do when a request is one statement and nothing else. The service's own
//! operations are held against it.

mod server;

use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiahu_tests::harness::{postgres_server, postgres_url};
use jiahu_tests::measure::{Load, drive, timed};
use sea_orm::{ConnectionTrait, Database};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use uuid::Uuid;

use crate::Result;
use crate::report::{INSERT, Throughput};
pub(crate) use server::serve;

/// Rows that are there to be read.
const ROWS: u128 = 10_000;
/// Each operation's time is cut into this many turns, so that a busy moment of the machine hits all alike.
const TURNS: u32 = 4;
/// Ids of inserted rows start here.
static NEXT: AtomicU64 = AtomicU64::new(1 << 32);

/// A floor server as a process of its own; it ends when this is dropped.
struct Floor {
    database: &'static str,
    base: String,
    http: reqwest::Client,
    _process: Child,
}

/// Loads reads and inserts on both databases in turns; `span` is the whole time of one operation on one of them.
pub(crate) async fn measure(clients: usize, span: Duration) -> Result<Vec<Throughput>> {
    let directory = tempfile::tempdir()?;
    let floors = [
        Floor::start("SQLite", sqlite_url(&directory.path().join("floor.db"))).await?,
        Floor::start("PostgreSQL", create_postgres().await?).await?,
    ];
    let mut loads = vec![(Load::default(), Load::default()); floors.len()];
    for _ in 0..TURNS {
        for (floor, (reads, inserts)) in floors.iter().zip(&mut loads) {
            reads.append(drive(clients, span / TURNS, |_| floor.read()).await);
            inserts.append(drive(clients, span / TURNS, |_| floor.insert()).await);
        }
    }
    let mut lines = Vec::new();
    for (floor, (reads, inserts)) in floors.iter().zip(&loads) {
        lines.push(line(floor.database, "floor read", clients, reads)?);
        lines.push(line(floor.database, INSERT, clients, inserts)?);
    }
    drop(floors);
    drop_postgres().await?;
    Ok(lines)
}

/// A load as a line of the report; an operation that never succeeded is an error.
pub(crate) fn line(
    database: &'static str,
    operation: &'static str,
    clients: usize,
    load: &Load,
) -> Result<Throughput> {
    let times = load.times.summary();
    if times.count == 0 {
        let error = load.first_error.as_deref().unwrap_or("no request was made");
        return Err(format!("{operation} on {database}: {error}").into());
    }
    Ok(Throughput {
        database,
        operation,
        clients,
        per_second: load.per_second(),
        errors: load.errors,
        times,
    })
}

impl Floor {
    /// The program starts itself anew, so that server and load do not share one runtime.
    async fn start(database: &'static str, url: String) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("floor-server")
            .env("JIAHU_BENCH_DATABASE_URL", url)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let out = process
            .stdout
            .take()
            .ok_or("the floor server has no output")?;
        let base = BufReader::new(out)
            .lines()
            .next_line()
            .await?
            .ok_or("the floor server ended at once")?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self {
            database,
            base,
            http,
            _process: process,
        })
    }

    async fn read(&self) -> Result<Option<Duration>, String> {
        let id = Uuid::from_u128(rand::random_range(0..ROWS));
        self.send(self.http.get(format!("{}/rows/{id}", self.base)))
            .await
    }

    async fn insert(&self) -> Result<Option<Duration>, String> {
        let id = Uuid::from_u128(NEXT.fetch_add(1, Ordering::Relaxed).into());
        let row = json!({"id": id, "number": 1, "note": server::NOTE});
        self.send(self.http.post(format!("{}/rows", self.base)).json(&row))
            .await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Option<Duration>, String> {
        let whole = async {
            let response = request.send().await?.error_for_status()?;
            response.bytes().await
        };
        let (outcome, took) = timed(whole).await;
        outcome
            .map(|_| Some(took))
            .map_err(|error| error.to_string())
    }
}

fn sqlite_url(file: &Path) -> String {
    format!("sqlite://{}?mode=rwc", file.display())
}

fn postgres_name() -> String {
    format!("jiahu_floor_{}", std::process::id())
}

async fn create_postgres() -> Result<String> {
    let name = postgres_name();
    let server = Database::connect(postgres_server()).await?;
    server
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await?;
    Ok(postgres_url(&name))
}

async fn drop_postgres() -> Result<()> {
    let server = Database::connect(postgres_server()).await?;
    let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", postgres_name());
    server.execute_unprepared(&drop).await?;
    Ok(())
}
