//! If-None-Match: what the caller has already.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::IF_NONE_MATCH;
use axum::http::request::Parts;

use crate::error::{Error, Result};

/// The ETags of what the caller has, as sent; none when it asks for the thing in any case.
#[derive(Clone, Debug)]
pub struct IfNoneMatch(Option<String>);

impl IfNoneMatch {
    /// Reads the header.
    pub fn of(headers: &HeaderMap) -> Self {
        let value = headers.get(IF_NONE_MATCH);
        Self(value.and_then(|value| Some(value.to_str().ok()?.to_owned())))
    }

    /// True when the thing with this tag is among them. A proxy that compresses makes a tag weak; the thing is the same.
    pub fn names(&self, tag: &str) -> bool {
        let tags = self.0.iter().flat_map(|tags| tags.split(','));
        tags.map(str::trim)
            .any(|known| known == "*" || known.trim_start_matches("W/") == tag)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_tag_is_found_among_others_and_only_whole() {
        let asked = |value: &'static str| {
            let value = HeaderValue::from_static(value);
            IfNoneMatch::of(&HeaderMap::from_iter([(IF_NONE_MATCH, value)])).names("\"ab\"")
        };
        for value in ["\"ab\"", "W/\"ab\"", "\"x\", \"ab\"", "*"] {
            assert!(asked(value), "{value}");
        }
        for value in ["", "ab", "\"abc\"", "\"x\""] {
            assert!(!asked(value), "{value}");
        }
        assert!(!IfNoneMatch::of(&HeaderMap::new()).names("\"ab\""));
    }
}
