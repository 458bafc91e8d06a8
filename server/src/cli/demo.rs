//! `jiahu demo`: the demo county on this machine; `jiahu demo totp`: the code of one of its people.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use jiahu::app::App;
use jiahu::auth::password::PasswordCost;
use jiahu::clock::Clock;
use jiahu::config::{self, Config, Env, LimitsArgs, Secret};
use jiahu::county::DemoLogins;
use jiahu::demo::{self, Folder, Size};
use jiahu::error::{Error, Result};
use jiahu::gateway::LogGateway;
use jiahu::serve::{self, Background, Made};
use tokio::signal;

/// Where the demo keeps its data unless told otherwise.
const DATA_DIR: &str = ".jiahu/demo";

/// Serve an invented county on this machine, to try things out.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DemoArgs {
    #[command(subcommand)]
    command: Option<DemoCommand>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
enum DemoCommand {
    /// Print the code of the moment for somebody of the demo.
    Totp(TotpArgs),
}

#[derive(Debug, Args)]
struct TotpArgs {
    /// Folder of the demo.
    #[arg(long, value_name = "FOLDER", default_value = DATA_DIR)]
    data_dir: PathBuf,
    /// Another moment, as a movable clock shows it: 2026-03-02T01:00:00Z [default: now].
    #[arg(long, value_name = "TIME")]
    at: Option<DateTime<Utc>>,
    /// Phone of the person.
    phone: String,
}

#[derive(Debug, Args)]
struct ServeArgs {
    /// Folder for keys, logins and database; made when missing, kept when not.
    #[arg(long, value_name = "FOLDER", default_value = DATA_DIR)]
    data_dir: PathBuf,
    /// Port on 127.0.0.1; 0 is any free one.
    #[arg(
        long,
        value_name = "PORT",
        default_value_t = 8080,
        conflicts_with = "listen"
    )]
    port: u16,
    /// Another address of this machine, such as [::1]:8080.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The same seed makes the same people.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Size when it is filled first: 1 is 190 nurses and 269 home patients, 0.01 to 100.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = scale)]
    scale: f64,
    /// An empty PostgreSQL database to use instead of the embedded one: postgres://user:password@host/name
    /// [default: jiahu.db in the folder].
    #[arg(long, value_name = "URL")]
    database_url: Option<Secret>,
    /// Serve beside a demo that runs on the same folder and PostgreSQL database; fills nothing.
    #[arg(long)]
    join: bool,
    /// The clock stands still until PUT /demo/clock {"now": …} moves it; for simulations.
    #[arg(long)]
    simulated_clock: bool,
}

fn scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(scale) if (0.01..=100.0).contains(&scale) => Ok(scale),
        _ => Err("must be a number from 0.01 to 100".to_owned()),
    }
}

/// Runs the demo until it is told to stop.
pub async fn run(args: DemoArgs, env: &Env) -> Result<()> {
    match args.command {
        Some(DemoCommand::Totp(args)) => totp(&args),
        None => serve(args.serve, env).await,
    }
}

/// Prints one line: the code.
fn totp(args: &TotpArgs) -> Result<()> {
    let folder = Folder::open(&args.data_dir)?;
    let logins = folder.logins()?.unwrap_or_default();
    let login = logins.find(&args.phone);
    let login = login
        .ok_or_else(|| Error::internal(format!("the demo has nobody with phone {}", args.phone)))?;
    let secret = login.totp_secret.as_deref();
    let secret = secret.ok_or_else(|| Error::internal("families log in without a code"))?;
    let at = args.at.unwrap_or_else(|| Clock::system().now());
    let code = jiahu::auth::totp::code(&secret.into(), at).map_err(Error::internal)?;
    println!("{code}");
    Ok(())
}

async fn serve(args: ServeArgs, env: &Env) -> Result<()> {
    let listen = args
        .listen
        .unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, args.port)));
    if !listen.ip().is_loopback() {
        return Err(Error::internal(format!(
            "a demo listens on this machine only, not on {listen}: its people are invented, its messages are \
             printed, and its passwords lie in a file. Use 127.0.0.1 or [::1], or set up `jiahu serve`"
        )));
    }
    let (join, size) = (
        args.join,
        Size {
            seed: args.seed,
            scale: args.scale,
        },
    );
    let folder = Folder::create(&args.data_dir)?;
    let config = config(&folder, listen, args, env)?;
    if !join {
        demo::migrate(&config.database_url).await?;
        folder.write_config(&config.database_url, listen)?;
    }
    let app = build(&folder, config).await?;
    let logins = if join {
        demo::require_filled(&app, &folder).await?
    } else {
        demo::fill(&app, &folder, size).await?
    };
    answer(app, &folder, &logins).await
}

/// The settings of the demo: limits off, whatever else the environment says.
fn config(folder: &Folder, listen: SocketAddr, args: ServeArgs, env: &Env) -> Result<Config> {
    let embedded = || Secret::from_text(&folder.database().to_string());
    let flags = config::Args {
        data_dir: Some(folder.path().to_owned()),
        keys_file: Some(folder.keys_file()),
        database_url: Some(args.database_url.unwrap_or_else(embedded)),
        listen: Some(listen.to_string()),
        limits: LimitsArgs {
            requests_per_min: Some(0),
            logins_per_min: Some(0),
        },
        ..config::Args::default()
    };
    let config = Config::load(&flags, env).map_err(Error::internal)?;
    Ok(Config {
        demo: true,
        simulated_clock: args.simulated_clock,
        ..config
    })
}

async fn build(folder: &Folder, config: Config) -> Result<App> {
    let simulated = config.simulated_clock;
    let made = Made {
        keys: folder.keys()?,
        clock: Clock::system(),
        gateway: Box::new(LogGateway),
        password_cost: PasswordCost::default(),
    };
    let app = serve::build(config, made).await?;
    if simulated {
        app.clock.stop_at(demo::start_time(&app).await?);
    }
    Ok(app)
}

async fn answer(app: App, folder: &Folder, logins: &DemoLogins) -> Result<()> {
    let running = serve::start(app.clone(), Background::All).await?;
    println!(
        "{}",
        demo::banner(folder, &app.config, running.address, logins)
    );
    until_told().await?;
    running.stop().await;
    Ok(())
}

/// Until Ctrl-C or, from a service manager, SIGTERM.
async fn until_told() -> Result<()> {
    #[cfg(unix)]
    {
        let mut terminated =
            signal::unix::signal(signal::unix::SignalKind::terminate()).map_err(Error::internal)?;
        tokio::select! {
            told = signal::ctrl_c() => told.map_err(Error::internal),
            _ = terminated.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    signal::ctrl_c().await.map_err(Error::internal)
}
