//! Sessions: listed, ended one by one, ended at once.

use entity::enums::{Role, SubjectKind};
use jiahu_tests::harness::{Client, TestServer, Town, kinds_of};
use jiahu_tests::on_both;
use serde_json::{Value, json};

const PHONE: &str = "13800000001";
const PASSWORD: &str = "梧桐-correct-horse";

async fn log_in(server: &TestServer, device: &str) -> (Client, Value) {
    let login =
        json!({"community": "130431", "phone": PHONE, "password": PASSWORD, "device": device});
    let tokens = server
        .nobody()
        .post("/v1/auth/login/password", login)
        .await
        .expect(200);
    let client = server
        .nobody()
        .with_token(tokens["access_token"].as_str().expect("a token"));
    (client, tokens)
}

async fn with_password(server: &TestServer) -> Town {
    let town = Town::build(server, "130431").await;
    let family = town.person(server, PHONE, Role::Family, None).await;
    family
        .client
        .put("/v1/me/password", json!({ "new": PASSWORD }))
        .await
        .expect(204);
    family
        .client
        .post("/v1/auth/logout", json!({}))
        .await
        .expect(204);
    family
        .client
        .get("/v1/me")
        .await
        .problem(401, "session_ended");
    town
}

on_both! {
    async fn a_session_that_is_ended_ends_at_once(server: TestServer) {
        let town = with_password(&server).await;
        let (phone, _) = log_in(&server, "phone").await;
        let (tablet, tablet_tokens) = log_in(&server, "tablet").await;
        let list = phone.get("/v1/me/sessions").await.expect(200);
        let shown: Vec<_> = list["items"].as_array().expect("a list").iter()
            .map(|item| (item["device"].as_str().expect("a device"), item["current"].as_bool().expect("a flag")))
            .collect();
        assert_eq!(shown, [("tablet", false), ("phone", true)]);
        let address = format!("/v1/me/sessions/{}", tablet_tokens["session_id"].as_str().expect("an id"));
        phone.delete(&address).await.expect(204);
        tablet.get("/v1/me").await.problem(401, "session_ended");
        let refresh = json!({ "refresh_token": tablet_tokens["refresh_token"] });
        server.nobody().post("/v1/auth/refresh", refresh).await.problem(401, "refresh_invalid");
        phone.delete(&address).await.problem(404, "not_found");
        let list = phone.get("/v1/me/sessions").await.expect(200);
        assert_eq!(list["items"].as_array().expect("a list").len(), 1);
        let me = phone.get("/v1/me").await.expect(200);
        let id = me["account_id"].as_str().expect("an id").parse().expect("a UUID");
        let events = kinds_of(&server, town.community, SubjectKind::Account, id).await;
        assert_eq!(events.last().map(String::as_str), Some("account.session_revoked"));
    }

    async fn nobody_ends_the_sessions_of_others(server: TestServer) {
        let town = with_password(&server).await;
        let (phone, tokens) = log_in(&server, "phone").await;
        let stranger = town.person(&server, "13800000002", Role::Family, None).await;
        let elsewhere = Town::build(&server, "130432").await;
        let foreigner = elsewhere.person(&server, PHONE, Role::Family, None).await;
        let address = format!("/v1/me/sessions/{}", tokens["session_id"].as_str().expect("an id"));
        stranger.client.delete(&address).await.problem(404, "not_found");
        foreigner.client.delete(&address).await.problem(404, "not_found");
        server.nobody().delete(&address).await.problem(401, "unauthorized");
        stranger.client.delete("/v1/me/sessions/none").await.problem(404, "path_invalid");
        phone.get("/v1/me").await.expect(200);
    }
}
