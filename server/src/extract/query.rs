//! Query strings.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::mistake::of_serde;
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
            let text = error
                .source()
                .map_or_else(|| error.to_string(), ToString::to_string);
            problem_of(&text)
        })?;
        Ok(Self(query.0))
    }
}

/// The text is the parameter's name, a colon, and what is wrong; without a name when it is about the whole.
fn problem_of(text: &str) -> Problem {
    let is_name = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let (path, text) = match text.split_once(": ") {
        Some((name, rest)) if is_name(name) => (name, rest),
        _ => ("", text),
    };
    let (code, params) = of_serde(text);
    let named = params.iter().find(|(name, _)| *name == "name");
    let path = match named {
        Some((_, name)) if path.is_empty() => name.clone(),
        _ => path.to_owned(),
    };
    Problem::new(Code::QueryInvalid).field_with(path, code, params)
}

#[cfg(test)]
mod tests {
    use axum::extract::FromRequestParts;
    use axum::http::Request;
    use entity::enums::{Language, OrderState};
    use entity::ids::PatientId;
    use rstest::rstest;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only ever refused")]
    struct Asked {
        limit: Option<u64>,
        dry_run: Option<bool>,
        state: Option<OrderState>,
        patient_id: Option<PatientId>,
        from: Option<chrono::DateTime<chrono::Utc>>,
        must: String,
    }

    #[rstest]
    #[case("must=1&limit=x", "limit", "number_expected")]
    #[case("must=1&limit=-1", "limit", "number_expected")]
    #[case("must=1&dry_run=yes", "dry_run", "flag_expected")]
    #[case("must=1&state=sleeping", "state", "choice_unknown")]
    #[case("must=1&patient_id=x", "patient_id", "id_invalid")]
    #[case("must=1&from=today", "from", "date_time_invalid")]
    #[case("must=1&colour=red", "colour", "field_unknown")]
    #[case("must=1&must=2", "must", "field_twice")]
    #[case("limit=1", "must", "field_missing")]
    #[tokio::test]
    async fn a_wrong_parameter_is_named(
        #[case] query: &str,
        #[case] name: &str,
        #[case] code: &str,
    ) {
        let request = Request::get(format!("/?{query}"))
            .body(())
            .expect("a request");
        let (mut parts, ()) = request.into_parts();
        let refused = Query::<Asked>::from_request_parts(&mut parts, &()).await;
        let Err(Error::Problem(problem)) = refused else {
            panic!("{query} is refused");
        };
        let document = problem.document(Language::Zh, "");
        let document = serde_json::to_value(&document).expect("JSON");
        assert_eq!(document["code"], "query_invalid");
        let error = &document["errors"][0];
        assert_eq!(
            (&error["field"], &error["code"]),
            (&name.into(), &code.into()),
            "{error}"
        );
    }
}
