//! ETag and If-Match: a change names the version it was made upon.

use axum::extract::FromRequestParts;
use axum::http::header::{ETAG, IF_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponseParts, ResponseParts};

use crate::error::{Error, Result};
use crate::problem::Code;

/// The version a caller read, from `If-Match: "v7"`.
#[derive(Clone, Copy, Debug)]
pub struct IfMatch(pub i64);

impl IfMatch {
    /// Fails when the row has another version by now.
    pub fn check(self, version: i64) -> Result<()> {
        if self.0 == version {
            Ok(())
        } else {
            Err(Code::PreconditionFailed.into())
        }
    }

    fn of(headers: &HeaderMap) -> Result<Self> {
        let value = headers.get(IF_MATCH).ok_or(Code::PreconditionRequired)?;
        let version = value.to_str().ok().and_then(|text| {
            text.trim()
                .strip_prefix("\"v")?
                .strip_suffix('"')?
                .parse()
                .ok()
        });
        // An ETag that is not ours matches nothing.
        version
            .map(Self)
            .ok_or_else(|| Code::PreconditionFailed.into())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Self::of(&parts.headers)
    }
}

/// The version of an answer, as its `ETag`.
#[derive(Clone, Copy, Debug)]
pub struct ETag(pub i64);

impl IntoResponseParts for ETag {
    type Error = Error;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts> {
        let value = HeaderValue::try_from(format!("\"v{}\"", self.0)).map_err(Error::internal)?;
        response.headers_mut().insert(ETAG, value);
        Ok(response)
    }
}
