//! Every route, in one list.

use axum::Router;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::{auth, me};
use crate::app::App;
use crate::problem::ProblemDocument;

/// Head of the spec.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Jiahu 家护",
        description = "Home nursing for a county: book, match by distance and certificate, visit, prove. \
                       The guide stands in mobile-api-spec/README.md.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(ProblemDocument)),
    tags(
        (name = "auth", description = "Logging in"),
        (name = "me", description = "The caller's own account"),
    )
)]
struct Head;

/// The operations, with their documentation.
fn operations() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Head::openapi())
        // Logging in.
        .routes(routes!(auth::send_code::send_code))
        .routes(routes!(auth::login_with_code::login_with_code))
        .routes(routes!(auth::login_with_password::login_with_password))
        .routes(routes!(auth::refresh::refresh))
        .routes(routes!(auth::logout::logout))
        .routes(routes!(auth::accept_invite::accept_invite))
        .routes(routes!(auth::confirm_invite::confirm_invite))
        // The caller's own account.
        .routes(routes!(me::get_me::get_me))
        .routes(routes!(me::change_password::change_password))
        .routes(routes!(me::list_sessions::list_sessions))
        .routes(routes!(me::end_session::end_session))
}
