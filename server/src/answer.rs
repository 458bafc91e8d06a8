//! The answer of an operation that is kept for retries.

use axum::http::header::{ETAG, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};

/// Status, headers and body of a success, in a form that can be stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    status: u16,
    location: Option<String>,
    version: Option<i64>,
    body: Value,
}

impl Answer {
    /// 200 with a body.
    pub fn ok(body: &impl Serialize) -> Result<Self> {
        Ok(Self {
            status: StatusCode::OK.as_u16(),
            location: None,
            version: None,
            body: serde_json::to_value(body).map_err(Error::internal)?,
        })
    }

    /// 201 with a body and where it can be read.
    pub fn created(location: String, body: &impl Serialize) -> Result<Self> {
        Ok(Self {
            status: StatusCode::CREATED.as_u16(),
            location: Some(location),
            ..Self::ok(body)?
        })
    }

    /// 204.
    pub fn empty() -> Self {
        Self {
            status: StatusCode::NO_CONTENT.as_u16(),
            location: None,
            version: None,
            body: Value::Null,
        }
    }

    /// Adds the version as `ETag`.
    #[must_use]
    pub fn version(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }

    /// The body; null when there is none.
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let mut response = if self.body.is_null() {
            status.into_response()
        } else {
            (status, axum::Json(self.body)).into_response()
        };
        if let Some(Ok(value)) = self.location.map(HeaderValue::try_from) {
            response.headers_mut().insert(LOCATION, value);
        }
        if let Some(Ok(value)) = self
            .version
            .map(|version| HeaderValue::try_from(format!("\"v{version}\"")))
        {
            response.headers_mut().insert(ETAG, value);
        }
        response
    }
}

/// Runs a block once per `Idempotency-Key`: the effect and the kept answer are one transaction, and a
/// retry gets the first answer. `once!(app, may, key, "create_order", |tx| { … Answer::ok(…) })`.
///
/// What takes long to read and may be a moment old is read before the write, so that nobody waits for it:
/// `once!(app, may, key, "accept_offer", weighed = weigh(…).await?, |tx| { … })`.
#[macro_export]
macro_rules! once {
    ($app:expr, $caller:expr, $key:expr, $name:literal, |$tx:ident| $block:block) => {
        $crate::once!($app, $caller, $key, $name, _nothing = (), |$tx| $block)
    };
    ($app:expr, $caller:expr, $key:expr, $name:literal, $ready:ident = $read:expr, |$tx:ident| $block:block) => {{
        let (community, account) = ($caller.community, $caller.account);
        let outcome = $crate::db::body(async {
            let $ready = $read;
            $crate::in_write!($app.db, $name, |$tx| {
                let kept =
                    $crate::store::idempotency::find(&**$tx, &$app, community, account, &$key)
                        .await?;
                if let Some(answer) = kept {
                    return Ok(answer);
                }
                let answer: $crate::answer::Answer = $crate::db::body(async { $block }).await?;
                $crate::store::idempotency::keep($tx, &$app, community, account, &$key, &answer)
                    .await?;
                Ok(answer)
            })
        })
        .await;
        $crate::store::idempotency::settle(&$app, community, account, &$key, outcome).await
    }};
}
