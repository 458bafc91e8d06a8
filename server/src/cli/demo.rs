//! `jiahu demo`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use chrono::{DateTime, Utc};
use clap::Subcommand;
use jiahu::app::App;
use jiahu::auth::password::PasswordCost;
use jiahu::auth::totp;
use jiahu::clock::Clock;
use jiahu::config::{Args, Config, LimitsArgs, Secret};
use jiahu::county::DemoLogins;
use jiahu::demo::{self, Folder, Size};
use jiahu::gateway::LogGateway;
use jiahu::serve::{Made, build};

use super::outcome::{Failure, Outcome};
use super::serve::{start_log, until_stopped};
use super::settings::Settings;

/// Where a demo keeps its data unless told otherwise.
const DATA_DIR: &str = ".jiahu/demo";

/// Serve an invented county on this machine, to try things out
///
/// Keys, logins and the embedded database are kept in --data-dir; with --database-url, an empty PostgreSQL
/// database is used instead. Everything else is as in `jiahu serve`, without rate limits.
#[derive(Debug, clap::Args)]
pub(crate) struct Demo {
    #[command(subcommand)]
    command: Option<DemoCommand>,
    /// Port on 127.0.0.1, 0 for any free one; or name an address of this machine with --listen.
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    port: u16,
    /// The same seed makes the same people.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Size when it is filled first, 0.01 to 100: 1 is 190 nurses and 269 home patients.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = scale)]
    scale: f64,
    /// Serve beside a demo on the same folder and database; fills nothing.
    #[arg(long)]
    join: bool,
    /// The clock stands still until PUT /demo/clock {"now": …} moves it; for simulations.
    #[arg(long)]
    simulated_clock: bool,
}

#[derive(Debug, Subcommand)]
enum DemoCommand {
    /// Print the code of the moment for a nurse or member of staff of the demo
    Totp {
        /// Phone of the person.
        phone: String,
        /// Another moment, as a movable clock shows it, such as 2026-03-02T01:00:00Z [default: now].
        #[arg(long, value_name = "TIME")]
        at: Option<DateTime<Utc>>,
    },
}

fn scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(scale) if (0.01..=100.0).contains(&scale) => Ok(scale),
        _ => Err("must be a number from 0.01 to 100".to_owned()),
    }
}

impl Demo {
    pub(crate) async fn run(self, settings: &Settings) -> Outcome {
        let path = settings.args.data_dir.as_deref();
        let folder = Folder::at(path.unwrap_or(Path::new(DATA_DIR)))?;
        match &self.command {
            Some(DemoCommand::Totp { phone, at }) => print_code(&folder, phone, *at),
            None => self.serve(&folder, settings).await,
        }
    }

    async fn serve(&self, folder: &Folder, settings: &Settings) -> Outcome {
        let config = self.config(folder, settings)?;
        check_loopback(&config)?;
        start_log(&config)?;
        folder.create()?;
        if !self.join {
            demo::migrate(&config.database_url).await?;
            folder.write_config(&config.database_url, config.listen)?;
        }
        let app = self.app(folder, config).await?;
        let logins = self.logins(&app, folder).await?;
        let program = std::env::args()
            .next()
            .unwrap_or_else(|| "jiahu".to_owned());
        let (folder, config) = (folder.clone(), app.config.clone());
        until_stopped(app, move |address| {
            demo::banner(&program, &folder, &config, address, &logins)
        })
        .await
    }

    /// The settings asked for, on a database and keys of its own and without limits. A database is taken from
    /// the command line alone: the environment may name one that somebody works with.
    fn config(&self, folder: &Folder, settings: &Settings) -> Outcome<Config> {
        let given = settings.args.clone();
        let embedded = Secret::from_text(&folder.database().to_string());
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let flags = Args {
            data_dir: Some(folder.path().to_owned()),
            keys_file: Some(folder.keys_file()),
            database_url: given
                .database_url
                .or_else(|| given.database_url_file.is_none().then_some(embedded)),
            listen: Some(given.listen.unwrap_or_else(|| listen.to_string())),
            limits: LimitsArgs {
                requests_per_min: Some(0),
                logins_per_min: Some(0),
            },
            ..given
        };
        let config = Config::load(&flags, &settings.env)?;
        Ok(Config {
            demo: true,
            simulated_clock: self.simulated_clock,
            ..config
        })
    }

    async fn app(&self, folder: &Folder, config: Config) -> Outcome<App> {
        let made = Made {
            keys: folder.keys(!self.join)?,
            clock: Clock::system(),
            gateway: Box::new(LogGateway),
            password_cost: PasswordCost::default(),
        };
        let app = build(config, made).await?;
        if self.simulated_clock {
            app.clock.stop_at(demo::start_time(&app).await?);
        }
        Ok(app)
    }

    async fn logins(&self, app: &App, folder: &Folder) -> Outcome<DemoLogins> {
        if self.join {
            return Ok(demo::require_filled(app, folder).await?);
        }
        let size = Size {
            seed: self.seed,
            scale: self.scale,
        };
        Ok(demo::fill(app, folder, size).await?)
    }
}

/// Its passwords lie in a file and its codes in the log.
fn check_loopback(config: &Config) -> Outcome {
    let open = [Some(config.listen), config.metrics_listen];
    match open
        .into_iter()
        .flatten()
        .find(|address| !address.ip().is_loopback())
    {
        None => Ok(()),
        Some(address) => Err(Failure::because(format!(
            "a demo listens on this machine only, not on {address}: use 127.0.0.1 or [::1]; \
             `jiahu serve` is for everything else"
        ))),
    }
}

/// One line: the code.
fn print_code(folder: &Folder, phone: &str, at: Option<DateTime<Utc>>) -> Outcome {
    let logins = folder.require_logins()?;
    let login = logins
        .find(phone)
        .ok_or_else(|| Failure::because(format!("the demo has nobody with phone {phone}")))?;
    let secret = login.totp_secret.as_deref();
    let secret = secret.ok_or_else(|| Failure::because("families log in without this code"))?;
    let at = at.unwrap_or_else(|| Clock::system().now());
    println!(
        "{}",
        totp::code(&secret.into(), at).map_err(Failure::because)?
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_listened_on() {
        let on = |listen: &str, metrics: Option<&str>| {
            check_loopback(&Config {
                listen: listen.parse().expect("an address"),
                metrics_listen: metrics.map(|text| text.parse().expect("an address")),
                ..Config::default()
            })
        };
        assert!(on("127.0.0.1:8080", None).is_ok());
        assert!(on("[::1]:0", Some("127.0.0.2:9")).is_ok());
        for (listen, metrics) in [
            ("0.0.0.0:8080", None),
            ("[::]:8080", None),
            ("192.168.1.4:80", None),
            ("127.0.0.1:80", Some("0.0.0.0:81")),
        ] {
            assert!(on(listen, metrics).is_err(), "{listen} {metrics:?}");
        }
    }

    #[test]
    fn a_scale_is_a_number_in_its_range() {
        assert_eq!(scale("0.05"), Ok(0.05));
        assert_eq!(scale("100"), Ok(100.0));
        for text in ["0", "-1", "101", "NaN", "inf", "x", ""] {
            assert!(scale(text).is_err(), "{text}");
        }
    }
}
