//! Holds what a test sent and got against the spec.

use jiahu::problem::Code;
use reqwest::{Method, Request};
use serde_json::Value;

use super::client::Reply;
use super::spec::{Operation, Spec};

/// What was asked, in as far as the spec speaks of it.
pub(super) struct Asked {
    method: Method,
    path: String,
    body: Option<Value>,
}

impl Asked {
    /// Notes a request before it is sent.
    pub(super) fn of(request: &Request) -> Self {
        let bytes = request.body().and_then(reqwest::Body::as_bytes);
        Self {
            method: request.method().clone(),
            path: request.url().path().to_owned(),
            body: bytes.and_then(|bytes| serde_json::from_slice(bytes).ok()),
        }
    }

    /// Fails the test when the answer is not one that the spec promises.
    #[track_caller]
    pub(super) fn check(&self, reply: &Reply) {
        let mistakes = self.mistakes(reply);
        assert!(
            mistakes.is_empty(),
            "{} {} answered {} against the spec:\n  {}\n{:#}",
            self.method,
            self.path,
            reply.status,
            mistakes.join("\n  "),
            reply.body
        );
    }

    fn mistakes(&self, reply: &Reply) -> Vec<String> {
        // Only the API is in the spec; health checks and pages are not.
        if !self.path.starts_with("/v1/") {
            return Vec::new();
        }
        let mut mistakes = Vec::new();
        if reply.status.as_u16() >= 400 {
            mistakes.extend(not_a_problem(reply));
        }
        match Spec::get().find(&self.method, &self.path) {
            Some(operation) => mistakes.extend(self.against(operation, reply)),
            None if [404, 405].contains(&reply.status.as_u16()) => {}
            None => mistakes.push("the operation is not in the spec".to_owned()),
        }
        mistakes
    }

    fn against(&self, operation: &Operation, reply: &Reply) -> Vec<String> {
        let status = reply.status.as_u16();
        let Some(answer) = operation.answer(status) else {
            return vec![format!("{} does not declare {status}", operation.id)];
        };
        let mut mistakes = Vec::new();
        if reply.status.is_success()
            && let (Some(shape), Some(body)) = (&operation.body, &self.body)
        {
            let wrong = shape.mistakes(body);
            mistakes.extend(wrong.iter().map(|text| format!("took a body with {text}")));
        }
        if status == 201 && !reply.headers.contains_key("location") {
            mistakes.push("a 201 without Location".to_owned());
        }
        let kind = reply.content_type();
        match answer.get(kind) {
            Some(shape) if kind.ends_with("json") => mistakes.extend(shape.mistakes(&reply.body)),
            Some(_) => {}
            None if answer.is_empty() && reply.body.is_null() => {}
            None => mistakes.push(format!(
                "content type {kind:?} is not declared for {status}"
            )),
        }
        mistakes
    }
}

/// What is wrong with a refusal; empty when it is a problem document with a known code.
fn not_a_problem(reply: &Reply) -> Vec<String> {
    let mut mistakes = Vec::new();
    let status = reply.status.as_u16();
    if reply.content_type() != "application/problem+json" {
        mistakes.push(format!("{:?} is not a problem", reply.content_type()));
    }
    match reply.body["code"].as_str().and_then(Code::parse) {
        Some(Code::Internal) => mistakes.push("something broke inside".to_owned()),
        Some(code) if code.status().as_u16() != status || reply.body["status"] != status => {
            mistakes.push(format!("{} does not go with {status}", code.as_str()));
        }
        Some(_) => {}
        None => mistakes.push(format!("unknown code {}", reply.body["code"])),
    }
    let fields = reply.body["errors"].as_array().into_iter().flatten();
    let codes = fields.filter_map(|field| field["code"].as_str());
    let unknown = codes.filter(|code| Code::parse(code).is_none());
    mistakes.extend(unknown.map(|code| format!("unknown code {code:?} of a field")));
    mistakes
}
