//! The caller's language.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use entity::enums::Language;

/// The language of the answer: the first of `Accept-Language` we have, else Chinese.
#[derive(Clone, Copy, Debug)]
pub struct Lang(pub Language);

impl Lang {
    /// Reads `Accept-Language`, by quality.
    pub fn of(headers: &HeaderMap) -> Language {
        let header = headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let mut wanted: Vec<(f32, Language)> = header.split(',').filter_map(parse).collect();
        wanted.sort_by(|one, other| other.0.total_cmp(&one.0));
        wanted
            .first()
            .map_or(Language::Zh, |(_, language)| *language)
    }
}

fn parse(part: &str) -> Option<(f32, Language)> {
    let mut pieces = part.trim().split(';');
    let tag = pieces.next()?.trim().to_ascii_lowercase();
    let quality = pieces
        .find_map(|piece| piece.trim().strip_prefix("q=")?.parse().ok())
        .unwrap_or(1.0);
    match tag.split('-').next()? {
        "zh" => Some((quality, Language::Zh)),
        "en" => Some((quality, Language::En)),
        _ => None,
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Lang {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(Self::of(&parts.headers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_known_language_wins() {
        for (header, language) in [
            ("", Language::Zh),
            ("en", Language::En),
            ("en-GB,en;q=0.9,zh;q=0.8", Language::En),
            ("fr, zh-TW;q=0.7, en;q=0.3", Language::Zh),
            ("de;q=1, *;q=0.1", Language::Zh),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, header.parse().expect("header"));
            assert_eq!(Lang::of(&headers), language, "{header}");
        }
    }
}
