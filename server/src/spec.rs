//! What every operation of the spec has in common, written in one place.

mod tidy;

use entity::enums::Role;
use serde_json::{Value, json};
use utoipa::Modify;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, OpenApi, PathItem, Ref, RefOr, Required, Response, ResponseBuilder,
};
use utoipa_axum::router::UtoipaMethodRouter;

use crate::app::App;
use crate::extract::Contract;

/// Extension that names the roles which may call an operation; the role matrix is made from it.
const ROLES: &str = "x-roles";

/// Bearer tokens.
pub(crate) struct Security;

impl Modify for Security {
    fn modify(&self, spec: &mut OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .build();
        let components = spec.components.get_or_insert_with(Default::default);
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}

/// Writes what an operation asks of a request into its part of the spec.
pub(crate) fn asking(
    (schemas, mut paths, router): UtoipaMethodRouter<App>,
    contract: Contract,
) -> UtoipaMethodRouter<App> {
    for operation in paths.paths.values_mut().flat_map(of_item) {
        ask(operation, contract);
    }
    (schemas, paths, router)
}

fn ask(operation: &mut Operation, contract: Contract) {
    let mut asked = contract.query.map_or_else(Vec::new, |query| query());
    asked.extend(contract.idempotency_key.then(idempotency_key));
    asked.extend(contract.if_match.then(if_match));
    if !asked.is_empty() {
        let parameters = operation.parameters.get_or_insert_default();
        // What an operation says of these itself gives way.
        parameters.retain(|known| match known {
            RefOr::T(known) => asked.iter().all(|new| new.name != known.name),
            RefOr::Ref(_) => true,
        });
        parameters.extend(asked.into_iter().map(RefOr::T));
    }
    if !contract.roles.is_empty() {
        let roles: Vec<Value> = contract.roles.iter().map(|role| json!(role)).collect();
        let roles = Extensions::from_iter([(ROLES, Value::from(roles))]);
        operation.extensions.get_or_insert_default().merge(roles);
        let note = format!("For: {}.", names(contract.roles));
        operation.description = Some(match operation.description.take() {
            Some(text) if !text.is_empty() => format!("{text}\n\n{note}"),
            _ => note,
        });
    }
}

fn names(roles: &[Role]) -> String {
    let names: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    names.join(", ")
}

fn idempotency_key() -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .min_length(Some(8))
        .max_length(Some(64))
        .pattern(Some("^[A-Za-z0-9_-]+$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some(
            "Chosen by the client. The same request sent again with the same key has no second effect and gets the first answer.",
        ))
        .schema(Some(text))
        .build()
}

fn if_match() -> Parameter {
    ParameterBuilder::new()
        .name("If-Match")
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some(
            "The ETag of the version that is changed; 412 when there is a newer one.",
        ))
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(SchemaType::Type(Type::String))
                .examples([json!("\"v1\"")]),
        ))
        .build()
}

/// Gives every operation the problem answer, and every 201 its `Location`; mends the schemas.
pub(crate) fn finish(mut spec: OpenApi) -> OpenApi {
    for operation in spec.paths.paths.values_mut().flat_map(of_item) {
        tidy::operation(operation);
        let responses = &mut operation.responses.responses;
        if let Some(RefOr::T(created)) = responses.get_mut("201") {
            created
                .headers
                .insert("Location".to_owned(), location().into());
        }
        responses.insert("default".to_owned(), problem_answer());
    }
    if let Some(components) = &mut spec.components {
        tidy::components(components);
    }
    spec
}

fn of_item(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.post,
        &mut item.put,
        &mut item.patch,
        &mut item.delete,
    ]
    .into_iter()
    .flatten()
}

fn location() -> Header {
    let text = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String));
    HeaderBuilder::new()
        .schema(Some(text))
        .description(Some("Where the new thing can be read"))
        .build()
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
