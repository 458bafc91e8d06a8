//! An alarm is at the desk and at the gateway within a second, whatever else waits: a server that works by itself, a
//! gateway that answers nothing, and messages that wait for it. The clock on the wall counts here, for it is what was
//! promised; what it took is printed (`--nocapture`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use entity::enums::{Language, Role};
use jiahu::in_write;
use jiahu::message::Message;
use jiahu::serve::Background;
use jiahu_tests::harness::{Backend, TestServer, Webhook};
use serde_json::json;
use tokio::time::timeout;

use super::{OnDuty, here};

/// What is promised.
const PROMISED: Duration = Duration::from_secs(1);
/// Phone of the town's institutions.
const INSTITUTION: &str = "0310-7520000";
/// Messages that wait for the gateway.
const BACKLOG: u32 = 300;
/// How often the nurse calls for help.
const ALARMS: usize = 8;

/// Messages that nobody waits for.
async fn backlog(server: &TestServer, duty: &OnDuty) {
    let (community, offer) = (duty.scene.town.community, "260302-1".to_owned());
    let message = Message::Offer { order: offer };
    in_write!(server.app.db, "backlog", |tx| {
        for n in 0..BACKLOG {
            let phone = format!("137{n:08}");
            let (app, zh) = (&server.app, Language::Zh);
            jiahu::store::message::enqueue(tx, app, community, None, &phone, zh, &message).await?;
        }
        Ok(())
    })
    .expect("queued");
}

async fn within_the_time(server: Arc<TestServer>, gateway: Arc<Webhook>) {
    let duty = OnDuty::build(&server).await;
    duty.step("depart", json!({ "place": here() })).await;
    let desk = &duty.scene.coordinator;
    let lead = duty.scene.town.hospital;
    let lead = duty
        .scene
        .town
        .person(&server, "13900000009", Role::Coordinator, Some(lead))
        .await;
    gateway.hold();
    backlog(&server, &duty).await;
    gateway.until("offer", &["13700000000"], 1).await;
    // Somebody who logs in waits for the same gateway.
    let login = json!({ "community": duty.scene.town.code, "phone": "13800000055" });
    server
        .nobody()
        .post("/v1/auth/codes", login)
        .await
        .expect(202);
    gateway.until("login_code", &["13800000055"], 1).await;

    let phones = [desk.phone.as_str(), lead.phone.as_str(), INSTITUTION];
    let mut live = desk.client.listen(None).await;
    let mut took = Vec::new();
    for count in 1..=ALARMS {
        let pressed = Instant::now();
        let alarm = timeout(PROMISED, async {
            let alarm = duty.step("sos", json!({ "place": here() })).await;
            tokio::join!(
                live.until("sos.raised"),
                gateway.until("sos", &phones, count)
            );
            alarm
        });
        let alarm = alarm
            .await
            .expect("at the desk and the gateway within a second");
        took.push(pressed.elapsed());
        let take = format!("/v1/sos/{}/take", alarm["id"].as_str().expect("an id"));
        desk.client.post(&take, json!({})).await.expect(200);
    }
    gateway.release();
    took.sort();
    let (backend, median, longest) = (server.backend, took[ALARMS / 2], took[ALARMS - 1]);
    eprintln!("{backend:?}: an alarm took {median:.1?}, {longest:.1?} at most");
}

async fn on(backend: Backend) {
    let gateway = Arc::new(Webhook::serve().await);
    let change = |config: &mut jiahu::config::Config| gateway.configure(&mut config.messages);
    let test = |server| within_the_time(server, gateway.clone());
    TestServer::with_work(backend, Background::All, change, test).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alarm_is_there_within_a_second_on_sqlite() {
    on(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alarm_is_there_within_a_second_on_postgres() {
    on(Backend::Postgres).await;
}
