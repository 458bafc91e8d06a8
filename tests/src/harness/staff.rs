//! Staff as they come into being: by a one-time link, a password and an authenticator app.

use chrono::{DateTime, Utc};
use entity::enums::SubjectKind;
use entity::ids::CommunityId;
use jiahu::store;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};
use uuid::Uuid;

use super::client::Client;
use super::server::TestServer;

/// What the authenticator app shows at a moment.
pub fn totp_code(secret: &str, at: DateTime<Utc>) -> String {
    let secret = Secret::try_from_base32(secret).expect("base32");
    let app = Builder::new()
        .with_digits(6)
        .with_step_duration(30)
        .with_skew(1)
        .with_secret(secret)
        .build()
        .expect("a second factor");
    let seconds = u64::try_from(at.timestamp()).expect("after 1970");
    app.generate(seconds).to_string()
}

/// The token in a one-time link.
pub fn invite_token(url: &str) -> &str {
    url.split_once("/#/invite/").expect("a one-time link").1
}

/// Opens a one-time link: gives the secret of the authenticator app and the tokens of the first login.
pub async fn activate(server: &TestServer, url: &str, password: &str) -> (String, Value) {
    activate_at(&server.nobody(), server.now(), url, password).await
}

/// The same at a server whose clock stands at this moment.
pub async fn activate_at(
    nobody: &Client,
    now: DateTime<Utc>,
    url: &str,
    password: &str,
) -> (String, Value) {
    let invite = invite_token(url);
    let factor = nobody
        .post(
            "/v1/auth/invites/accept",
            json!({ "invite": invite, "password": password }),
        )
        .await
        .expect(200);
    let secret = factor["totp_secret"].as_str().expect("a secret").to_owned();
    let code = totp_code(&secret, now);
    let tokens = nobody
        .post(
            "/v1/auth/invites/confirm",
            json!({ "invite": invite, "totp": code, "device": "first" }),
        )
        .await
        .expect(200);
    (secret, tokens)
}

/// Kinds of the events of a subject, oldest first.
pub async fn kinds_of(
    server: &TestServer,
    community: CommunityId,
    kind: SubjectKind,
    id: Uuid,
) -> Vec<String> {
    store::audit::trail(server.app.db.reader(), community, (kind, id), 0, 1_000)
        .await
        .expect("a trail")
        .into_iter()
        .map(|event| event.kind)
        .collect()
}

/// Statements that a request takes. The feed reads the table from time to time, so the least of a few runs counts.
pub async fn statements_of(server: &TestServer, ask: impl AsyncFn()) -> u64 {
    let mut least = u64::MAX;
    for _ in 0..5 {
        let before = server.app.db.statements();
        ask().await;
        least = least.min(server.app.db.statements() - before);
    }
    least
}
