//! `Idempotency-Key`: the same request sent twice has one effect and one answer.

use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use serde::de::DeserializeOwned;

use super::json::{check_media_type, parse, read_body};
use crate::app::App;
use crate::crypto::sha256_hex;
use crate::error::{Error, Result};
use crate::problem::Code;

/// Name of the header.
pub(super) const HEADER: &str = "idempotency-key";

/// A key and the hash of the request it was sent with.
#[derive(Clone, Debug)]
pub struct RequestKey {
    /// 8 to 64 characters chosen by the client.
    pub key: String,
    /// Hash of method, address and body.
    pub request_hash: String,
}

impl RequestKey {
    /// The header, or the problem that it is missing.
    pub(super) fn header(headers: &HeaderMap) -> Result<String> {
        headers
            .get(HEADER)
            .and_then(|value| value.to_str().ok())
            .filter(|key| is_key(key))
            .map(str::to_owned)
            .ok_or_else(|| Code::IdempotencyKeyMissing.into())
    }

    /// A key together with what it was sent with.
    pub(super) fn of(key: String, subject: &str, body: &[u8]) -> Self {
        let request_hash = sha256_hex(&[subject.as_bytes(), body].concat());
        Self { key, request_hash }
    }
}

/// A request that has one effect however often it is sent: its key and its body.
#[derive(Clone, Debug)]
pub struct IdempotencyKey<T> {
    /// The key.
    pub key: RequestKey,
    /// The body; an empty one reads as `{}`.
    pub body: T,
}

impl<T: DeserializeOwned> FromRequest<App> for IdempotencyKey<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let key = RequestKey::header(request.headers())?;
        let subject = format!("{} {}\n", request.method(), request.uri());
        let media_type = check_media_type(request.headers());
        let bytes = read_body(request, app).await?;
        let bytes: &[u8] = if bytes.is_empty() {
            b"{}"
        } else {
            media_type?;
            &bytes
        };
        Ok(Self {
            key: RequestKey::of(key, &subject, bytes),
            body: parse(bytes)?,
        })
    }
}

fn is_key(key: &str) -> bool {
    (8..=64).contains(&key.len())
        && key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
