//! A pool with fewer connections than writes that come at once: each write needs one, and no second one besides.

use std::sync::Arc;

use chrono::TimeDelta;
use futures::future::join_all;
use jiahu_tests::harness::{
    Backend, CENTRE, NurseSpec, Reply, Scene, SceneNurse, TestServer, filled_forms, new_patient,
    with_family,
};
use serde_json::{Value, json};

/// Nurses who act at the same moment.
const AT_ONCE: u32 = 8;

/// Nurses with an accepted visit each, and its id.
async fn on_duty(server: &TestServer) -> Vec<(SceneNurse, String)> {
    let scene = Scene::build(server).await;
    let start = server.now() + TimeDelta::hours(5);
    let (mut nurses, mut orders) = (Vec::new(), Vec::new());
    for number in 1..=AT_ONCE {
        nurses.push(scene.nurse(server, number, NurseSpec::default()).await);
        let home = new_patient(server, &scene.town, &scene.family, Some(CENTRE)).await;
        let order = scene.order_of(server, home, "UC_CHG", start, Some(CENTRE));
        orders.push(order.await);
    }
    let mut visits = Vec::new();
    for (nurse, order) in nurses.into_iter().zip(orders) {
        let visit = scene.accepted_visit(server, &nurse, order).await;
        visits.push((nurse, visit));
    }
    server.advance(TimeDelta::hours(3)).await;
    visits
}

/// All of them take a step at the same moment.
async fn all(visits: &[(SceneNurse, String)], step: &str, body: &Value) {
    let posts = visits
        .iter()
        .map(|(nurse, visit)| nurse.post(visit, step, body.clone()));
    for reply in join_all(posts).await {
        reply.expect(200);
    }
}

async fn write_record((nurse, visit): &(SceneNurse, String)) -> Reply {
    let client = &nurse.person.client;
    let path = format!("/v1/visits/{visit}");
    let etag = client.get(&path).await.etag();
    let record = json!({
        "items_done": ["UC_CHG"], "vitals": [], "note": "更换顺利",
        "consumables": [{ "code": "foley_catheter", "quantity": 1, "lot": "A17" }],
        "forms": filled_forms(&["UC_CHG"]),
    });
    client
        .put_if(&format!("{path}/record"), &etag, record)
        .await
}

async fn more_at_once_than_connections(server: Arc<TestServer>) {
    let visits = on_duty(&server).await;
    let place = json!({ "lng": CENTRE.0, "lat": CENTRE.1, "crs": "wgs84", "accuracy_m": 20 });
    let here = json!({ "place": place });
    all(&visits, "depart", &here).await;
    all(&visits, "arrive", &here).await;
    for (nurse, visit) in &visits {
        nurse.prepare(visit).await;
    }
    all(&visits, "start", &with_family()).await;
    for reply in join_all(visits.iter().map(write_record)).await {
        reply.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_at_once_need_no_more_connections_than_there_are() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let change = |config: &mut jiahu::config::Config| {
            config.database_max_connections = 2;
            config.matching.offer_batch = AT_ONCE;
        };
        TestServer::with_config(backend, change, more_at_once_than_connections).await;
    }
}
