//! The same booking sent twice, and two bookings of the same thing.

use jiahu_tests::harness::{Reply, fresh_key};
use jiahu_tests::on_both;
use serde_json::json;

use super::{Scene, footprint, id};

fn created(replies: &[Reply]) -> usize {
    replies.iter().filter(|reply| reply.status == 201).count()
}

on_both! {
    async fn a_retry_gets_the_first_answer(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (family, key) = (&scene.family.client, fresh_key());
        let first = family.post_with_key("/v1/orders", scene.body(&["EDU"]), &key).await;
        let after = footprint(&server).await;
        // Even when the window could not be booked any more.
        server.app.clock.advance(chrono::TimeDelta::hours(23));
        let family = scene.fresh(&server, &scene.family).await;
        let again = family.post_with_key("/v1/orders", scene.body(&["EDU"]), &key).await;
        assert_eq!(again.headers["location"], first.headers["location"]);
        assert_eq!(again.etag(), first.etag());
        assert_eq!(again.expect(201), first.expect(201));
        assert_eq!(footprint(&server).await, after);
        let other = scene.body(&["UC_CHG"]);
        family.post_with_key("/v1/orders", other, &key).await.problem(422, "idempotency_key_reused");
        // The key is the caller's own.
        let desk = scene.fresh(&server, &scene.desk).await;
        let body = scene.body_at(&["EDU"], "2026-03-04 09:00", "2026-03-04 12:00");
        desk.post_with_key("/v1/orders", body, &key).await.expect(201);
    }

    async fn one_request_sent_at_once_many_times_books_once(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (family, key, body) = (&scene.family.client, fresh_key(), scene.body(&["EDU"]));
        let posts = (0..12).map(|_| family.post_with_key("/v1/orders", body.clone(), &key));
        let replies = futures::future::join_all(posts).await;
        let mut orders: Vec<_> = replies.into_iter().map(|reply| id(&reply.expect(201))).collect();
        orders.dedup();
        assert_eq!(orders.len(), 1);
        assert_eq!(footprint(&server).await, [1, 1, 1, 1, 1]);
    }

    async fn of_many_who_book_the_same_one_wins(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (family, desk) = (&scene.family.client, &scene.desk.client);
        let body = scene.body(&["EDU"]);
        let posts = (0..12).map(|number| {
            let client = if number % 2 == 0 { family } else { desk };
            client.post("/v1/orders", body.clone())
        });
        let replies = futures::future::join_all(posts).await;
        assert_eq!(created(&replies), 1);
        for reply in replies.into_iter().filter(|reply| reply.status != 201) {
            reply.problem(409, "order_duplicate");
        }
        assert_eq!(footprint(&server).await, [1, 1, 1, 1, 1]);
    }

    async fn an_item_is_booked_once_for_a_time(server: TestServer) {
        let scene = Scene::build(&server).await;
        let family = &scene.family.client;
        let (first, _) = scene.book().await;
        let after = footprint(&server).await;
        for (start, end) in [
            ("2026-03-03 09:00", "2026-03-03 12:00"),
            ("2026-03-03 11:00", "2026-03-03 14:00"),
            ("2026-03-03 08:00", "2026-03-03 09:01"),
        ] {
            let body = scene.body_at(&["UC_CHG", "EDU"], start, end);
            let body = if start.ends_with("08:00") { scene.body_at(&["EDU"], start, end) } else { body };
            family.post("/v1/orders", body).await.problem(409, "order_duplicate");
        }
        assert_eq!(footprint(&server).await, after);
        // Windows that only touch, another item, and another time are all fine.
        for (items, start, end) in [
            (&["EDU"], "2026-03-03 12:00", "2026-03-03 14:00"),
            (&["UC_CHG"], "2026-03-03 09:00", "2026-03-03 12:00"),
            (&["EDU"], "2026-03-04 09:00", "2026-03-04 12:00"),
        ] {
            family.post("/v1/orders", scene.body_at(items, start, end)).await.expect(201);
        }
        // A cancelled booking makes room.
        let cancel = format!("/v1/orders/{first}/cancel");
        family.post(&cancel, json!({"reason": "改天"})).await.expect(200);
        family.post("/v1/orders", scene.body(&["EDU"])).await.expect(201);
    }
}
