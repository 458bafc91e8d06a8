//! The page behind the link: what is served, and that it knows every kind of question.

use std::collections::BTreeSet;

use jiahu_tests::harness::spec::Spec;
use jiahu_tests::on_both;
use reqwest::Method;

const FORM: &str = include_str!("../../../server/pages/answers/form.js");
const TEXTS: &str = include_str!("../../../server/pages/answers/texts.js");
const INDEX: &str = include_str!("../../../server/pages/answers/index.html");

fn files() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../server/pages/answers");
    let entries = std::fs::read_dir(folder).expect("the page");
    let mut files: Vec<_> = entries
        .map(|entry| {
            let path = entry.expect("a file").path();
            let name = path.file_name().expect("a name").to_string_lossy();
            let text = std::fs::read_to_string(&path).expect("a text");
            (name.into_owned(), text)
        })
        .collect();
    files.sort();
    files
}

on_both! {
    async fn it_is_served_whole_and_kept_by_its_tag(server: TestServer) {
        let nobody = server.nobody().unchecked();
        for (name, text) in files() {
            let path = match name.as_str() {
                "index.html" => "/answers".to_owned(),
                _ => format!("/answers/{name}"),
            };
            let reply = nobody.get(&path).await;
            assert_eq!((reply.status.as_u16(), reply.bytes.as_slice()), (200, text.as_bytes()), "{path}");
            let header = |name: &str| reply.headers[name].to_str().expect("ASCII").to_owned();
            let policy = header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
            assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
            assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
            assert_eq!(header("x-content-type-options"), "nosniff");
            assert_eq!(header("x-frame-options"), "DENY");
            assert_eq!(header("referrer-policy"), "no-referrer");
            assert_eq!(header("cache-control"), "no-cache");
            let kind = match name.rsplit('.').next() {
                Some("html") => "text/html; charset=utf-8",
                Some("css") => "text/css; charset=utf-8",
                _ => "text/javascript; charset=utf-8",
            };
            assert_eq!(header("content-type"), kind);
            let again = nobody.request(Method::GET, &path).header("if-none-match", reply.etag());
            let again = nobody.send(again).await;
            assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0), "{path}");
            assert_eq!(again.etag(), reply.etag());
        }
        nobody.get("/answers/other.js").await.problem(404, "not_found");
    }
}

#[test]
fn it_names_no_host_and_needs_no_exception_from_its_policy() {
    for (name, text) in files() {
        for word in ["http:", "https:", "//cdn", "ws:", "wss:", "@import", "url("] {
            assert!(!text.contains(word), "{name} has {word}");
        }
        for word in [
            "eval(",
            "innerHTML",
            "outerHTML",
            "document.write",
            "new Function",
        ] {
            assert!(!text.contains(word), "{name} has {word}");
        }
        // Newer than the browsers of old phones.
        for word in ["?.", "??", "#private", "import.meta", ".at(", "replaceAll"] {
            assert!(!text.contains(word), "{name} has {word}");
        }
    }
    assert!(!INDEX.contains("style=") && !INDEX.contains(" on") && !INDEX.contains("<style"));
    assert_eq!(INDEX.matches("<script").count(), 1, "no script in the page");
}

/// The keys of a table of the page.
fn table(name: &str) -> BTreeSet<String> {
    let begin = format!("export const {name} = {{");
    let (_, rest) = FORM.split_once(begin.as_str()).expect("the table");
    let (table, _) = rest.split_once("};").expect("its end");
    let lines = table
        .lines()
        .filter_map(|line| line.trim().split_once(": "));
    lines.map(|(key, _)| key.to_owned()).collect()
}

/// The kinds that a schema of the spec may have.
fn kinds(schema: &str) -> BTreeSet<String> {
    let schema = &Spec::get().document["components"]["schemas"][schema];
    let one_of = schema["oneOf"].as_array().expect("kinds");
    let kind = |one: &serde_json::Value| {
        let kind = &one["properties"]["kind"]["enum"][0];
        kind.as_str().expect("a kind").to_owned()
    };
    one_of.iter().map(kind).collect()
}

#[test]
fn it_knows_every_kind_of_question_and_of_scale_item() {
    assert_eq!(table("KINDS"), kinds("AnswerKind"));
    assert_eq!(table("SCALE_KINDS"), kinds("Ask"));
}

#[test]
fn it_has_a_text_for_every_end_of_a_link_and_every_wrong_answer() {
    let ends = [
        "answer_link_invalid",
        "answer_link_used",
        "answer_link_expired",
        "answer_link_spent",
        "follow_task_state",
    ];
    let wrong = [
        "answer_missing",
        "answer_out_of_range",
        "answer_wrong_kind",
        "answer_unknown_question",
    ];
    for code in ends.iter().chain(&wrong) {
        assert!(TEXTS.contains(&format!("\n  {code}: [")), "{code}");
    }
    for asked in ["chest_pain", "heart_failure"] {
        // What is asked comes from the server alone.
        assert!(files().iter().all(|(_, text)| !text.contains(asked)));
    }
}
