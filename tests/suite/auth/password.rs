//! Password and second factor.

use std::num::NonZeroUsize;

use chrono::TimeDelta;
use entity::enums::{Role, SubjectKind};
use jiahu::auth::password::{PasswordCost, Passwords};
use jiahu_tests::harness::{
    Client, Person, Reply, TestServer, Town, activate, kinds_of, totp_code,
};
use jiahu_tests::on_both;
use secrecy::SecretString;
use serde_json::{Value, json};

const PHONE: &str = "13900000002";
const PASSWORD: &str = "梧桐-correct-horse";

async fn log_in(nobody: &Client, phone: &str, password: &str, totp: Option<String>) -> Reply {
    let mut login = json!({ "community": "130431", "phone": phone, "password": password });
    if let Some(totp) = totp {
        login["totp"] = json!(totp);
    }
    nobody.post("/v1/auth/login/password", login).await
}

/// A coordinator who opened the one-time link; gives the secret of the authenticator app.
async fn coordinator(server: &TestServer, town: &Town) -> (Person, Value, String) {
    let admin = town.person(server, "13900000001", Role::Admin, None).await;
    let new = json!({
        "name": "李芳", "phone": PHONE,
        "roles": [{"role": "coordinator", "institution_id": town.centre}],
    });
    let invited = admin.client.post("/v1/accounts", new).await.expect(201);
    let url = invited["invite_url"].as_str().expect("a link");
    let (secret, _) = activate(server, url, PASSWORD).await;
    (admin, invited["account"]["id"].clone(), secret)
}

/// A family with a password.
async fn family(server: &TestServer, town: &Town) -> Person {
    let family = town.person(server, PHONE, Role::Family, None).await;
    family
        .client
        .put("/v1/me/password", json!({ "new": PASSWORD }))
        .await
        .expect(204);
    family
}

on_both! {
    async fn staff_need_password_and_a_fresh_second_factor(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let (_, id, secret) = coordinator(&server, &town).await;
        let nobody = server.nobody();
        server.advance(TimeDelta::seconds(30)).await;
        let code = totp_code(&secret, server.now());
        log_in(&nobody, PHONE, PASSWORD, None).await.problem(401, "totp_required");
        log_in(&nobody, PHONE, "wrong-password", Some(code.clone())).await.problem(401, "login_failed");
        let wrong = totp_code(&secret, server.now() + TimeDelta::minutes(5));
        log_in(&nobody, PHONE, PASSWORD, Some(wrong)).await.problem(401, "login_failed");
        let tokens = log_in(&nobody, PHONE, PASSWORD, Some(code.clone())).await.expect(200);
        assert_eq!(tokens["token_type"], "Bearer");
        let client = nobody.with_token(tokens["access_token"].as_str().expect("a token"));
        let me = client.get("/v1/me").await.expect(200);
        assert_eq!((&me["account_id"], &me["roles"][0]["role"]), (&id, &json!("coordinator")));
        // A code counts once, even within its half minute.
        log_in(&nobody, PHONE, PASSWORD, Some(code)).await.problem(401, "login_failed");
        server.advance(TimeDelta::seconds(30)).await;
        let next = totp_code(&secret, server.now());
        log_in(&nobody, PHONE, PASSWORD, Some(next)).await.expect(200);
    }

    async fn a_family_may_use_a_password_alone(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        family(&server, &town).await;
        log_in(&server.nobody(), PHONE, PASSWORD, None).await.expect(200);
        // The same phone written otherwise is the same phone.
        log_in(&server.nobody(), "+86 139-0000-0002", PASSWORD, None).await.expect(200);
    }

    async fn ten_failures_lock_and_the_lock_ends(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let family = family(&server, &town).await;
        let nobody = server.nobody();
        // A full quarter of an hour on the clock is no border.
        server.app.clock.advance(TimeDelta::seconds(15 * 60 - 1));
        for _ in 0..9 {
            log_in(&nobody, PHONE, "wrong-password", None).await.problem(401, "login_failed");
        }
        // A success forgets the failures before it.
        log_in(&nobody, PHONE, PASSWORD, None).await.expect(200);
        for _ in 0..10 {
            log_in(&nobody, PHONE, "wrong-password", None).await.problem(401, "login_failed");
        }
        let locked = log_in(&nobody, PHONE, PASSWORD, None).await;
        assert_eq!(locked.headers["retry-after"], "900");
        locked.problem(429, "account_locked");
        let events = kinds_of(&server, town.community, SubjectKind::Account, family.account.0).await;
        assert_eq!(events.iter().filter(|kind| *kind == "account.locked").count(), 1, "{events:?}");
        for seconds in [1, 15 * 60 - 2] {
            server.advance(TimeDelta::seconds(seconds)).await;
            log_in(&nobody, PHONE, PASSWORD, None).await.problem(429, "account_locked");
        }
        server.advance(TimeDelta::seconds(1)).await;
        log_in(&nobody, PHONE, PASSWORD, None).await.expect(200);
    }

    async fn an_unknown_phone_looks_like_a_wrong_password(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        family(&server, &town).await;
        let nobody = server.nobody();
        let bare = |mut body: Value| { body["request_id"] = Value::Null; body };
        for expected in [(401, "login_failed"); 10].into_iter().chain([(429, "account_locked")]) {
            let known = log_in(&nobody, PHONE, "wrong-password", None).await.problem(expected.0, expected.1);
            let unknown = log_in(&nobody, "13700000000", "wrong-password", None).await.problem(expected.0, expected.1);
            assert_eq!(bare(known), bare(unknown));
        }
    }

    async fn a_disabled_account_hears_so_only_with_the_right_password(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let family = family(&server, &town).await;
        let admin = town.person(&server, "13900000001", Role::Admin, None).await;
        admin.client.post(&format!("/v1/accounts/{}/disable", family.account), json!({})).await.expect(200);
        let nobody = server.nobody();
        log_in(&nobody, PHONE, PASSWORD, None).await.problem(403, "account_disabled");
        log_in(&nobody, PHONE, "wrong-password", None).await.problem(401, "login_failed");
        family.client.get("/v1/me").await.problem(401, "session_ended");
        admin.client.post(&format!("/v1/accounts/{}/enable", family.account), json!({})).await.expect(200);
        log_in(&nobody, PHONE, PASSWORD, None).await.expect(200);
    }

    async fn changing_the_password_ends_other_sessions(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let family = family(&server, &town).await;
        let other = log_in(&server.nobody(), PHONE, PASSWORD, None).await.expect(200);
        let other = server.nobody().with_token(other["access_token"].as_str().expect("a token"));
        let change = async |body: Value| family.client.put("/v1/me/password", body).await;
        for (body, field, code) in [
            (json!({"new": "another-long-one"}), "current", "password_wrong"),
            (json!({"current": "wrong-password", "new": "another-long-one"}), "current", "password_wrong"),
            (json!({"current": PASSWORD, "new": "short"}), "new", "password_too_short"),
            (json!({"current": PASSWORD, "new": "x".repeat(129)}), "new", "password_too_long"),
            (json!({"current": PASSWORD, "new": "1234567890"}), "new", "password_too_common"),
            (json!({"current": PASSWORD, "new": PHONE}), "new", "password_too_common"),
        ] {
            let problem = change(body.clone()).await.problem(422, "invalid_request");
            assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["code"]), (&json!(field), &json!(code)), "{body}");
        }
        other.get("/v1/me").await.expect(200);
        change(json!({"current": PASSWORD, "new": "another-long-one"})).await.expect(204);
        other.get("/v1/me").await.problem(401, "session_ended");
        family.client.get("/v1/me").await.expect(200);
        log_in(&server.nobody(), PHONE, PASSWORD, None).await.problem(401, "login_failed");
        log_in(&server.nobody(), PHONE, "another-long-one", None).await.expect(200);
    }

    async fn guesses_at_the_current_password_lock_as_failed_logins_do(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let family = family(&server, &town).await;
        let change = async |current: &str| {
            family.client.put("/v1/me/password", json!({ "current": current, "new": "another-long-one" })).await
        };
        for _ in 0..10 {
            change("wrong-password").await.problem(422, "invalid_request");
        }
        let locked = change(PASSWORD).await;
        assert_eq!(locked.headers["retry-after"], "900");
        locked.problem(429, "account_locked");
        log_in(&server.nobody(), PHONE, PASSWORD, None).await.problem(429, "account_locked");
        let events = kinds_of(&server, town.community, SubjectKind::Account, family.account.0).await;
        assert_eq!(events.iter().filter(|kind| *kind == "account.locked").count(), 1, "{events:?}");
        server.advance(TimeDelta::minutes(15)).await;
        change(PASSWORD).await.expect(204);
    }

    async fn of_tries_at_once_no_more_are_judged_than_one_after_the_other(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let family = family(&server, &town).await;
        let nobody = server.nobody();
        let told = |replies: Vec<Reply>| {
            let codes = replies.iter().map(|reply| reply.body["code"].as_str().expect("a code").to_owned());
            let mut codes: Vec<_> = codes.collect();
            codes.sort_unstable();
            codes
        };
        let guesses = (0..15).map(|_| log_in(&nobody, PHONE, "wrong-password", None));
        let codes = told(futures::future::join_all(guesses).await);
        assert_eq!(codes, [vec!["account_locked"; 5], vec!["login_failed"; 10]].concat());
        server.advance(TimeDelta::minutes(15)).await;
        let wrong = json!({ "current": "wrong-password", "new": "another-long-one" });
        let guesses = (0..15).map(|_| family.client.put("/v1/me/password", wrong.clone()));
        let codes = told(futures::future::join_all(guesses).await);
        assert_eq!(codes, [vec!["account_locked"; 5], vec!["invalid_request"; 10]].concat());
    }

    async fn a_login_in_flight_does_not_outlive_the_password_it_was_made_with(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let family = family(&server, &town).await;
        let nobody = server.nobody();
        let mut old = PASSWORD.to_owned();
        for round in 0..4 {
            let new = format!("another-long-one-{round}");
            let logins = futures::future::join_all((0..6).map(|_| log_in(&nobody, PHONE, &old, None)));
            let body = json!({ "current": old, "new": new });
            let change = family.client.put("/v1/me/password", body);
            let (logins, changed) = futures::future::join(logins, change).await;
            changed.expect(204);
            for login in logins.into_iter().filter(|login| login.status.is_success()) {
                let token = login.body["access_token"].as_str().expect("a token");
                nobody.with_token(token).get("/v1/me").await.problem(401, "session_ended");
            }
            log_in(&nobody, PHONE, &old, None).await.problem(401, "login_failed");
            log_in(&nobody, PHONE, &new, None).await.expect(200);
            old = new;
        }
    }

    async fn logins_at_once_all_pass_while_the_first_has_the_hash_made_anew(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let family = family(&server, &town).await;
        let account = async || {
            let account = jiahu::store::account::get(server.app.db.reader(), town.community, family.account).await;
            account.expect("read").expect("there")
        };
        let cost = PasswordCost { memory_kib: 64, passes: 2, lanes: 1 };
        let older = Passwords::new(NonZeroUsize::MIN, cost).expect("a sound cost");
        let older = older.hash(SecretString::from(PASSWORD)).await.expect("a hash");
        let before = account().await;
        jiahu::in_write!(server.app.db, "test_hash", |tx| {
            jiahu::store::account::set_password_hash(tx, &before, &older).await
        }).expect("stored");
        let nobody = server.nobody();
        let logins = (0..6).map(|_| log_in(&nobody, PHONE, PASSWORD, None));
        for login in futures::future::join_all(logins).await {
            login.expect(200);
        }
        assert_ne!(account().await.password_hash, Some(older), "made anew");
    }

    async fn a_code_of_the_second_factor_counts_once_whatever_is_written_upon_an_older_read(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let (admin, id, secret) = coordinator(&server, &town).await;
        let account = format!("/v1/accounts/{}", id.as_str().expect("an id"));
        let roles = json!({ "roles": [{"role": "doctor", "institution_id": town.centre}] });
        let set = async |etag: &str| admin.client.put_if(&format!("{account}/roles"), etag, roles.clone()).await;
        server.advance(TimeDelta::seconds(30)).await;
        let code = totp_code(&secret, server.now());
        let before = admin.client.get(&account).await.etag();
        log_in(&server.nobody(), PHONE, PASSWORD, Some(code.clone())).await.expect(200);
        set(&before).await.problem(412, "precondition_failed");
        let now = admin.client.get(&account).await.etag();
        set(&now).await.expect(200);
        log_in(&server.nobody(), PHONE, PASSWORD, Some(code)).await.problem(401, "login_failed");
    }

    async fn a_code_of_the_second_factor_counts_once_also_while_the_password_changes(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let (_, _, secret) = coordinator(&server, &town).await;
        let nobody = server.nobody();
        server.advance(TimeDelta::seconds(30)).await;
        let code = totp_code(&secret, server.now());
        let tokens = log_in(&nobody, PHONE, PASSWORD, Some(code)).await.expect(200);
        let client = nobody.with_token(tokens["access_token"].as_str().expect("a token"));
        server.advance(TimeDelta::seconds(30)).await;
        let code = totp_code(&secret, server.now());
        let login = log_in(&nobody, PHONE, PASSWORD, Some(code.clone()));
        let body = json!({ "current": PASSWORD, "new": "another-long-one" });
        let change = client.put("/v1/me/password", body);
        let (login, changed) = futures::future::join(login, change).await;
        changed.expect(204);
        let again = async || log_in(&nobody, PHONE, "another-long-one", Some(code.clone())).await;
        if !login.status.is_success() {
            again().await.expect(200);
        }
        again().await.problem(401, "login_failed");
    }
}
