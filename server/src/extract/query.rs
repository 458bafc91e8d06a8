//! Query strings.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::problem::{Code, Problem};

/// A query string; unknown parameters are refused by the type.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let query = axum::extract::Query::<T>::try_from_uri(&parts.uri).map_err(|error| {
            use std::error::Error as _;
            let reason = error
                .source()
                .map_or_else(|| error.to_string(), ToString::to_string);
            Problem::new(Code::QueryInvalid).with("reason", reason)
        })?;
        Ok(Self(query.0))
    }
}
