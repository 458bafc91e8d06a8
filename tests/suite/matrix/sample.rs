//! A request to each operation: its body from `bodies.json` or from its schema, its headers as the spec asks.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiahu_tests::harness::spec::{Operation, Spec, entries};
use jiahu_tests::harness::{Client, fresh_key};
use reqwest::RequestBuilder;
use serde_json::{Map, Value, json};

/// An id that nothing has.
pub(super) const NOTHING: &str = "01945d00-0000-7000-8000-00000000dead";

/// Bodies that a schema cannot tell, by operation.
static BODIES: LazyLock<BTreeMap<String, Value>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("bodies.json")).expect("bodies by operation")
});

/// What stands in the places of a path or query.
pub(super) type Places = BTreeMap<String, String>;

/// What came back.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) status: u16,
    /// Problem code; empty for a success.
    pub(super) code: String,
    pub(super) body: Value,
}

/// Operations that `bodies.json` names and the spec does not.
pub(super) fn forgotten_bodies() -> Vec<&'static str> {
    let known = |id: &str| {
        Spec::get()
            .operation(id)
            .is_some_and(|op| op.body.is_some())
    };
    let names = BODIES.keys().map(String::as_str);
    names.filter(|id| !known(id)).collect()
}

/// A body that the operation's types take; none when it takes no JSON.
pub(super) fn body(operation: &Operation) -> Option<Value> {
    let shape = operation.body.as_ref()?;
    let reviewed = BODIES.get(&operation.id).cloned();
    Some(reviewed.unwrap_or_else(|| made(&shape.schema)))
}

/// A small value that fits a schema.
pub(super) fn made(schema: &Value) -> Value {
    let schema = Spec::get().follow(schema);
    let told = [
        &schema["examples"][0],
        &schema["example"],
        &schema["default"],
        &schema["enum"][0],
    ];
    if let Some(value) = told.into_iter().find(|value| !value.is_null()) {
        return value.clone();
    }
    if let Some(variant) = variant(schema) {
        return made(variant);
    }
    match kind(schema) {
        "object" => made_object(schema),
        "array" => {
            let least = schema["minItems"].as_u64().unwrap_or(0);
            (0..least).map(|_| made(&schema["items"])).collect()
        }
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or(json!(1)),
        "boolean" => json!(false),
        _ => made_text(schema),
    }
}

fn made_object(schema: &Value) -> Value {
    let required = schema["required"].as_array().into_iter().flatten();
    let names = required.filter_map(Value::as_str);
    let members = names.map(|name| (name.to_owned(), made(&schema["properties"][name])));
    Value::Object(members.collect::<Map<_, _>>())
}

fn made_text(schema: &Value) -> Value {
    match schema["format"].as_str() {
        Some("uuid") => json!(NOTHING),
        Some("date") => json!("2026-03-10"),
        Some("date-time") => json!("2026-03-10T02:00:00Z"),
        _ => {
            let least = schema["minLength"].as_u64().unwrap_or(1).max(1);
            let letter = match schema["pattern"].as_str() {
                Some(pattern) if pattern.contains("A-Z") => "X",
                _ => "x",
            };
            json!(letter.repeat(usize::try_from(least).expect("small")))
        }
    }
}

/// The first alternative of a schema that is not null.
pub(super) fn variant(schema: &Value) -> Option<&Value> {
    let words = ["oneOf", "anyOf", "allOf"].into_iter();
    words
        .filter_map(|word| schema[word].as_array())
        .flatten()
        .find(|variant| variant["type"] != "null")
}

/// The type of a schema, null left out.
pub(super) fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::Array(kinds) => {
            let kinds = kinds.iter().filter_map(Value::as_str);
            kinds.into_iter().find(|kind| *kind != "null").unwrap_or("")
        }
        kind => kind.as_str().unwrap_or_default(),
    }
}

/// A value as it stands in an address.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The path with its places filled; those not given get an id that nothing has.
fn path(operation: &Operation, places: &Places) -> String {
    let mut path = operation.path.clone();
    for parameter in operation.parameters("path") {
        let name = parameter["name"].as_str().expect("a name");
        let value = places.get(name).cloned().unwrap_or_else(|| {
            let value = made(&parameter["schema"]);
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        });
        path = path.replace(&format!("{{{name}}}"), &value);
    }
    path
}

/// A request with its path and its query: what is required, and what is given.
pub(super) fn bare(client: &Client, operation: &Operation, places: &Places) -> RequestBuilder {
    let mut request = client.request(operation.method.clone(), &path(operation, places));
    let query = operation.parameters("query");
    for parameter in query {
        let name = parameter["name"].as_str().expect("a name");
        let value = match (places.get(name), &parameter["example"]) {
            (Some(given), _) => json!(given),
            (None, _) if parameter["required"] != true => continue,
            (None, Value::Null) => made(&parameter["schema"]),
            (None, example) => example.clone(),
        };
        request = request.query(&[(name, plain(&value))]);
    }
    request
}

/// The headers that the spec asks for.
pub(super) fn headers(operation: &Operation) -> Vec<(&'static str, String)> {
    let known = [
        ("Idempotency-Key", fresh_key()),
        ("If-Match", "\"v1\"".to_owned()),
    ];
    let asked = known.into_iter();
    asked
        .filter(|(name, _)| operation.needs_header(name))
        .collect()
}

/// A request with everything that the spec asks for.
pub(super) fn request(client: &Client, operation: &Operation, places: &Places) -> RequestBuilder {
    let request = bare(client, operation, places);
    let request = with_headers(request, headers(operation));
    with_body(request, operation)
}

/// Adds headers.
pub(super) fn with_headers(
    request: RequestBuilder,
    headers: Vec<(&'static str, String)>,
) -> RequestBuilder {
    headers.into_iter().fold(request, |request, (name, value)| {
        request.header(name, value)
    })
}

/// Adds the sample body.
pub(super) fn with_body(request: RequestBuilder, operation: &Operation) -> RequestBuilder {
    if let Some(body) = body(operation) {
        return request.json(&body);
    }
    let mut kinds = entries(&operation.value["requestBody"]["content"]);
    match kinds.next() {
        Some((kind, _)) => request.header("content-type", kind).body("x"),
        None => request,
    }
}

/// Sends a request; a stream is not read.
pub(super) async fn send(
    client: &Client,
    operation: &Operation,
    request: RequestBuilder,
) -> Outcome {
    let streams = &operation.value["responses"]["200"]["content"]["text/event-stream"];
    if streams.is_object() {
        let answer = request.send().await.expect("the server answers");
        let status = answer.status().as_u16();
        let body = match status {
            200 => Value::Null,
            _ => answer.json().await.expect("a problem"),
        };
        return outcome(status, body);
    }
    let reply = client.send(request).await;
    outcome(reply.status.as_u16(), reply.body)
}

fn outcome(status: u16, body: Value) -> Outcome {
    let code = if status >= 400 {
        body["code"].as_str()
    } else {
        None
    };
    Outcome {
        status,
        code: code.unwrap_or_default().to_owned(),
        body,
    }
}
