//! What belongs to one family or institution does not exist for others: 404 with real ids, for every operation
//! whose path has one.

use jiahu_tests::harness::TestServer;
use jiahu_tests::harness::spec::{Operation, Spec};
use jiahu_tests::on_both;

use super::cast::{Caller, Cast};
use super::sample::{self, Places};
use super::things::real;

/// Operations whose thing the whole community may see, in every role that may call them, and why. They are still
/// closed to other communities, unless what they show is the same text everywhere.
const OPEN_WITHIN_COMMUNITY: &[(&str, &str)] = &[];

on_both! {
    async fn what_belongs_to_others_does_not_exist(server: TestServer) {
        let cast = Cast::build(&server).await;
        let mut wrong = Vec::new();
        for operation in &Spec::get().operations {
            if operation.parameters("path").next().is_some() {
                wrong.extend(as_strangers(&server, &cast, operation).await);
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn every_exception_is_an_operation_with_a_place() {
    for (id, reason) in OPEN_WITHIN_COMMUNITY {
        let operation = Spec::get().operation(id).expect("an operation");
        assert!(operation.parameters("path").next().is_some(), "{id}");
        assert!(reason.len() > 20, "{id}: {reason}");
    }
}

async fn as_strangers(server: &TestServer, cast: &Cast, operation: &Operation) -> Vec<String> {
    let Some(roles) = &operation.roles else {
        return vec![format!(
            "{} is public and has a place in its path",
            operation.id
        )];
    };
    let places = match real(server, cast, operation).await {
        Ok(places) => places,
        Err(name) => {
            let id = &operation.id;
            return vec![format!(
                "{id}: nothing is known of {{{name}}}: add it to matrix/things.rs"
            )];
        }
    };
    let open = OPEN_WITHIN_COMMUNITY
        .iter()
        .any(|(id, _)| *id == operation.id);
    let mut wrong = Vec::new();
    for caller in cast.strangers().filter(|caller| caller.is_among(roles)) {
        let foreign = caller.town.community != cast.scene.town.community;
        let (status, code) = ask(server, caller, operation, &places).await;
        if !is_hidden(status, &code) && (foreign || !open) {
            let (id, label) = (&operation.id, &caller.label);
            wrong.push(format!("{id} as {label}: {status} {code} instead of 404"));
        }
    }
    wrong.extend(as_owners(server, cast, operation, &places).await);
    wrong
}

/// The other side of the coin: the thing is there for somebody.
async fn as_owners(
    server: &TestServer,
    cast: &Cast,
    operation: &Operation,
    places: &Places,
) -> Option<String> {
    let roles = operation.roles.iter().flatten();
    let mut answers = Vec::new();
    for role in roles {
        let caller = cast.insider(role.parse().expect("a role"));
        let (status, code) = ask(server, caller, operation, places).await;
        if !is_hidden(status, &code) {
            return None;
        }
        answers.push(format!("{role}: {status} {code}"));
    }
    let answers = answers.join(", ");
    Some(format!(
        "{}: nobody finds the real thing ({answers})",
        operation.id
    ))
}

/// The one answer to those to whom a thing does not belong. Other 404s say that it exists.
fn is_hidden(status: u16, code: &str) -> bool {
    (status, code) == (404, "not_found")
}

async fn ask(
    server: &TestServer,
    caller: &Caller,
    operation: &Operation,
    places: &Places,
) -> (u16, String) {
    let client = caller.client(server).await;
    let request = sample::request(&client, operation, places);
    let outcome = sample::send(&client, operation, request).await;
    (outcome.status, outcome.code)
}
