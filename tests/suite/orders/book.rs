//! Booking as it should go.

use entity::enums::{OrderState, Role};
use jiahu_tests::harness::{CENTRE, Fixtures, Town};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{Scene, footprint, id, searches, trail, window};

on_both! {
    async fn a_family_books_and_a_nurse_is_looked_for(server: TestServer) {
        let scene = Scene::build(&server).await;
        let family = &scene.family.client;
        let reply = family.post("/v1/orders", scene.body(&["UC_CHG", "EDU"])).await;
        assert_eq!(reply.etag(), "\"v1\"");
        let location = reply.headers["location"].to_str().expect("ASCII").to_owned();
        let order = reply.expect(201);
        assert_eq!(location, format!("/v1/orders/{}", order["id"].as_str().expect("an id")));
        assert_eq!(order["state"], "open");
        assert_eq!(order["patient_name"], "张*明");
        assert_eq!(order["institution_id"], json!(scene.town.hospital));
        assert_eq!(order["items"][0]["name"]["en"], "Urinary catheter change");
        assert_eq!((&order["total_fen"], &order["duration_min"]), (&json!(42000), &json!(80)));
        assert_eq!(order["price"]["lines"].as_array().expect("lines").len(), 4);
        assert_eq!(order["cancellation"]["fee_fen"], 0);
        assert_eq!((&order["visit"], &order["detail"]), (&Value::Null, &Value::Null));
        let number = order["number"].as_str().expect("a number");
        assert!(number.starts_with("260302-") && number.len() == 12, "{number}");
        let order = id(&order);
        assert_eq!(searches(&server, order).await, [1]);
        assert_eq!(trail(family, order).await, ["order.submitted"]);
        let row = scene.fixtures(&server).order(order).await;
        assert_eq!((row.state, row.round, row.wave), (OrderState::Open, 1, 0));
        assert_eq!(row.opened_at, Some(server.now()));
        assert_eq!(row.catalogue_version, 1);
        // What is personal is not in the clear.
        assert!(!row.screening_enc.contains("GEN_"));
        assert!(!row.note_enc.expect("a note").contains("电话"));
        let items = scene.fixtures(&server).items(order).await;
        assert!(items.iter().all(|item| item.live && item.window_start == row.window_start));
    }

    async fn the_whole_order_shows_what_is_personal_and_records_the_read(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (order, _) = scene.book().await;
        let before = reads(&server).await;
        let reply = scene.family.client.get(&format!("/v1/orders/{order}")).await;
        assert_eq!(reply.etag(), "\"v1\"");
        let order = reply.expect(200);
        let detail = &order["detail"];
        assert_eq!(detail["patient_name"], "张大明");
        assert_eq!(detail["address"], "东关村 12 号");
        assert_eq!(detail["landmark"], "村口大槐树");
        assert_eq!(detail["place"]["crs"], "wgs84");
        assert_eq!(detail["answers"]["GEN_SUPPLIES"], "nurse");
        assert_eq!(detail["note"], "请先打电话");
        assert_eq!(reads(&server).await, before + 1);
    }

    async fn a_coordinator_books_for_who_has_no_phone(server: TestServer) {
        let scene = Scene::build(&server).await;
        let order = scene.desk.client.post("/v1/orders", scene.body(&["EDU"])).await.expect(201);
        assert_eq!(order["state"], "open");
        // The coordinator of another health centre does not know the patient.
        let elsewhere = Some(scene.town.centre);
        let other = scene.town.person(&server, "13800000007", Role::Coordinator, elsewhere).await;
        let body = scene.body_at(&["EDU"], "2026-03-04 09:00", "2026-03-04 12:00");
        other.client.post("/v1/orders", body).await.problem(404, "not_found");
    }

    async fn an_address_without_a_place_is_booked_at_the_lowest_fee(server: TestServer) {
        let scene = Scene::build(&server).await;
        let address = scene.fixtures(&server).address(scene.patient.id, None).await;
        let mut body = scene.body(&["EDU"]);
        body["address_id"] = json!(address);
        let order = scene.family.client.post("/v1/orders", body).await.expect(201);
        assert_eq!((&order["place_known"], &order["total_fen"]), (&json!(false), &json!(22000)));
        assert_eq!(order["institution_id"], json!(scene.town.hospital));
    }

    async fn times_come_in_any_zone_and_are_cut_to_the_second(server: TestServer) {
        let scene = Scene::build(&server).await;
        let mut body = scene.body(&["EDU"]);
        body["window"] = json!({
            "start": "2026-03-03T09:00:00.123456789+08:00", "end": "2026-03-02T22:00:00.9-06:00",
        });
        let order = scene.family.client.post("/v1/orders", body).await.expect(201);
        assert_eq!(order["window"]["start"], "2026-03-03T01:00:00Z");
        assert_eq!(order["window"]["end"], "2026-03-03T04:00:00Z");
    }

    async fn a_price_is_frozen(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (order, _) = scene.book().await;
        let at = Some(scene.town.hospital);
        let boss = scene.town.person(&server, "13800000009", Role::Supervisor, at).await.client;
        let first = boss.get("/v1/rule-sets/prices/1").await.expect(200);
        let mut file = first["content"].clone();
        file["version"] = json!(2);
        file["visit_fee"][0]["fen"] = json!(19900);
        boss.post("/v1/rule-sets/prices", file).await.expect(201);
        let kept = scene.family.client.get(&format!("/v1/orders/{order}")).await.expect(200);
        assert_eq!((&kept["total_fen"], &kept["price"]["price_version"]), (&json!(22000), &json!(1)));
        // Moved, it keeps the rules it was priced by; a new one has the new price.
        let evening = window("2026-03-03 20:00", "2026-03-03 22:00");
        let moved = scene.family.client
            .post_if(&format!("/v1/orders/{order}/reschedule"), "\"v1\"", json!({"window": evening})).await.expect(200);
        assert_eq!(moved["order"]["total_fen"], 22000 + 3900);
        let body = scene.body_at(&["EDU"], "2026-03-05 09:00", "2026-03-05 12:00");
        let new = scene.family.client.post("/v1/orders", body).await.expect(201);
        assert_eq!(new["total_fen"], 28900);
    }

    async fn beyond_the_last_band_nobody_goes(server: TestServer) {
        let scene = Scene::build(&server).await;
        let at = Some(scene.town.hospital);
        let boss = scene.town.person(&server, "13800000009", Role::Supervisor, at).await.client;
        let first = boss.get("/v1/rule-sets/prices/1").await.expect(200);
        let mut file = first["content"].clone();
        file["version"] = json!(2);
        file["visit_fee"].as_array_mut().expect("bands").pop();
        boss.post("/v1/rule-sets/prices", file).await.expect(201);
        let far = (CENTRE.0 + 0.30, CENTRE.1);
        let address = scene.fixtures(&server).address(scene.patient.id, Some(far)).await;
        let mut body = scene.body(&["EDU"]);
        body["address_id"] = json!(address);
        let before = footprint(&server).await;
        let problem = scene.family.client.post("/v1/orders", body).await.problem(422, "distance_too_far");
        assert!(problem["detail"].as_str().expect("a text").contains("as far as 10000 m"), "{problem}");
        assert_eq!(footprint(&server).await, before);
        scene.book().await;
    }

    async fn one_community_knows_nothing_of_another(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (order, _) = scene.book().await;
        let other = Town::build(&server, "130432").await;
        let at = Some(other.hospital);
        let desk = other.person(&server, "13800000008", Role::Coordinator, at).await.client;
        desk.get(&format!("/v1/orders/{order}")).await.problem(404, "not_found");
        desk.get(&format!("/v1/orders/{order}/events")).await.problem(404, "not_found");
        let list = desk.get("/v1/orders").await.expect(200);
        assert_eq!(list["items"], json!([]));
        let family = other.person(&server, "13800000001", Role::Family, None).await;
        let patient = Fixtures::new(&server, &other).patient(&family).await;
        let mut body = scene.body(&["EDU"]);
        body["patient_id"] = json!(patient.id);
        family.client.post("/v1/orders", body.clone()).await.problem(422, "address_unknown");
        body["address_id"] = json!(patient.address);
        family.client.post("/v1/orders", body).await.expect(201);
    }
}

async fn reads(server: &jiahu_tests::harness::TestServer) -> u64 {
    use sea_orm::{EntityTrait, PaginatorTrait};
    let reads = entity::patient_read::Entity::find();
    reads.count(server.app.db.reader()).await.expect("a count")
}
