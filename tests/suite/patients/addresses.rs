//! Where a patient can be visited.

use entity::enums::OrderState;
use jiahu::domain::place::{Crs, Point, distance_m, to_wgs84};
use jiahu_tests::on_both;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{STREET, World, events, field, refused, register, text, visit, with};

/// A point near the town's hospital, as GPS gives it.
const HOME: (f64, f64) = (114.9, 36.95);

fn address() -> Value {
    json!({
        "text": STREET,
        "landmark": "红色大门",
        "township_code": "130431104",
        "place": {"lng": HOME.0, "lat": HOME.1, "crs": "wgs84", "accuracy_m": 12.5},
    })
}

fn placed(lng: f64, lat: f64, crs: &str) -> Value {
    with(
        address(),
        json!({"place": {"lng": lng, "lat": lat, "crs": crs}}),
    )
}

on_both! {
    async fn an_address_is_added_read_changed_and_removed(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let family = &world.family.client;
        let reply = family.post(&format!("{path}/addresses"), address()).await;
        assert_eq!(reply.etag(), "\"v1\"");
        let at = reply.headers["location"].to_str().expect("ASCII").to_owned();
        let added = reply.expect(201);
        assert_eq!(added["text"], STREET);
        assert_eq!(added["fence_radius_m"], 200);
        assert_eq!(added["place"], json!({"lng": HOME.0, "lat": HOME.1, "crs": "wgs84", "accuracy_m": 12.5}));
        assert_eq!((&added["source_crs"], &added["source_lng"]), (&json!("wgs84"), &json!(HOME.0)));
        let read = family.get(&at).await;
        assert_eq!(read.etag(), "\"v1\"");
        assert_eq!(read.expect(200), added);
        let change = json!({"landmark": null, "fence_radius_m": 500, "text": "西街村"});
        let reply = family.patch(&at, "\"v1\"", change).await;
        assert_eq!(reply.etag(), "\"v2\"");
        let changed = reply.expect(200);
        assert_eq!((&changed["landmark"], &changed["text"]), (&Value::Null, &json!("西街村")));
        assert_eq!((&changed["fence_radius_m"], &changed["township_code"]), (&json!(500), &json!("130431104")));
        assert_eq!(changed["place"], added["place"], "what is left out stays");
        let unplaced = family.patch(&at, "\"v2\"", json!({"place": null})).await.expect(200);
        for name in ["place", "source_crs", "source_lng", "source_lat"] {
            assert_eq!(unplaced[name], Value::Null);
        }
        refused(&server, family.patch(&at, "\"v1\"", json!({"text": "东"})), 412, "precondition_failed").await;
        family.delete(&at).await.expect(204);
        family.get(&at).await.problem(404, "not_found");
        refused(&server, family.delete(&at), 404, "not_found").await;
        assert_eq!(family.get(&format!("{path}/addresses")).await.expect(200)["items"], json!([]));
        assert_eq!(
            events(&server).await,
            ["patient.registered", "address.added", "address.changed", "address.changed", "address.removed"]
        );
        let kept = entity::address::Entity::find().all(server.app.db.reader()).await.expect("rows");
        assert_eq!(kept.len(), 1, "a removed address stays on record");
    }

    async fn places_are_converted_and_their_source_is_kept(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let truth = Point::new(HOME.0, HOME.1).expect("a point");
        for (crs, system) in [("wgs84", Crs::Wgs84), ("gcj02", Crs::Gcj02), ("bd09", Crs::Bd09)] {
            let sent = placed(HOME.0, HOME.1, crs);
            let answer = world.family.client.post(&format!("{path}/addresses"), sent).await.expect(201);
            let number = |name: &str| answer["place"][name].as_f64().expect("a number");
            let stored = Point::new(number("lng"), number("lat")).expect("a point");
            let expected = to_wgs84(system, HOME.0, HOME.1).expect("a point");
            assert!(distance_m(stored, expected) < 0.01, "{crs}");
            // A mixed-up system would be some 500 or 1,000 metres off.
            let moved = distance_m(stored, truth);
            let range = match system {
                Crs::Wgs84 => 0.0..0.001,
                Crs::Gcj02 => 300.0..800.0,
                Crs::Bd09 => 900.0..1_500.0,
            };
            assert!(range.contains(&moved), "{crs}: {moved} m");
            assert_eq!((&answer["source_crs"], &answer["source_lng"], &answer["source_lat"]), (&json!(crs), &json!(HOME.0), &json!(HOME.1)));
            assert_eq!(answer["place"]["crs"], "wgs84");
        }
    }

    async fn a_place_nobody_knows_may_be_missing(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let bare = json!({"text": STREET});
        let answer = world.family.client.post(&format!("{path}/addresses"), bare).await.expect(201);
        assert_eq!(answer["place"], Value::Null);
    }

    async fn a_far_place_needs_confirmation(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let addresses = format!("{path}/addresses");
        let family = &world.family.client;
        // Some 360 km away.
        let beijing = placed(116.40, 39.91, "wgs84");
        let problem = refused(&server, family.post(&addresses, beijing.clone()), 422, "coordinates_too_far").await;
        assert_eq!(field(&problem), ("place", "coordinates_too_far"));
        assert!(text(&problem, "detail").contains(" 359 km") || text(&problem, "detail").contains(" 358 km"), "{problem:#}");
        let confirmed = family.post(&addresses, with(beijing, json!({"confirm_far": true}))).await.expect(201);
        assert_eq!(confirmed["far_confirmed"], true);
        // Confirming what is near confirms nothing.
        let near = family.post(&addresses, with(address(), json!({"confirm_far": true}))).await.expect(201);
        assert_eq!(near["far_confirmed"], false);
        let at = format!("{addresses}/{}", text(&near, "id"));
        let moved = json!({"place": {"lng": 116.40, "lat": 39.91, "crs": "wgs84"}});
        refused(&server, family.patch(&at, "\"v1\"", moved.clone()), 422, "coordinates_too_far").await;
        let moved = family.patch(&at, "\"v1\"", with(moved, json!({"confirm_far": true}))).await.expect(200);
        assert_eq!(moved["far_confirmed"], true);
    }

    async fn bad_addresses_are_named_and_change_nothing(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let addresses = format!("{path}/addresses");
        let family = &world.family.client;
        for (lng, lat, code) in [
            (0.0, 0.0, "coordinates_zero"),
            (HOME.1, HOME.0, "coordinates_swapped"),
            (200.0, 36.9, "coordinates_out_of_range"),
            (114.9, -91.0, "coordinates_out_of_range"),
        ] {
            for confirm in [false, true] {
                let body = with(placed(lng, lat, "gcj02"), json!({"confirm_far": confirm}));
                let problem = refused(&server, family.post(&addresses, body), 422, code).await;
                assert_eq!(field(&problem), ("place", code));
            }
        }
        for (changes, at, code) in [
            (json!({"text": null}), "text", "field_missing"),
            (json!({"text": "  "}), "text", "text_length"),
            (json!({"text": "街".repeat(201)}), "text", "text_length"),
            (json!({"landmark": "a\u{0}b"}), "landmark", "text_control_character"),
            (json!({"township_code": "1304311040"}), "township_code", "field_invalid"),
            (json!({"township_code": "13043110x"}), "township_code", "field_invalid"),
            (json!({"fence_radius_m": 2001}), "fence_radius_m", "field_invalid"),
            (json!({"fence_radius_m": -1}), "fence_radius_m", "number_range"),
            (json!({"place": {"lng": 114.9, "lat": 36.9}}), "place.crs", "field_missing"),
            (json!({"place": {"lng": 114.9, "lat": 36.9, "crs": "mars"}}), "place.crs", "choice_unknown"),
            (json!({"place": {"lng": "114.9", "lat": 36.9, "crs": "wgs84"}}), "place.lng", "number_expected"),
            (json!({"house": 61}), "house", "field_unknown"),
        ] {
            let body = with(address(), changes);
            let problem = refused(&server, family.post(&addresses, body), 422, "invalid_request").await;
            assert_eq!(field(&problem), (at, code));
        }
        let vague = json!({"place": {"lng": 114.9, "lat": 36.9, "crs": "wgs84", "accuracy_m": -1.0}});
        refused(&server, family.post(&addresses, with(address(), vague)), 422, "coordinates_accuracy").await;
    }

    async fn a_change_is_checked_like_a_new_address(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let family = &world.family.client;
        let added = family.post(&format!("{path}/addresses"), address()).await.expect(201);
        let at = format!("{path}/addresses/{}", text(&added, "id"));
        for (change, code) in [
            (json!({"fence_radius_m": 49}), "invalid_request"),
            (json!({"text": ""}), "invalid_request"),
            (json!({"text": null, "township_code": "12"}), "invalid_request"),
            (json!({"place": {"lng": HOME.1, "lat": HOME.0, "crs": "wgs84"}}), "coordinates_swapped"),
        ] {
            refused(&server, family.patch(&at, "\"v1\"", change), 422, code).await;
        }
        for name in ["text", "fence_radius_m"] {
            let problem = refused(&server, family.patch(&at, "\"v1\"", json!({ name: null })), 422, "invalid_request").await;
            assert_eq!(problem["errors"][0]["field"], name);
        }
        // An address is reached through its own patient only.
        let other = register(&world.other_family.client, world.at_centre(2)).await;
        let through = format!("{other}/addresses/{}", text(&added, "id"));
        let call = world.other_family.client.patch(&through, "\"v1\"", json!({"text": "西街"}));
        refused(&server, call, 404, "not_found").await;
        refused(&server, world.other_family.client.delete(&through), 404, "not_found").await;
    }

    async fn an_address_in_use_stays(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let family = &world.family.client;
        let added = family.post(&format!("{path}/addresses"), address()).await.expect(201);
        let at = format!("{path}/addresses/{}", text(&added, "id"));
        let order = visit::order(&server, &world, &path, text(&added, "id")).await;
        for state in OrderState::ALL {
            visit::set_state(&server, order, *state).await;
            if !jiahu::domain::lifecycle::is_final(*state) {
                refused(&server, family.delete(&at), 409, "address_in_use").await;
            }
        }
        visit::set_state(&server, order, OrderState::Closed).await;
        family.delete(&at).await.expect(204);
    }

    async fn there_are_at_most_twenty(server: TestServer) {
        let world = World::build(&server).await;
        let addresses = format!("{}/addresses", world.patient().await);
        for _ in 0..20 {
            world.family.client.post(&addresses, json!({"text": STREET})).await.expect(201);
        }
        let call = world.family.client.post(&addresses, json!({"text": STREET}));
        refused(&server, call, 422, "too_many").await;
    }
}
