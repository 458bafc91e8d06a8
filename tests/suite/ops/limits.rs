//! Limits that hold for every operation.

use std::sync::Arc;

use entity::enums::Role;
use jiahu_tests::harness::{Backend, Client, Reply, Scene, TestServer, Town, fresh_key};
use jiahu_tests::on_both;
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::json;
use tokio::sync::Notify;

/// Asks for a code as a client behind a proxy that names it.
async fn ask(nobody: &Client, phone: &str, forwarded: &str) -> Reply {
    let request = nobody
        .request(Method::POST, "/v1/auth/codes")
        .header("x-forwarded-for", forwarded)
        .json(&json!({ "community": "130431", "phone": phone }));
    nobody.send(request).await
}

#[tokio::test]
async fn one_address_asks_for_codes_so_often_and_no_more() {
    TestServer::with_config(
        Backend::Sqlite,
        |config| config.limits.logins_per_min = 3,
        async |server| {
            Town::build(&server, "130431").await;
            let nobody = server.nobody();
            for n in 1..=3 {
                // Nobody here is a proxy that is believed, so naming others does not help.
                let (phone, forwarded) = (format!("1380000000{n}"), format!("10.0.0.{n}"));
                ask(&nobody, &phone, &forwarded).await.expect(202);
            }
            let refused = ask(&nobody, "13800000004", "10.0.0.4").await;
            let wait: u64 = refused.headers["retry-after"]
                .to_str()
                .expect("ASCII")
                .parse()
                .expect("seconds");
            assert!((1..=21).contains(&wait), "{wait}");
            refused.problem(429, "rate_limited");
            // Other operations have a limit of their own.
            nobody.get("/v1/me").await.problem(401, "unauthorized");
        },
    )
    .await;
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_counts_for_itself() {
    TestServer::with_config(
        Backend::Sqlite,
        |config| {
            config.limits.logins_per_min = 1;
            config.trusted_proxies = vec![
                "127.0.0.0/8".parse().expect("a network"),
                "10.9.0.0/16".parse().expect("a network"),
            ];
        },
        async |server| {
            Town::build(&server, "130431").await;
            let nobody = server.nobody();
            ask(&nobody, "13800000001", "203.0.113.1").await.expect(202);
            ask(&nobody, "13800000002", "203.0.113.2, 10.9.1.1")
                .await
                .expect(202);
            // What stands before the first address that is no proxy of ours was written by the client.
            for forged in [
                "203.0.113.9, 203.0.113.1",
                "203.0.113.2",
                "junk, 203.0.113.2, 10.9.1.1",
            ] {
                let refused = ask(&nobody, "13800000003", forged).await;
                refused.problem(429, "rate_limited");
            }
        },
    )
    .await;
}

/// Whoever waits longer than a request may take is told, and nothing of it happens.
async fn times_out(server: Arc<TestServer>) {
    let scene = Scene::build(&server).await;
    let (community, patient) = (scene.town.community, scene.patient);
    let (held, release) = (Notify::new(), Notify::new());
    let hold = async {
        jiahu::in_write!(server.app.db, "hold_patient", |tx| {
            jiahu::store::patient::lock(tx, community, patient).await?;
            held.notify_one();
            release.notified().await;
            Ok(())
        })
    };
    let path = format!("/v1/patients/{patient}");
    let change = async || {
        let change = json!({"same_sex_nurse": true});
        scene.family.client.patch(&path, "\"v1\"", change).await
    };
    let ask = async {
        held.notified().await;
        let reply = change().await;
        release.notify_one();
        reply
    };
    let (kept, late) = tokio::join!(hold, ask);
    kept.expect("the lock was held");
    late.problem(504, "request_timeout");
    let changed = change().await.expect(200);
    assert_eq!(changed["same_sex_nurse"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_takes_no_longer_than_it_may_on_sqlite() {
    let short = |config: &mut jiahu::config::Config| config.request_timeout_s = 1;
    TestServer::with_config(Backend::Sqlite, short, times_out).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_takes_no_longer_than_it_may_on_postgres() {
    let short = |config: &mut jiahu::config::Config| config.request_timeout_s = 1;
    TestServer::with_config(Backend::Postgres, short, times_out).await;
}

/// A neighbour who is always quicker: each link of the trail is taken before it is written.
async fn always_too_late(server: &TestServer) {
    let statements: &[&str] = match server.backend {
        Backend::Sqlite => &[
            "CREATE TRIGGER too_late BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'event_chain'); END",
        ],
        Backend::Postgres => &[
            "CREATE FUNCTION too_late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'event_chain'; END $$",
            "CREATE TRIGGER too_late BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION too_late()",
        ],
    };
    for statement in statements {
        let db = server.app.db.reader();
        db.execute_unprepared(statement).await.expect("a trigger");
    }
}

on_both! {
    async fn who_always_comes_too_late_is_told_that_it_is_busy(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let admin = town.person(&server, "13900000001", Role::Admin, None).await;
        let family = town.person(&server, "13800000001", Role::Family, None).await;
        always_too_late(&server).await;
        let (path, key) = (format!("/v1/accounts/{}/disable", family.account), fresh_key());
        let busy = admin.client.post_with_key(&path, json!({}), &key).await;
        assert_eq!(busy.headers["retry-after"], "1");
        busy.problem(503, "busy");
        family.client.get("/v1/me").await.expect(200);
        let end = match server.backend {
            Backend::Sqlite => "DROP TRIGGER too_late",
            Backend::Postgres => "DROP TRIGGER too_late ON event",
        };
        server.app.db.reader().execute_unprepared(end).await.expect("no trigger");
        // The same request again does what the first one did not.
        admin.client.post_with_key(&path, json!({}), &key).await.expect(200);
        family.client.get("/v1/me").await.problem(401, "session_ended");
    }

    async fn a_body_over_the_limit_is_not_read(server: TestServer) {
        Town::build(&server, "130431").await;
        let nobody = server.nobody();
        let phone = "1".repeat(server.app.config.body_limit_bytes);
        let problem = nobody.post("/v1/auth/codes", json!({"community": "130431", "phone": phone})).await
            .problem(413, "body_too_large");
        assert!(problem["detail"].as_str().expect("a text").contains("1048576"), "{problem}");
        server.run_jobs().await;
        assert!(server.phones.of(&phone).is_empty());
    }

    async fn what_is_not_there_is_a_problem_too(server: TestServer) {
        let nobody = server.nobody();
        nobody.get("/v1/nothing").await.problem(404, "not_found");
        nobody.delete("/v1/me").await.problem(405, "method_not_allowed");
        let named = nobody.request(Method::GET, "/v1/nothing").header("x-request-id", "app-7");
        let reply = nobody.send(named).await;
        assert_eq!(reply.headers["x-request-id"], "app-7");
        assert_eq!(reply.headers["cache-control"], "no-store");
        assert_eq!(reply.problem(404, "not_found")["request_id"], "app-7");
    }
}
