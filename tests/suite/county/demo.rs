//! What a demo adds: a header on every answer, a clock that can be moved, and a database of its own.

use std::sync::Arc;

use chrono::TimeDelta;
use jiahu::config::Config;
use jiahu::county;
use jiahu::demo::{self, Folder, Size};
use jiahu_tests::harness::{Backend, NurseSpec, Scene, TestServer, Town};
use jiahu_tests::on_both;
use reqwest::Method;
use serde_json::json;

use crate::discharges::stay;

const SIZE: Size = Size {
    seed: 3,
    scale: 0.02,
};

fn simulated(config: &mut Config) {
    config.demo = true;
    config.simulated_clock = true;
}

#[tokio::test]
async fn every_answer_of_a_demo_says_so() {
    TestServer::with_config(
        Backend::Sqlite,
        |config| config.demo = true,
        |server: Arc<TestServer>| async move {
            for path in ["/healthz", "/v1/me", "/nowhere", "/openapi.json"] {
                let reply = server.nobody().get(path).await;
                assert_eq!(reply.headers["x-jiahu-demo"], "true", "{path}");
            }
            server
                .nobody()
                .get("/nowhere")
                .await
                .problem(404, "not_found");
            for path in ["/demo/clock", "/demo/messages?community=130431"] {
                assert_eq!(server.nobody().get(path).await.status, 404);
            }
        },
    )
    .await;
}

#[tokio::test]
async fn a_server_that_is_no_demo_has_neither_header_nor_clock() {
    TestServer::with(Backend::Sqlite, |server: Arc<TestServer>| async move {
        let reply = server.nobody().get("/healthz").await;
        assert!(!reply.headers.contains_key("x-jiahu-demo"));
        server
            .nobody()
            .get("/demo/clock")
            .await
            .problem(404, "not_found");
    })
    .await;
}

async fn moves_forward_only_and_runs_what_is_due(server: Arc<TestServer>) {
    const PHONE: &str = "13800000001";
    Town::build(&server, "130431").await;
    let nobody = server.nobody();
    let start = server.now();
    assert_eq!(
        nobody.get("/demo/clock").await.expect(200)["now"],
        json!(start)
    );
    nobody
        .post(
            "/v1/auth/codes",
            json!({"community": "130431", "phone": PHONE}),
        )
        .await
        .expect(202);
    assert!(server.phones.of(PHONE).is_empty(), "jobs wait");
    let later = start + TimeDelta::minutes(3);
    assert_eq!(
        nobody
            .put("/demo/clock", json!({"now": later}))
            .await
            .expect(200)["now"],
        json!(later)
    );
    assert_eq!(server.now(), later);
    assert_eq!(
        server.phones.of(PHONE).len(),
        1,
        "the job ran before the answer"
    );
    let back = nobody.put("/demo/clock", json!({"now": start})).await;
    assert_eq!(
        (back.status.as_u16(), &back.body["code"]),
        (409, &json!("clock_backwards"))
    );
    assert_eq!(server.now(), later);
    let bad = nobody
        .send(
            nobody
                .request(Method::PUT, "/demo/clock")
                .json(&json!({"now": "soon"})),
        )
        .await;
    assert!(bad.status.is_client_error());
    let spec = nobody.get("/openapi.json").await.expect(200);
    for path in ["/demo/clock", "/demo/messages"] {
        assert!(spec["paths"].get(path).is_none(), "outside the spec");
    }
}

#[tokio::test]
async fn the_clock_on_sqlite() {
    TestServer::with_config(
        Backend::Sqlite,
        simulated,
        moves_forward_only_and_runs_what_is_due,
    )
    .await;
}

#[tokio::test]
async fn the_clock_on_postgres() {
    TestServer::with_config(
        Backend::Postgres,
        simulated,
        moves_forward_only_and_runs_what_is_due,
    )
    .await;
}

/// Moved by a week at once, what happens by itself happens at its own times, and the messages say so.
async fn walks_from_one_due_job_to_the_next(server: Arc<TestServer>) {
    let scene = Scene::build(&server).await;
    let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
    let mut stay = stay(&["I50.9"]);
    stay["nurse_id"] = json!(nurse.id);
    let body = json!({ "patient_id": scene.patient, "stay": stay });
    let made = scene.coordinator.client.post("/v1/discharges", body);
    made.await.expect(201);
    let nobody = server.nobody();
    let messages = async |after: &str| {
        let path = format!("/demo/messages?community={}{after}", scene.town.code);
        nobody.get(&path).await.expect(200)["items"].clone()
    };
    let to = json!({ "now": server.now() + TimeDelta::days(7) });
    nobody.put("/demo/clock", to).await.expect(200);
    let all = messages("").await;
    let sent = |template: &str| {
        let found = all
            .as_array()
            .expect("a list")
            .iter()
            .find(|one| one["template"] == template);
        found.expect("sent").clone()
    };
    // Half past eight of the first day, and of the third, on which it was due.
    let (reminder, due) = (sent("answer_link"), sent("follow_up_due"));
    assert_eq!(
        (&reminder["sent_at"], &due["sent_at"]),
        (
            &json!("2026-03-03T00:30:00Z"),
            &json!("2026-03-05T00:30:00Z")
        )
    );
    assert_eq!(
        (&reminder["state"], &due["phone"]),
        (&json!("sent"), &json!(nurse.person.phone))
    );
    let last = all.as_array().and_then(|all| all.last()).expect("some");
    let after = format!("&after={}", last["id"].as_str().expect("an id"));
    assert_eq!(messages(&after).await, json!([]));
}

#[tokio::test]
async fn the_clock_walks_on_sqlite() {
    TestServer::with_config(
        Backend::Sqlite,
        simulated,
        walks_from_one_due_job_to_the_next,
    )
    .await;
}

#[tokio::test]
async fn the_clock_walks_on_postgres() {
    TestServer::with_config(
        Backend::Postgres,
        simulated,
        walks_from_one_due_job_to_the_next,
    )
    .await;
}

on_both! {
    async fn a_demo_is_filled_once_and_its_data_are_kept(server: TestServer) {
        let place = tempfile::tempdir().expect("a folder");
        let folder = Folder::at(place.path()).expect("a path");
        let joined = demo::require_filled(&server.app, &folder).await;
        assert!(joined.is_err(), "nothing to join yet");
        let first = demo::fill(&server.app, &folder, SIZE).await.expect("filled");
        assert_eq!(first.communities.len(), 2);
        let again = demo::fill(&server.app, &folder, Size { seed: 4, ..SIZE }).await.expect("kept");
        assert!(first == again, "the same logins");
        let joined = demo::require_filled(&server.app, &folder).await.expect("joined");
        assert!(first == joined);
        assert!(demo::start_time(&server.app).await.expect("a time") >= server.now());
    }

    async fn a_demo_is_never_loaded_beside_real_people(server: TestServer) {
        Town::build(&server, county::CODE).await;
        let place = tempfile::tempdir().expect("a folder");
        let folder = Folder::at(place.path()).expect("a path");
        let refused = demo::fill(&server.app, &folder, SIZE).await.err().expect("refused");
        assert!(refused.to_string().contains("did not make"), "{refused}");
        let there = county::is_loaded(&server.app, county::NEIGHBOUR_CODE).await.expect("read");
        assert!(!there, "nothing was written");
        assert!(folder.logins().expect("read").is_none());
    }
}
