//! `county-year`: a year of follow-up after discharge, played against a running server through HTTP alone.
//!
//! The server is a demo with a simulated clock (`jiahu demo --simulated-clock`). The table at the end is counted from its
//! answers, and so are the promises: every discharge has a plan, every due task was tried or is explained, nobody is
//! contacted outside the hours or called again on a day on which somebody was reached, every red flag is taken in time or goes on.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use jiahu::county::DemoLogins;
use jiahu_tests::play::Failure;
use jiahu_tests::year::{self, Outcome, Settings};

/// Plays a year of follow-up in a county against running demo servers.
#[derive(Clone, Debug, Parser)]
#[command(name = "county-year", version)]
struct Args {
    /// Address of a server; give it again for each process over the same database.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    server: Vec<String>,
    /// The logins that the demo wrote.
    #[arg(long, default_value = ".jiahu/demo/logins.json")]
    logins: PathBuf,
    /// Same seed, same people.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Discharges, spread over the days.
    #[arg(long, default_value_t = 2000)]
    discharges: usize,
    /// Days that are played.
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=730))]
    days: u32,
    /// Requests under way at once.
    #[arg(long, default_value_t = 8)]
    concurrency: usize,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    match play(&args).await {
        Ok(result) => {
            if args.json {
                println!("{}", result.json());
            } else {
                println!("{}", result.table());
            }
            if result.is_good() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            eprintln!("county-year: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn play(args: &Args) -> Result<Outcome, Failure> {
    let logins = DemoLogins::read(&args.logins)
        .map_err(|error| format!("{}: {error}; run `jiahu demo` first", args.logins.display()))?;
    let logins = logins.communities.first().ok_or("the logins are empty")?;
    let settings = Settings {
        servers: args.server.clone(),
        seed: args.seed,
        discharges: args.discharges,
        days: args.days,
        concurrency: args.concurrency,
        quiet: args.json,
    };
    year::play(&settings, logins).await
}
