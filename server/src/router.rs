//! Every route, in one list.

use axum::Router;
use axum::routing::get;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::{auth, items, me, ops, orders, quotes, rule_sets};
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
    modifiers(&Security),
    security(("bearer" = [])),
    tags(
        (name = "auth", description = "Logging in"),
        (name = "me", description = "The caller's own account"),
        (name = "items", description = "What can be booked"),
        (name = "rules", description = "Versioned rule files"),
        (name = "orders", description = "Prices, bookings, reviews and the trail of an order"),
    )
)]
struct Head;

/// Bearer tokens.
struct Security;

impl Modify for Security {
    fn modify(&self, spec: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .build();
        let components = spec.components.get_or_insert_with(Default::default);
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}

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
        // What can be booked, and by which rules.
        .routes(routes!(items::list_items::list_items))
        .routes(routes!(items::get_item::get_item))
        .routes(routes!(rule_sets::list_rule_sets::list_rule_sets))
        .routes(routes!(rule_sets::publish_rule_set::publish_rule_set))
        .routes(routes!(rule_sets::get_rule_set::get_rule_set))
        // Orders.
        .routes(routes!(quotes::create_quote::create_quote))
        .routes(routes!(orders::list_orders::list_orders))
        .routes(routes!(orders::create_order::create_order))
        .routes(routes!(orders::get_order::get_order))
        .routes(routes!(orders::reschedule_order::reschedule_order))
        .routes(routes!(orders::cancel_order::cancel_order))
        .routes(routes!(orders::review_order::review_order))
        .routes(routes!(orders::list_order_events::list_order_events))
}

/// Everything the server answers.
pub fn routes(app: App) -> Router {
    let (router, spec) = operations().split_for_parts();
    let spec = finish(spec);
    let docs = utoipa_swagger_ui::SwaggerUi::new("/docs").url("/openapi.json", spec);
    router
        .route("/healthz", get(ops::healthz))
        .route("/readyz", get(ops::readyz))
        .with_state(app)
        .merge(docs)
}

/// The spec as checked in.
pub fn spec() -> utoipa::openapi::OpenApi {
    let (_, spec) = operations().split_for_parts();
    finish(spec)
}

/// Gives every operation the problem answer.
fn finish(mut spec: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    for item in spec.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.patch,
            &mut item.delete,
        ];
        for operation in operations.into_iter().flatten() {
            operation
                .responses
                .responses
                .insert("default".to_owned(), problem_answer());
        }
    }
    spec
}

fn problem_answer() -> RefOr<Response> {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    ResponseBuilder::new()
        .description("A problem; decide by its code")
        .content("application/problem+json", content)
        .build()
        .into()
}
