//! Soft answers wait for a doctor or coordinator.

use entity::enums::{OrderState, Role};
use jiahu_tests::harness::{TestServer, fresh_key};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{Scene, footprint, id, searches, trail, window};

/// Templates of the messages that reached a phone, oldest first.
async fn told(server: &TestServer, phone: &str) -> Vec<String> {
    server.run_jobs().await;
    let sent = server.phones.of(phone).into_iter();
    sent.map(|message| message.template).collect()
}

/// Books something that has to be looked at.
async fn soft(server: &TestServer, scene: &Scene) -> Value {
    let mut body = scene.body(&["PI_12"]);
    body["answers"]["PI_SITES"] = json!(4);
    let order = scene
        .family
        .client
        .post("/v1/orders", body)
        .await
        .expect(201);
    assert_eq!(order["state"], "in_review");
    assert!(
        searches(server, id(&order)).await.is_empty(),
        "nobody is asked before the review"
    );
    order
}

on_both! {
    async fn a_doctor_approves_and_the_search_begins(server: TestServer) {
        let scene = Scene::build(&server).await;
        let order = soft(&server, &scene).await;
        assert_eq!(order["findings"][0]["severity"], "soft");
        assert!(order["findings"][0]["advice"]["zh"].as_str().expect("a text").contains("护士长"));
        let order = id(&order);
        let at = Some(scene.town.hospital);
        let doctor = scene.town.person(&server, "13800000005", Role::Doctor, at).await.client;
        let path = format!("/v1/orders/{order}/review");
        server.app.clock.advance(chrono::TimeDelta::minutes(5));
        let key = fresh_key();
        let decision = json!({"decision": "approve", "reason": "伤口照片已看,可居家换药"});
        let open = doctor.post_with_key(&path, decision.clone(), &key).await.expect(200);
        assert_eq!((&open["state"], &open["version"]), (&json!("open"), &json!(2)));
        assert_eq!(searches(&server, order).await, [1]);
        let row = scene.fixtures(&server).order(order).await;
        assert_eq!((row.opened_at, row.updated_at), (Some(server.now()), server.now()));
        let whole = scene.family.client.get(&format!("/v1/orders/{order}")).await.expect(200);
        assert_eq!(whole["detail"]["review_reason"], "伤口照片已看,可居家换药");
        assert_eq!(whole["detail"]["end_reason"], Value::Null);
        let wanted = ["order.review_requested", "order.approved"];
        assert_eq!(trail(&scene.family.client, order).await, wanted);
        let after = footprint(&server).await;
        assert_eq!(doctor.post_with_key(&path, decision.clone(), &key).await.expect(200), open);
        doctor.post(&path, decision).await.problem(409, "order_wrong_state");
        assert_eq!(footprint(&server).await, after);
    }

    async fn a_coordinator_refuses_with_a_reason(server: TestServer) {
        let scene = Scene::build(&server).await;
        let order = id(&soft(&server, &scene).await);
        let path = format!("/v1/orders/{order}/review");
        let desk = &scene.desk.client;
        let problem = desk.post(&path, json!({"decision": "refuse"})).await.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["field"], "reason");
        desk.post(&path, json!({"decision": "maybe"})).await.problem(422, "invalid_request");
        let refusal = json!({"decision": "refuse", "reason": "面积太大,请到伤口门诊"});
        let refused = desk.post(&path, refusal).await.expect(200);
        assert_eq!(refused["state"], "refused");
        assert_eq!(refused["cancellation"], Value::Null);
        let whole = scene.family.client.get(&format!("/v1/orders/{order}")).await.expect(200);
        assert_eq!(whole["detail"]["end_reason"], "面积太大,请到伤口门诊");
        assert_eq!(whole["detail"]["review_reason"], "面积太大,请到伤口门诊");
        assert_eq!(told(&server, &scene.family.phone).await, ["review_refused"]);
        let text = &server.phones.of(&scene.family.phone)[0].text;
        assert!(text.contains("review") && !text.contains("assessment"), "{text}");
        assert!(searches(&server, order).await.is_empty());
        let items = scene.fixtures(&server).items(order).await;
        assert!(items.iter().all(|item| !item.live), "a refused order is in nobody's way");
        let row = scene.fixtures(&server).order(order).await;
        assert_eq!(row.state, OrderState::Refused);
        soft(&server, &scene).await;
    }

    async fn what_nobody_reviews_ends_with_its_window(server: TestServer) {
        let scene = Scene::build(&server).await;
        let order = id(&soft(&server, &scene).await);
        // Moved to a later day, it ends with that one.
        let later = json!({"window": window("2026-03-04 09:00", "2026-03-04 12:00")});
        let path = format!("/v1/orders/{order}/reschedule");
        scene.family.client.post_if(&path, "\"v1\"", later).await.expect(200);
        let start = scene.fixtures(&server).order(order).await.window_start;
        server.advance(start - server.now() - chrono::TimeDelta::seconds(1)).await;
        let row = scene.fixtures(&server).order(order).await;
        assert_eq!(row.state, OrderState::InReview);
        server.advance(chrono::TimeDelta::seconds(1)).await;
        let row = scene.fixtures(&server).order(order).await;
        assert_eq!((row.state, row.fee_fen), (OrderState::Expired, None));
        assert!(!scene.fixtures(&server).items(order).await[0].live);
        assert_eq!(told(&server, &scene.family.phone).await, ["expired_unreviewed"]);
        let text = &server.phones.of(&scene.family.phone)[0].text;
        assert!(text.contains("not reviewed in time"), "{text}");
    }

    async fn coordinators_are_told_that_a_review_waits(server: TestServer) {
        let scene = Scene::build(&server).await;
        let elsewhere = Some(scene.town.other_centre);
        let other = scene.town.person(&server, "13800000009", Role::Coordinator, elsewhere).await;
        let order = soft(&server, &scene).await;
        assert_eq!(told(&server, &scene.desk.phone).await, ["review_needed"]);
        let text = &server.phones.of(&scene.desk.phone)[0].text;
        assert!(text.contains(order["number"].as_str().expect("a number")), "{text}");
        assert!(text.contains("03-03 09:00"), "{text}");
        assert!(told(&server, &other.phone).await.is_empty());
        scene.book().await;
        assert_eq!(told(&server, &scene.desk.phone).await.len(), 1, "what is sound waits for nobody");
    }

    async fn who_may_not_review_does_not(server: TestServer) {
        let scene = Scene::build(&server).await;
        let order = id(&soft(&server, &scene).await);
        let path = format!("/v1/orders/{order}/review");
        let approve = json!({"decision": "approve"});
        scene.family.client.post(&path, approve.clone()).await.problem(403, "forbidden");
        let elsewhere = Some(scene.town.other_centre);
        let doctor = scene.town.person(&server, "13800000005", Role::Doctor, elsewhere).await;
        doctor.client.post(&path, approve.clone()).await.problem(404, "not_found");
        let (open, _) = scene.book().await;
        let path = format!("/v1/orders/{open}/review");
        let problem = scene.desk.client.post(&path, approve).await.problem(409, "order_wrong_state");
        assert_eq!(problem["state"], "open");
    }
}
