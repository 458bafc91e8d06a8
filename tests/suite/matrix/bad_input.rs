//! Bad input to every operation that takes JSON: each kind has its problem, and nothing changes.

use jiahu_tests::harness::spec::{Operation, Spec, entries};
use jiahu_tests::harness::{Client, TestServer};
use jiahu_tests::on_both;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::cast::Cast;
use super::rows;
use super::sample::{self, Places, made};

/// Why a text of too many characters is refused, by what kind of text it is.
const TOO_LONG: &[&str] = &[
    "text_length",
    "name_length",
    "phone_invalid",
    "code_form",
    "password_too_long",
    "vital_unknown",
];
/// Why a text with a NUL in it is refused.
const WITH_NUL: &[&str] = &[
    "text_control_character",
    "name_characters",
    "phone_invalid",
    "code_form",
    "vital_unknown",
];
/// Texts that are judged together with others or once what they belong to is found, and why they are refused before.
const JUDGED_LATER: [(&str, &[&str]); 2] = [
    (
        "id_number",
        &["not_found", "date_impossible", "discharge_who"],
    ),
    (".readings[].code", &["not_found"]),
];

/// Times that no clock shows, or that a database keeps otherwise than they were sent.
const ODD_TIMES: [&str; 3] = [
    "2026-03-02T01:00:60Z",
    "-5000-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
];
/// Times of one act among many: they refuse the act and not the request.
const JUDGED_EACH: [(&str, &str); 2] = [
    ("send_batch", ".actions[].device_at"),
    ("log_exercises", ".entries[].device_at"),
];

/// A request that must be refused.
struct Bad {
    /// What is wrong with it.
    what: String,
    status: u16,
    code: &'static str,
    /// Codes of which the field has one, where the problem names it.
    fields: &'static [&'static str],
    /// Sent instead of the sample body.
    body: Value,
}

on_both! {
    async fn a_body_that_is_no_json_of_the_right_size_is_refused(server: TestServer) {
        let cast = Cast::build(&server).await;
        let limit = server.app.config.body_limit_bytes;
        let before = everything(&server, &cast).await;
        let mut wrong = Vec::new();
        for operation in with_bodies() {
            let client = permitted(&server, &cast, operation).await;
            let good = sample::body(operation).expect("a body").to_string();
            let large = format!("{}{good}", " ".repeat(limit));
            let cut = good[..good.len() - 1].to_owned();
            for (what, kind, text, status, code) in [
                ("a cut body", "application/json", cut, 400, "malformed_json"),
                ("text behind the body", "application/json", format!("{good}x"), 400, "malformed_json"),
                ("text", "text/plain", good, 415, "unsupported_media_type"),
                ("a large body", "application/json", large, 413, "body_too_large"),
            ] {
                let request = bare(&client, operation).header("content-type", kind).body(text);
                let got = sample::send(&client, operation, request).await;
                if (got.status, got.code.as_str()) != (status, code) {
                    wrong.push(format!("{} with {what}: {} {}", operation.id, got.status, got.code));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_unchanged(&before, &everything(&server, &cast).await);
    }

    async fn fields_that_are_unknown_missing_or_wrong_are_refused(server: TestServer) {
        let cast = Cast::build(&server).await;
        let before = everything(&server, &cast).await;
        let mut wrong = Vec::new();
        for operation in with_bodies() {
            let client = permitted(&server, &cast, operation).await.speaking("zh-CN");
            for bad in bad_bodies(operation) {
                let request = bare(&client, operation).json(&bad.body);
                let got = sample::send(&client, operation, request).await;
                let field = got.body["errors"][0]["code"].as_str();
                let named = |field: &str| bad.fields.is_empty() || bad.fields.contains(&field);
                let same_field = field.map_or(bad.fields.is_empty(), named);
                // A rule file reports all its mistakes at once, in its own way.
                let rules = got.code == "rule_set_invalid" && operation.id == "publish_rule_set";
                let later = |(name, codes): &(&str, &[&str])| bad.what.contains(name) && codes.contains(&&*got.code);
                if rules || JUDGED_LATER.iter().any(later) {
                    continue;
                }
                // What has a code of its own is told by that one.
                let same_code = got.code == bad.code || field == Some(&*got.code);
                if let Some(english) = not_chinese(&got.body) {
                    wrong.push(format!("{} with {}: {english}", operation.id, bad.what));
                }
                if got.status != bad.status || !same_code || !same_field {
                    let (id, what) = (&operation.id, &bad.what);
                    wrong.push(format!("{id} with {what}: {} {} {field:?}", got.status, got.code));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_unchanged(&before, &everything(&server, &cast).await);
    }

    async fn parameters_of_a_query_that_are_wrong_are_refused(server: TestServer) {
        let cast = Cast::build(&server).await;
        let before = everything(&server, &cast).await;
        let mut wrong = Vec::new();
        for operation in &Spec::get().operations {
            let client = permitted(&server, &cast, operation).await;
            for parameter in operation.parameters("query") {
                let name = parameter["name"].as_str().expect("a name");
                for value in bad_values(Spec::get().follow(&parameter["schema"])) {
                    let places = Places::from([(name.to_owned(), value.clone())]);
                    let request = sample::bare(&client, operation, &places);
                    let request = sample::with_headers(request, sample::headers(operation));
                    let request = sample::with_body(request, operation);
                    let got = sample::send(&client, operation, request).await;
                    // A cursor is judged by its list, some once what they belong to is found.
                    let of_list = name == "cursor" && got.code == "not_found";
                    let named = got.code == "cursor_invalid" || got.body["errors"][0]["field"] == name;
                    if !of_list && (!matches!(got.status, 400 | 422) || !named) {
                        let (id, status) = (&operation.id, got.status);
                        wrong.push(format!("{id} with {name}={value:?}: {status} {}", got.code));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_unchanged(&before, &everything(&server, &cast).await);
    }

    async fn headers_that_are_asked_for_are_needed(server: TestServer) {
        let cast = Cast::build(&server).await;
        let before = everything(&server, &cast).await;
        let mut wrong = Vec::new();
        for operation in &Spec::get().operations {
            let client = permitted(&server, &cast, operation).await;
            for (header, value, status, code) in [
                ("Idempotency-Key", None, 400, "idempotency_key_missing"),
                ("Idempotency-Key", Some("short"), 400, "idempotency_key_missing"),
                ("Idempotency-Key", Some("with a space in it"), 400, "idempotency_key_missing"),
                ("If-Match", None, 428, "precondition_required"),
                ("If-Match", Some("*"), 412, "precondition_failed"),
                ("If-Match", Some("W/\"v1\""), 412, "precondition_failed"),
            ] {
                if !operation.needs_header(header) {
                    continue;
                }
                let mut headers = sample::headers(operation);
                headers.retain(|(name, _)| *name != header);
                headers.extend(value.map(|value| (header, value.to_owned())));
                let request = sample::bare(&client, operation, &Places::new());
                let request = sample::with_headers(request, headers);
                let request = sample::with_body(request, operation);
                let got = sample::send(&client, operation, request).await;
                if (got.status, got.code.as_str()) != (status, code) {
                    let id = &operation.id;
                    wrong.push(format!("{id} with {header} {value:?}: {} {}", got.status, got.code));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_unchanged(&before, &everything(&server, &cast).await);
    }
}

#[test]
fn every_text_in_a_body_is_bounded() {
    let mut open = Vec::new();
    for operation in with_bodies() {
        let shape = operation.body.as_ref().expect("a body");
        for (path, schema) in texts(&shape.schema, "body", 0) {
            let bounded = schema["maxLength"].is_u64() || schema["enum"].is_array();
            let shaped = ["uuid", "date", "date-time"]
                .map(Value::from)
                .contains(&schema["format"]);
            if !bounded && !shaped {
                open.push(format!("{}: {path} has no maxLength", operation.id));
            }
        }
    }
    assert!(open.is_empty(), "{}", open.join("\n"));
}

/// A sentence in English where one in Chinese is due; names of fields, codes and choices stand alone.
fn not_chinese(problem: &Value) -> Option<String> {
    let errors = problem["errors"].as_array().into_iter().flatten();
    let texts = errors.map(|error| &error["message"]);
    let mut texts = texts.chain([&problem["title"], &problem["detail"]]);
    let english = |text: &str| {
        let word = |word: &&str| word.len() > 2 && word.bytes().all(|b| b.is_ascii_lowercase());
        let words: Vec<_> = text.split(' ').collect();
        words.windows(2).any(|pair| pair.iter().all(word))
            || ["expected", "invalid type"]
                .iter()
                .any(|said| text.contains(said))
    };
    let found = texts.find(|text| text.as_str().is_some_and(english))?;
    Some(found.to_string())
}

fn with_bodies() -> impl Iterator<Item = &'static Operation> {
    let all = Spec::get().operations.iter();
    all.filter(|operation| operation.body.is_some())
}

/// A client of the last role that may call an operation: staff may write fields that a family may not, such as an id number.
async fn permitted(server: &TestServer, cast: &Cast, operation: &Operation) -> Client {
    match operation.roles.as_ref().and_then(|roles| roles.last()) {
        Some(role) => {
            let caller = cast.insider(role.parse().expect("a role"));
            caller.client(server).await
        }
        None => server.nobody(),
    }
}

/// A request that lacks its body.
fn bare(client: &Client, operation: &Operation) -> RequestBuilder {
    let request = sample::bare(client, operation, &Places::new());
    sample::with_headers(request, sample::headers(operation))
}

/// Every row of both communities: a refusal changes none.
async fn everything(server: &TestServer, cast: &Cast) -> Vec<String> {
    let mut all = rows::of(server, cast.scene.town.community).await;
    all.extend(rows::of(server, cast.foreigners[0].town.community).await);
    all
}

/// Fails with the rows that are not as they were.
#[track_caller]
fn assert_unchanged(before: &[String], after: &[String]) {
    let new = after.iter().filter(|row| !before.contains(row));
    let new: Vec<_> = new.map(String::as_str).collect();
    assert!(new.is_empty(), "{}", new.join("\n"));
    assert_eq!(before.len(), after.len(), "rows are gone");
}

fn bad_bodies(operation: &Operation) -> Vec<Bad> {
    let good = sample::body(operation).expect("a body");
    let schema = Spec::get().follow(&operation.body.as_ref().expect("a body").schema);
    let mut all = vec![
        with_member(&good, "surprise", json!(1), "an unknown field")
            .refused("invalid_request", &["field_unknown"]),
    ];
    for name in schema["required"].as_array().into_iter().flatten() {
        let name = name.as_str().expect("a name");
        let mut body = good.clone();
        body.as_object_mut().expect("an object").remove(name);
        let bad = Bad::new(format!("without {name}"), body);
        all.push(bad.refused("invalid_request", &["field_missing"]));
    }
    for (name, _) in entries(&schema["properties"]) {
        let what = format!("an object of nothing known as {name}");
        let wrong_type = json!({"surprise": [1]});
        all.push(with_member(&good, name, wrong_type, &what).refused("invalid_request", &[]));
    }
    all.extend(bad_texts(schema, &good));
    all.extend(odd_times(operation, schema, &good));
    all
}

/// The sample with each time of it odd.
fn odd_times(operation: &Operation, schema: &Value, good: &Value) -> Vec<Bad> {
    let mut all = Vec::new();
    for (path, text) in texts(schema, "", 0) {
        let each = JUDGED_EACH.contains(&(&*operation.id, &*path));
        if text["format"] != "date-time" || each {
            continue;
        }
        for time in ODD_TIMES {
            if let Some(body) = placed(schema, good, &path, json!(time)) {
                let bad = Bad::new(format!("{path} {time}"), body);
                all.push(bad.refused("invalid_request", &["date_time_invalid"]));
            }
        }
    }
    all
}

/// What a parameter of a query is refused with.
fn bad_values(schema: &Value) -> Vec<String> {
    let mut all = vec!["x\0y".to_owned()];
    if let Some(most) = schema["maxLength"].as_u64() {
        all.push("x".repeat(usize::try_from(most).expect("small") + 1));
    }
    match schema["format"].as_str() {
        Some("date-time") => all.extend(ODD_TIMES.map(str::to_owned)),
        Some("date") => all.extend(["-999-03-01", "2026-02-30"].map(str::to_owned)),
        _ => {}
    }
    all
}

/// The sample with each text of it too long, or with a NUL in it.
fn bad_texts(schema: &Value, good: &Value) -> Vec<Bad> {
    let mut all = Vec::new();
    for (path, text) in texts(schema, "", 0) {
        let Some(most) = text["maxLength"].as_u64() else {
            continue;
        };
        let most = usize::try_from(most).expect("small");
        let mut values = vec![("too long", "长".repeat(most + 1), TOO_LONG)];
        // A password is hashed and never stored, so any character may stand in it.
        if text["format"] != "password" {
            values.push((
                "with a NUL",
                "x\0yxyxyxyxyx".chars().take(most.max(2)).collect(),
                WITH_NUL,
            ));
        }
        for (what, value, codes) in values {
            if let Some(body) = placed(schema, good, &path, json!(value)) {
                let bad = Bad::new(format!("{path} {what}"), body);
                all.push(bad.refused("invalid_request", codes));
            }
        }
    }
    all
}

/// Every text inside a schema with its path: `.note`, `.items[].code`.
fn texts<'a>(schema: &'a Value, path: &str, depth: usize) -> Vec<(String, &'a Value)> {
    let schema = Spec::get().follow(schema);
    if depth > 6 {
        return Vec::new();
    }
    if let Some(variant) = sample::variant(schema) {
        return texts(variant, path, depth + 1);
    }
    match sample::kind(schema) {
        "string" => vec![(path.to_owned(), schema)],
        "array" => texts(&schema["items"], &format!("{path}[]"), depth + 1),
        "object" => entries(&schema["properties"])
            .flat_map(|(name, inner)| texts(inner, &format!("{path}.{name}"), depth + 1))
            .collect(),
        _ => Vec::new(),
    }
}

/// The sample with a value at a path; what is not there on the way is made from the schema.
fn placed(schema: &Value, good: &Value, path: &str, value: Value) -> Option<Value> {
    let schema = Spec::get().follow(schema);
    if path.is_empty() {
        return Some(value);
    }
    if let Some(variant) = sample::variant(schema) {
        return placed(variant, good, path, value);
    }
    if let Some(rest) = path.strip_prefix("[]") {
        let items = &schema["items"];
        let first = good.get(0).cloned().unwrap_or_else(|| made(items));
        let rest_of = good.as_array().into_iter().flatten().skip(1).cloned();
        let first = placed(items, &first, rest, value)?;
        return Some(std::iter::once(first).chain(rest_of).collect());
    }
    let (name, rest) = split(path.strip_prefix('.')?);
    let inner = &schema["properties"][name];
    let now = match &good[name] {
        Value::Null => made(inner),
        now => now.clone(),
    };
    let mut body = good.clone();
    body.as_object_mut()?
        .insert(name.to_owned(), placed(inner, &now, rest, value)?);
    Some(body)
}

/// The first name of a path and what follows.
fn split(path: &str) -> (&str, &str) {
    let end = path.find(['.', '[']).unwrap_or(path.len());
    path.split_at(end)
}

fn with_member(good: &Value, name: &str, value: Value, what: &str) -> Bad {
    let mut body = good.clone();
    let members = body.as_object_mut().expect("an object");
    members.insert(name.to_owned(), value);
    Bad::new(what.to_owned(), body)
}

impl Bad {
    fn new(what: String, body: Value) -> Self {
        Self {
            what,
            status: 422,
            code: "",
            fields: &[],
            body,
        }
    }

    fn refused(self, code: &'static str, fields: &'static [&'static str]) -> Self {
        Self {
            code,
            fields,
            ..self
        }
    }
}
