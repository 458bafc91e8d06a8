//! What a real offer, its accept and the way to the patient say on the streams of those whom they concern.

use chrono::TimeDelta;
use jiahu_tests::harness::{NurseSpec, Scene};
use jiahu_tests::on_both;
use serde_json::json;

on_both! {
    async fn an_order_is_heard_from_its_offer_to_the_departure(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let beaten = scene.nurse(&server, 2, NurseSpec::default()).await;
        let mut hers = nurse.person.client.listen(None).await;
        let mut second = beaten.person.client.listen(None).await;
        let mut family = scene.family.client.listen(None).await;
        let mut desk = scene.coordinator.client.listen(None).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(4)).await;
        let visit = scene.accepted_visit(&server, &nurse, order).await;
        let about = |event: &serde_json::Value| {
            assert_eq!(event["order_id"], json!(order), "{event:#}");
        };
        for stream in [&mut hers, &mut second] {
            about(&stream.until("offer.made").await);
        }
        for (stream, named) in [(&mut hers, true), (&mut family, false), (&mut desk, true)] {
            let accepted = stream.until("order.accepted").await;
            about(&accepted);
            let nurse_id = if named { json!(nurse.id) } else { json!(null) };
            assert_eq!(accepted["nurse_id"], nurse_id, "a family learns who comes from the order, not from the stream");
        }
        let gone = second.until("offer.withdrawn").await;
        about(&gone);
        assert_eq!(gone["nurse_id"], json!(beaten.id));
        server.advance(TimeDelta::hours(3)).await;
        nurse.person.client.post(&format!("/v1/visits/{visit}/depart"), json!({})).await.expect(200);
        for stream in [&mut hers, &mut family, &mut desk] {
            stream.until("visit.departed").await;
        }
    }
}
