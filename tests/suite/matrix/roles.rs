//! Role × operation: the spec says who may call, and the server does as it says.

use jiahu_tests::harness::TestServer;
use jiahu_tests::harness::spec::{Operation, Spec};
use jiahu_tests::on_both;

use super::cast::{Caller, Cast};
use super::sample::{self, Outcome, Places};

on_both! {
    async fn every_operation_is_open_to_its_roles_and_to_nobody_else(server: TestServer) {
        let cast = Cast::build(&server).await;
        let mut wrong = Vec::new();
        for operation in &Spec::get().operations {
            wrong.extend(as_everybody(&server, &cast, operation).await);
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn every_reviewed_body_belongs_to_an_operation() {
    assert_eq!(sample::forgotten_bodies(), Vec::<&str>::new());
}

async fn as_everybody(server: &TestServer, cast: &Cast, operation: &Operation) -> Vec<String> {
    let mut wrong = Vec::new();
    let nobody = server.nobody();
    let request = sample::request(&nobody, operation, &Places::new());
    let outcome = sample::send(&nobody, operation, request).await;
    if let Some(text) = mistake(operation, None, &outcome) {
        wrong.push(format!(
            "{} as nobody: {text}\n{:#}",
            operation.id, outcome.body
        ));
    }
    for caller in cast.all() {
        let client = caller.client(server).await;
        let request = sample::request(&client, operation, &Places::new());
        let outcome = sample::send(&client, operation, request).await;
        if let Some(text) = mistake(operation, Some(caller), &outcome) {
            let label = &caller.label;
            wrong.push(format!(
                "{} as {label}: {text}\n{:#}",
                operation.id, outcome.body
            ));
        }
    }
    wrong
}

/// What is wrong with an answer to a caller.
fn mistake(operation: &Operation, caller: Option<&Caller>, outcome: &Outcome) -> Option<String> {
    let (status, code) = (outcome.status, outcome.code.as_str());
    if status >= 500 {
        return Some(format!("{status} {code}"));
    }
    match (&operation.roles, caller) {
        (None, _) => ["unauthorized", "forbidden"]
            .contains(&code)
            .then(|| format!("{code}, although it is public")),
        (Some(_), None) => ((status, code) != (401, "unauthorized"))
            .then(|| format!("{status} {code} without a token")),
        (Some(roles), Some(caller)) if !caller.is_among(roles) => ((status, code)
            != (403, "forbidden"))
            .then(|| format!("{status} {code}, although it is for {roles:?}")),
        (Some(_), Some(_)) => match status {
            401 | 403 => Some(format!("{status} {code}, although it is for this role")),
            // Otherwise the rest of the matrix would test the parser and nothing else.
            // What these name would have to exist: the body itself was read.
            422 if [
                "institution_parent_invalid",
                "institution_unknown",
                "certificate_unknown",
            ]
            .iter()
            .any(|code| outcome.body["errors"][0]["code"] == *code) =>
            {
                None
            }
            422 if code == "invalid_request" => Some(format!(
                "the sample body is not taken: put one into bodies.json. {}",
                outcome.body["errors"]
            )),
            _ => None,
        },
    }
}
