//! For a minor, or somebody without capacity, only a guardian books (R8).

use jiahu_tests::harness::{Client, Reply, TestServer};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{Scene, answers, footprint, window};

/// A patient of the town's family, registered over HTTP: the path, and what an order of one item has to say.
async fn register(scene: &Scene, more: Value) -> (String, Value) {
    let mut body = json!({
        "name": "张小宝", "id_kind": "passport", "id_number": "E12345678", "sex": "male",
        "address": { "text": "东街 3 号", "place": { "lng": 114.89, "lat": 36.92, "crs": "wgs84" } },
    });
    let (body_map, more) = (body.as_object_mut(), more.as_object());
    body_map
        .expect("an object")
        .extend(more.expect("an object").clone());
    let client = &scene.family.client;
    let patient = client.post("/v1/patients", body).await.expect(201);
    let path = format!("/v1/patients/{}", patient["id"].as_str().expect("an id"));
    let addresses = client.get(&format!("{path}/addresses")).await.expect(200);
    let order = json!({
        "patient_id": patient["id"],
        "address_id": addresses["items"][0]["id"],
        "items": ["EDU"],
        "window": window("2026-03-03 09:00", "2026-03-03 12:00"),
        "answers": answers(&["EDU"]),
    });
    (path, order)
}

/// Consents for the patient to the use of health data and location, as a carer who may.
async fn consent(client: &Client, path: &str) {
    for text in ["health_data", "location"] {
        let given = json!({ "text": text, "version": 1 });
        let path = format!("{path}/consents");
        client.post(&path, given).await.expect(201);
    }
}

/// An old man whose daughter books.
fn adult() -> Value {
    json!({ "birth_date": "1945-03-04", "relation": "child", "consent": "verbal" })
}

async fn quote(client: &Client, order: &Value) -> Reply {
    let request = json!({
        "patient_id": order["patient_id"], "address_id": order["address_id"],
        "items": order["items"], "window_start": order["window"]["start"],
    });
    client.post("/v1/quotes", request).await
}

/// Nobody can book, and nothing is written.
async fn refused(server: &TestServer, client: &Client, order: &Value) {
    let before = footprint(server).await;
    quote(client, order).await.problem(422, "guardian_required");
    client
        .post("/v1/orders", order.clone())
        .await
        .problem(422, "guardian_required");
    assert_eq!(footprint(server).await, before);
}

on_both! {
    async fn a_parent_and_the_desk_book_for_a_minor(server: TestServer) {
        let scene = Scene::build(&server).await;
        let minor = json!({ "birth_date": "2017-01-05", "relation": "parent", "consent": "guardianship" });
        let (path, mut order) = register(&scene, minor).await;
        consent(&scene.family.client, &path).await;
        quote(&scene.family.client, &order).await.expect(200);
        scene.family.client.post("/v1/orders", order.clone()).await.expect(201);
        order["window"] = window("2026-03-04 09:00", "2026-03-04 12:00");
        scene.desk.client.post("/v1/orders", order).await.expect(201);
    }

    async fn who_turns_out_to_be_a_minor_needs_a_guardian(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (path, order) = register(&scene, adult()).await;
        let change = json!({ "birth_date": "2017-01-05" });
        scene.desk.client.patch(&path, "\"v1\"", change).await.expect(200);
        refused(&server, &scene.family.client, &order).await;
        refused(&server, &scene.desk.client, &order).await;
    }

    async fn without_capacity_only_the_guardian_acts(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (path, order) = register(&scene, adult()).await;
        let (family, desk) = (&scene.family.client, &scene.desk.client);
        consent(family, &path).await;
        let booked = family.post("/v1/orders", order.clone()).await.expect(201);
        let lost = json!({ "lacks_capacity": true });
        family.patch(&path, "\"v1\"", lost.clone()).await.problem(403, "forbidden");
        let patient = desk.patch(&path, "\"v1\"", lost).await.expect(200);
        assert_eq!(patient["lacks_capacity"], true);
        assert_eq!(family.get(&path).await.expect(200)["may_book"], false);
        refused(&server, family, &order).await;
        refused(&server, desk, &order).await;
        let cancel = format!("/v1/orders/{}/cancel", booked["id"].as_str().expect("an id"));
        let reason = json!({ "reason": "不需要了" });
        family.post(&cancel, reason.clone()).await.problem(422, "guardian_required");
        desk.post(&cancel, reason).await.expect(200);

        // The daughter becomes the guardian: her old place goes, though she was the only carer.
        let carers = format!("{path}/carers");
        let mut carer = json!({
            "phone": scene.family.phone, "relation": "guardian", "consent": "guardianship", "may_book": true,
        });
        desk.post(&carers, carer.clone()).await.problem(409, "carer_exists");
        let listed = desk.get(&carers).await.expect(200);
        let old = format!("{carers}/{}", listed["items"][0]["id"].as_str().expect("an id"));
        desk.delete(&old).await.expect(204);
        carer["relation"] = json!("child");
        desk.post(&carers, carer.clone()).await.problem(422, "guardian_required");
        carer["relation"] = json!("guardian");
        desk.post(&carers, carer).await.expect(201);
        family.post("/v1/orders", order.clone()).await.expect(201);
        let mut next = order;
        next["window"] = window("2026-03-04 09:00", "2026-03-04 12:00");
        desk.post("/v1/orders", next).await.expect(201);
        // The last guardian stays.
        let listed = desk.get(&carers).await.expect(200);
        let last = format!("{carers}/{}", listed["items"][0]["id"].as_str().expect("an id"));
        desk.delete(&last).await.problem(409, "carer_last");
    }

    async fn a_ward_is_registered_with_a_guardian(server: TestServer) {
        let scene = Scene::build(&server).await;
        let mut body = adult();
        body["name"] = json!("张大明");
        body["id_kind"] = json!("passport");
        body["id_number"] = json!("E12345678");
        body["sex"] = json!("male");
        body["lacks_capacity"] = json!(true);
        let family = &scene.family.client;
        family.post("/v1/patients", body.clone()).await.problem(422, "guardian_required");
        body["relation"] = json!("guardian");
        body["consent"] = json!("guardianship");
        let patient = family.post("/v1/patients", body).await.expect(201);
        assert_eq!(patient["lacks_capacity"], true);
    }
}
