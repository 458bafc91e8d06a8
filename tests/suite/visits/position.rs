//! The family sees the nurse's position for its own order only, and only between departure and leaving.

use chrono::TimeDelta;
use entity::enums::Role;
use entity::ids::OrderId;
use entity::visit_position;
use jiahu_tests::harness::{CENTRE, Client, NurseSpec, Scene, SceneNurse, TestServer, with_family};
use jiahu_tests::on_both;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

/// A place so many thousandths of a degree north of the door.
fn north(thousandths: f64) -> Value {
    json!({ "lng": CENTRE.0, "lat": CENTRE.1 + thousandths / 1000.0, "crs": "wgs84", "accuracy_m": 10 })
}

/// A nurse who may set out, with her order and visit.
async fn ready(server: &TestServer) -> (Scene, SceneNurse, OrderId, String) {
    let scene = Scene::build(server).await;
    let nurse = scene.nurse(server, 1, NurseSpec::default()).await;
    let start = server.now() + TimeDelta::hours(5);
    let order = scene.order(server, "UC_CHG", start).await;
    let visit = scene.accepted_visit(server, &nurse, order).await;
    server.advance(TimeDelta::hours(2)).await;
    (scene, nurse, order, visit)
}

/// How far north of the door the family sees her, in thousandths of a degree.
async fn seen(scene: &Scene, order: OrderId) -> String {
    let path = format!("/v1/orders/{order}/position");
    let seen = scene.family.client.get(&path).await.expect(200);
    let lat = seen["place"]["lat"].as_f64().expect("a place");
    format!("{:.0}", (lat - CENTRE.1) * 1000.0)
}

async fn trail(client: &Client, order: OrderId) -> Vec<Value> {
    let path = format!("/v1/orders/{order}/events");
    let trail = client.get(&path).await.expect(200);
    trail["items"].as_array().expect("a list").clone()
}

on_both! {
    async fn the_position_is_visible_from_departure_until_leaving(server: TestServer) {
        let (scene, nurse, order, visit) = ready(&server).await;
        let where_is_she = format!("/v1/orders/{order}/position");
        let positions = format!("/v1/visits/{visit}/positions");
        let client = &nurse.person.client;
        let report = |place: f64| json!({ "positions": [{ "at": server.now(), "place": north(place) }] });
        client.post(&positions, report(5.0)).await.problem(409, "order_wrong_state");
        scene.family.client.get(&where_is_she).await.problem(404, "position_not_visible");
        client.post(&format!("/v1/visits/{visit}/depart"), json!({})).await.expect(200);
        scene.family.client.get(&where_is_she).await.problem(404, "position_not_visible");
        server.advance(TimeDelta::minutes(2)).await;
        let sent = report(5.0);
        client.post(&positions, sent.clone()).await.expect(204);
        client.post(&positions, sent).await.expect(204);
        assert_eq!(seen(&scene, order).await, "5");
        let stranger = scene.town.person(&server, "13900000077", Role::Family, None).await;
        stranger.client.get(&where_is_she).await.problem(404, "not_found");
        client.post(&format!("/v1/visits/{visit}/arrive"), json!({ "place": north(0.0) })).await.expect(200);
        nurse.prepare(&visit).await;
        client.post(&format!("/v1/visits/{visit}/start"), with_family()).await.expect(200);
        server.advance(TimeDelta::minutes(20)).await;
        client.post(&format!("/v1/visits/{visit}/finish"), json!({})).await.expect(200);
        scene.family.client.get(&where_is_she).await.problem(404, "position_not_visible");
        client.post(&positions, report(5.0)).await.problem(409, "order_wrong_state");
    }

    async fn the_family_never_reads_afterwards_where_she_was(server: TestServer) {
        let (scene, nurse, order, visit) = ready(&server).await;
        let mut live = scene.family.client.listen(None).await;
        // She sets out from her home.
        nurse.post(&visit, "depart", json!({ "place": north(30.0) })).await.expect(200);
        nurse.post(&visit, "arrive", json!({ "place": north(0.1) })).await.expect(200);
        nurse.prepare(&visit).await;
        nurse.post(&visit, "start", with_family()).await.expect(200);
        server.advance(TimeDelta::minutes(20)).await;
        nurse.post(&visit, "finish", json!({ "place": north(20.0) })).await.expect(200);
        for kind in ["visit.departed", "visit.arrived", "visit.finished"] {
            let event = live.until(kind).await;
            assert!(event.get("place").is_none_or(Value::is_null), "{event}");
            assert!(!event.to_string().contains("36.9"), "{event}");
        }
        for event in trail(&scene.family.client, order).await {
            assert_eq!((&event["place"], &event["payload"]["distance_m"]), (&Value::Null, &Value::Null), "{event}");
        }
        for client in [&scene.coordinator.client, &nurse.person.client] {
            let placed: Vec<_> = trail(client, order).await.into_iter().filter(|event| event["place"].is_object()).collect();
            let kinds: Vec<_> = placed.iter().map(|event| event["kind"].as_str().expect("a kind")).collect();
            assert_eq!(kinds, ["visit.departed", "visit.arrived", "visit.finished"]);
            assert_eq!(placed[0]["place"]["lat"], CENTRE.1 + 0.03);
        }
    }

    async fn places_before_departure_or_to_come_hide_nothing(server: TestServer) {
        let (scene, nurse, order, visit) = ready(&server).await;
        let positions = format!("/v1/visits/{visit}/positions");
        let client = &nurse.person.client;
        nurse.post(&visit, "depart", json!({ "place": north(1.0) })).await.expect(200);
        server.advance(TimeDelta::minutes(10)).await;
        let now = server.now();
        let at_home = json!({ "at": now - TimeDelta::hours(2), "place": north(9.0) });
        client.post(&positions, json!({ "positions": [at_home.clone()] })).await.expect(204);
        assert_eq!(seen(&scene, order).await, "1", "nobody is followed off duty");
        let to_come = json!({ "at": "2099-01-01T00:00:00Z", "place": north(8.0) });
        let good = json!({ "at": now - TimeDelta::minutes(1), "place": north(2.0) });
        client.post(&positions, json!({ "positions": [to_come, at_home, good] })).await.expect(204);
        assert_eq!(seen(&scene, order).await, "8", "it counts as of its telling");
        server.advance(TimeDelta::minutes(1)).await;
        let later = json!({ "positions": [{ "at": server.now(), "place": north(3.0) }] });
        client.post(&positions, later).await.expect(204);
        assert_eq!(seen(&scene, order).await, "3");
        let kept = visit_position::Entity::find().all(server.app.db.reader()).await.expect("rows");
        assert_eq!(kept.len(), 4, "departure, a minute before, its telling, the last one");
    }

    async fn a_clock_that_is_off_by_a_day_is_corrected(server: TestServer) {
        let (scene, nurse, order, visit) = ready(&server).await;
        let positions = format!("/v1/visits/{visit}/positions");
        let client = &nurse.person.client;
        let ahead = TimeDelta::days(1);
        let depart = json!({ "place": north(1.0), "device_at": server.now() + ahead });
        nurse.post(&visit, "depart", depart).await.expect(200);
        server.advance(TimeDelta::minutes(5)).await;
        // Set right in between: the place of the departure does not count as the newest for a day.
        let right = json!({ "positions": [{ "at": server.now(), "place": north(2.0) }] });
        client.post(&positions, right).await.expect(204);
        assert_eq!(seen(&scene, order).await, "2");
        server.advance(TimeDelta::minutes(5)).await;
        let (now, minute) = (server.now(), TimeDelta::minutes(1));
        for (clock, place) in [(now + ahead, 3.0), (now + minute - ahead, 4.0)] {
            let noted = json!({ "at": clock - minute * 2, "place": north(place) });
            let report = json!({ "device_at": clock, "positions": [noted] });
            client.post(&positions, report).await.expect(204);
            assert_eq!(seen(&scene, order).await, format!("{place:.0}"));
            server.advance(minute).await;
        }
        let alarm = nurse.post(&visit, "sos", json!({})).await.expect(200);
        assert_eq!(alarm["place"]["lat"], CENTRE.1 + 0.004);
    }

    async fn of_places_told_later_those_on_the_way_are_kept(server: TestServer) {
        let (_, nurse, _, visit) = ready(&server).await;
        nurse.post(&visit, "depart", json!({})).await.expect(200);
        let departed = server.now();
        nurse.post(&visit, "arrive", json!({ "no_fix_reason": "off" })).await.expect(200);
        nurse.prepare(&visit).await;
        nurse.post(&visit, "start", with_family()).await.expect(200);
        server.advance(TimeDelta::minutes(20)).await;
        nurse.post(&visit, "finish", json!({})).await.expect(200);
        server.advance(TimeDelta::hours(1)).await;
        let noted = [-5, 0, 10, 20, 21, 200].map(|minutes| {
            json!({ "at": departed + TimeDelta::minutes(minutes), "place": north(1.0) })
        });
        let act = json!({
            "id": server.app.new_id::<entity::ids::SyncActionId>(), "visit_id": visit, "do": "positions",
            "device_at": server.now(), "body": { "positions": noted },
        });
        let batch = json!({ "device": "phone-1", "sent_at": server.now(), "actions": [act] });
        let answer = nurse.person.client.post("/v1/sync/batch", batch).await.expect(200);
        assert_eq!(answer["results"][0]["result"], "applied", "{answer}");
        let kept = visit_position::Entity::find().all(server.app.db.reader()).await.expect("rows");
        let mut minutes: Vec<_> = kept.iter().map(|row| (row.at - departed).num_minutes()).collect();
        minutes.sort_unstable();
        assert_eq!(minutes, [0, 10, 20]);
    }
}
