//! An id of somebody else's in a body is answered as one that nothing has: refused, and nothing changes.

use jiahu_tests::harness::spec::{Operation, Spec, entries};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::cast::{Caller, Cast};
use super::rows;
use super::sample::{self, Places};
use super::things;

/// Members that are answered for each of many, or name nothing that is there, and why.
const ONE_BY_ONE: &[(&str, &str)] = &[
    (
        "/actions/0/id",
        "made by the phone: it names nothing that is there",
    ),
    (
        "/actions/0/visit_id",
        "each act of a batch has its own answer: tests/suite/sync",
    ),
];

/// Members that may name what another institution of the community has, and why.
const JOINS: &[(&str, &str, &str)] = &[
    (
        "change_patient",
        "/institution_id",
        "families choose where to go",
    ),
    (
        "create_discharge",
        "/stay/nurse_id",
        "a nurse near the home follows up, wherever she works",
    ),
];

on_both! {
    async fn ids_of_others_in_bodies_are_refused(server: TestServer) {
        let cast = Cast::build(&server).await;
        let mut things = things::one_of_each(&server, &cast).await;
        things.insert("institution_id".to_owned(), cast.scene.town.centre.to_string());
        let home = cast.scene.town.community;
        let (mut wrong, mut tried) = (Vec::new(), 0);
        let (mut needed, mut joins) = (Vec::new(), Vec::new());
        for operation in &Spec::get().operations {
            let Some(shape) = &operation.body else {
                continue;
            };
            let before = rows::of(&server, home).await;
            let mut joined = false;
            for member in id_members(&shape.schema) {
                if let Some(exception) = ONE_BY_ONE.iter().find(|(at, _)| *at == member) {
                    needed.push(*exception);
                    continue;
                }
                let join = JOINS.iter().find(|(id, at, _)| *id == operation.id && *at == member);
                for caller in cast.strangers() {
                    let Some(places) = own_places(operation, caller) else {
                        continue;
                    };
                    let Some(theirs) = thing(&member, &things) else {
                        wrong.push(format!("{}: nothing is known for {member}", operation.id));
                        break;
                    };
                    let nothing = ask(operation, caller, &places, &member, sample::NOTHING).await;
                    let real = ask(operation, caller, &places, &member, &theirs).await;
                    tried += usize::from(real.0 != 403);
                    if nothing == real && real.0 >= 400 {
                        continue;
                    }
                    if caller.town.community == home && join.is_some() {
                        joins.extend(join);
                        joined = true;
                    } else {
                        wrong.push(format!(
                            "{} as {} with {member}: {real:?}, and {nothing:?} for an id that nothing has",
                            operation.id, caller.label
                        ));
                    }
                }
            }
            if !joined && rows::of(&server, home).await != before {
                wrong.push(format!("{}: somebody else changed something", operation.id));
            }
        }
        let idle = JOINS.iter().filter(|one| !joins.contains(one));
        wrong.extend(idle.map(|one| format!("{} {}: the exception is not needed", one.0, one.1)));
        let idle = ONE_BY_ONE.iter().filter(|one| !needed.contains(one));
        wrong.extend(idle.map(|one| format!("{}: the exception is not needed", one.0)));
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(tried > 20, "{tried} requests were let in by their role");
    }
}

/// Pointers to the members of a body that hold an id.
fn id_members(schema: &Value) -> Vec<String> {
    let schema = Spec::get().follow(schema);
    let schema = match sample::variant(schema) {
        Some(variant) => Spec::get().follow(variant),
        None => schema,
    };
    if schema["format"] == "uuid" {
        return vec![String::new()];
    }
    let members = entries(&schema["properties"]).flat_map(|(name, inner)| {
        let inner = id_members(inner).into_iter();
        inner
            .map(|rest| format!("/{name}{rest}"))
            .collect::<Vec<_>>()
    });
    let mut found: Vec<String> = members.collect();
    if sample::kind(schema) == "array" {
        let items = id_members(&schema["items"]).into_iter();
        found.extend(items.map(|rest| format!("/0{rest}")));
    }
    found
}

/// The insiders' thing that such a member names.
fn thing(member: &str, things: &Places) -> Option<String> {
    let name = match member.rsplit('/').next()? {
        "preferred_nurse_id" => "nurse_id",
        "merged_id" => "patient_id",
        "parent_id" | "returned_to" => "institution_id",
        "id" => "action_id",
        name => name,
    };
    things.get(name).cloned()
}

/// The path's places filled with what the caller owns; none when it leads to things that the caller has not: those
/// are refused by their path.
fn own_places(operation: &Operation, caller: &Caller) -> Option<Places> {
    let names = operation.parameters("path");
    let names = names.map(|parameter| parameter["name"].as_str().expect("a name"));
    names
        .map(|name| Some((name.to_owned(), caller.owns.get(name)?.clone())))
        .collect()
}

/// Status and code of a call whose other ids are the caller's own.
async fn ask(
    operation: &Operation,
    caller: &Caller,
    places: &Places,
    member: &str,
    id: &str,
) -> (u16, String) {
    let client = &caller.person.client;
    let mut body = sample::body(operation).expect("a body");
    for other in id_members(&operation.body.as_ref().expect("a body").schema) {
        let name = other.rsplit('/').next().expect("a name");
        if let (Some(own), Some(place)) = (caller.owns.get(name), body.pointer_mut(&other)) {
            *place = json!(own);
        }
    }
    put(&mut body, member, json!(id));
    let request = sample::bare(client, operation, places);
    let request = sample::with_headers(request, sample::headers(operation)).json(&body);
    let outcome = sample::send(client, operation, request).await;
    (outcome.status, outcome.code)
}

/// Sets a member, and makes what it stands in.
fn put(body: &mut Value, pointer: &str, value: Value) {
    let mut place = body;
    for name in pointer.split('/').skip(1) {
        if name == "0" {
            if place.as_array().is_none_or(Vec::is_empty) {
                *place = json!([{}]);
            }
            place = &mut place[0];
        } else {
            if !place.is_object() {
                *place = json!({});
            }
            place = &mut place[name];
        }
    }
    *place = value;
}
