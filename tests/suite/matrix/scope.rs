//! What belongs to one family, nurse, institution or community does not exist for others: 404 with real ids, for every
//! operation whose path has one, and nothing changes. Lists leave it out.

use std::collections::{BTreeMap, BTreeSet};

use jiahu_tests::harness::TestServer;
use jiahu_tests::harness::spec::{Operation, Spec};
use jiahu_tests::on_both;
use reqwest::Method;
use serde_json::Value;

use super::cast::{Caller, Cast};
use super::rows;
use super::sample::{self, Places};
use super::things::{self, is_word};

/// Operations whose thing everybody of the community may reach who has the role, and why. Other communities do not.
const OPEN_WITHIN_COMMUNITY: &[(&str, &str)] = &[
    ("get_institution", "families choose where to go"),
    (
        "list_institution_items",
        "families see what each institution has opened",
    ),
    ("get_rule_set", "the rule files are the community's"),
    (
        "get_exercise_picture",
        "the pictures of the exercises are the community's",
    ),
    ("get_account", "an administrator serves the whole community"),
    (
        "disable_account",
        "an administrator serves the whole community",
    ),
    (
        "enable_account",
        "an administrator serves the whole community",
    ),
    (
        "invite_account",
        "an administrator serves the whole community",
    ),
    ("set_roles", "an administrator serves the whole community"),
];

/// Operations whose path names something by a word that every community has, and why. Each reaches its own.
const NAMED_EVERYWHERE: &[(&str, &str)] = &[
    ("get_item", "a code of the caller's own catalogue"),
    ("get_scale", "a code of the caller's own scales"),
    ("list_indicator_cases", "a code of the caller's own numbers"),
    ("list_rule_sets", "a kind of the caller's own rule files"),
    ("publish_rule_set", "a kind of the caller's own rule files"),
];

/// Operations that join a thing of the caller's with one of another institution, and why.
const JOINS: &[(&str, &str)] = &[(
    "keep_apart",
    "any nurse of the community could be sent to the patient",
)];

/// Lists that tell of another institution, and why. None tells of another community.
const TOLD_WITHIN_COMMUNITY: &[(&str, &str)] = &[
    (
        "list_accounts",
        "an administrator serves the whole community",
    ),
    (
        "list_patient_reads",
        "an auditor serves the whole community",
    ),
    ("read_trail", "an auditor serves the whole community"),
];

/// Answers in which nothing of anybody's stands, and why.
const TELLS_OF_NOBODY: &[(&str, &str)] = &[
    (
        "list_institutions",
        "institutions are public within the community",
    ),
    ("list_items", "the catalogue is public within the community"),
    (
        "list_exercises",
        "the library is public within the community",
    ),
    ("list_scales", "the scales are public within the community"),
    (
        "list_consent_texts",
        "the texts are the same for everybody of the community",
    ),
    (
        "list_adverse_event_kinds",
        "the kinds are the same for everybody of the community",
    ),
    ("count_adverse_events", COUNTS_WITHOUT_IDS),
    ("device_days", COUNTS_WITHOUT_IDS),
    ("list_indicators", COUNTS_WITHOUT_IDS),
];

/// For answers that name nothing: those of others must not change by what the insiders have.
const COUNTS_WITHOUT_IDS: &str = "counts without ids, compared before and after";

on_both! {
    async fn what_belongs_to_others_does_not_exist(server: TestServer) {
        let cast = Cast::build(&server).await;
        let mut matrix = Matrix::new(&server, &cast);
        for operation in &Spec::get().operations {
            if operation.parameters("path").next().is_some() {
                matrix.try_path(operation).await;
            }
        }
        matrix.end(&[OPEN_WITHIN_COMMUNITY, NAMED_EVERYWHERE, JOINS]);
    }

    async fn lists_leave_out_what_belongs_to_others(server: TestServer) {
        let cast = Cast::build(&server).await;
        let mut matrix = Matrix::new(&server, &cast);
        let before = matrix.counts().await;
        let things = things::one_of_each(&server, &cast).await;
        matrix.compare(&before).await;
        for operation in &Spec::get().operations {
            let stream = operation.value["responses"]["200"]["content"]["text/event-stream"].is_object();
            let named = operation.parameters("path").next().is_some();
            if operation.method == Method::GET && !named && !stream {
                matrix.try_list(operation, &things).await;
            }
        }
        matrix.end(&[TOLD_WITHIN_COMMUNITY, TELLS_OF_NOBODY]);
    }

    async fn every_table_is_watched(server: TestServer) {
        assert_eq!(rows::not_watched(&server).await, Vec::<String>::new());
    }
}

/// What went wrong so far, and which exceptions were needed.
struct Matrix<'a> {
    server: &'a TestServer,
    cast: &'a Cast,
    wrong: Vec<String>,
    needed: BTreeSet<(&'static str, &'static str)>,
}

impl<'a> Matrix<'a> {
    fn new(server: &'a TestServer, cast: &'a Cast) -> Self {
        Self {
            server,
            cast,
            wrong: Vec::new(),
            needed: BTreeSet::new(),
        }
    }

    /// Fails the test when something was wrong, or an exception is none.
    fn end(self, exceptions: &[&[(&'static str, &'static str)]]) {
        let mut wrong = self.wrong;
        for exception in exceptions.iter().copied().flatten() {
            if !self.needed.contains(exception) {
                wrong.push(format!("{}: the exception is not needed", exception.0));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// Looks an operation up in a list of exceptions, and notes that it was needed.
    fn excepted(&mut self, list: &[(&'static str, &'static str)], operation: &Operation) -> bool {
        let found = list.iter().find(|(id, _)| *id == operation.id);
        self.needed.extend(found);
        found.is_some()
    }

    /// Calls an operation with real things of the insiders, as everybody else and then as they.
    async fn try_path(&mut self, operation: &Operation) {
        let (id, cast) = (&operation.id, self.cast);
        let places = match things::real(self.server, cast, operation).await {
            Ok(places) => places,
            Err(name) => {
                let text = "add it to matrix/things.rs";
                let text = format!("{id}: nothing is known of {{{name}}}: {text}");
                self.wrong.push(text);
                return;
            }
        };
        let home = cast.scene.town.community;
        let before = rows::of(self.server, home).await;
        for caller in &cast.foreigners {
            self.as_stranger(operation, caller, &places, NAMED_EVERYWHERE)
                .await;
            self.with_own_parent(operation, caller, &places, &[]).await;
        }
        if rows::of(self.server, home).await != before {
            self.wrong
                .push(format!("{id}: another community changed something"));
        }
        let open = [OPEN_WITHIN_COMMUNITY, NAMED_EVERYWHERE].concat();
        let mut reached = false;
        for caller in &cast.neighbours {
            reached |= self.as_stranger(operation, caller, &places, &open).await;
            reached |= self
                .with_own_parent(operation, caller, &places, JOINS)
                .await;
        }
        if !reached && rows::of(self.server, home).await != before {
            self.wrong
                .push(format!("{id}: somebody else changed something"));
        }
        self.as_owners(operation, &places).await;
    }

    /// Calls as somebody to whom the things do not belong; tells whether they were found.
    async fn as_stranger(
        &mut self,
        operation: &Operation,
        caller: &Caller,
        places: &Places,
        exceptions: &[(&'static str, &'static str)],
    ) -> bool {
        let roles = operation.roles.as_deref().unwrap_or_default();
        let (status, code) = self.ask(operation, caller, places).await;
        let expected = if caller.is_among(roles) {
            (404, "not_found")
        } else {
            (403, "forbidden")
        };
        if (status, code.as_str()) == expected {
            return false;
        }
        if !(caller.is_among(roles) && self.excepted(exceptions, operation)) {
            let (id, label) = (&operation.id, &caller.label);
            let text =
                format!("{id} as {label} at {places:?}: {status} {code} instead of {expected:?}");
            self.wrong.push(text);
        }
        true
    }

    /// Calls at a path that begins with a thing of the caller's and goes on to one of somebody else.
    async fn with_own_parent(
        &mut self,
        operation: &Operation,
        caller: &Caller,
        places: &Places,
        exceptions: &[(&'static str, &'static str)],
    ) -> bool {
        let names = operation.parameters("path");
        let mut names = names.filter_map(|parameter| parameter["name"].as_str());
        let (Some(parent), Some(child)) = (names.next(), names.next()) else {
            return false;
        };
        let Some(own) = caller.owns.get(parent).filter(|_| !is_word(child)) else {
            return false;
        };
        let mut places = places.clone();
        places.insert(parent.to_owned(), own.clone());
        self.as_stranger(operation, caller, &places, exceptions)
            .await
    }

    /// The other side of the coin: the things are there for somebody.
    async fn as_owners(&mut self, operation: &Operation, places: &Places) {
        let mut answers = Vec::new();
        for role in operation.roles.iter().flatten() {
            let caller = self.cast.insider(role.parse().expect("a role"));
            let (status, code) = self.ask(operation, caller, places).await;
            if status != 403 && (status, code.as_str()) != (404, "not_found") {
                return;
            }
            answers.push(format!("{role}: {status} {code}"));
        }
        let answers = answers.join(", ");
        self.wrong.push(format!(
            "{}: nobody finds {places:?} ({answers})",
            operation.id
        ));
    }

    async fn ask(&self, operation: &Operation, caller: &Caller, places: &Places) -> (u16, String) {
        let client = &caller.person.client;
        let request = sample::request(client, operation, places);
        let outcome = sample::send(client, operation, request).await;
        (outcome.status, outcome.code)
    }

    /// Reads a list, as it is and asking for things of the insiders.
    async fn try_list(&mut self, operation: &Operation, things: &Places) {
        let Some(roles) = &operation.roles else {
            return;
        };
        let cast = self.cast;
        let mut shown = false;
        for caller in cast.all().filter(|caller| caller.is_among(roles)) {
            let told = self.told(operation, caller, things).await;
            if told.is_empty() {
                continue;
            }
            let near = caller.town.community == cast.scene.town.community;
            if caller.label.starts_with("inside") {
                shown = true;
            } else if !(near && self.excepted(TOLD_WITHIN_COMMUNITY, operation)) {
                let (id, label) = (&operation.id, &caller.label);
                self.wrong.push(format!("{id} tells {label} of {told:?}"));
            }
        }
        if !shown && !self.excepted(TELLS_OF_NOBODY, operation) {
            let text =
                "shows the insiders nothing that others must not see: make it in matrix/things.rs";
            self.wrong.push(format!("{} {text}", operation.id));
        }
    }

    /// The answers that hold counts alone, by operation and caller.
    async fn counts(&self) -> BTreeMap<(&'static str, String), Value> {
        let mut counts = BTreeMap::new();
        let counting = TELLS_OF_NOBODY
            .iter()
            .filter(|(_, why)| *why == COUNTS_WITHOUT_IDS);
        for (id, _) in counting {
            let operation = Spec::get().operation(id).expect("an operation");
            let roles = operation.roles.as_deref().unwrap_or_default();
            for caller in self.cast.all().filter(|caller| caller.is_among(roles)) {
                let client = &caller.person.client;
                let request = sample::bare(client, operation, &Places::new());
                let outcome = sample::send(client, operation, request).await;
                assert_eq!(outcome.status, 200, "{id}: {:#}", outcome.body);
                counts.insert((*id, caller.label.clone()), outcome.body);
            }
        }
        counts
    }

    /// What the insiders have counts for them, and for nobody else.
    async fn compare(&mut self, before: &BTreeMap<(&'static str, String), Value>) {
        for (key, after) in self.counts().await {
            let inside = key.1.starts_with("inside");
            if (before[&key] != after) != inside {
                let (id, label) = key;
                self.wrong.push(format!(
                    "{id} counts for {label} what it should not, or not what it should: {after}"
                ));
            }
        }
    }

    /// The insiders' things that stand in an answer.
    async fn told(
        &self,
        operation: &Operation,
        caller: &Caller,
        things: &Places,
    ) -> BTreeSet<String> {
        let mut asked = vec![Places::new()];
        for parameter in operation.parameters("query") {
            let name = parameter["name"].as_str().expect("a name");
            asked.extend(things::queries(name, things));
        }
        let (client, mut told) = (&caller.person.client, BTreeSet::new());
        for query in asked {
            let request = sample::bare(client, operation, &query);
            let answer = sample::send(client, operation, request)
                .await
                .body
                .to_string();
            let found = things.iter().filter(|(_, id)| answer.contains(id.as_str()));
            told.extend(found.map(|(name, _)| name.clone()));
        }
        told
    }
}
