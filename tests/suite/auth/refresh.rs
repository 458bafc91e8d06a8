//! Refresh tokens: rotated, with a grace for a lost answer, and the end of the session on replay.

use chrono::TimeDelta;
use entity::enums::{Role, SubjectKind};
use jiahu_tests::harness::{Client, Person, Reply, TestServer, Town, kinds_of};
use jiahu_tests::on_both;
use serde_json::{Value, json};

const PHONE: &str = "13800000001";

async fn logged_in(server: &TestServer) -> (Town, Person, Value) {
    let town = Town::build(server, "130431").await;
    let family = town.person(server, PHONE, Role::Family, None).await;
    let nobody = server.nobody();
    nobody
        .post(
            "/v1/auth/codes",
            json!({"community": "130431", "phone": PHONE}),
        )
        .await
        .expect(202);
    server.run_jobs().await;
    let login = json!({"community": "130431", "phone": PHONE, "code": server.phones.code(PHONE)});
    let tokens = nobody.post("/v1/auth/login/code", login).await.expect(200);
    (town, family, tokens)
}

async fn refresh(nobody: &Client, tokens: &Value) -> Reply {
    let body = json!({ "refresh_token": tokens["refresh_token"] });
    nobody.post("/v1/auth/refresh", body).await
}

fn as_holder(nobody: &Client, tokens: &Value) -> Client {
    nobody.with_token(tokens["access_token"].as_str().expect("a token"))
}

on_both! {
    async fn tokens_are_rotated_and_a_replay_ends_the_session(server: TestServer) {
        let (town, family, first) = logged_in(&server).await;
        let nobody = server.nobody();
        let second = refresh(&nobody, &first).await.expect(200);
        assert_ne!(first["refresh_token"], second["refresh_token"]);
        assert_eq!(first["session_id"], second["session_id"]);
        as_holder(&nobody, &second).get("/v1/me").await.expect(200);
        let third = refresh(&nobody, &second).await.expect(200);
        // The first one again, after its successor was used: two hold the same chain.
        refresh(&nobody, &first).await.problem(401, "refresh_replayed");
        as_holder(&nobody, &third).get("/v1/me").await.problem(401, "session_ended");
        refresh(&nobody, &third).await.problem(401, "refresh_invalid");
        let events = kinds_of(&server, town.community, SubjectKind::Account, family.account.0).await;
        assert!(events.contains(&"account.refresh_replayed".to_owned()), "{events:?}");
        // Other sessions of the account live on.
        family.client.get("/v1/me").await.expect(200);
    }

    async fn a_lost_answer_costs_nothing(server: TestServer) {
        let (_, _, first) = logged_in(&server).await;
        let nobody = server.nobody();
        let lost = refresh(&nobody, &first).await.expect(200);
        let again = refresh(&nobody, &first).await.expect(200);
        assert_ne!(lost["refresh_token"], again["refresh_token"]);
        let next = refresh(&nobody, &again).await.expect(200);
        as_holder(&nobody, &next).get("/v1/me").await.expect(200);
        // What was lost is void: whoever shows it found it somewhere.
        refresh(&nobody, &lost).await.problem(401, "refresh_replayed");
        as_holder(&nobody, &next).get("/v1/me").await.problem(401, "session_ended");
    }

    async fn an_access_token_lives_ten_minutes_and_an_idle_session_a_week(server: TestServer) {
        let (_, _, tokens) = logged_in(&server).await;
        let nobody = server.nobody();
        assert_eq!(tokens["expires_in"], 600);
        server.advance(TimeDelta::seconds(599)).await;
        as_holder(&nobody, &tokens).get("/v1/me").await.expect(200);
        server.advance(TimeDelta::seconds(1)).await;
        as_holder(&nobody, &tokens).get("/v1/me").await.problem(401, "token_expired");
        // Each refresh starts the week anew.
        server.advance(TimeDelta::hours(160)).await;
        let tokens = refresh(&nobody, &tokens).await.expect(200);
        server.advance(TimeDelta::hours(160)).await;
        let tokens = refresh(&nobody, &tokens).await.expect(200);
        server.advance(TimeDelta::hours(168)).await;
        refresh(&nobody, &tokens).await.problem(401, "refresh_invalid");
    }

    async fn a_token_that_is_not_ours_is_refused(server: TestServer) {
        let (_, _, tokens) = logged_in(&server).await;
        let other = Town::build(&server, "130432").await;
        let nobody = server.nobody();
        let ours = tokens["refresh_token"].as_str().expect("a token");
        let (community, secret) = ours.split_once('.').expect("two parts");
        let elsewhere = format!("{}.{secret}", other.community.0.simple());
        let shortened = format!("{community}.{}", &secret[..42]);
        for token in ["x", ".", "a.b", secret, &elsewhere, &shortened] {
            refresh(&nobody, &json!({ "refresh_token": token })).await.problem(401, "refresh_invalid");
        }
        refresh(&nobody, &tokens).await.expect(200);
    }

    async fn of_a_token_and_its_successor_shown_at_once_one_is_a_replay(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let family = town.person(&server, PHONE, Role::Family, None).await;
        let password = "梧桐-correct-horse";
        family.client.put("/v1/me/password", json!({ "new": password })).await.expect(204);
        let nobody = server.nobody();
        let login = json!({ "community": "130431", "phone": PHONE, "password": password });
        for _ in 0..8 {
            let first = nobody.post("/v1/auth/login/password", login.clone()).await.expect(200);
            let second = refresh(&nobody, &first).await.expect(200);
            let shown = [refresh(&nobody, &first), refresh(&nobody, &second)];
            let replies = futures::future::join_all(shown).await;
            let given: Vec<_> = replies.iter().filter(|reply| reply.status.is_success()).collect();
            assert_eq!(given.len(), 1, "{replies:?}");
            // The other is told to come again, or what it was at once.
            for (reply, tokens) in replies.iter().zip([&first, &second]) {
                match reply.status.as_u16() {
                    200 => {}
                    503 => drop(refresh(&nobody, tokens).await.problem(401, "refresh_replayed")),
                    _ => assert_eq!(reply.body["code"], "refresh_replayed"),
                }
            }
            as_holder(&nobody, &given[0].body).get("/v1/me").await.problem(401, "session_ended");
        }
    }

    async fn one_token_shown_many_times_at_once_leaves_one_that_works(server: TestServer) {
        let (_, _, tokens) = logged_in(&server).await;
        let nobody = server.nobody();
        let all = futures::future::join_all((0..8).map(|_| refresh(&nobody, &tokens))).await;
        let given: Vec<Value> = all.into_iter().filter(|reply| reply.status.is_success()).map(|reply| reply.body).collect();
        assert!(!given.is_empty());
        // Whichever was given last is good; the phone that asked again gets one more.
        let last = refresh(&nobody, &tokens).await.expect(200);
        as_holder(&nobody, &last).get("/v1/me").await.expect(200);
        refresh(&nobody, &last).await.expect(200);
    }
}
