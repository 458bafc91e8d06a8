//! Pages for people who have no app: the one behind the link by which a family answers. Plain files of `server/pages`, part
//! of the program, that load nothing from anywhere else; what they show comes from the API.

use axum::Router;
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, REFERRER_POLICY, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::crypto::sha256_hex;
use crate::extract::IfNoneMatch;

/// Where the family's page is; the token of the link stands behind `#`, which no server sees.
pub const ANSWERS: &str = "/answers";

/// Own files and the own API, nothing else, and in no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file, as it is served.
struct File {
    path: &'static str,
    content_type: &'static str,
    content: &'static str,
}

macro_rules! files {
    ($($path:literal: $content_type:ident = $file:literal;)+) => {
        const FILES: &[File] = &[$(File {
            path: $path,
            content_type: $content_type,
            content: include_str!(concat!("../pages/answers/", $file)),
        }),+];
    };
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

files! {
    "/answers": HTML = "index.html";
    "/answers/style.css": CSS = "style.css";
    "/answers/app.js": JS = "app.js";
    "/answers/dom.js": JS = "dom.js";
    "/answers/form.js": JS = "form.js";
    "/answers/kept.js": JS = "kept.js";
    "/answers/page.js": JS = "page.js";
    "/answers/question.js": JS = "question.js";
    "/answers/texts.js": JS = "texts.js";
}

/// The pages.
pub(crate) fn routes() -> Router {
    FILES.iter().fold(Router::new(), |router, file| {
        let tag = format!("\"{}\"", &sha256_hex(file.content.as_bytes())[..32]);
        let serve = move |request: Request| {
            let answer = answer(file, &tag, request.headers());
            async move { answer }
        };
        router.route(file.path, get(serve))
    })
}

/// The file, or that the caller has it already. A phone asks each time, so that a new release is seen at once.
fn answer(file: &File, tag: &str, asked: &HeaderMap) -> Response {
    let known = IfNoneMatch::of(asked).names(tag);
    let head = [
        (CACHE_CONTROL, "no-cache"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "no-referrer"),
        (X_FRAME_OPTIONS, "DENY"),
        (CONTENT_TYPE, file.content_type),
        (ETAG, tag),
    ];
    if known {
        (StatusCode::NOT_MODIFIED, head).into_response()
    } else {
        (head, file.content).into_response()
    }
}
