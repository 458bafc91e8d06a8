//! A visit that runs over (R15).

use chrono::TimeDelta;
use jiahu_tests::harness::{TestServer, with_family};
use jiahu_tests::on_both;
use serde_json::json;

use super::{OnDuty, count, here};

/// Messages to the nurse and to the coordinator.
fn told(server: &TestServer, duty: &OnDuty) -> (usize, usize) {
    (
        count(server, &duty.nurse.person.phone, "still_fine"),
        count(server, &duty.scene.coordinator.phone, "nurse_missed"),
    )
}

/// Minutes until the nurse is asked, from now: the watch's own time.
async fn until_asked(server: &TestServer, duty: &OnDuty) -> TimeDelta {
    let (db, community) = (server.app.db.reader(), duty.scene.town.community);
    let visit = duty.visit.parse().expect("an id");
    let watch = jiahu::store::visit_watch::get(db, community, visit).await;
    watch.expect("a query").expect("a watch").due_at - server.now()
}

on_both! {
    async fn she_is_asked_then_the_coordinator_is_told(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        duty.step("depart", json!({})).await;
        let left = until_asked(&server, &duty).await;
        // Two hours to the window, the visit itself, and half an hour.
        assert!(left > TimeDelta::minutes(150), "{left}");
        server.advance(left - TimeDelta::seconds(1)).await;
        assert_eq!(told(&server, &duty), (0, 0));
        let mut desk = duty.scene.coordinator.client.listen(None).await;
        server.advance(TimeDelta::seconds(1)).await;
        assert_eq!(told(&server, &duty), (1, 0));
        desk.until("visit.overdue").await;
        server.advance(TimeDelta::minutes(14)).await;
        assert_eq!(told(&server, &duty), (1, 0));
        server.advance(TimeDelta::minutes(1)).await;
        assert_eq!(told(&server, &duty), (1, 1));
        desk.until("visit.missed").await;
        server.advance(TimeDelta::hours(5)).await;
        assert_eq!(told(&server, &duty), (1, 1));
    }

    async fn her_answer_moves_the_watch_on(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        duty.post("still-fine", json!({ "minutes": 30 })).await.problem(409, "order_wrong_state");
        duty.step("depart", json!({})).await;
        for minutes in [0, 4, 121, 9999] {
            let problem = duty.post("still-fine", json!({ "minutes": minutes })).await.problem(422, "invalid_request");
            assert_eq!(problem["errors"][0]["code"], "number_range");
        }
        server.advance(until_asked(&server, &duty).await).await;
        assert_eq!(told(&server, &duty), (1, 0));
        let watch = duty.step("still-fine", json!({ "minutes": 30 })).await;
        assert_eq!(watch["state"], "departed");
        server.advance(TimeDelta::minutes(29)).await;
        assert_eq!(told(&server, &duty), (1, 0));
        server.advance(TimeDelta::minutes(1)).await;
        assert_eq!(told(&server, &duty), (2, 0));
        server.advance(TimeDelta::minutes(15)).await;
        assert_eq!(told(&server, &duty), (2, 1));
        // Late is better than never: the watch begins anew.
        duty.step("still-fine", json!({ "minutes": 20 })).await;
        server.advance(TimeDelta::minutes(35)).await;
        assert_eq!(told(&server, &duty), (3, 1));
    }

    async fn who_has_left_is_not_asked(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        duty.step("depart", json!({})).await;
        duty.step("arrive", json!({ "place": here() })).await;
        duty.step("start", with_family()).await;
        server.advance(TimeDelta::minutes(30)).await;
        duty.step("finish", json!({})).await;
        server.advance(TimeDelta::hours(12)).await;
        assert_eq!(told(&server, &duty), (0, 0));
        duty.post("still-fine", json!({ "minutes": 30 })).await.problem(409, "order_wrong_state");
    }

    async fn a_visit_called_off_on_the_way_is_not_watched(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        duty.step("depart", json!({})).await;
        let path = format!("/v1/orders/{}/cancel", duty.order);
        duty.scene.family.client.post(&path, json!({ "reason": "家人已带去医院" })).await.expect(200);
        server.advance(TimeDelta::hours(12)).await;
        assert_eq!(told(&server, &duty), (0, 0));
        duty.post("leave", json!({})).await.problem(409, "order_wrong_state");
    }
}
