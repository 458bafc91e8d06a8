//! A running server: its parts put together, its listener, its background work, and its end.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use axum::Router;
use chrono::TimeDelta;
use entity::enums::JobLane;
use secrecy::ExposeSecret;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::{App, Parts};
use crate::auth::password::{PasswordCost, Passwords};
use crate::auth::token::AccessTokens;
use crate::clock::Clock;
use crate::config::Config;
use crate::crypto::{FieldCipher, Lookup};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::gateway::{Gateway, NoGateway, WebhookGateway};
use crate::ids::Ids;
use crate::keys::Keys;
use crate::live::Feed;
use crate::photos::Photos;
use crate::rules::RuleCache;
use crate::{demo, jobs, live, middleware, router};

/// Issuer and audience of access tokens.
const ISSUER: &str = "jiahu";
/// Passwords hashed at once; each takes 19 MiB and one core for some 40 ms.
const HASHING_PERMITS: NonZeroUsize = NonZeroUsize::new(2).expect("not zero");

/// What a server is made of besides its configuration; tests bring their own clock and gateway.
pub struct Made {
    /// Keys.
    pub keys: Keys,
    /// Time.
    pub clock: Clock,
    /// Messages to phones.
    pub gateway: Box<dyn Gateway>,
    /// Cost of password hashes.
    pub password_cost: PasswordCost,
}

impl Made {
    /// System clock, production password cost, the gateway of the configuration.
    pub fn for_production(config: &Config, keys: Keys) -> Result<Self> {
        let gateway: Box<dyn Gateway> = match (
            &config.messages.webhook_url,
            &config.messages.webhook_secret,
        ) {
            (Some(url), Some(secret)) => {
                Box::new(WebhookGateway::new(url.clone(), secret).map_err(Error::internal)?)
            }
            _ => Box::new(NoGateway),
        };
        Ok(Self {
            keys,
            clock: Clock::system(),
            gateway,
            password_cost: PasswordCost::default(),
        })
    }
}

/// Connects to the database and puts the parts together.
pub async fn build(config: Config, made: Made) -> Result<App> {
    let db = Db::connect(
        config.database_url.connection_url(false).expose_secret(),
        config.database_max_connections,
    )
    .await?;
    let lifetime = TimeDelta::seconds(i64::from(config.auth.access_token_s));
    Ok(App::new(Parts {
        db,
        clock: made.clock,
        ids: Ids::default(),
        cipher: FieldCipher::new(&made.keys),
        lookup: Lookup::new(&made.keys),
        tokens: AccessTokens::new(&made.keys, ISSUER, ISSUER, lifetime).map_err(Error::internal)?,
        passwords: Passwords::new(HASHING_PERMITS, made.password_cost).map_err(Error::internal)?,
        rules: RuleCache::default(),
        photos: Photos::open(&config.photos)?,
        feed: Feed::default(),
        job_turn: std::sync::Arc::default(),
        gateway: made.gateway,
        audit_key: aws_lc_rs::hmac::Key::new(
            aws_lc_rs::hmac::HMAC_SHA256,
            made.keys.audit().bytes(),
        ),
        config,
    }))
}

/// The whole service as one router.
pub fn service(app: &App) -> Router {
    let service = middleware::wrap(router::routes(app.clone()), &app.config);
    demo::around(app, service)
}

/// A server that answers.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Running {
    /// Ends when the server is told to stop; for work that runs beside it.
    pub fn stopping(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Lets requests and background work finish, then returns. A client that holds its
    /// connection open is waited for no longer than `shutdown_grace_s`.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Which background work a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    /// Feed and jobs.
    All,
    /// Feed only; jobs are run by hand, as tests do.
    FeedOnly,
}

/// Listens and answers until stopped.
pub async fn start(app: App, background: Background) -> Result<Running> {
    let listener = TcpListener::bind(app.config.listen)
        .await
        .map_err(|error| {
            Error::internal(format!("cannot listen on {}: {error}", app.config.listen))
        })?;
    let address = listener.local_addr().map_err(Error::internal)?;
    app.feed.start(&app).await?;
    jobs::plan(&app).await?;
    let (stop, tasks) = (app.feed.stopping().clone(), TaskTracker::new());
    tasks.spawn(live::tail(app.clone(), stop.clone()));
    if background == Background::All {
        for lane in JobLane::ALL {
            tasks.spawn(jobs::work(app.clone(), *lane, stop.clone()));
        }
    }
    let grace = Duration::from_secs(app.config.shutdown_grace_s);
    tasks.spawn(answer(listener, service(&app), stop.clone(), grace));
    Ok(Running {
        address,
        stop,
        tasks,
    })
}

/// Answers until told to stop, then for as long as open requests take, within the grace.
async fn answer(listener: TcpListener, service: Router, stop: CancellationToken, grace: Duration) {
    let service = service.into_make_service_with_connect_info::<SocketAddr>();
    let served =
        axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned());
    let too_long = async {
        stop.cancelled().await;
        pause(grace).await;
    };
    tokio::select! {
        served = served.into_future() => {
            if let Err(error) = served {
                tracing::error!(%error, "the listener ended");
            }
        }
        () = too_long => tracing::warn!("some requests did not finish in time and are cut off"),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "bounds the stop; nothing waits for it otherwise"
)]
async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
