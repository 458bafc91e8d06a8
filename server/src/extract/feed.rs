//! Requests of other systems: raw body and headers, checked against the secret of their feed.

use aws_lc_rs::hmac;
use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use entity::discharge_feed;
use entity::ids::DischargeFeedId;
use secrecy::ExposeSecret;

use crate::app::App;
use crate::crypto::{hex, same_secret, token_hash};
use crate::error::{Error, Result};
use crate::problem::{Code, Problem};
use crate::store;

/// Names the feed.
const FEED: &str = "x-jiahu-feed";
/// Unix seconds at which the request was signed.
const TIMESTAMP: &str = "x-jiahu-timestamp";
/// HMAC-SHA256 of `<timestamp>.<body>` in hex digits.
const SIGNATURE: &str = "x-jiahu-signature";
/// A signature is good for so long, either way: what is recorded and sent again later is refused.
const REPLAY_WINDOW: TimeDelta = TimeDelta::minutes(5);

/// A request of at most `MAX` bytes as it came. Nothing of it is believed yet.
#[derive(Debug)]
pub struct Foreign<const MAX: usize> {
    headers: HeaderMap,
    body: Result<Bytes, Problem>,
}

impl<const MAX: usize> FromRequest<App> for Foreign<MAX> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &App) -> Result<Self> {
        let (parts, body) = request.into_parts();
        // The operation words its refusals itself, so a body that is too large is told by it too.
        let body = to_bytes(body, MAX)
            .await
            .map_err(|_| Problem::new(Code::BodyTooLarge).with("limit", MAX));
        Ok(Self {
            headers: parts.headers,
            body,
        })
    }
}

impl<const MAX: usize> Foreign<MAX> {
    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The feed that signed the request, and its body.
    pub async fn signed(&self, app: &App) -> Result<(discharge_feed::Model, Bytes)> {
        let id = self
            .header(FEED)
            .and_then(|text| text.parse::<DischargeFeedId>().ok())
            .ok_or(Code::FeedUnknown)?;
        let feed = store::discharge::feed(app.db.reader(), id).await?;
        let feed = feed.ok_or(Code::FeedUnknown)?;
        self.check_stamp(app)?;
        let secret = store::discharge::secret(app, &feed)?;
        let body = self.signed_with(&secret, Code::FeedSignature)?;
        Ok((feed, body))
    }

    /// The body of a request that the message gateway signed, with the secret that messages to it are signed with.
    pub fn from_gateway(&self, app: &App) -> Result<Bytes> {
        self.check_stamp(app)?;
        let secret = app.config.messages.webhook_secret.as_ref();
        let secret = secret.ok_or(Code::ReceiptSignature)?;
        self.signed_with(secret.expose_secret(), Code::ReceiptSignature)
    }

    fn check_stamp(&self, app: &App) -> Result<()> {
        if is_fresh(self.stamp(), app.now()) {
            return Ok(());
        }
        let minutes = REPLAY_WINDOW.num_minutes();
        let problem = Problem::new(Code::FeedTimestamp);
        Err(problem.with("minutes", minutes).into())
    }

    fn signed_with(&self, secret: &str, otherwise: Code) -> Result<Bytes> {
        let body = self.body.clone()?;
        let told = self.header(SIGNATURE).unwrap_or_default();
        if same_secret(&signature(secret, self.stamp(), &body), told) {
            Ok(body)
        } else {
            Err(otherwise.into())
        }
    }

    fn stamp(&self) -> &str {
        self.header(TIMESTAMP).unwrap_or_default()
    }

    /// The feed whose token the request carries, and its body.
    pub async fn with_token(&self, app: &App) -> Result<(discharge_feed::Model, Bytes)> {
        let token = self
            .header(AUTHORIZATION.as_str())
            .and_then(|text| text.strip_prefix("Bearer "))
            .ok_or(Code::FeedUnknown)?;
        let hash = token_hash(token.trim());
        let feed = store::discharge::feed_by_token(app.db.reader(), &hash).await?;
        let feed = feed.ok_or(Code::FeedUnknown)?;
        Ok((feed, self.body.clone()?))
    }
}

/// The signature of a request.
fn signature(secret: &str, stamp: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(stamp.as_bytes());
    context.update(b".");
    context.update(body);
    hex(context.sign().as_ref())
}

fn is_fresh(stamp: &str, now: DateTime<Utc>) -> bool {
    let at = stamp
        .parse::<i64>()
        .ok()
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    at.is_some_and(|at| (now - at).abs() <= REPLAY_WINDOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_hmac_of_stamp_dot_body() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"secret");
        let expected = hex(hmac::sign(&key, b"1767225600.{}").as_ref());
        assert_eq!(signature("secret", "1767225600", b"{}"), expected);
    }

    #[test]
    fn a_stamp_is_good_for_five_minutes_either_way() {
        let now = DateTime::from_timestamp(1_767_225_600, 0).expect("a time");
        for (stamp, fresh) in [
            ("1767225600", true),
            ("1767225300", true),
            ("1767225299", false),
            ("1767225900", true),
            ("1767225901", false),
            ("", false),
            ("now", false),
            ("9223372036854775807", false),
        ] {
            assert_eq!(is_fresh(stamp, now), fresh, "{stamp}");
        }
    }
}
