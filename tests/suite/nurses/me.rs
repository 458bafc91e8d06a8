//! A nurse reads her own profile and says where she is.

use entity::enums::Role;
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{Roster, events, id};

on_both! {
    async fn a_nurse_sees_herself_and_her_place_and_nobody_else_sees_the_place(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        let nurse = cast.nurse(cast.town.centre, "N001").await;
        let path = format!("/v1/nurses/{}", id(&nurse));
        let person = cast.town.person(&server, "13900000001", Role::Nurse, Some(cast.town.centre)).await;
        client.patch(&path, "\"v1\"", json!({"account_id": person.account})).await.expect(200);
        let paper = cast.paper(id(&nurse), "IV", "IV-1").await;
        cast.verify(&paper).await;
        let week = json!({"windows": [{"weekday": 1, "from": "08:00", "to": "12:00"}]});
        client.put_if(&format!("{path}/duty"), "\"v2\"", week).await.expect(200);

        let me = person.client.get("/v1/nurses/me").await.expect(200);
        assert_eq!(me["nurse"]["id"], nurse["id"]);
        assert_eq!(me["nurse"]["certifications"][0]["state"], "in_force");
        assert_eq!(me["nurse"]["duty"][0]["to"], "12:00");
        assert_eq!((&me["last_place"], &me["last_place_at"]), (&Value::Null, &Value::Null));

        let trail = events(&server, &cast.town, id(&nurse)).await;
        let here = json!({"lng": 114.9, "lat": 36.95, "crs": "wgs84", "accuracy_m": 20});
        person.client.put("/v1/nurses/me/place", here).await.expect(204);
        let there = json!({"lng": 114.91, "lat": 36.96, "crs": "gcj02"});
        person.client.put("/v1/nurses/me/place", there).await.expect(204);
        let me = person.client.get("/v1/nurses/me").await.expect(200);
        let lng = me["last_place"]["lng"].as_f64().expect("a number");
        assert!((114.9..114.91).contains(&lng), "converted from GCJ-02: {lng}");
        assert_eq!(me["last_place"]["accuracy_m"], Value::Null);
        assert_eq!(me["last_place_at"], json!(server.now()));

        // Whereabouts leave neither version nor trail, and the roster does not show them.
        let read = client.get(&path).await;
        assert_eq!(read.etag(), "\"v3\"");
        assert!(!read.expect(200).to_string().contains("last_place"));
        assert_eq!(events(&server, &cast.town, id(&nurse)).await, trail);
    }

    async fn bad_places_and_other_roles_are_refused(server: TestServer) {
        let cast = Roster::build(&server).await;
        let nurse = cast.nurse(cast.town.centre, "N001").await;
        let path = format!("/v1/nurses/{}", id(&nurse));
        let person = cast.town.person(&server, "13900000001", Role::Nurse, Some(cast.town.centre)).await;
        let place = json!({"lng": 114.9, "lat": 36.95, "crs": "wgs84"});
        person.client.put("/v1/nurses/me/place", place.clone()).await.problem(403, "no_nurse_profile");
        let link = json!({"account_id": person.account});
        cast.supervisor.client.patch(&path, "\"v1\"", link).await.expect(200);
        for (place, code) in [
            (json!({"lng": 0, "lat": 0, "crs": "wgs84"}), "coordinates_zero"),
            (json!({"lng": 181, "lat": 36.95, "crs": "wgs84"}), "coordinates_out_of_range"),
            (json!({"lng": 36.95, "lat": 114.9, "crs": "wgs84"}), "coordinates_swapped"),
            (json!({"lng": 114.9, "lat": 36.95, "crs": "wgs84", "accuracy_m": -1}), "coordinates_accuracy"),
        ] {
            person.client.put("/v1/nurses/me/place", place).await.problem(422, code);
        }
        person.client.put("/v1/nurses/me/place", json!({"lng": 114.9, "lat": 36.95})).await.problem(422, "invalid_request");
        assert_eq!(person.client.get("/v1/nurses/me").await.expect(200)["last_place"], Value::Null);
        cast.supervisor.client.get("/v1/nurses/me").await.problem(403, "forbidden");
        cast.supervisor.client.put("/v1/nurses/me/place", place).await.problem(403, "forbidden");
    }
}
