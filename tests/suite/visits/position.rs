//! The family sees the nurse's position for its own order only, and only between departure and leaving.

use chrono::TimeDelta;
use entity::enums::Role;
use jiahu_tests::harness::{CENTRE, NurseSpec, Scene};
use jiahu_tests::on_both;
use serde_json::json;

on_both! {
    async fn the_position_is_visible_from_departure_until_leaving(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(5)).await;
        let visit = scene.accepted_visit(&server, &nurse, order).await;
        let where_is_she = format!("/v1/orders/{order}/position");
        let positions = format!("/v1/visits/{visit}/positions");
        let place = json!({ "lng": CENTRE.0, "lat": CENTRE.1 + 0.005, "crs": "wgs84", "accuracy_m": 10 });
        let report = json!({ "positions": [{ "at": server.now(), "place": place }] });
        let client = &nurse.person.client;
        client.post(&positions, report.clone()).await.problem(409, "order_wrong_state");
        scene.family.client.get(&where_is_she).await.problem(404, "position_not_visible");
        server.advance(TimeDelta::hours(2)).await;
        client.post(&format!("/v1/visits/{visit}/depart"), json!({})).await.expect(200);
        scene.family.client.get(&where_is_she).await.problem(404, "position_not_visible");
        client.post(&positions, report.clone()).await.expect(204);
        client.post(&positions, report.clone()).await.expect(204);
        let seen = scene.family.client.get(&where_is_she).await.expect(200);
        assert_eq!(seen["place"]["lat"], CENTRE.1 + 0.005);
        let stranger = scene.town.person(&server, "13900000077", Role::Family, None).await;
        stranger.client.get(&where_is_she).await.problem(404, "not_found");
        let arrival = json!({ "place": place });
        client.post(&format!("/v1/visits/{visit}/arrive"), arrival).await.expect(200);
        nurse.prepare(&visit).await;
        client.post(&format!("/v1/visits/{visit}/start"), json!({})).await.expect(200);
        server.advance(TimeDelta::minutes(20)).await;
        client.post(&format!("/v1/visits/{visit}/finish"), json!({})).await.expect(200);
        scene.family.client.get(&where_is_she).await.problem(404, "position_not_visible");
        client.post(&positions, report).await.problem(409, "order_wrong_state");
    }
}
