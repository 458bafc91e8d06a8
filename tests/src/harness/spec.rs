//! The spec as the tests read it: every operation, and the answers it promises.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use jsonschema::Validator;
use reqwest::Method;
use serde_json::{Value, json};

static SPEC: LazyLock<Spec> = LazyLock::new(Spec::read);

/// Every operation of the spec.
pub struct Spec {
    /// The whole document.
    pub document: Value,
    /// In the order of the document.
    pub operations: Vec<Operation>,
}

/// An operation.
pub struct Operation {
    /// `operationId`.
    pub id: String,
    /// Method.
    pub method: Method,
    /// Path with `{name}` places.
    pub path: String,
    /// Roles that may call it; none: it is public.
    pub roles: Option<Vec<String>>,
    /// The part of the document.
    pub value: Value,
    /// JSON body, when it takes one.
    pub body: Option<Shape>,
    answers: BTreeMap<String, BTreeMap<String, Shape>>,
}

/// A schema with its validator, made when first used.
pub struct Shape {
    /// The schema, references not followed.
    pub schema: Value,
    validator: OnceLock<Validator>,
}

impl Spec {
    /// The spec of the code under test, read once.
    pub fn get() -> &'static Self {
        &SPEC
    }

    fn read() -> Self {
        let document: Value =
            serde_json::from_str(&jiahu::router::spec_json()).expect("the spec is JSON");
        let mut operations = Vec::new();
        for (path, item) in entries(&document["paths"]) {
            for (method, value) in entries(item) {
                operations.push(Operation::read(path, method, value));
            }
        }
        Self {
            document,
            operations,
        }
    }

    /// The operation with this id.
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// The operation that a path without a query belongs to.
    pub fn find(&self, method: &Method, path: &str) -> Option<&Operation> {
        self.operations
            .iter()
            .filter(|operation| operation.method == *method && fits(&operation.path, path))
            .min_by_key(|operation| operation.path.matches('{').count())
    }

    /// Follows `$ref`s to a schema of the components.
    pub fn follow<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(reference) => {
                let pointer = reference.strip_prefix('#').expect("a local reference");
                self.follow(self.document.pointer(pointer).expect("a known schema"))
            }
            None => schema,
        }
    }
}

/// True when a path is made from a template.
fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(place), Some(part)) if place.starts_with('{') && !part.is_empty() => {}
            (Some(name), Some(part)) if name == part => {}
            _ => return false,
        }
    }
}

/// Names and values of an object; none when there is no object.
pub fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.as_str(), value))
}

impl Operation {
    fn read(path: &str, method: &str, value: &Value) -> Self {
        let roles = value["x-roles"].as_array().map(|roles| {
            let names = roles.iter().filter_map(Value::as_str);
            names.map(str::to_owned).collect()
        });
        let answers = entries(&value["responses"]).map(|(status, answer)| {
            let content = entries(&answer["content"]);
            let shapes = content.map(|(kind, content)| (kind.to_owned(), Shape::new(content)));
            (status.to_owned(), shapes.collect())
        });
        let body = &value["requestBody"]["content"]["application/json"];
        Self {
            id: value["operationId"].as_str().unwrap_or_default().to_owned(),
            method: method.to_uppercase().parse().expect("a method"),
            path: path.to_owned(),
            roles,
            body: body.is_object().then(|| Shape::new(body)),
            answers: answers.collect(),
            value: value.clone(),
        }
    }

    /// What may come with a status; `None` when the status is not declared.
    pub fn answer(&self, status: u16) -> Option<&BTreeMap<String, Shape>> {
        let declared = self.answers.get(&status.to_string());
        declared.or_else(|| self.answers.get("default").filter(|_| status >= 400))
    }

    /// Parameters of a place: `path`, `query`, `header`.
    pub fn parameters(&self, place: &str) -> impl Iterator<Item = &Value> {
        let all = self.value["parameters"].as_array().into_iter().flatten();
        all.filter(move |parameter| parameter["in"] == place)
    }

    /// True when a header is required.
    pub fn needs_header(&self, name: &str) -> bool {
        self.parameters("header")
            .any(|header| header["name"] == name && header["required"] == true)
    }
}

impl Shape {
    fn new(content: &Value) -> Self {
        Self {
            schema: content["schema"].clone(),
            validator: OnceLock::new(),
        }
    }

    /// What is wrong with a value; empty when nothing is.
    pub fn mistakes(&self, value: &Value) -> Vec<String> {
        let validator = self.validator.get_or_init(|| {
            // The components stand beside the schema, where its references look for them.
            let schema = json!({
                "allOf": [self.schema],
                "components": Spec::get().document["components"],
            });
            jsonschema::draft202012::options()
                .should_validate_formats(true)
                .build(&schema)
                .expect("the spec holds valid schemas")
        });
        validator
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect()
    }
}
