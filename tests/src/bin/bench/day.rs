//! The working day of a county on both databases, its bookings and accepts next to the bare insert.

use std::process::Stdio;

use jiahu_tests::harness::{Backend, Program, program};
use serde_json::Value;
use tokio::process::Command;

use crate::Result;
use crate::report::{Day, Operation};

/// Operations that are held against the bare insert, as `county-day` names them.
const WRITES: [&str; 2] = ["book", "accept"];

/// Plays the day of one county on a server over each database, with so many requests under way at once.
pub(crate) async fn measure(scale: f64, clients: usize) -> Result<Vec<Day>> {
    let mut days = Vec::new();
    for (backend, database) in [
        (Backend::Sqlite, "SQLite"),
        (Backend::Postgres, "PostgreSQL"),
    ] {
        let played = play(backend, scale, clients).await?;
        days.push(day(database, &played).ok_or_else(|| format!("not understood: {played}"))?);
    }
    Ok(days)
}

async fn play(backend: Backend, scale: f64, clients: usize) -> Result<Value> {
    let installation = Program::new(backend).await;
    let log = installation.folder().join("server.log");
    let scale = scale.to_string();
    let url = installation.database_url();
    let mut args = vec!["--simulated-clock", "--scale", &scale];
    // A demo takes another database than its own only when told on the command line.
    if backend == Backend::Postgres {
        args.extend(["--database-url", &url]);
    }
    let server = installation.demo(&args, &log).await;
    let output = Command::new(program().with_file_name("county-day"))
        .arg("--json")
        .args(["--server", &server.url])
        .args(["--concurrency", &clients.to_string()])
        .arg("--logins")
        .arg(installation.folder().join(".jiahu/demo/logins.json"))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output()
        .await?;
    server.stop().await;
    installation.remove().await;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout);
        return Err(format!("the day did not end well: {said}").into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn day(database: &'static str, played: &Value) -> Option<Day> {
    let operation = |name| {
        let one = &played["operations"][name];
        Some(Operation {
            name,
            requests: one["requests"].as_u64()?,
            p50_ms: one["p50_ms"].as_f64()?,
            p99_ms: one["p99_ms"].as_f64()?,
        })
    };
    Some(Day {
        database,
        orders: played["booked"].as_u64()?,
        per_second: played["requests_per_s"].as_f64()?,
        writes: WRITES.into_iter().map(operation).collect::<Option<_>>()?,
    })
}
