//! New staff, and what administrators see.

use entity::enums::{Role, SubjectKind};
use jiahu_tests::harness::{Person, TestServer, Town, kinds_of, statements_of};
use jiahu_tests::on_both;
use serde_json::{Value, json};

async fn admin(server: &TestServer) -> (Town, Person) {
    let town = Town::build(server, "130431").await;
    let admin = town.person(server, "13900000001", Role::Admin, None).await;
    (town, admin)
}

fn nurse(town: &Town, phone: &str) -> Value {
    json!({
        "name": "李小芳", "phone": phone,
        "roles": [{"role": "nurse", "institution_id": town.centre}],
    })
}

async fn count(admin: &Person) -> usize {
    let page = admin.client.get("/v1/accounts?limit=100").await.expect(200);
    page["items"].as_array().expect("a list").len()
}

on_both! {
    async fn a_new_account_is_masked_and_leaves_a_trail(server: TestServer) {
        let (town, admin) = admin(&server).await;
        let reply = admin.client.post_with_key("/v1/accounts", nurse(&town, "13900000002"), "key-00000001").await;
        let (location, etag) = (reply.headers["location"].to_str().expect("ASCII").to_owned(), reply.etag());
        let invited = reply.expect(201);
        let account = &invited["account"];
        assert_eq!(location, format!("/v1/accounts/{}", account["id"].as_str().expect("an id")));
        assert_eq!((&account["name"], &account["phone"], &account["status"]), (&json!("李*芳"), &json!("139****0002"), &json!("invited")));
        assert_eq!(account["language"], "zh-CN");
        assert_eq!(account["roles"], json!([{"role": "nurse", "institution_id": town.centre}]));
        let url = invited["invite_url"].as_str().expect("a link");
        assert!(url.starts_with("http://127.0.0.1:8080/#/invite/"), "{url}");
        let got = admin.client.get(&location).await;
        assert_eq!(got.etag(), etag);
        assert_eq!(&got.expect(200), account);
        let id = account["id"].as_str().expect("an id").parse().expect("a UUID");
        let events = kinds_of(&server, town.community, SubjectKind::Account, id).await;
        assert_eq!(events, ["account.created", "account.roles_changed", "account.invited"]);
        // The same request again: the same answer, the same link, no second account.
        let again = admin.client.post_with_key("/v1/accounts", nurse(&town, "13900000002"), "key-00000001").await;
        assert_eq!(again.expect(201), invited);
        let other = admin.client.post_with_key("/v1/accounts", nurse(&town, "13900000003"), "key-00000001").await;
        other.problem(422, "idempotency_key_reused");
        admin.client.post("/v1/accounts", nurse(&town, "13900000002")).await.problem(409, "phone_taken");
        let without = admin.client.request(reqwest::Method::POST, "/v1/accounts").json(&nurse(&town, "13900000003"));
        admin.client.send(without).await.problem(400, "idempotency_key_missing");
        assert_eq!(count(&admin).await, 2);
    }

    async fn roles_that_cannot_be_given_are_named(server: TestServer) {
        let (town, admin) = admin(&server).await;
        let elsewhere = Town::build(&server, "130432").await;
        let role = |role: &str| json!({"role": role});
        let at = |role: &str, institution| json!({"role": role, "institution_id": institution});
        for (roles, field, code) in [
            (json!([]), "roles", "role_not_grantable"),
            (json!([role("family")]), "roles", "role_not_grantable"),
            (json!([role("nurse")]), "roles[0].institution_id", "role_not_grantable"),
            (json!([at("admin", town.hospital)]), "roles[0].institution_id", "role_not_grantable"),
            (json!([at("nurse", town.centre), at("nurse", town.centre)]), "roles[1].role", "role_not_grantable"),
            (json!([role("admin"), role("auditor")]), "roles", "grant_conflict"),
            (json!([at("nurse", town.centre), at("doctor", elsewhere.centre)]), "roles[1].institution_id", "institution_unknown"),
            (json!([role("king")]), "roles[0].role", "choice_unknown"),
            (json!([{"role": "admin", "since": 1}]), "roles[0].since", "field_unknown"),
        ] {
            let mut new = nurse(&town, "13900000002");
            new["roles"] = roles.clone();
            let problem = admin.client.post("/v1/accounts", new).await.problem(422, "invalid_request");
            assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["code"]), (&json!(field), &json!(code)), "{roles}");
        }
        assert_eq!(count(&admin).await, 1);
    }

    async fn only_administrators_of_the_community_see_accounts(server: TestServer) {
        let (town, admin) = admin(&server).await;
        let elsewhere = Town::build(&server, "130432").await;
        let stranger = elsewhere.person(&server, "13900000001", Role::Admin, None).await;
        let address = format!("/v1/accounts/{}", admin.account);
        stranger.client.get(&address).await.problem(404, "not_found");
        for (role, institution) in [
            (Role::Family, None), (Role::Nurse, Some(town.centre)), (Role::Coordinator, Some(town.hospital)),
            (Role::Doctor, Some(town.hospital)), (Role::Supervisor, Some(town.hospital)), (Role::Auditor, None),
        ] {
            let phone = format!("1380000000{}", role as u8);
            let person = town.person(&server, &phone, role, institution).await;
            person.client.get("/v1/accounts").await.problem(403, "forbidden");
            person.client.get(&address).await.problem(403, "forbidden");
            person.client.post("/v1/accounts", nurse(&town, "13900000009")).await.problem(403, "forbidden");
            person.client.post(&format!("{address}/disable"), json!({})).await.problem(403, "forbidden");
            person.client.post(&format!("{address}/invite"), json!({})).await.problem(403, "forbidden");
            person.client.put_if(&format!("{address}/roles"), "\"v1\"", json!({"roles": []})).await.problem(403, "forbidden");
        }
        server.nobody().get("/v1/accounts").await.problem(401, "unauthorized");
        assert_eq!(stranger.client.get("/v1/accounts").await.expect(200)["items"].as_array().expect("a list").len(), 1);
    }

    async fn lists_are_pages_and_cost_the_same_however_long(server: TestServer) {
        let (town, admin) = admin(&server).await;
        for n in 0..5 {
            admin.client.post("/v1/accounts", nurse(&town, &format!("1390000010{n}"))).await.expect(201);
        }
        let get = async |address: &str| admin.client.get(address).await.expect(200);
        let first = get("/v1/accounts?role=nurse&limit=1").await;
        let next = format!("/v1/accounts?role=nurse&limit=4&cursor={}", first["next_cursor"].as_str().expect("more"));
        let rest = get(&next).await;
        let one = statements_of(&server, async || { get("/v1/accounts?role=nurse&limit=1").await; }).await;
        let many = statements_of(&server, async || { get(&next).await; }).await;
        assert_eq!(one, many);
        assert_eq!(rest["next_cursor"], Value::Null);
        let phones: Vec<_> = first["items"].as_array().expect("a list").iter().chain(rest["items"].as_array().expect("a list"))
            .map(|item| item["phone"].as_str().expect("a phone")).collect();
        assert_eq!(phones, ["139****0104", "139****0103", "139****0102", "139****0101", "139****0100"]);
        let active = get("/v1/accounts?status=active").await;
        assert_eq!(active["items"].as_array().expect("a list").len(), 1);
        admin.client.get("/v1/accounts?cursor=zzz").await.problem(400, "cursor_invalid");
        admin.client.get("/v1/accounts?role=king").await.problem(400, "query_invalid");
        admin.client.get("/v1/accounts?king=role").await.problem(400, "query_invalid");
    }
}
