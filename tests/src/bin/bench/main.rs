//! Benchmarks: the nearest search next to PostGIS, and a county's working day next to the bare floor of requests.
//! docs/BENCHMARKS.md tells how to read the numbers.

mod county;
mod day;
mod floor;
mod nearest;
mod postgis;
mod report;

use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};

use crate::report::Report;

/// Whatever goes wrong ends the run.
type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// Measures the nearest search, the floor of throughput and a county's working day, on SQLite and PostgreSQL.
///
/// PostgreSQL is the server of JIAHU_TEST_DATABASE_URL; `make bench` brings one.
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Args {
    #[command(subcommand)]
    hidden: Option<Hidden>,
    /// What to measure.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Part::Nearest, Part::Floor, Part::Day])]
    part: Vec<Part>,
    /// Numbers of nurses.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 10_000, 100_000, 1_000_000])]
    sizes: Vec<usize>,
    /// Searches per table, certificate and kind of search.
    #[arg(long, default_value_t = 5_000)]
    queries: usize,
    /// Seed of the places.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Clients that load the floor, and requests under way at once in the day.
    #[arg(long, default_value_t = 16)]
    clients: usize,
    /// Seconds of load per operation and database.
    #[arg(long, default_value_t = 12)]
    seconds: u64,
    /// Size of the county whose day is played; 1 is 190 nurses.
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// Install Debian's PostGIS for this PostgreSQL when it is missing; needs root.
    #[arg(long)]
    install_postgis: bool,
    /// Print one JSON object instead of tables.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The nearest ten.
    Nearest,
    /// One read and one insert through axum and sqlx.
    Floor,
    /// A county's working day, as `county-day` plays it, on the real program.
    Day,
}

#[derive(Debug, Subcommand)]
enum Hidden {
    /// Serves the bare floor; the benchmark starts it as a process of its own.
    #[command(hide = true)]
    FloorServer {
        /// Where its rows are.
        #[arg(long, env = "JIAHU_BENCH_DATABASE_URL", hide_env_values = true)]
        database_url: String,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    if let Some(Hidden::FloorServer { database_url }) = args.hidden {
        return floor::serve(&database_url).await;
    }
    if cfg!(debug_assertions) {
        eprintln!("bench: not built with --release, so these numbers say little");
    }
    let mut report = Report::default();
    if args.part.contains(&Part::Nearest) {
        report.nearest = Some(nearest::measure(&args).await?);
    }
    if args.part.contains(&Part::Floor) {
        let span = Duration::from_secs(args.seconds);
        report.floor = Some(floor::measure(args.clients, span).await?);
    }
    if args.part.contains(&Part::Day) {
        report.day = Some(day::measure(args.scale, args.clients).await?);
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{report}");
    }
    Ok(())
}
