//! JSON bodies: unknown fields refused, the first wrong field named by its path.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::mistake::of_serde;
use crate::app::App;
use crate::error::Error;
use crate::problem::{Code, Problem};

/// A JSON body in, or a JSON answer out.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self, Error> {
        check_media_type(request.headers())?;
        let body = read_body(request, app).await?;
        parse(&body).map(Self)
    }
}

/// A body that does not say it is JSON is not read as such.
pub(super) fn check_media_type(headers: &HeaderMap) -> Result<(), Error> {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    if kind.trim().eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Problem::new(Code::UnsupportedMediaType)
        .with("expected", "application/json")
        .into())
}

/// Reads a body; one over the limit is a problem of its own.
pub(super) async fn read_body(request: Request, app: &App) -> Result<Bytes, Error> {
    Bytes::from_request(request, app)
        .await
        .map_err(|rejection| {
            if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::new(Code::BodyTooLarge)
                    .with("limit", app.config.body_limit_bytes)
                    .into()
            } else {
                Problem::new(Code::MalformedJson)
                    .with("line", 0)
                    .with("column", 0)
                    .into()
            }
        })
}

/// Parses a JSON body into a wire type.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value: T = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        // serde_json calls a null where a word is wanted a syntax error; the text itself may be sound.
        let sound = serde_json::from_slice::<IgnoredAny>(body).is_ok();
        problem_of(&path, error.inner(), sound)
    })?;
    deserializer.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new(Code::MalformedJson)
        .with("line", error.line())
        .with("column", error.column())
}

/// Makes a problem of a serde error.
fn problem_of(path: &str, error: &serde_json::Error, sound: bool) -> Problem {
    if !sound {
        return malformed(error);
    }
    let text = error.to_string();
    let text = text
        .rsplit_once(" at line ")
        .map_or(&*text, |(text, _)| text);
    let (code, params) = of_serde(text);
    // The error stands at the object; the caller looks for the field.
    let path = match (code, params.first()) {
        (Code::FieldMissing, Some((_, name))) if path == "." => name.clone(),
        (Code::FieldMissing, Some((_, name))) => format!("{path}.{name}"),
        _ => path.to_owned(),
    };
    Problem::new(Code::InvalidRequest).field_with(path, code, params)
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}
