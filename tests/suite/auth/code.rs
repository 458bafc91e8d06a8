//! Families log in by phone and one-time code.

use chrono::TimeDelta;
use entity::enums::{Role, SubjectKind};
use entity::ids::AccountId;
use jiahu_tests::harness::{Client, Reply, TestServer, Town, at, kinds_of};
use jiahu_tests::on_both;
use serde_json::{Value, json};

const PHONE: &str = "13800000001";

async fn ask(nobody: &Client, phone: &str) -> Reply {
    let request = json!({ "community": "130431", "phone": phone });
    nobody.post("/v1/auth/codes", request).await
}

/// Asks for a code and reads it from the phone.
async fn code(server: &TestServer, phone: &str) -> String {
    ask(&server.nobody(), phone).await.expect(202);
    server.run_jobs().await;
    server.phones.code(phone)
}

async fn log_in(nobody: &Client, phone: &str, code: &str) -> Reply {
    let login = json!({ "community": "130431", "phone": phone, "code": code, "name": "张小明" });
    nobody.post("/v1/auth/login/code", login).await
}

/// A code that is not this one.
fn other_than(code: &str) -> String {
    let first = if code.starts_with('1') { '2' } else { '1' };
    format!("{first}{}", &code[1..])
}

/// Guesses ten times; the tenth locks the phone.
async fn guess(server: &TestServer, phone: &str) {
    let right = code(server, phone).await;
    for _ in 0..10 {
        log_in(&server.nobody(), phone, &other_than(&right))
            .await
            .problem(401, "login_failed");
    }
}

/// Moves the clock to a local moment.
async fn stand_at(server: &TestServer, moment: &str) {
    server.advance(at(moment) - server.now()).await;
}

/// How often an event stands in the trail of an account.
async fn told(server: &TestServer, town: &Town, account: AccountId, kind: &str) -> usize {
    let kinds = kinds_of(server, town.community, SubjectKind::Account, account.0).await;
    kinds.iter().filter(|one| *one == kind).count()
}

/// A problem without what differs from request to request.
fn bare(mut body: Value) -> Value {
    body["request_id"] = Value::Null;
    body
}

on_both! {
    async fn a_new_family_logs_in_and_sees_its_account(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let nobody = server.nobody();
        let code = code(&server, PHONE).await;
        let login = json!({"community": "130431", "phone": PHONE, "code": code});
        nobody.post("/v1/auth/login/code", login).await.problem(422, "name_required");
        let login = json!({"community": "130431", "phone": PHONE, "code": code, "name": "张小明"});
        let tokens = nobody.post("/v1/auth/login/code", login.clone()).await.expect(200);
        let family = nobody.with_token(tokens["access_token"].as_str().expect("a token"));
        let me = family.get("/v1/me").await.expect(200);
        let id = me["account_id"].as_str().expect("an id").parse().expect("a UUID");
        let kinds = kinds_of(&server, town.community, SubjectKind::Account, id).await;
        assert_eq!(kinds, ["account.created", "account.logged_in"]);
        assert_eq!(me["name"], "张小明");
        assert_eq!(me["phone"], "138****0001");
        assert_eq!(me["roles"][0]["role"], "family");
        nobody.post("/v1/auth/login/code", login).await.problem(401, "login_failed");
    }

    async fn codes_are_spaced_and_capped(server: TestServer) {
        Town::build(&server, "130431").await;
        let nobody = server.nobody();
        for sent in 1..=10 {
            ask(&nobody, PHONE).await.expect(202);
            let soon = ask(&nobody, PHONE).await;
            assert_eq!(soon.headers["retry-after"], "61");
            soon.problem(429, "code_too_soon");
            server.advance(TimeDelta::seconds(60)).await;
            assert_eq!(server.phones.of(PHONE).len(), sent);
        }
        ask(&nobody, PHONE).await.problem(429, "rate_limited");
        assert_eq!(server.phones.of(PHONE).len(), 10);
        // Another phone is not affected, and tomorrow is another day.
        ask(&nobody, "13800000002").await.expect(202);
        server.advance(TimeDelta::days(1)).await;
        ask(&nobody, PHONE).await.expect(202);
    }

    async fn of_those_who_ask_at_once_one_gets_a_code(server: TestServer) {
        Town::build(&server, "130431").await;
        let nobody = server.nobody();
        let replies = futures::future::join_all((0..8).map(|_| ask(&nobody, PHONE))).await;
        let (sent, refused): (Vec<_>, Vec<_>) = replies.into_iter().partition(|reply| reply.status.is_success());
        assert_eq!((sent.len(), refused.len()), (1, 7));
        for reply in refused {
            reply.problem(429, "code_too_soon");
        }
        server.run_jobs().await;
        assert_eq!(server.phones.of(PHONE).len(), 1);
    }

    async fn a_code_has_five_tries(server: TestServer) {
        Town::build(&server, "130431").await;
        let nobody = server.nobody();
        let right = code(&server, PHONE).await;
        for _ in 0..5 {
            log_in(&nobody, PHONE, &other_than(&right)).await.problem(401, "login_failed");
        }
        log_in(&nobody, PHONE, &right).await.problem(401, "login_failed");
        server.advance(TimeDelta::seconds(60)).await;
        let next = code(&server, PHONE).await;
        log_in(&nobody, PHONE, &next).await.expect(200);
    }

    async fn a_code_lives_five_minutes_and_only_the_newest_counts(server: TestServer) {
        Town::build(&server, "130431").await;
        let nobody = server.nobody();
        let first = code(&server, PHONE).await;
        server.advance(TimeDelta::seconds(300)).await;
        log_in(&nobody, PHONE, &first).await.problem(401, "login_failed");
        let second = code(&server, PHONE).await;
        server.advance(TimeDelta::seconds(60)).await;
        let third = code(&server, PHONE).await;
        if second != third {
            log_in(&nobody, PHONE, &second).await.problem(401, "login_failed");
        }
        server.advance(TimeDelta::seconds(299)).await;
        log_in(&nobody, PHONE, &third).await.expect(200);
    }

    async fn guessing_codes_locks_the_phone_for_fifteen_minutes(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let family = town.person(&server, PHONE, Role::Family, None).await;
        // One second before the clock shows a full quarter of an hour, which is no border.
        server.app.clock.advance(TimeDelta::seconds(15 * 60 - 1));
        guess(&server, PHONE).await;
        assert_eq!(told(&server, &town, family.account, "account.locked").await, 1);
        let locked = async |seconds| {
            server.advance(TimeDelta::seconds(seconds)).await;
            let right = code(&server, PHONE).await;
            log_in(&server.nobody(), PHONE, &right).await.problem(429, "account_locked");
        };
        locked(60).await;
        locked(15 * 60 - 60 - 1).await;
        server.advance(TimeDelta::seconds(1)).await;
        let right = server.phones.code(PHONE);
        log_in(&server.nobody(), PHONE, &right).await.expect(200);
        assert_eq!(told(&server, &town, family.account, "account.locked").await, 1);
        assert_eq!(told(&server, &town, family.account, "account.logged_in").await, 1);
    }

    async fn of_tries_at_once_no_more_are_judged_than_one_after_the_other(server: TestServer) {
        Town::build(&server, "130431").await;
        let right = code(&server, PHONE).await;
        let (nobody, wrong) = (server.nobody(), other_than(&right));
        let guesses = (0..15).map(|_| log_in(&nobody, PHONE, &wrong));
        let replies = futures::future::join_all(guesses).await;
        let mut told: Vec<_> = replies.iter().map(|reply| reply.body["code"].as_str().expect("a code")).collect();
        told.sort_unstable();
        assert_eq!(told, [vec!["account_locked"; 5], vec!["login_failed"; 10]].concat());
    }

    async fn a_login_by_code_forgets_the_failures_before_it(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let family = town.person(&server, PHONE, Role::Family, None).await;
        let nobody = server.nobody();
        for _ in 0..3 {
            let right = code(&server, PHONE).await;
            for _ in 0..4 {
                log_in(&nobody, PHONE, &other_than(&right)).await.problem(401, "login_failed");
            }
            log_in(&nobody, PHONE, &right).await.expect(200);
            server.advance(TimeDelta::seconds(60)).await;
        }
        assert_eq!(told(&server, &town, family.account, "account.logged_in").await, 3);
        assert_eq!(told(&server, &town, family.account, "account.locked").await, 0);
    }

    async fn failures_further_apart_than_the_lock_do_not_add_up(server: TestServer) {
        Town::build(&server, "130431").await;
        for _ in 0..2 {
            let right = code(&server, PHONE).await;
            for _ in 0..9 {
                log_in(&server.nobody(), PHONE, &other_than(&right)).await.problem(401, "login_failed");
            }
            server.advance(TimeDelta::minutes(15)).await;
        }
        let right = code(&server, PHONE).await;
        log_in(&server.nobody(), PHONE, &right).await.expect(200);
    }

    async fn ten_codes_a_day_are_ten_of_a_local_day(server: TestServer) {
        Town::build(&server, "130431").await;
        let nobody = server.nobody();
        stand_at(&server, "2026-03-03 07:40").await;
        for _ in 0..10 {
            ask(&nobody, PHONE).await.expect(202);
            server.advance(TimeDelta::seconds(60)).await;
        }
        // Midnight in Greenwich is eight in the morning.
        for moment in ["2026-03-03 08:00", "2026-03-03 23:59"] {
            stand_at(&server, moment).await;
            ask(&nobody, PHONE).await.problem(429, "rate_limited");
        }
        stand_at(&server, "2026-03-04 00:00").await;
        ask(&nobody, PHONE).await.expect(202);
    }

    async fn staff_and_disabled_accounts_do_not_log_in_by_code(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        town.person(&server, PHONE, Role::Nurse, Some(town.centre)).await;
        let right = code(&server, PHONE).await;
        log_in(&server.nobody(), PHONE, &right).await.problem(403, "staff_needs_password");
        let admin = town.person(&server, "13900000001", Role::Admin, None).await;
        let family = town.person(&server, "13800000002", Role::Family, None).await;
        admin.client.post(&format!("/v1/accounts/{}/disable", family.account), json!({})).await.expect(200);
        let right = code(&server, "13800000002").await;
        log_in(&server.nobody(), "13800000002", &right).await.problem(403, "account_disabled");
    }

    async fn no_answer_tells_which_phones_have_accounts(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        town.person(&server, PHONE, Role::Family, None).await;
        let (nobody, unknown) = (server.nobody(), "13800000009");
        assert_eq!(ask(&nobody, PHONE).await.expect(202), ask(&nobody, unknown).await.expect(202));
        server.run_jobs().await;
        for _ in 0..10 {
            let known = log_in(&nobody, PHONE, &other_than(&server.phones.code(PHONE))).await;
            let other = log_in(&nobody, unknown, &other_than(&server.phones.code(unknown))).await;
            assert_eq!(bare(known.problem(401, "login_failed")), bare(other.problem(401, "login_failed")));
        }
        let known = log_in(&nobody, PHONE, "123456").await;
        let other = log_in(&nobody, unknown, "123456").await;
        assert_eq!(bare(known.problem(429, "account_locked")), bare(other.problem(429, "account_locked")));
    }

    async fn bad_input_is_named_and_sends_nothing(server: TestServer) {
        Town::build(&server, "130431").await;
        let nobody = server.nobody();
        let ask = async |body: Value| nobody.post("/v1/auth/codes", body).await;
        ask(json!({"community": "999999", "phone": PHONE})).await.problem(422, "community_unknown");
        for (body, field, code) in [
            (json!({"community": "130431"}), "phone", "field_missing"),
            (json!({"community": "130431", "phone": "1380000"}), "phone", "phone_invalid"),
            (json!({"community": "130431", "phone": "0310-7520000"}), "phone", "phone_invalid"),
            (json!({"community": "130431", "phone": PHONE, "x": 1}), "x", "field_unknown"),
            (json!({"community": "13\u{0}0431", "phone": PHONE}), "community", "text_control_character"),
            (json!({"community": "1".repeat(33), "phone": PHONE}), "community", "text_length"),
            (json!({"community": 130_431, "phone": PHONE}), "community", "text_expected"),
        ] {
            let problem = ask(body.clone()).await.problem(422, "invalid_request");
            assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["code"]), (&json!(field), &json!(code)), "{body}");
        }
        let malformed = nobody.request(reqwest::Method::POST, "/v1/auth/codes")
            .header("content-type", "application/json").body("{\"community\":");
        nobody.send(malformed).await.problem(400, "malformed_json");
        let text = nobody.request(reqwest::Method::POST, "/v1/auth/codes").body("{}");
        nobody.send(text).await.problem(415, "unsupported_media_type");
        let chinese = nobody.speaking("zh-CN").post("/v1/auth/codes", json!({})).await;
        assert_eq!(chinese.headers["content-language"], "zh-CN");
        assert_eq!(chinese.problem(422, "invalid_request")["title"], "请求内容有误");
        server.run_jobs().await;
        assert!(server.phones.of(PHONE).is_empty());
    }
}
