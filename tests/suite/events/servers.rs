//! Two server processes over one PostgreSQL, and writers that commit late.

use jiahu::domain::event::EventKind::{OrderAccepted, OrderApproved, OrderSubmitted};
use jiahu::store;
use jiahu_tests::harness::{Backend, TestServer};

use super::helpers::Scene;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_of_one_server_is_heard_at_the_other() {
    TestServer::with(Backend::Postgres, async |one| {
        let scene = Scene::build(&one).await;
        let two = one.second().await;
        let here = &scene.family.client;
        let there = two.client_of(here);
        let mut near = here.listen(None).await;
        let mut far = there.listen(None).await;
        scene.happen(&one, &[OrderSubmitted]).await;
        scene.happen(&two, &[OrderApproved]).await;
        for listening in [&mut near, &mut far] {
            assert_eq!(
                listening.kinds(2).await,
                ["order.submitted", "order.approved"]
            );
        }
        // What one server told, the other goes on from.
        let place = near.last_id.clone();
        scene.happen(&one, &[OrderAccepted]).await;
        let mut moved = there.listen(place.as_deref()).await;
        assert_eq!(moved.kinds(1).await, ["order.accepted"]);
        // A session that one server ends is over at the other.
        let sessions = here.get("/v1/me/sessions").await.expect(200);
        let session = sessions["items"][0]["id"].as_str().expect("an id");
        here.delete(&format!("/v1/me/sessions/{session}"))
            .await
            .expect(204);
        assert_eq!(far.kinds(1).await, ["order.accepted"]);
        far.end().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_that_commits_late_is_not_passed_over() {
    TestServer::with(Backend::Postgres, async |server| {
        let scene = Scene::build(&server).await;
        let (app, community) = (&server.app, scene.town.community);
        let mut listening = scene.coordinator.client.listen(None).await;
        // The slow writer takes the smaller numbers, of its transaction and of its event …
        let mut slow = app.db.write("test_slow");
        let tx = slow.begin().await.expect("a transaction");
        store::event::append(&tx, app, community, scene.order.event(OrderSubmitted))
            .await
            .expect("an event");
        // … and a quick one commits before it.
        scene
            .other_order
            .happens(&server, &scene.town, OrderAccepted)
            .await;
        let end = store::feed::end(app.db.reader()).await.expect("a place");
        slow.settle(tx, Ok(())).await;
        let (first, second) = (listening.next().await, listening.next().await);
        assert!(scene.order.is_subject(&first), "{first:#}");
        assert!(scene.other_order.is_subject(&second), "{second:#}");
        // The quick event was held back until then, for those who resume as well.
        let mut resumed = scene
            .coordinator
            .client
            .listen(Some(&end.to_string()))
            .await;
        assert_eq!(
            resumed.kinds(2).await,
            ["order.submitted", "order.accepted"]
        );
    })
    .await;
}
