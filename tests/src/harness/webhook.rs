//! A message gateway over HTTP on this machine, as slow as a test wants it.

use aws_lc_rs::hmac;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use jiahu::config::MessagesConfig;
use jiahu::gateway::Outgoing;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What messages and receipts of a test's gateway are signed with.
pub const GATEWAY_SECRET: &str = "a secret of the test's own gateway";

/// A gateway that is served until the test ends.
pub struct Webhook {
    url: String,
    desk: Desk,
}

#[derive(Clone)]
struct Desk {
    came: watch::Sender<Vec<Outgoing>>,
    held: watch::Sender<bool>,
}

impl Webhook {
    /// Serves a gateway that takes every message.
    pub async fn serve() -> Self {
        let desk = Desk {
            came: watch::Sender::default(),
            held: watch::Sender::new(false),
        };
        let app = Router::new()
            .route("/send", post(take))
            .with_state(desk.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, app).await });
        let url = format!("http://{address}/send");
        Self { url, desk }
    }

    /// Makes a server send its messages here.
    pub fn configure(&self, messages: &mut MessagesConfig) {
        messages.webhook_url = Some(self.url.clone());
    }

    /// From now on no message is answered.
    pub fn hold(&self) {
        self.desk.held.send_replace(true);
    }

    /// Answers what is held, and from now on every message at once.
    pub fn release(&self) {
        self.desk.held.send_replace(false);
    }

    /// Waits until so many messages of a template have come for each of these phones.
    pub async fn until(&self, template: &str, phones: &[&str], count: usize) {
        let all = |came: &Vec<Outgoing>| {
            phones.iter().all(|phone| {
                let to = |one: &&Outgoing| one.phone == **phone && one.template == template;
                came.iter().filter(to).count() >= count
            })
        };
        let mut came = self.desk.came.subscribe();
        came.wait_for(all).await.expect("the gateway is there");
    }
}

async fn take(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let key = hmac::Key::new(hmac::HMAC_SHA256, GATEWAY_SECRET.as_bytes());
    let told = headers
        .get("x-jiahu-signature")
        .map_or(&b""[..], |value| value.as_bytes());
    if told != jiahu::crypto::hex(hmac::sign(&key, &body).as_ref()).as_bytes() {
        return StatusCode::UNAUTHORIZED;
    }
    let post: Value = serde_json::from_slice(&body).expect("JSON");
    let text = |name: &str| post[name].as_str().expect("a text").to_owned();
    let message = Outgoing {
        id: text("id"),
        phone: text("phone"),
        template: text("template"),
        text: text("text"),
    };
    desk.came.send_modify(|came| came.push(message));
    let mut held = desk.held.subscribe();
    let released = held.wait_for(|held| !held).await.is_ok();
    if released {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}
