//! What a change of an address does to the orders that go there.

use chrono::TimeDelta;
use entity::enums::{OrderState, Role};
use entity::ids::AddressId;
use jiahu::domain::lifecycle::Command;
use jiahu_tests::harness::{CENTRE, Client, NEAR, NurseSpec, Reply, Scene as Search};
use jiahu_tests::on_both;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{Scene, id, searches, trail};

/// A point so many degrees east of the town's hospital.
fn east(degrees: f64) -> Value {
    json!({"lng": CENTRE.0 + degrees, "lat": CENTRE.1, "crs": "wgs84"})
}

/// Changes an address, whatever its version.
async fn change(client: &Client, path: &str, body: Value) -> Reply {
    let etag = client.get(path).await.etag();
    client.patch(path, &etag, body).await
}

fn path_of(scene: &Scene, address: AddressId) -> String {
    format!("/v1/patients/{}/addresses/{address}", scene.patient.id)
}

on_both! {
    async fn a_place_that_becomes_known_is_priced_and_searched_for(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (fixtures, family) = (scene.fixtures(&server), &scene.family.client);
        let nowhere = fixtures.address(scene.patient.id, None).await;
        let mut body = scene.body(&["EDU"]);
        body["address_id"] = json!(nowhere);
        let booked = family.post("/v1/orders", body).await.expect(201);
        let (order, path) = (id(&booked), path_of(&scene, nowhere));
        assert_eq!((&booked["total_fen"], &booked["place_known"]), (&json!(22000), &json!(false)));
        change(family, &path, json!({"place": east(0.2)})).await.expect(200);
        let seen = family.get(&format!("/v1/orders/{order}")).await.expect(200);
        assert_eq!((&seen["place_known"], &seen["version"]), (&json!(true), &json!(2)));
        // As if it were booked there: of the nearest that may, by the distance from there.
        assert_eq!(seen["institution_id"], json!(scene.town.other_centre));
        assert_eq!((&seen["total_fen"], &seen["price"]["total_fen"]), (&json!(39000), &json!(39000)));
        assert!(seen["price"]["distance_m"].as_u64().expect("metres") > 5_000);
        assert_eq!(searches(&server, order).await, [1, 2]);
        assert_eq!(trail(family, order).await, ["order.submitted", "order.place_changed"]);
        let events = scene.desk.client.get(&format!("/v1/orders/{order}/events")).await.expect(200);
        let told = &events["items"][1]["payload"];
        assert_eq!((&told["total_before_fen"], &told["total_fen"]), (&json!(22000), &json!(39000)));
        server.run_jobs().await;
        let sent = server.phones.of(&scene.family.phone);
        let word = sent.iter().find(|message| message.template == "price_changed").expect("a word");
        assert!(word.text.contains("220.00") && word.text.contains("390.00"), "{}", word.text);
        // Sent once more it changes nothing; taken out again it leaves the price as it is.
        change(family, &path, json!({"place": east(0.2), "text": "东关村 12 号"})).await.expect(200);
        assert_eq!(fixtures.order(order).await.version, 2);
        change(family, &path, json!({"place": null})).await.expect(200);
        let row = fixtures.order(order).await;
        assert_eq!((row.lng, row.total_fen, row.round), (None, 39000, 3));
    }

    async fn an_order_is_offered_once_its_place_is_known(server: TestServer) {
        let scene = Search::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let family = &scene.family.client;
        let path = format!("/v1/patients/{}/addresses/{}", scene.patient, scene.address);
        change(family, &path, json!({"place": null})).await.expect(200);
        let start = server.now() + TimeDelta::hours(8);
        scene.order_of(&server, (scene.patient, scene.address), "UC_CHG", start, None).await;
        server.run_jobs().await;
        let offers = async || {
            let list = nurse.person.client.get("/v1/offers").await.expect(200);
            list["items"].as_array().expect("a list").len()
        };
        assert_eq!(offers().await, 0);
        server.advance(TimeDelta::minutes(40)).await;
        assert_eq!(offers().await, 0);
        change(family, &path, json!({"place": east(0.0)})).await.expect(200);
        server.run_jobs().await;
        assert_eq!(offers().await, 1);
    }

    async fn an_address_stays_while_a_nurse_is_booked_there(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (order, _) = scene.book().await;
        let (fixtures, family) = (scene.fixtures(&server), &scene.family.client);
        let path = path_of(&scene, scene.patient.address);
        let nurse = fixtures.nurse("13800000006", scene.town.hospital, &[]).await;
        let changes = [
            json!({"text": "西关村 3 号"}),
            json!({"place": east(0.2)}),
            json!({"place": null}),
            json!({"township_code": "130431202"}),
        ];
        let refused = async || {
            for body in &changes {
                change(family, &path, body.clone()).await.problem(409, "address_nurse_booked");
            }
        };
        // The first of two has said yes, and the order is still open.
        let db = server.app.db.reader();
        db.execute_unprepared("UPDATE care_order SET persons = 2").await.expect("a change");
        fixtures.visit(order, nurse.id).await;
        refused().await;
        for step in [Command::Accept, Command::Depart, Command::Arrive, Command::Start] {
            fixtures.step(order, step).await;
            refused().await;
        }
        let before = fixtures.order(order).await;
        let near = json!({"lng": NEAR.0, "lat": NEAR.1, "crs": "wgs84"});
        let free = json!({"landmark": "红色大门", "fence_radius_m": 300, "text": "东关村 12 号", "place": near});
        change(family, &path, free).await.expect(200);
        assert_eq!(fixtures.order(order).await, before);
        fixtures.step(order, Command::Finish).await;
        for body in changes {
            change(family, &path, body).await.expect(200);
        }
        let after = fixtures.order(order).await;
        assert_eq!((after.lng, after.state), (before.lng, OrderState::Finished));
    }

    async fn an_order_that_is_over_keeps_what_its_address_said(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (fixtures, family) = (scene.fixtures(&server), &scene.family.client);
        let (done, _) = scene.book().await;
        let nurse = fixtures.nurse("13800000006", scene.town.hospital, &[]).await;
        fixtures.accept(done, nurse.id).await;
        for step in [Command::Depart, Command::Arrive, Command::Start, Command::Finish] {
            fixtures.step(done, step).await;
        }
        let off = scene.body_at(&["EDU"], "2026-03-04 09:00", "2026-03-04 12:00");
        let off = id(&family.post("/v1/orders", off).await.expect(201));
        family.post(&format!("/v1/orders/{off}/cancel"), json!({"reason": "改天"})).await.expect(200);
        let path = path_of(&scene, scene.patient.address);
        let moved = json!({"text": "西关村 3 号", "landmark": null, "place": east(0.04)});
        change(family, &path, moved).await.expect(200);
        fixtures.step(done, Command::Close).await;
        for order in [done, off] {
            let detail = family.get(&format!("/v1/orders/{order}")).await.expect(200)["detail"].clone();
            assert_eq!((&detail["address"], &detail["landmark"]), (&json!("东关村 12 号"), &json!("村口大槐树")));
            assert_eq!((&detail["place"]["lng"], &detail["place"]["accuracy_m"]), (&json!(NEAR.0), &Value::Null));
        }
        let next = scene.body_at(&["EDU"], "2026-03-05 09:00", "2026-03-05 12:00");
        let next = id(&family.post("/v1/orders", next).await.expect(201));
        let detail = family.get(&format!("/v1/orders/{next}")).await.expect(200)["detail"].clone();
        assert_eq!((&detail["address"], &detail["landmark"]), (&json!("西关村 3 号"), &Value::Null));
    }

    async fn another_township_is_judged_anew(server: TestServer) {
        let scene = Scene::build(&server).await;
        let boss = scene.town.person(&server, "13800000009", Role::Supervisor, Some(scene.town.hospital)).await;
        let first = boss.client.get("/v1/rule-sets/visit_rules/1").await.expect(200);
        let mut file = first["content"].clone();
        file["version"] = json!(2);
        let name = json!({ "zh": "该乡须两名护士", "en": "two nurses go to that township" });
        let far = json!({ "areas": ["130431202"] });
        let rules = file["rules"].as_array_mut().expect("rules");
        rules.push(json!({ "code": "far_township", "name": name, "when": far, "require": "two_persons" }));
        boss.client.post("/v1/rule-sets/visit_rules", file).await.expect(201);
        let (order, booked) = scene.book().await;
        assert_eq!(booked["persons"], 1);
        let (family, path) = (&scene.family.client, path_of(&scene, scene.patient.address));
        // Other words alone change nothing about the order.
        change(family, &path, json!({"text": "东关村 21 号"})).await.expect(200);
        assert_eq!(scene.fixtures(&server).order(order).await.version, 1);
        change(family, &path, json!({"township_code": "130431202"})).await.expect(200);
        let seen = family.get(&format!("/v1/orders/{order}")).await.expect(200);
        assert_eq!((&seen["persons"], &seen["total_fen"]), (&json!(2), &json!(22000)));
        assert_eq!(searches(&server, order).await, [1, 2]);
    }
}
