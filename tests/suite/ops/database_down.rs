//! A database that is down: said so, nothing half done, and well again by itself.

use std::time::Duration;

use entity::enums::Role;
use jiahu::config::DatabaseUrl;
use jiahu_tests::harness::{Backend, Client, TestServer, Town, postgres_url};
use sea_orm::TransactionTrait;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// A wire to PostgreSQL that can be cut and mended.
struct Wire {
    port: u16,
    server: String,
    cut: std::sync::Mutex<Option<CancellationToken>>,
}

impl Wire {
    /// A wire to `host:port`, whole.
    async fn new(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let wire = Self {
            port: listener.local_addr().expect("an address").port(),
            server,
            cut: std::sync::Mutex::new(None),
        };
        wire.carry(listener);
        wire
    }

    fn carry(&self, listener: TcpListener) {
        let cut = CancellationToken::new();
        *self.cut.lock().expect("not poisoned") = Some(cut.clone());
        let server = self.server.clone();
        tokio::spawn(async move {
            while let Some(Ok((mut near, _))) = cut.run_until_cancelled(listener.accept()).await {
                let (cut, server) = (cut.clone(), server.clone());
                tokio::spawn(async move {
                    let mut far = TcpStream::connect(server)
                        .await
                        .expect("PostgreSQL answers");
                    let both = tokio::io::copy_bidirectional(&mut near, &mut far);
                    // What flows when the wire is cut is lost on both sides.
                    cut.run_until_cancelled(both).await;
                });
            }
        });
    }

    /// Ends every connection and refuses new ones.
    fn cut(&self) {
        let cut = self.cut.lock().expect("not poisoned").take();
        cut.expect("it was whole").cancel();
    }

    /// Carries again, at the same address.
    async fn mend(&self) {
        // The old listener closes a moment after the cut.
        let listener = until("the port is free", async || {
            TcpListener::bind(("127.0.0.1", self.port)).await.ok()
        })
        .await;
        self.carry(listener);
    }
}

/// Asks again until there is an answer: what comes by itself has no fixed time.
async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let mut tick = tokio::time::interval(Duration::from_millis(50));
    let asked = async {
        loop {
            tick.tick().await;
            if let Some(answer) = ask().await {
                return answer;
            }
        }
    };
    tokio::time::timeout(Duration::from_mins(1), asked)
        .await
        .unwrap_or_else(|_| panic!("never: {what}"))
}

/// Every way into the server says 503.
async fn all_unavailable(nobody: &Client, family: &Client) {
    let codes = json!({"community": "130431", "phone": "13800000009"});
    let (ready, alive, read, write, login) = tokio::join!(
        nobody.get("/readyz"),
        nobody.get("/healthz"),
        family.get("/v1/me"),
        family.put("/v1/me/password", json!({"new": "梧桐-correct-horse"})),
        nobody.post("/v1/auth/codes", codes),
    );
    ready.expect(503);
    alive.expect(200);
    for reply in [read, write, login] {
        assert!(reply.headers.contains_key("retry-after"));
        reply.problem(503, "database_unavailable");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    let server = postgres_url("");
    let authority = server.split('@').next_back().expect("a server");
    let wire = Wire::new(authority.split('/').next().expect("a host").to_owned()).await;
    let through = |url: &DatabaseUrl| {
        use secrecy::ExposeSecret;
        let url = url.connection_url(false);
        let port = format!("@127.0.0.1:{}/", wire.port);
        let (head, rest) = url.expose_secret().split_once('@').expect("a user");
        let database = rest.split_once('/').expect("a database").1;
        format!("{head}{port}{database}")
            .parse()
            .expect("a PostgreSQL address")
    };
    TestServer::with_config(
        Backend::Postgres,
        |config| config.database_url = through(&config.database_url),
        async |server| {
            let town = Town::build(&server, "130431").await;
            let family = town.person(&server, "13800000001", Role::Family, None).await;
            server.nobody().get("/readyz").await.expect(200);
            for _ in 0..2 {
                wire.cut();
                all_unavailable(&server.nobody(), &family.client).await;
                wire.mend().await;
                until("ready again", async || {
                    let reply = server.nobody().get("/readyz").await;
                    reply.status.is_success().then_some(())
                })
                .await;
                family.client.get("/v1/me").await.expect(200);
            }
            // Nothing of what was refused was done.
            let login = json!({"community": "130431", "phone": "13800000001", "password": "梧桐-correct-horse"});
            let nobody = server.nobody();
            nobody.post("/v1/auth/login/password", login).await.problem(401, "login_failed");
            server.run_jobs().await;
            assert!(server.phones.of("13800000009").is_empty());
            family.client.put("/v1/me/password", json!({"new": "梧桐-correct-horse"})).await.expect(204);
        },
    )
    .await;
}

/// A file does not go away like a server does; what can happen is that no connection is to be had.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "holds the only connection")]
async fn sqlite() {
    TestServer::with_config(
        Backend::Sqlite,
        |config| config.database_max_connections = 1,
        async |server| {
            let town = Town::build(&server, "130431").await;
            let family = town
                .person(&server, "13800000001", Role::Family, None)
                .await;
            let held = server
                .app
                .db
                .reader()
                .begin()
                .await
                .expect("the only connection");
            all_unavailable(&server.nobody(), &family.client).await;
            held.rollback().await.expect("given back");
            until("ready again", async || {
                let reply = server.nobody().get("/readyz").await;
                reply.status.is_success().then_some(())
            })
            .await;
            family.client.get("/v1/me").await.expect(200);
            family
                .client
                .put("/v1/me/password", json!({"new": "梧桐-correct-horse"}))
                .await
                .expect(204);
        },
    )
    .await;
}
