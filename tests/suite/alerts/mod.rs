//! Alerts: opened, found by those they concern, taken by one, closed with an outcome.

mod red_flags;

use entity::enums::{AlertKind, AlertSeverity, Role};
use jiahu::store::alert::{self, NewAlert};
use jiahu_tests::harness::{Fixtures, Scene, TestServer, Town};
use jiahu_tests::on_both;
use serde_json::json;

async fn opened(server: &TestServer, scene: &Scene) -> String {
    let start = server.now() + chrono::TimeDelta::hours(5);
    let order = scene.order(server, "UC_CHG", start).await;
    let order = Fixtures::new(server, &scene.town).order(order).await;
    let (app, at) = (&server.app, server.now());
    let row = jiahu::in_write!(app.db, "test_alert", |tx| {
        let (kind, severity) = (AlertKind::CriticalValue, AlertSeverity::Warning);
        let new = NewAlert::of_order(app, kind, severity, &order, at).detail("收缩压 200");
        alert::open(tx, app, new).await
    })
    .expect("an alert");
    row.id.to_string()
}

on_both! {
    async fn one_takes_it_and_closes_it(server: TestServer) {
        let scene = Scene::build(&server).await;
        let id = opened(&server, &scene).await;
        let at = Some(scene.town.hospital);
        let doctor = scene.town.person(&server, "13800000021", Role::Doctor, at).await;
        let (desk, path) = (&scene.coordinator.client, format!("/v1/alerts/{id}"));
        let close = format!("{path}/close");
        let outcome = json!({ "outcome": "已联系家属" });
        desk.post(&close, outcome.clone()).await.problem(409, "alert_not_taken");
        let taken = desk.post(&format!("{path}/take"), json!({})).await.expect(200);
        assert_eq!(taken["taken_by"], json!(scene.coordinator.account));
        doctor.client.post(&format!("{path}/take"), json!({})).await.problem(409, "alert_taken");
        desk.post(&close, json!({ "outcome": " " })).await.problem(422, "invalid_request");
        desk.post(&close, outcome.clone()).await.expect(200);
        desk.post(&close, outcome).await.problem(409, "alert_closed");
        let whole = doctor.client.get(&path).await.expect(200);
        assert_eq!((&whole["detail"], &whole["outcome"]), (&json!("收缩压 200"), &json!("已联系家属")));
        let open = desk.get("/v1/alerts?closed=false").await.expect(200);
        assert_eq!(open["items"], json!([]));
        let closed = desk.get("/v1/alerts?closed=true").await.expect(200);
        assert_eq!(closed["items"][0]["id"], json!(id));
    }

    async fn others_do_not_find_it(server: TestServer) {
        let scene = Scene::build(&server).await;
        let id = opened(&server, &scene).await;
        let near = Some(scene.town.other_centre);
        let near = scene.town.person(&server, "13800000031", Role::Coordinator, near).await;
        let away = Town::build(&server, "130432").await;
        let far = away.person(&server, "13800000032", Role::Coordinator, Some(away.hospital)).await;
        for stranger in [near, far] {
            let client = &stranger.client;
            client.get(&format!("/v1/alerts/{id}")).await.problem(404, "not_found");
            client.post(&format!("/v1/alerts/{id}/take"), json!({})).await.problem(404, "not_found");
            assert_eq!(client.get("/v1/alerts").await.expect(200)["items"], json!([]));
        }
        scene.family.client.get("/v1/alerts").await.problem(403, "forbidden");
    }
}
