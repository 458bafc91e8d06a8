//! `county-day`: a working day of a county, played against a running server through HTTP alone.
//!
//! Families book, nurses look, accept, decline, go, record and close, a coordinator reviews and assigns. Some nurses are
//! without signal for hours and tell later, some arrivals are in question, some patients are refused at the door, some
//! nurses stay too long or call for help.
//! The server is a demo with a simulated clock (`jiahu demo --simulated-clock`); the simulator moves its
//! clock and checks from the answers that every order is accounted for and no nurse is booked twice.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use jiahu::county::DemoLogins;
use jiahu_tests::day::{self, Outcome, Settings, Shares};
use jiahu_tests::play::Failure;

/// Plays a working day of a county against running demo servers.
#[derive(Clone, Debug, Parser)]
#[command(name = "county-day", version)]
struct Args {
    /// Address of a server; give it again for each process over the same database.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    server: Vec<String>,
    /// The logins that the demo wrote.
    #[arg(long, default_value = ".jiahu/demo/logins.json")]
    logins: PathBuf,
    /// Same seed, same day.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Orders per patient; 1 books once for every patient that can be booked for.
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// Requests under way at once.
    #[arg(long, default_value_t = 16)]
    concurrency: usize,
    /// Minutes of simulated time in one step.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=30))]
    step_min: u32,
    /// How often what happens.
    #[command(flatten)]
    shares: Shares,
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
            eprintln!("county-day: {error}");
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
        scale: args.scale,
        concurrency: args.concurrency,
        step_min: args.step_min,
        shares: args.shares,
        quiet: args.json,
    };
    day::play(&settings, logins).await
}
