//! `jiahu serve`.

use std::net::SocketAddr;

use jiahu::app::App;
use jiahu::config::{Config, LogFormat};
use jiahu::monitor::Metrics;
use jiahu::serve::{Background, Running, start};
use jiahu::store;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use super::outcome::{Failure, Outcome};
use super::settings::{Settings, open};

#[derive(Debug, clap::Args)]
pub(crate) struct Serve {}

impl Serve {
    pub(crate) async fn run(self, settings: &Settings) -> Outcome {
        let config = settings.config()?;
        start_log(&config)?;
        let app = open(config).await?;
        hint(&app).await?;
        until_stopped(app, announcement).await
    }
}

/// Writes the log to stderr from now on.
pub(crate) fn start_log(config: &Config) -> Outcome {
    let filter = EnvFilter::try_new(&config.log_filter).map_err(Failure::because)?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = match config.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().try_init(),
    };
    started.map_err(Failure::because)
}

/// What a first start lacks.
async fn hint(app: &App) -> Outcome {
    let db = app.db.reader();
    if store::community::all(db).await?.is_empty() {
        tracing::warn!("there is no community yet: run `jiahu community create --help`");
    }
    for community in store::community::without_admin(db).await? {
        tracing::warn!(
            community,
            "nobody administers this community yet: run `jiahu admin create --community {community} --name NAME --phone PHONE`"
        );
    }
    if app.config.messages.webhook_url.is_none() {
        tracing::warn!("no message gateway is configured: codes and messages are not sent");
    }
    Ok(())
}

/// What a server says once it answers.
fn announcement(address: SocketAddr) -> String {
    format!("Jiahu serves http://{address} (API docs: http://{address}/docs)")
}

/// Serves until the process is told to stop; `announce` gives what is printed once it answers.
pub(crate) async fn until_stopped(
    app: App,
    announce: impl FnOnce(SocketAddr) -> String,
) -> Outcome {
    let metrics = match app.config.metrics_listen {
        Some(address) => {
            let listener = TcpListener::bind(address).await.map_err(|error| {
                Failure::because(format!("cannot listen on {address} for metrics: {error}"))
            })?;
            Some((Metrics::install()?, listener))
        }
        None => None,
    };
    // Before the listener: a signal that comes early must not kill requests.
    let mut signals = Signals::new()?;
    let running = start(app.clone(), Background::All).await?;
    println!("{}", announce(running.address));
    if let Some((metrics, listener)) = metrics {
        println!("Metrics: http://{}/metrics", listener.local_addr()?);
        tokio::spawn(metrics.serve(app, listener, running.stopping()));
    }
    signals.next().await;
    stop(running, signals).await
}

async fn stop(running: Running, mut signals: Signals) -> Outcome {
    tracing::info!("told to stop: open requests may finish; a second signal ends them");
    tokio::select! {
        () = running.stop() => {
            tracing::info!("stopped");
            Ok(())
        }
        () = signals.next() => Err(Failure::because("stopped at once, open requests were cut off")),
    }
}

/// Ctrl-C, or the service manager's request to stop.
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    #[cfg(not(unix))]
    fn new() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
