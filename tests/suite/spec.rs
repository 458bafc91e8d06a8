//! The spec: as checked in, complete, and valid OpenAPI 3.1.

use std::collections::BTreeSet;
use std::path::Path;

use jiahu_tests::harness::spec::{Operation, Spec, entries};
use serde_json::Value;

/// Fails with every complaint at once.
#[track_caller]
fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Complaints about operations, each named.
fn complaints(check: impl Fn(&Operation) -> Vec<String>) -> Vec<String> {
    let named = |operation: &Operation| {
        let texts = check(operation).into_iter();
        texts
            .map(|text| format!("{}: {text}", operation.id))
            .collect::<Vec<_>>()
    };
    Spec::get().operations.iter().flat_map(named).collect()
}

fn is_blank(value: &Value) -> bool {
    value.as_str().is_none_or(|text| text.trim().is_empty())
}

#[test]
fn the_checked_in_spec_is_what_the_code_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mobile-api-spec/openapi.json");
    let checked_in = std::fs::read_to_string(file).unwrap_or_default();
    let made = jiahu::router::spec_json();
    let pairs = checked_in.lines().zip(made.lines());
    let same = pairs.take_while(|(one, other)| one == other).count();
    assert!(
        checked_in == made,
        "mobile-api-spec/openapi.json is not what the code says, from line {}: run `make spec` and read the difference.\n  file: {:?}\n  code: {:?}",
        same + 1,
        checked_in.lines().nth(same),
        made.lines().nth(same),
    );
}

#[test]
fn every_operation_is_named_tagged_and_described() {
    let tags: BTreeSet<&str> = Spec::get().document["tags"]
        .as_array()
        .expect("tags")
        .iter()
        .filter_map(|tag| tag["name"].as_str())
        .collect();
    assert_none(&complaints(|operation| {
        let mut missing = Vec::new();
        let tag = operation.value["tags"][0].as_str().unwrap_or_default();
        if !tags.contains(tag) {
            missing.push(format!(
                "the tag {tag:?} is not among those of the document"
            ));
        }
        if is_blank(&operation.value["summary"]) {
            missing.push("no summary".to_owned());
        }
        for (status, answer) in entries(&operation.value["responses"]) {
            if is_blank(&answer["description"]) {
                missing.push(format!("{status} has no description"));
            }
        }
        for parameter in operation.value["parameters"]
            .as_array()
            .into_iter()
            .flatten()
        {
            if is_blank(&parameter["description"]) {
                missing.push(format!(
                    "the parameter {} has no description",
                    parameter["name"]
                ));
            }
        }
        missing
    }));
}

#[test]
fn tags_are_unique_and_used() {
    let tags = Spec::get().document["tags"].as_array().expect("tags");
    let mut seen = BTreeSet::new();
    for tag in tags {
        let name = tag["name"].as_str().expect("a name");
        assert!(seen.insert(name), "{name} stands twice");
    }
    let used = Spec::get().operations.iter();
    let used: BTreeSet<_> = used
        .filter_map(|operation| operation.value["tags"][0].as_str())
        .collect();
    assert_eq!(seen, used);
}

#[test]
fn operation_ids_are_unique() {
    let mut seen = BTreeSet::new();
    assert_none(&complaints(|operation| {
        let blank = operation.id.is_empty().then(|| operation.path.clone());
        blank.into_iter().collect()
    }));
    for operation in &Spec::get().operations {
        assert!(seen.insert(&operation.id), "{} stands twice", operation.id);
    }
}

#[test]
fn paths_are_versioned_and_their_places_are_declared() {
    assert_none(&complaints(|operation| {
        let mut wrong = Vec::new();
        // The standard names its version itself.
        let versioned = ["/v1/", "/fhir/R4"]
            .iter()
            .any(|base| operation.path.starts_with(base));
        if !versioned {
            wrong.push(format!("{} begins with no version", operation.path));
        }
        let places: BTreeSet<&str> = operation
            .path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .collect();
        let declared: BTreeSet<&str> = operation
            .parameters("path")
            .filter(|parameter| parameter["required"] == true)
            .filter_map(|parameter| parameter["name"].as_str())
            .collect();
        if places != declared {
            wrong.push(format!(
                "has the places {places:?} but declares {declared:?}"
            ));
        }
        wrong
    }));
}

#[test]
fn every_operation_declares_one_success_and_the_problem() {
    assert_none(&complaints(|operation| {
        let responses = &operation.value["responses"];
        let mut wrong = Vec::new();
        let good = entries(responses).filter(|(status, _)| status.starts_with('2'));
        if good.count() != 1 {
            wrong.push("has not exactly one 2xx answer".to_owned());
        }
        let problem = &responses["default"]["content"]["application/problem+json"]["schema"];
        if problem["$ref"] != "#/components/schemas/Problem" {
            wrong.push("`default` is not a problem".to_owned());
        }
        for (status, _) in entries(responses) {
            let known = ["default", "4XX"].contains(&status) || status.parse::<u16>().is_ok();
            if !known {
                wrong.push(format!("{status:?} is no status"));
            }
        }
        wrong
    }));
}

#[test]
fn public_operations_are_those_without_roles() {
    assert_none(&complaints(|operation| {
        let public = operation.value["security"] == serde_json::json!([{}]);
        match &operation.roles {
            None if !public => {
                vec!["takes no permission, and is not marked `security(())`".to_owned()]
            }
            Some(roles) if public => vec![format!("is for {roles:?}, and marked `security(())`")],
            Some(roles) if roles.is_empty() => vec!["is for nobody".to_owned()],
            _ => Vec::new(),
        }
    }));
}

#[test]
fn bodies_refuse_unknown_fields() {
    let spec = Spec::get();
    assert_none(&complaints(|operation| {
        let mut open = Vec::new();
        if let Some(body) = &operation.body {
            open_objects(spec, &body.schema, &mut BTreeSet::new(), "body", &mut open);
        }
        open
    }));
}

/// Objects inside a schema that take fields nobody declared.
fn open_objects(
    spec: &Spec,
    schema: &Value,
    seen: &mut BTreeSet<String>,
    path: &str,
    open: &mut Vec<String>,
) {
    if let Some(reference) = schema["$ref"].as_str()
        && !seen.insert(reference.to_owned())
    {
        return;
    }
    let schema = spec.follow(schema);
    if schema["properties"].is_object() && schema["additionalProperties"] != false {
        open.push(format!(
            "{path} takes unknown fields: deny_unknown_fields is missing"
        ));
    }
    for (name, inner) in entries(&schema["properties"]) {
        open_objects(spec, inner, seen, &format!("{path}.{name}"), open);
    }
    for word in ["items", "additionalProperties"] {
        if schema[word].is_object() {
            open_objects(spec, &schema[word], seen, &format!("{path}[]"), open);
        }
    }
    for word in ["oneOf", "anyOf", "allOf"] {
        for inner in schema[word].as_array().into_iter().flatten() {
            open_objects(spec, inner, seen, path, open);
        }
    }
}

#[test]
fn schemas_are_valid_and_every_reference_leads_somewhere() {
    let document = &Spec::get().document;
    for (name, schema) in entries(&document["components"]["schemas"]) {
        if let Err(error) = jsonschema::draft202012::meta::validate(schema) {
            panic!("the schema {name} is not valid: {error}");
        }
        assert!(
            // Plain texts and maps are described where they stand.
            schema["properties"].is_null() || !is_blank(&schema["description"]),
            "the schema {name} has no description"
        );
    }
    let mut dangling = Vec::new();
    references(document, &mut |reference| {
        let pointer = reference.strip_prefix('#').unwrap_or("/nowhere");
        if document.pointer(pointer).is_none() {
            dangling.push(reference.to_owned());
        }
    });
    assert_none(&dangling);
}

fn references(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match (name.as_str(), value.as_str()) {
                    ("$ref", Some(reference)) => found(reference),
                    _ => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn the_document_has_the_shape_of_openapi_3_1() {
    let document = &Spec::get().document;
    assert_eq!(document["openapi"], "3.1.0");
    for pointer in [
        "/info/title",
        "/info/version",
        "/info/license/name",
        "/info/license/identifier",
    ] {
        let value = document.pointer(pointer).unwrap_or(&Value::Null);
        assert!(!is_blank(value), "{pointer} is empty");
    }
    let known = [
        "openapi",
        "info",
        "servers",
        "paths",
        "components",
        "security",
        "tags",
    ];
    for (name, _) in entries(document) {
        assert!(
            known.contains(&name),
            "{name} does not belong into the document"
        );
    }
    let methods = ["get", "post", "put", "patch", "delete"];
    for (path, item) in entries(&document["paths"]) {
        for (name, _) in entries(item) {
            assert!(methods.contains(&name), "{path} has {name}");
        }
    }
    for (name, scheme) in entries(&document["components"]["securitySchemes"]) {
        assert_eq!((scheme["type"].as_str(), name), (Some("http"), "bearer"));
    }
}

#[test]
fn a_wrong_answer_is_found() {
    let me = Spec::get().operation("get_me").expect("an operation");
    let good = serde_json::json!({
        "account_id": "01945d00-0000-7000-8000-000000000000",
        "community_id": "01945d00-0000-7000-8000-000000000001",
        "name": "张小明", "phone": "138****0001", "language": "zh-CN", "nurse_id": null,
        "roles": [{"role": "family", "institution_id": null}],
    });
    let shape = &me.answer(200).expect("declared")["application/json"];
    assert_eq!(shape.mistakes(&good), Vec::<String>::new());
    for (pointer, wrong) in [
        ("/account_id", serde_json::json!("not an id")),
        ("/language", serde_json::json!("Zh")),
        ("/name", Value::Null),
        ("/roles/0/role", serde_json::json!("queen")),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).expect("a member") = wrong;
        assert_eq!(shape.mistakes(&bad).len(), 1, "{pointer}");
    }
    assert!(me.answer(201).is_none());
    assert!(me.answer(409).is_some());
}
