//! The demo: a server on this machine alone, filled with an invented county, that says what it is on every answer.

mod clock;
mod database;
mod folder;
mod messages;
mod show;

use axum::Router;
use axum::http::{HeaderName, HeaderValue};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::app::App;

pub use database::{Size, fill, migrate, require_filled, start_time};
pub use folder::Folder;
pub use show::banner;

/// Stands on every answer of a demo.
pub const HEADER: HeaderName = HeaderName::from_static("x-jiahu-demo");

/// Puts what only a demo has around a service: the header, and where a movable clock was asked for, it and the messages. It is
/// outside the layers of the API, so that a long step of the clock is not cut off by the time limit.
pub(crate) fn around(app: &App, service: Router) -> Router {
    if !app.config.demo {
        return service;
    }
    let service = if app.config.simulated_clock {
        // The second one's answer to unknown paths is kept.
        clock::routes(app.clone())
            .merge(messages::routes(app.clone()))
            .merge(service)
    } else {
        service
    };
    service.layer(SetResponseHeaderLayer::overriding(
        HEADER,
        HeaderValue::from_static("true"),
    ))
}
