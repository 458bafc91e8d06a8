//! Files as request bodies, with a limit of their own.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;

use super::key::RequestKey;
use crate::app::App;
use crate::error::{Error, Result};
use crate::problem::{Code, Problem};

/// A file of at most `MAX` bytes that is taken once per `Idempotency-Key`.
#[derive(Clone, Debug)]
pub struct Upload<const MAX: usize> {
    /// The key.
    pub key: RequestKey,
    /// `Content-Type`, as sent; empty when there is none.
    pub content_type: String,
    /// The file.
    pub bytes: Bytes,
}

impl<const MAX: usize> FromRequest<App> for Upload<MAX> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &App) -> Result<Self> {
        let (key, content_type, bytes) = read(request, MAX).await?;
        Ok(Self {
            key,
            content_type,
            bytes,
        })
    }
}

/// A picture of at most `photos.max_bytes` that is taken once per `Idempotency-Key`. Its `Content-Type` says nothing:
/// the content does.
#[derive(Clone, Debug)]
pub struct PhotoUpload {
    /// The key.
    pub key: RequestKey,
    /// The file.
    pub bytes: Bytes,
}

impl FromRequest<App> for PhotoUpload {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let (key, _, bytes) = read(request, app.config.photos.max_bytes).await?;
        Ok(Self { key, bytes })
    }
}

async fn read(request: Request, most: usize) -> Result<(RequestKey, String, Bytes)> {
    let key = RequestKey::header(request.headers())?;
    let content_type = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let subject = format!("{} {}\n{content_type}\n", request.method(), request.uri());
    // A connection that breaks ends here too, but then nobody reads the answer.
    let bytes = to_bytes(request.into_body(), most)
        .await
        .map_err(|_| Problem::new(Code::BodyTooLarge).with("limit", most))?;
    let key = RequestKey::of(key, &subject, &bytes);
    Ok((key, content_type, bytes))
}
