//! Writes problem documents: the operation says what is wrong, this knows the caller's language.

use axum::extract::Request;
use axum::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, VARY, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use entity::enums::Language;

use super::stack::REQUEST_ID;
use crate::extract::Lang;
use crate::problem::{Code, Problem};

/// Turns a carried [`Problem`] into `application/problem+json`, and bare errors of the framework too.
pub(super) async fn render(request: Request, next: Next) -> Response {
    let language = Lang::of(request.headers());
    let request_id = request
        .headers()
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let mut response = next.run(request).await;
    let problem = response
        .extensions_mut()
        .remove::<Problem>()
        .or_else(|| bare(&response));
    match problem {
        Some(problem) => document(&problem, language, &request_id),
        None => response,
    }
}

/// Errors that no operation made: no route, wrong method, a panic.
fn bare(response: &Response) -> Option<Problem> {
    let code = match response.status() {
        _ if response.headers().contains_key(CONTENT_TYPE) => return None,
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::INTERNAL_SERVER_ERROR => Code::Internal,
        _ => return None,
    };
    Some(Problem::new(code))
}

fn document(problem: &Problem, language: Language, request_id: &str) -> Response {
    let body = problem.document(language, request_id);
    let mut response = (problem.code.status(), axum::Json(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    headers.insert(
        CONTENT_LANGUAGE,
        HeaderValue::from_static(language.as_str()),
    );
    headers.insert(VARY, HeaderValue::from_static("accept-language"));
    if problem.code.status() == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(seconds) = problem.retry_after_s {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
