//! Lists of orders, and who sees what.

use chrono::TimeDelta;
use entity::enums::Role;
use jiahu::domain::lifecycle::Command;
use jiahu_tests::harness::{Client, TestServer};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{Scene, id};

async fn listed(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("/v1/orders{query}")).await.expect(200);
    let items = page["items"].as_array().expect("items");
    items
        .iter()
        .map(|order| order["id"].as_str().expect("an id").to_owned())
        .collect()
}

/// Books on as many days, and gives the ids newest first.
async fn book_days(scene: &Scene, days: std::ops::Range<u32>) -> Vec<String> {
    let mut ids = Vec::new();
    for day in days {
        let (start, end) = (
            format!("2026-03-{day:02} 09:00"),
            format!("2026-03-{day:02} 12:00"),
        );
        let body = scene.body_at(&["EDU", "UC_CHG"], &start, &end);
        let order = scene
            .family
            .client
            .post("/v1/orders", body)
            .await
            .expect(201);
        ids.insert(0, id(&order).to_string());
    }
    ids
}

async fn statements_of(server: &TestServer, client: &Client, path: &str) -> u64 {
    client.get(path).await.expect(200);
    let before = server.app.db.statements();
    client.get(path).await.expect(200);
    server.app.db.statements() - before
}

on_both! {
    async fn lists_are_masked_filtered_and_paged(server: TestServer) {
        let scene = Scene::build(&server).await;
        let ids = book_days(&scene, 10..15).await;
        let family = &scene.family.client;
        let page = family.get("/v1/orders?limit=2").await.expect(200);
        assert_eq!(page["items"][0]["patient_name"], "张*明");
        assert_eq!(page["items"][0]["items"][1]["code"], "UC_CHG");
        assert!(!page.to_string().contains("东关村"));
        assert_eq!(page["items"][0].get("detail"), None);
        let mut seen: Vec<Value> = page["items"].as_array().expect("items").clone();
        let mut cursor = page["next_cursor"].clone();
        while let Some(text) = cursor.as_str() {
            let page = family.get(&format!("/v1/orders?limit=2&cursor={text}")).await.expect(200);
            seen.extend(page["items"].as_array().expect("items").clone());
            cursor = page["next_cursor"].clone();
        }
        let seen: Vec<_> = seen.iter().map(|order| order["id"].as_str().expect("an id")).collect();
        assert_eq!(seen, ids);
        let cancel = format!("/v1/orders/{}/cancel", ids[0]);
        family.post(&cancel, json!({"reason": "改天"})).await.expect(200);
        assert_eq!(listed(family, "?state=cancelled").await, ids[..1]);
        assert_eq!(listed(family, "?state=open").await, ids[1..]);
        let days = "?from=2026-03-11T00:00:00Z&to=2026-03-13T00:00:00Z";
        assert_eq!(listed(family, days).await, ids[2..4]);
        let patient = format!("?patient_id={}", scene.patient.id);
        assert_eq!(listed(family, &patient).await, ids);
        let hospital = format!("?institution_id={}", scene.town.hospital);
        assert_eq!(listed(&scene.desk.client, &hospital).await, ids);
        let centre = format!("?institution_id={}", scene.town.centre);
        assert!(listed(family, &centre).await.is_empty());
        family.get("/v1/orders?state=sleeping").await.problem(400, "query_invalid");
        family.get("/v1/orders?cursor=x").await.problem(400, "cursor_invalid");
        family.get("/v1/orders?colour=red").await.problem(400, "query_invalid");
    }

    async fn the_desk_sees_what_needs_a_person_now(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (desk, family) = (&scene.desk.client, &scene.family.client);
        let found = book_days(&scene, 10..12).await;
        let mut soft = scene.body(&["PI_12"]);
        soft["answers"]["PI_SITES"] = json!(4);
        let review = family.post("/v1/orders", soft).await.expect(201)["id"].clone();
        let nowhere = scene.fixtures(&server).address(scene.patient.id, None).await;
        let mut body = scene.body_at(&["EDU"], "2026-03-20 09:00", "2026-03-20 12:00");
        body["address_id"] = json!(nowhere);
        let place = family.post("/v1/orders", body).await.expect(201)["id"].clone();
        let only = |id: &Value| vec![id.as_str().expect("an id").to_owned()];
        assert_eq!(listed(desk, "?needs=review").await, only(&review));
        assert_eq!(listed(desk, "?needs=place").await, only(&place));
        assert!(listed(desk, "?needs=coordinator").await.is_empty());
        let both = [only(&place), only(&review)].concat();
        assert_eq!(listed(desk, "?needs=any").await, both);
        // Nobody accepts: after half an hour coordinators are told.
        server.run_jobs().await;
        assert_eq!(listed(desk, "?needs=coordinator").await, only(&place));
        server.advance(TimeDelta::minutes(30)).await;
        let waiting = [only(&place), found.clone()].concat();
        assert_eq!(listed(desk, "?needs=coordinator").await, waiting);
        assert_eq!(listed(desk, "?needs=any").await.len(), 4);
        let cancel = format!("/v1/orders/{}/cancel", found[0]);
        family.post(&cancel, json!({"reason": "改天"})).await.expect(200);
        assert_eq!(listed(desk, "?needs=any").await.len(), 3);
        assert_eq!(listed(desk, "?needs=any&state=in_review").await, only(&review));
        desk.get("/v1/orders?needs=sleep").await.problem(400, "query_invalid");
    }

    async fn a_list_takes_the_same_statements_however_long(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.fixtures(&server).nurse("13800000006", scene.town.hospital, &[]).await;
        let first = book_days(&scene, 10..11).await;
        scene.fixtures(&server).accept(first[0].parse().expect("an id"), nurse.id).await;
        let client = &scene.family.client;
        let one = statements_of(&server, client, "/v1/orders").await;
        let trail = format!("/v1/orders/{}/events", first[0]);
        let short = statements_of(&server, client, &trail).await;
        let more = book_days(&scene, 11..19).await;
        for order in &more[..4] {
            scene.fixtures(&server).accept(order.parse().expect("an id"), nurse.id).await;
        }
        let cancel = format!("/v1/orders/{}/cancel", first[0]);
        client.post(&cancel, json!({"reason": "改天"})).await.expect(200);
        assert_eq!(statements_of(&server, client, "/v1/orders").await, one);
        assert_eq!(statements_of(&server, client, &trail).await, short);
        assert!(one <= 7, "{one} statements");
    }

    async fn each_sees_their_own(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (order, _) = scene.book().await;
        let (town, fixtures) = (&scene.town, scene.fixtures(&server));
        let path = format!("/v1/orders/{order}");
        let mut outside = vec![town.person(&server, "13800000002", Role::Family, None).await];
        for (number, role) in (1..).zip([Role::Coordinator, Role::Doctor, Role::Supervisor]) {
            let phone = format!("1380000020{number}");
            outside.push(town.person(&server, &phone, role, Some(town.other_centre)).await);
            let phone = format!("1380000030{number}");
            let inside = town.person(&server, &phone, role, Some(town.hospital)).await;
            inside.client.get(&path).await.expect(200);
            inside.client.get(&format!("{path}/events")).await.expect(200);
            assert_eq!(listed(&inside.client, "").await, [order.to_string()]);
        }
        for other in outside {
            other.client.get(&path).await.problem(404, "not_found");
            other.client.get(&format!("{path}/events")).await.problem(404, "not_found");
            assert!(listed(&other.client, "").await.is_empty());
        }
        for (number, role) in (1..).zip([Role::Admin, Role::Auditor]) {
            let phone = format!("1380000040{number}");
            let other = town.person(&server, &phone, role, Some(town.hospital)).await;
            other.client.get(&path).await.problem(403, "forbidden");
            other.client.get("/v1/orders").await.problem(403, "forbidden");
        }
        let nurse = fixtures.nurse("13800000006", town.hospital, &[]).await;
        nurse.person.client.get(&path).await.problem(404, "not_found");
        fixtures.accept(order, nurse.id).await;
        let seen = nurse.person.client.get(&path).await.expect(200);
        assert_eq!(seen["detail"]["landmark"], "村口大槐树");
        assert_eq!(listed(&nurse.person.client, "?state=accepted").await, [order.to_string()]);
    }

    async fn an_order_that_is_over_is_in_nobodys_way(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (order, _) = scene.book().await;
        let fixtures = scene.fixtures(&server);
        let nurse = fixtures.nurse("13800000006", scene.town.hospital, &[]).await;
        fixtures.accept(order, nurse.id).await;
        for step in [Command::Depart, Command::Arrive, Command::Start] {
            fixtures.step(order, step).await;
            assert!(fixtures.items(order).await[0].live);
        }
        fixtures.step(order, Command::Finish).await;
        assert!(!fixtures.items(order).await[0].live);
        scene.book().await;
    }
}
