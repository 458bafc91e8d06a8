//! Nurses are listed, read, added and changed within the caller's scope.

use entity::enums::Role;
use jiahu_tests::harness::{Town, fresh_key};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{Roster, events, id, new_nurse, reach, weight};

on_both! {
    async fn a_nurse_is_added_once_and_read_back(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        let key = fresh_key();
        let body = new_nurse(cast.town.centre, "N001");
        let added = client.post_with_key("/v1/nurses", body.clone(), &key).await;
        assert_eq!(added.etag(), "\"v1\"");
        let location = added.headers["location"].to_str().expect("ASCII").to_owned();
        let nurse = added.expect(201);
        assert_eq!(location, format!("/v1/nurses/{}", id(&nurse)));
        assert_eq!(client.post_with_key("/v1/nurses", body, &key).await.expect(201), nurse);

        let read = cast.coordinator.client.get(&location).await;
        assert_eq!(read.etag(), "\"v1\"");
        let read = read.expect(200);
        assert_eq!(read, nurse);
        assert_eq!(read["name"], "李桂兰");
        assert_eq!(read["licence_to"], "2029-04-30");
        assert_eq!(read["base"], json!({"lng": 114.88, "lat": 36.92, "crs": "wgs84", "accuracy_m": null}));
        assert_eq!((&read["service_radius_m"], &read["daily_cap"]), (&json!(10_000), &json!(6)));
        assert_eq!(events(&server, &cast.town, id(&nurse)).await, ["nurse.added"]);
        assert_eq!(reach(&server, &cast.town, id(&nurse)).await, ["N5"]);
    }

    async fn what_is_wrong_with_a_new_nurse_is_named_and_nothing_changes(server: TestServer) {
        let cast = Roster::build(&server).await;
        cast.nurse(cast.town.centre, "N001").await;
        let before = weight(&server, &cast.town).await;
        let family = cast.town.person(&server, "13800000009", Role::Family, None).await;
        let cases: Vec<(&str, Value, &str)> = vec![
            ("licence_to", json!("2024-04-30"), "date_order"),
            ("licence_to", json!("2029-02-30"), "date_invalid"),
            ("licence_from", json!("1924-05-01"), "date_range"),
            ("practice_since", json!("2026-03-03"), "date_future"),
            ("training_passed_on", json!("2026-12-31"), "date_future"),
            ("service_radius_m", json!(0), "number_range"),
            ("daily_cap", json!(21), "number_range"),
            ("staff_no", json!("N\u{0}1"), "text_control_character"),
            ("staff_no", json!("N".repeat(33)), "text_length"),
            ("name", json!("李"), "name_length"),
            ("title", json!("doctor"), "choice_unknown"),
            ("institution_id", json!("0198c0de-0000-7000-8000-000000000000"), "institution_unknown"),
            ("account_id", json!(family.account), "account_not_nurse"),
            ("account_id", json!("0198c0de-0000-7000-8000-000000000000"), "account_not_nurse"),
            ("base", json!({"lng": 36.92, "lat": 114.88, "crs": "wgs84"}), "coordinates_swapped"),
            ("base", json!({"lng": 0, "lat": 0, "crs": "wgs84"}), "coordinates_zero"),
            ("base", json!({"lng": 116.4, "lat": 39.9, "crs": "wgs84"}), "coordinates_too_far"),
            ("phone", json!("13800000000"), "field_unknown"),
        ];
        for (field, value, code) in cases {
            let mut body = new_nurse(cast.town.centre, "N002");
            body[field] = value.clone();
            let problem = cast.supervisor.client.post("/v1/nurses", body).await;
            assert_eq!(problem.status, 422, "{field} {value}: {:#}", problem.body);
            let error = &problem.body["errors"][0];
            assert_eq!((error["field"].as_str(), error["code"].as_str()), (Some(field), Some(code)), "{value}");
        }
        let mut body = new_nurse(cast.town.centre, "N002");
        body.as_object_mut().expect("an object").remove("licence_no");
        let problem = cast.supervisor.client.post("/v1/nurses", body).await.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["code"], "field_missing");
        for (field, value) in [("staff_no", "N001"), ("licence_no", "2014N001")] {
            let mut body = new_nurse(cast.town.other_centre, "N002");
            body[field] = json!(value);
            let problem = cast.supervisor.client.post("/v1/nurses", body).await.problem(409, "code_taken");
            assert_eq!(problem["errors"][0]["field"], field);
        }
        assert_eq!(weight(&server, &cast.town).await, before);
        let mut body = new_nurse(cast.town.centre, "N002");
        body["base"] = json!({"lng": 116.4, "lat": 39.9, "crs": "wgs84"});
        body["confirm_far"] = json!(true);
        cast.supervisor.client.post("/v1/nurses", body).await.expect(201);
    }

    async fn a_change_tells_absent_from_null_and_needs_the_version_read(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        let mut body = new_nurse(cast.town.centre, "N001");
        body["health_cert_to"] = json!("2026-06-30");
        let nurse = client.post("/v1/nurses", body).await.expect(201);
        let path = format!("/v1/nurses/{}", id(&nurse));
        let missing = client.send(client.request(reqwest::Method::PATCH, &path).json(&json!({}))).await;
        missing.problem(428, "precondition_required");

        let changed = client.patch(&path, "\"v1\"", json!({"title": "chief_nurse", "accident_insurance_no": "P-1"})).await;
        assert_eq!(changed.etag(), "\"v2\"");
        let changed = changed.expect(200);
        assert_eq!((&changed["title"], &changed["health_cert_to"]), (&json!("chief_nurse"), &json!("2026-06-30")));
        client.patch(&path, "\"v1\"", json!({"daily_cap": 3})).await.problem(412, "precondition_failed");

        let cleared = client.patch(&path, "\"v2\"", json!({"health_cert_to": null, "base": null})).await.expect(200);
        assert_eq!((&cleared["health_cert_to"], &cleared["base"]), (&Value::Null, &Value::Null));
        assert_eq!(cleared["accident_insurance_no"], "P-1");
        assert_eq!(reach(&server, &cast.town, id(&nurse)).await, Vec::<String>::new());

        let refused = client.patch(&path, "\"v3\"", json!({"title": null})).await.problem(422, "invalid_request");
        assert_eq!(refused["errors"][0]["field"], "title");
        let refused = client.patch(&path, "\"v3\"", json!({"licence_to": "2024-04-30"})).await.problem(422, "invalid_request");
        assert_eq!(refused["errors"][0]["code"], "date_order");
        // Nothing new is no change: neither version nor event.
        assert_eq!(client.patch(&path, "\"v3\"", json!({"name": "李桂兰"})).await.etag(), "\"v3\"");
        assert_eq!(events(&server, &cast.town, id(&nurse)).await, ["nurse.added", "nurse.changed", "nurse.changed"]);
    }

    async fn an_inactive_nurse_is_out_of_reach_until_she_returns(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        let nurse = cast.nurse(cast.town.centre, "N001").await;
        let path = format!("/v1/nurses/{}", id(&nurse));
        client.patch(&path, "\"v1\"", json!({"active": false})).await.expect(200);
        assert_eq!(reach(&server, &cast.town, id(&nurse)).await, Vec::<String>::new());
        client.patch(&path, "\"v2\"", json!({"active": true})).await.expect(200);
        assert_eq!(reach(&server, &cast.town, id(&nurse)).await, ["N5"]);
    }

    async fn an_account_is_linked_to_one_nurse_and_unlinked(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        let account = cast.town.person(&server, "13900000001", Role::Nurse, Some(cast.town.centre)).await;
        account.client.get("/v1/nurses/me").await.problem(403, "no_nurse_profile");
        let one = cast.nurse(cast.town.centre, "N001").await;
        let two = cast.nurse(cast.town.centre, "N002").await;
        let link = json!({"account_id": account.account});
        let (one, two) = (format!("/v1/nurses/{}", id(&one)), format!("/v1/nurses/{}", id(&two)));
        client.patch(&one, "\"v1\"", link.clone()).await.expect(200);
        account.client.get("/v1/nurses/me").await.expect(200);
        let taken = client.patch(&two, "\"v1\"", link.clone()).await.problem(409, "code_taken");
        assert_eq!(taken["errors"][0]["field"], "account_id");
        client.patch(&one, "\"v2\"", json!({"account_id": null})).await.expect(200);
        account.client.get("/v1/nurses/me").await.problem(403, "no_nurse_profile");
        client.patch(&two, "\"v1\"", link).await.expect(200);
        // A nurse of an institution that the caller does not stand for.
        let far = cast.town.person(&server, "13900000002", Role::Nurse, Some(cast.town.other_centre)).await;
        let refused = cast.centre_supervisor.client.patch(&one, "\"v3\"", json!({"account_id": far.account})).await;
        assert_eq!(refused.problem(422, "invalid_request")["errors"][0]["code"], "account_not_nurse");
    }

    async fn the_list_is_filtered_paged_and_costs_the_same_for_any_number(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        let first = cast.nurse(cast.town.centre, "N000").await;
        let paper = cast.paper(id(&first), "IV", "IV-1").await;
        let statements = async || {
            // The tail of the events reads now and then besides; the least of several counts is the list's own.
            let mut least = u64::MAX;
            for _ in 0..5 {
                let before = server.app.db.statements();
                client.get("/v1/nurses").await.expect(200);
                least = least.min(server.app.db.statements() - before);
            }
            least
        };
        let few = statements().await;
        for number in 1..6 {
            let at = if number % 2 == 0 { cast.town.centre } else { cast.town.other_centre };
            let nurse = cast.nurse(at, &format!("N00{number}")).await;
            cast.paper(id(&nurse), "UC", &format!("UC-{number}")).await;
        }
        assert_eq!(statements().await, few);

        let list = async |query: &str| {
            let page = client.get(&format!("/v1/nurses?{query}")).await.expect(200);
            let items = page["items"].as_array().expect("items").clone();
            let names: Vec<_> = items.iter().map(|item| item["staff_no"].as_str().unwrap_or("?").to_owned()).collect();
            (names, page)
        };
        assert_eq!(list("").await.0, ["N005", "N004", "N003", "N002", "N001", "N000"]);
        assert_eq!(list(&format!("institution_id={}", cast.town.other_centre)).await.0, ["N005", "N003", "N001"]);
        assert_eq!(list("certificate=IV").await.0, Vec::<String>::new());
        assert_eq!(list("unverified=true").await.0.len(), 6);
        cast.verify(&paper).await;
        let (names, page) = list("certificate=IV&active=true").await;
        assert_eq!(names, ["N000"]);
        assert_eq!(page["items"][0]["certificates"], json!(["IV"]));
        assert_eq!(page["items"][0]["name"], "李桂兰");
        assert!(page["items"][0].get("phone").is_none());
        assert_eq!(list("unverified=true").await.0.len(), 5);
        assert_eq!(list("active=false").await.0, Vec::<String>::new());

        let (names, page) = list("limit=4").await;
        assert_eq!(names, ["N005", "N004", "N003", "N002"]);
        let cursor = page["next_cursor"].as_str().expect("more");
        let (names, page) = list(&format!("limit=4&cursor={cursor}")).await;
        assert_eq!((names, &page["next_cursor"]), (vec!["N001".to_owned(), "N000".to_owned()], &Value::Null));
        client.get("/v1/nurses?cursor=x").await.problem(400, "cursor_invalid");
        client.get("/v1/nurses?institution=1").await.problem(400, "query_invalid");
    }

    async fn only_what_is_within_the_scope_is_seen_or_changed(server: TestServer) {
        let cast = Roster::build(&server).await;
        let near = cast.nurse(cast.town.centre, "N001").await;
        let far = cast.nurse(cast.town.other_centre, "N002").await;
        let far_path = format!("/v1/nurses/{}", id(&far));
        for client in [&cast.centre_supervisor.client, &cast.coordinator.client] {
            let page = client.get("/v1/nurses").await.expect(200);
            assert_eq!(page["items"].as_array().map(Vec::len), Some(1));
            assert_eq!(page["items"][0]["id"], near["id"]);
            client.get(&far_path).await.problem(404, "not_found");
            client.get(&format!("{far_path}/leave")).await.problem(404, "not_found");
        }
        let before = weight(&server, &cast.town).await;
        let client = &cast.centre_supervisor.client;
        client.patch(&far_path, "\"v1\"", json!({"active": false})).await.problem(404, "not_found");
        client.put_if(&format!("{far_path}/duty"), "\"v1\"", json!({"windows": []})).await.problem(404, "not_found");
        client.post("/v1/nurses", new_nurse(cast.town.other_centre, "N003")).await.problem(422, "invalid_request");
        let near_path = format!("/v1/nurses/{}", id(&near));
        let moved = client.patch(&near_path, "\"v1\"", json!({"institution_id": cast.town.other_centre})).await;
        assert_eq!(moved.problem(422, "invalid_request")["errors"][0]["code"], "institution_unknown");

        let other = Town::build(&server, "130999").await;
        let stranger = other.person(&server, "13800000001", Role::Supervisor, Some(other.hospital)).await;
        stranger.client.get(&near_path).await.problem(404, "not_found");
        stranger.client.patch(&near_path, "\"v1\"", json!({})).await.problem(404, "not_found");
        assert_eq!(stranger.client.get("/v1/nurses").await.expect(200)["items"], json!([]));
        assert_eq!(weight(&server, &cast.town).await, before);
        cast.supervisor.client.get("/v1/nurses/not-an-id").await.problem(404, "path_invalid");
    }

    async fn other_roles_are_refused(server: TestServer) {
        let cast = Roster::build(&server).await;
        let nurse = cast.nurse(cast.town.centre, "N001").await;
        let path = format!("/v1/nurses/{}", id(&nurse));
        let family = cast.town.person(&server, "13800000009", Role::Family, None).await;
        let colleague = cast.town.person(&server, "13800000008", Role::Nurse, Some(cast.town.centre)).await;
        let doctor = cast.town.person(&server, "13800000007", Role::Doctor, Some(cast.town.centre)).await;
        for person in [&family, &colleague, &doctor] {
            person.client.get("/v1/nurses").await.problem(403, "forbidden");
            person.client.get(&path).await.problem(403, "forbidden");
        }
        let body = new_nurse(cast.town.centre, "N002");
        for client in [&cast.coordinator.client, &family.client] {
            client.post("/v1/nurses", body.clone()).await.problem(403, "forbidden");
            client.patch(&path, "\"v1\"", json!({})).await.problem(403, "forbidden");
        }
        server.nobody().get("/v1/nurses").await.problem(401, "unauthorized");
        let client = &cast.supervisor.client;
        let bare = client.request(reqwest::Method::POST, "/v1/nurses").json(&body);
        client.send(bare).await.problem(400, "idempotency_key_missing");
    }
}
