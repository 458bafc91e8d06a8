//! A server in this process: real listener, real database, a clock that stands still until moved.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use jiahu::app::App;
use jiahu::auth::password::PasswordCost;
use jiahu::clock::Clock;
use jiahu::config::{Config, LimitsConfig, MessagesConfig, PhotoPlace};
use jiahu::gateway::{Gateway, WebhookGateway};
use jiahu::keys::Keys;
use jiahu::serve::{Background, Made, Running};
use sea_orm::{ConnectionTrait, Statement};
use secrecy::SecretString;

use super::client::Client;
use super::database::{Backend, TestDatabase};
use super::gateway::Phones;
use super::webhook::GATEWAY_SECRET;

/// A server of one test.
pub struct TestServer {
    /// Its parts, for moving the clock and counting statements.
    pub app: App,
    /// Which database it runs on.
    pub backend: Backend,
    /// What reached the phones.
    pub phones: Phones,
    address: SocketAddr,
    seed: Seed,
    /// Servers over the same database, to be stopped with this one.
    others: Mutex<Vec<Running>>,
}

/// What servers over one database share.
#[derive(Clone)]
struct Seed {
    config: Config,
    keys: Arc<tempfile::TempDir>,
    clock: Clock,
    phones: Phones,
}

impl Seed {
    fn new(mut config: Config) -> Self {
        let keys = tempfile::tempdir().expect("a temporary directory");
        if matches!(config.photos.store, PhotoPlace::Folder(_)) {
            config.photos.store = PhotoPlace::Folder(keys.path().join("photos"));
        }
        let file = keys.path().join("keys.toml");
        Keys::generate().save_new(&file).expect("the keys are kept");
        Self {
            config,
            keys: Arc::new(keys),
            clock: Clock::stopped_at(TestServer::morning()),
            phones: Phones::default(),
        }
    }

    fn made(&self, background: Background) -> Made {
        let file = self.keys.path().join("keys.toml");
        let messages = &self.config.messages;
        // A server that works by itself also sends by itself.
        let gateway: Box<dyn Gateway> = match (&messages.webhook_url, &messages.webhook_secret) {
            (Some(url), Some(secret)) if background == Background::All => {
                Box::new(WebhookGateway::new(url.clone(), secret).expect("a gateway"))
            }
            _ => Box::new(self.phones.clone()),
        };
        Made {
            keys: Keys::load(&file).expect("the keys are read"),
            clock: self.clock.clone(),
            gateway,
            password_cost: PasswordCost {
                memory_kib: 64,
                passes: 1,
                lanes: 1,
            },
        }
    }
}

impl TestServer {
    /// Monday 2026-03-02, 09:00 in Shanghai: where every test's clock stands at first.
    pub fn morning() -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_413_200, 0).expect("a valid time")
    }

    /// Runs a test with a server of its own, and removes its database whatever the outcome.
    pub async fn with<F: Future<Output = ()>>(backend: Backend, test: impl FnOnce(Arc<Self>) -> F) {
        Self::with_config(backend, |_| {}, test).await;
    }

    /// The same with settings changed.
    pub async fn with_config<F: Future<Output = ()>>(
        backend: Backend,
        change: impl FnOnce(&mut Config),
        test: impl FnOnce(Arc<Self>) -> F,
    ) {
        Self::with_work(backend, Background::FeedOnly, change, test).await;
    }

    /// The same with what a server does by itself: with all of it, jobs run as in production, and messages go to the
    /// gateway of the settings.
    pub async fn with_work<F: Future<Output = ()>>(
        backend: Backend,
        background: Background,
        change: impl FnOnce(&mut Config),
        test: impl FnOnce(Arc<Self>) -> F,
    ) {
        let database = TestDatabase::create(backend).await;
        let mut config = Config {
            database_url: database.url.clone(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            limits: LimitsConfig {
                requests_per_min: 0,
                logins_per_min: 0,
            },
            messages: MessagesConfig {
                webhook_url: None,
                webhook_secret: Some(SecretString::from(GATEWAY_SECRET)),
            },
            ..Config::default()
        };
        change(&mut config);
        let (server, running) = Self::start(Seed::new(config), backend, background).await;
        let outcome = AssertUnwindSafe(test(server.clone())).catch_unwind().await;
        let others = std::mem::take(&mut *server.others.lock().expect("not poisoned"));
        for other in others {
            other.stop().await;
        }
        running.stop().await;
        drop(server);
        database.remove().await;
        if let Err(panic) = outcome {
            std::panic::resume_unwind(panic);
        }
    }

    async fn start(seed: Seed, backend: Backend, background: Background) -> (Arc<Self>, Running) {
        let app = jiahu::serve::build(seed.config.clone(), seed.made(background))
            .await
            .expect("the server is built");
        let running = jiahu::serve::start(app.clone(), background)
            .await
            .expect("the server starts");
        let server = Self {
            app,
            backend,
            phones: seed.phones.clone(),
            address: running.address,
            seed,
            others: Mutex::default(),
        };
        (Arc::new(server), running)
    }

    /// Another server process over the same database, with the same keys and clock. Only PostgreSQL serves two.
    pub async fn second(&self) -> Arc<Self> {
        assert_eq!(self.backend, Backend::Postgres, "SQLite serves one process");
        let seed = self.seed.clone();
        let (server, running) = Self::start(seed, self.backend, Background::FeedOnly).await;
        self.others.lock().expect("not poisoned").push(running);
        server
    }

    /// Somebody's client, asking this server instead.
    pub fn client_of(&self, client: &Client) -> Client {
        Client::new(self.url(), client.token().map(str::to_owned))
    }

    /// Address without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Somebody without a token.
    pub fn nobody(&self) -> Client {
        Client::new(self.url(), None)
    }

    /// Moves the clock forward and runs what became due, step by step.
    pub async fn advance(&self, by: TimeDelta) {
        self.app.clock.advance(by);
        self.run_jobs().await;
    }

    /// Runs the jobs that are due.
    pub async fn run_jobs(&self) -> usize {
        jiahu::jobs::run_due(&self.app).await.expect("jobs run")
    }

    /// Asks until so many requests wait for a lock that somebody holds; `before` is the count of statements before they came.
    pub async fn until_waiting(&self, requests: u64, before: u64) {
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        loop {
            tick.tick().await;
            let waiting = match self.backend {
                // Who asks and writes reads one row, then stands in the line of writers.
                Backend::Sqlite => self.app.db.statements() - before,
                Backend::Postgres => {
                    let db = self.app.db.background();
                    let sql = "SELECT count(*) FROM pg_stat_activity
                               WHERE datname = current_database() AND wait_event_type = 'Lock'";
                    let asked = Statement::from_string(db.get_database_backend(), sql);
                    let row = db
                        .query_one_raw(asked)
                        .await
                        .expect("an answer")
                        .expect("a row");
                    let count: i64 = row.try_get_by_index(0).expect("a number");
                    count.unsigned_abs()
                }
            };
            if waiting >= requests {
                return;
            }
        }
    }

    /// Now, by the server's clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.app.now()
    }
}
