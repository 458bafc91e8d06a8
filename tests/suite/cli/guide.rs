//! The guide for writers of apps: every request in it runs, one after the other, as it says.

use std::process::Stdio;
use std::time::Duration;

use jiahu_tests::harness::spec::Spec;
use jiahu_tests::harness::{Program, Ran, Serving, program};
use reqwest::Url;

use super::on_both_installed;

/// The whole walk waits some seconds for events and codes.
const PATIENCE: Duration = Duration::from_mins(5);

/// Operations that the guide is about; a walk that leaves one out has lost a part.
const WALK: [&str; 50] = [
    "send_code",
    "login_with_code",
    "login_with_password",
    "get_me",
    "refresh",
    "create_patient",
    "add_address",
    "give_patient_consent",
    "assess_patient",
    "list_items",
    "create_quote",
    "create_order",
    "get_order",
    "list_candidates",
    "put_my_place",
    "list_offers",
    "accept_offer",
    "depart",
    "report_positions",
    "get_position",
    "arrive",
    "verify_nurse",
    "check_identity",
    "give_consent",
    "screen_visit",
    "start_procedure",
    "record_visit",
    "finish_visit",
    "sign_visit",
    "return_waste",
    "close_visit",
    "list_people",
    "list_order_events",
    "add_entitlement",
    "list_entitlements",
    "file_complaint",
    "assign_complaint",
    "answer_complaint",
    "appeal_complaint",
    "close_complaint",
    "list_complaints",
    "create_plan",
    "get_plan",
    "get_exercise_picture",
    "tell_readings",
    "list_readings",
    "get_pack",
    "get_changes",
    "send_batch",
    "stream_events",
];

on_both_installed! {
    async fn every_request_of_the_guide_runs(program: Program) {
        let url = program.database_url();
        let mut flags = vec!["--simulated-clock"];
        if url.starts_with("postgres:") {
            flags.extend(["--database-url", &url]);
        }
        let log = program.folder().join("demo.log");
        let mut demo = program.demo(&flags, &log).await;
        introduces_itself(&mut demo, &url).await;
        let ran = walk(program, &demo).await;
        let told = || format!("{}\n{}\ndemo: {}", ran.out, ran.err, std::fs::read_to_string(&log).expect("a log"));
        assert_eq!(ran.status, Some(0), "{}", told());
        assert_eq!(ran.err.lines().last(), Some("end of the guide"), "{}", told());
        let requests: Vec<Request> = ran.err.lines().filter_map(Request::read).collect();
        for request in &requests {
            // The guide shows one mistake, and checks by itself that it is told.
            let shown = request.id == "create_quote" && request.status == 422
                // And a picture that the phone has already.
                || request.id == "get_exercise_picture" && request.status == 304;
            assert!((200..300).contains(&request.status) || shown, "{request:?}\n{}", told());
        }
        let missing = WALK.iter().filter(|id| requests.iter().all(|request| request.id != **id));
        assert_eq!(missing.collect::<Vec<_>>(), Vec::<&&str>::new());
        assert_eq!(demo.stop().await.status, Some(0));
    }
}

/// It says that it is a demo, where everything is, and how one of each role logs in.
async fn introduces_itself(demo: &mut Serving, database: &str) {
    let mut said = demo.said.join("\n");
    while !said.contains("demo totp") {
        said.push('\n');
        said.push_str(&demo.next_line().await);
    }
    assert!(said.contains("=== DEMO ==="), "{said}");
    let told = |what: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(what));
        line.unwrap_or_else(|| panic!("no {what}: {said}")).trim()
    };
    assert_eq!(told("Documentation"), format!("{}/docs", demo.url));
    let absolute = told("Database").starts_with('/');
    assert!(absolute || database.starts_with("postgres:"), "{said}");
    for role in [
        "family",
        "nurse",
        "coordinator",
        "doctor",
        "supervisor",
        "admin",
        "auditor",
    ] {
        let mut words = said.lines().map(|line| line.split_whitespace().next());
        assert!(words.any(|word| word == Some(role)), "no {role}: {said}");
    }
}

/// A request that the guide made.
#[derive(Debug)]
struct Request {
    status: u16,
    /// `operationId`.
    id: String,
}

impl Request {
    /// From a line `request: 200 GET http://…`.
    fn read(line: &str) -> Option<Self> {
        let mut words = line.strip_prefix("request: ")?.split(' ');
        let status = words.next()?.parse().expect("a status");
        let method = words.next()?.parse().expect("a method");
        let url: Url = words.next()?.parse().expect("an address");
        let id = match Spec::get().find(&method, url.path()) {
            Some(operation) => operation.id.clone(),
            None if url.path() == "/demo/clock" => "clock".to_owned(),
            None => panic!("the spec does not know what the guide asks: {line}"),
        };
        Some(Self { status, id })
    }
}

/// Walks through the guide in the folder of the demo.
async fn walk(installed: &Program, demo: &Serving) -> Ran {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/run-guide");
    let walking = tokio::process::Command::new(script)
        .current_dir(installed.folder())
        .env("ROOT", &demo.url)
        .env("DEMO_LOG", installed.folder().join("demo.log"))
        .env("LOGINS", installed.folder().join(".jiahu/demo/logins.json"))
        .env("JIAHU", program())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let walked = tokio::time::timeout(PATIENCE, walking);
    let walked = walked.await.expect("the guide ends");
    walked.expect("scripts/run-guide runs").into()
}
