//! A client that speaks HTTP, and holds every answer against the spec.

use std::time::Duration;

use jiahu::app::App;
use jiahu::auth::token::Subject;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

use super::contract::Asked;

/// No answer of the server takes this long.
const PATIENCE: Duration = Duration::from_mins(2);

/// Somebody who calls the server.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
    /// Renews the token by the server's clock, however far a test moves it.
    session: Option<(App, Subject)>,
    unchecked: bool,
    language: &'static str,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: reqwest::header::HeaderMap,
    /// Body as JSON; null when empty.
    pub body: Value,
    /// Body as it came.
    pub bytes: Vec<u8>,
}

impl Reply {
    /// Fails the test unless the status is this; gives the body.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{:#}", self.body);
        self.body
    }

    /// Fails the test unless it is a problem with this status and code; gives the body.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        assert_eq!(
            (self.status.as_u16(), self.body["code"].as_str()),
            (status, Some(code)),
            "{:#}",
            self.body
        );
        assert_eq!(self.headers["content-type"], "application/problem+json");
        self.body
    }

    /// Media type without parameters; empty when there is none.
    pub fn content_type(&self) -> &str {
        let value = self.headers.get("content-type");
        let text = value.and_then(|value| value.to_str().ok());
        let kind = text.and_then(|text| text.split(';').next());
        kind.unwrap_or_default().trim()
    }

    /// The `ETag`.
    #[track_caller]
    pub fn etag(&self) -> String {
        self.headers["etag"].to_str().expect("ASCII").to_owned()
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client at an address.
    pub fn new(base: String, token: Option<String>) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            // A stream says something every 15 seconds.
            .read_timeout(PATIENCE)
            .build()
            .expect("an HTTP client");
        Self {
            http,
            base,
            token,
            session: None,
            unchecked: false,
            language: "en",
        }
    }

    /// The same client for answers that the spec does not promise, such as those of a broken database.
    #[must_use]
    pub fn unchecked(&self) -> Self {
        Self {
            unchecked: true,
            ..self.clone()
        }
    }

    /// The same client with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            session: None,
            ..self.clone()
        }
    }

    /// The same client in another language.
    #[must_use]
    pub fn speaking(&self, language: &'static str) -> Self {
        Self {
            language,
            ..self.clone()
        }
    }

    /// The same client in a session; its access token never expires while the test moves the clock.
    #[must_use]
    pub fn in_session(&self, app: &App, subject: Subject) -> Self {
        Self {
            token: Some(app.tokens.issue(subject, app.now())),
            session: Some((app.clone(), subject)),
            ..self.clone()
        }
    }

    /// The access token, as first issued.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// A request to be completed by the test.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self
            .http
            .request(method, format!("{}{path}", self.base))
            .header("accept-language", self.language);
        match (&self.session, &self.token) {
            (Some((app, subject)), _) => request.bearer_auth(app.tokens.issue(*subject, app.now())),
            (None, Some(token)) => request.bearer_auth(token),
            (None, None) => request,
        }
    }

    /// Sends a request and holds its answer against the spec.
    pub async fn send(&self, request: RequestBuilder) -> Reply {
        // A stream does not end: whoever takes one for an answer shall hear of it.
        let request = request.timeout(PATIENCE).build().expect("a request");
        let asked = Asked::of(&request);
        let response = self
            .http
            .execute(request)
            .await
            .expect("the server answers");
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.expect("a body");
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()))
        };
        let reply = Reply {
            status,
            headers,
            body,
            bytes: bytes.to_vec(),
        };
        if !self.unchecked {
            asked.check(&reply);
        }
        reply
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Reply {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// `POST` with a fresh `Idempotency-Key`.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.post_with_key(path, body, &fresh_key()).await
    }

    /// `POST` with a given `Idempotency-Key`.
    pub async fn post_with_key(&self, path: &str, body: Value, key: &str) -> Reply {
        self.send(
            self.request(Method::POST, path)
                .header("idempotency-key", key)
                .json(&body),
        )
        .await
    }

    /// `POST` upon a version, with a fresh `Idempotency-Key`.
    pub async fn post_if(&self, path: &str, etag: &str, body: Value) -> Reply {
        self.send(
            self.request(Method::POST, path)
                .header("idempotency-key", fresh_key())
                .header("if-match", etag)
                .json(&body),
        )
        .await
    }

    /// `PUT`.
    pub async fn put(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    /// `PUT` upon a version.
    pub async fn put_if(&self, path: &str, etag: &str, body: Value) -> Reply {
        self.send(
            self.request(Method::PUT, path)
                .header("if-match", etag)
                .json(&body),
        )
        .await
    }

    /// `PATCH` upon a version.
    pub async fn patch(&self, path: &str, etag: &str, body: Value) -> Reply {
        self.send(
            self.request(Method::PATCH, path)
                .header("if-match", etag)
                .json(&body),
        )
        .await
    }
}

/// A key nobody used.
pub fn fresh_key() -> String {
    jiahu::crypto::random_token()
}
