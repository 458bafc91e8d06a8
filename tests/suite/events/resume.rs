//! Resuming: nothing is missed, nothing comes twice.

use chrono::TimeDelta;
use jiahu::domain::event::EventKind::{OrderAccepted, OrderApproved, OrderSubmitted};
use jiahu_tests::harness::{Listening, WAIT};
use jiahu_tests::on_both;
use reqwest::Method;

use super::helpers::Scene;

on_both! {
    async fn a_client_that_was_away_gets_what_it_missed_once(server: TestServer) {
        let scene = Scene::build(&server).await;
        let family = &scene.family.client;
        let mut first = family.listen(None).await;
        scene.happen(&server, &[OrderSubmitted]).await;
        assert_eq!(first.kinds(1).await, ["order.submitted"]);
        let last = first.last_id.clone();
        drop(first);
        scene.other_order.happens(&server, &scene.town, OrderSubmitted).await;
        scene.happen(&server, &[OrderApproved]).await;
        let mut again = family.listen(last.as_deref()).await;
        scene.happen(&server, &[OrderAccepted]).await;
        assert_eq!(again.kinds(2).await, ["order.approved", "order.accepted"]);
        let place = format!("/v1/events?after={}", last.expect("an id"));
        let mut by_query = Listening::open(family.request(Method::GET, &place)).await;
        assert_eq!(by_query.kinds(2).await, ["order.approved", "order.accepted"]);
    }

    async fn many_missed_events_come_in_order_while_new_ones_happen(server: TestServer) {
        const MANY: usize = 700;
        let scene = Scene::build(&server).await;
        let mut first = scene.coordinator.client.listen(None).await;
        scene.happen(&server, &[OrderSubmitted]).await;
        first.next().await;
        let writer = async {
            for _ in 0..MANY {
                scene.happen(&server, &[OrderApproved]).await;
            }
            scene.happen(&server, &[OrderAccepted]).await;
        };
        let reader = async {
            let mut last_id = first.last_id.clone();
            let mut ids = Vec::new();
            // A client that loses its stream after every 50 events.
            loop {
                let mut listening = scene.coordinator.client.listen(last_id.as_deref()).await;
                for _ in 0..50 {
                    let event = listening.next().await;
                    ids.push(event["id"].as_str().expect("an id").to_owned());
                    if event["kind"] == "order.accepted" {
                        return ids;
                    }
                }
                last_id.clone_from(&listening.last_id);
            }
        };
        let ((), ids) = tokio::join!(writer, reader);
        assert_eq!(ids.len(), MANY + 1);
        let place = |id: &String| -> (i64, i64) {
            let (txid, seq) = id.split_once('-').expect("two numbers");
            (txid.parse().expect("a number"), seq.parse().expect("a number"))
        };
        assert!(ids.is_sorted_by(|one, other| place(one) < place(other)));
        let mut whole = scene.coordinator.client.listen(first.last_id.as_deref()).await;
        for id in &ids {
            assert_eq!(whole.next().await["id"], **id);
        }
    }

    async fn a_place_that_is_not_known_is_refused(server: TestServer) {
        let scene = Scene::build(&server).await;
        let family = &scene.family.client;
        let mut first = family.listen(None).await;
        scene.happen(&server, &[OrderSubmitted]).await;
        // On PostgreSQL it is read as soon as no older transaction runs, whoever's.
        first.until("order.submitted").await;
        for wrong in ["x", "1", "1-", "1-x", "99999999999999999999-1"] {
            family.get(&format!("/v1/events?after={wrong}")).await.problem(400, "cursor_invalid");
        }
        family.get("/v1/events?since=1-1").await.problem(400, "query_invalid");
        family.get("/v1/events?after=999999999999-1").await.problem(410, "events_gone");
        server.app.clock.advance(TimeDelta::days(8));
        family.get("/v1/events?after=0-0").await.problem(410, "events_gone");
        let mut fresh = family.listen(None).await;
        scene.happen(&server, &[OrderAccepted]).await;
        fresh.until("order.accepted").await;
    }

    async fn the_stream_says_where_to_resume_before_anything_happens(server: TestServer) {
        let scene = Scene::build(&server).await;
        scene.happen(&server, &[OrderSubmitted]).await;
        let request = scene.family.client.request(Method::GET, "/v1/events");
        let mut response = request.send().await.expect("an answer");
        let mut text = String::new();
        while !text.contains("\n\n") {
            let chunk = tokio::time::timeout(WAIT, response.chunk()).await.expect("in time");
            let chunk = chunk.expect("the stream").expect("goes on");
            text.push_str(std::str::from_utf8(&chunk).expect("text"));
        }
        drop(response);
        let id = text.lines().find_map(|line| line.strip_prefix("id:")).expect("an id").trim();
        assert!(text.contains("retry:") && text.starts_with(':'), "{text}");
        scene.happen(&server, &[OrderAccepted]).await;
        let mut resumed = scene.family.client.listen(Some(id)).await;
        resumed.until("order.accepted").await;
    }
}
