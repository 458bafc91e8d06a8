//! Receipts of the gateway: signed, counted once, and what did not reach a phone goes to a nurse.

use chrono::TimeDelta;
use jiahu_tests::harness::{
    Backend, Client, GATEWAY_SECRET, NurseSpec, Reply, Scene, SceneNurse, TestServer,
};
use jiahu_tests::on_both;
use reqwest::Method;
use serde_json::{Value, json};

use super::{discharged, first};
use crate::discharges::feed::sign;

async fn send(client: &Client, stamp: &str, signature: &str, body: &str) -> Reply {
    let request = client
        .request(Method::POST, "/v1/message-receipts")
        .header("content-type", "application/json")
        .header("x-jiahu-timestamp", stamp)
        .header("x-jiahu-signature", signature)
        .body(body.to_owned());
    client.send(request).await
}

async fn tell(server: &TestServer, receipt: &Value) -> Reply {
    let (stamp, body) = (server.now().timestamp().to_string(), receipt.to_string());
    let signature = sign(GATEWAY_SECRET, &stamp, &body);
    send(&server.nobody(), &stamp, &signature, &body).await
}

/// A follow-up that was opened with a link, and its nurse.
async fn opened(server: &TestServer) -> (Scene, SceneNurse) {
    let scene = Scene::build(server).await;
    let nurse = scene.nurse(server, 1, NurseSpec::default()).await;
    discharged(&scene, Some(&nurse)).await;
    server.advance(TimeDelta::days(1)).await;
    (scene, nurse)
}

/// Id of the newest message of a template that the family got.
fn id(server: &TestServer, scene: &Scene, template: &str) -> String {
    let sent = server.phones.of(&scene.family.phone);
    let newest = sent.iter().rfind(|one| one.template == template);
    newest.expect("a message").id.clone()
}

on_both! {
    async fn a_receipt_sets_what_became_of_a_message(server: TestServer) {
        let (scene, nurse) = opened(&server).await;
        let (link, code) = (id(&server, &scene, "answer_link"), id(&server, &scene, "answer_code"));
        let delivered = json!({ "id": link, "state": "delivered" });
        server.advance(TimeDelta::minutes(3)).await;
        let taken = tell(&server, &delivered).await.expect(200);
        assert_eq!(taken, json!({ "id": link, "state": "delivered" }));
        let at = json!(server.now());
        server.advance(TimeDelta::minutes(3)).await;
        assert_eq!(tell(&server, &delivered).await.expect(200), taken);
        let undelivered = |id: &str| json!({ "id": id, "state": "undelivered", "reason": "absent subscriber" });
        assert_eq!(tell(&server, &undelivered(&link)).await.expect(200), taken, "it was there");
        let task = first(&scene).await;
        let reminder = &task["reminder"];
        assert_eq!((&reminder["state"], &reminder["delivered_at"], &task["channel"]), (&json!("delivered"), &at, &json!("wechat")));

        // The family has the link and not the code: it cannot answer, so the nurse calls.
        for _ in 0..2 {
            assert_eq!(tell(&server, &undelivered(&code)).await.expect(200)["state"], "undelivered");
            server.run_jobs().await;
        }
        assert_eq!(first(&scene).await["channel"], "phone");
        let calls = server.phones.of(&nurse.person.phone).into_iter().filter(|one| one.template == "follow_up_due");
        assert_eq!(calls.count(), 1);
        // A network that delivers after all.
        let late = json!({ "id": code, "state": "delivered" });
        assert_eq!(tell(&server, &late).await.expect(200)["state"], "delivered");
    }

    async fn a_receipt_that_is_forged_late_or_of_nothing_changes_nothing(server: TestServer) {
        let (scene, _) = opened(&server).await;
        let link = id(&server, &scene, "answer_link");
        let body = json!({ "id": link, "state": "undelivered" }).to_string();
        let stamp = server.now().timestamp().to_string();
        let nobody = server.nobody();
        for secret in ["", "another secret of thirty-two bytes!"] {
            let forged = sign(secret, &stamp, &body);
            send(&nobody, &stamp, &forged, &body).await.problem(401, "receipt_signature");
        }
        // The signature of a message that went out is not one of a receipt.
        let plain = sign(GATEWAY_SECRET, "", &body);
        send(&nobody, &stamp, &plain, &body).await.problem(401, "receipt_signature");
        let old = (server.now() - TimeDelta::seconds(301)).timestamp().to_string();
        let signature = sign(GATEWAY_SECRET, &old, &body);
        send(&nobody, &old, &signature, &body).await.problem(401, "feed_timestamp");
        let unknown = json!({ "id": "01945d00-0000-7000-8000-00000000dead", "state": "delivered" });
        tell(&server, &unknown).await.problem(404, "not_found");
        tell(&server, &json!({ "id": link, "state": "lost" })).await.problem(422, "invalid_request");
        let task = first(&scene).await;
        assert_eq!((&task["reminder"]["state"], &task["channel"]), (&json!("sent"), &json!("wechat")));
    }
}

#[tokio::test]
async fn without_a_gateway_no_receipt_is_believed() {
    let none = |config: &mut jiahu::config::Config| config.messages.webhook_secret = None;
    TestServer::with_config(Backend::Sqlite, none, async |server| {
        let receipt = json!({ "id": "01945d00-0000-7000-8000-00000000dead", "state": "delivered" });
        tell(&server, &receipt)
            .await
            .problem(401, "receipt_signature");
    })
    .await;
}
