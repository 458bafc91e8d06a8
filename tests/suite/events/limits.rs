//! How many streams, how they are sent, and how they end.

use jiahu::domain::event::EventKind::OrderSubmitted;
use jiahu_tests::on_both;
use reqwest::Method;

use super::helpers::Scene;

on_both! {
    async fn other_devices_of_an_account_cannot_take_more_than_their_streams(server: TestServer) {
        let scene = Scene::build(&server).await;
        let phone = &scene.family.client;
        let mut streams = Vec::new();
        for _ in 0..jiahu::live::MOST_STREAMS {
            streams.push(phone.listen(None).await);
        }
        let tablet = scene.town.session(&server.app, scene.family.account).await;
        let tablet = phone.in_session(&server.app, tablet);
        tablet.get("/v1/events").await.problem(429, "streams_too_many");
        // The same device takes the place of its oldest stream, which may be dead.
        let mut newest = phone.listen(None).await;
        streams.remove(0).end().await;
        scene.happen(&server, &[OrderSubmitted]).await;
        assert_eq!(newest.kinds(1).await, ["order.submitted"]);
        assert_eq!(streams[0].kinds(1).await, ["order.submitted"]);
        scene.stranger.client.listen(None).await;
    }

    async fn a_stream_is_neither_packed_nor_kept(server: TestServer) {
        let scene = Scene::build(&server).await;
        let request = scene.family.client.request(Method::GET, "/v1/events");
        let answer = request.header("accept-encoding", "gzip").send().await.expect("an answer");
        let headers = answer.headers();
        assert!(!headers.contains_key("content-encoding"));
        assert_eq!(headers["x-accel-buffering"], "no");
        assert_eq!(headers["cache-control"], "no-store");
    }

    async fn streams_end_when_the_server_stops(server: TestServer) {
        let scene = Scene::build(&server).await;
        let mut listening = scene.family.client.listen(None).await;
        scene.happen(&server, &[OrderSubmitted]).await;
        listening.next().await;
        server.app.feed.stopping().cancel();
        listening.end().await;
    }
}
