//! A visit that runs over (R15).

use chrono::TimeDelta;
use entity::enums::Role;
use jiahu_tests::harness::{Person, TestServer, with_family};
use jiahu_tests::on_both;
use serde_json::{Value, json};

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

/// The visit as it was planned.
async fn planned(server: &TestServer, duty: &OnDuty) -> entity::visit::Model {
    let (db, community) = (server.app.db.reader(), duty.scene.town.community);
    let visit = jiahu::store::visit::live_of_order(db, community, duty.order).await;
    visit.expect("a query").expect("a visit")
}

/// Alerts that the nurse is missed, and that nobody closed.
async fn missed(duty: &OnDuty) -> Vec<Value> {
    let path = "/v1/alerts?kind=nurse_missed&closed=false";
    let alerts = duty.nurse.person.client.get(path).await.expect(200);
    alerts["items"].as_array().expect("a list").clone()
}

async fn take(who: &Person, alert: &Value) {
    let path = format!("/v1/alerts/{}/take", alert["id"].as_str().expect("an id"));
    who.client.post(&path, json!({})).await.expect(200);
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
        take(&duty.scene.coordinator, &missed(&duty).await[0]).await;
        server.advance(TimeDelta::hours(5)).await;
        assert_eq!(told(&server, &duty), (1, 1), "somebody looks after it");
    }

    async fn people_are_called_until_somebody_takes_it(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let town = &duty.scene.town;
        let above = town.person(&server, "13911110001", Role::Supervisor, Some(town.hospital)).await;
        duty.step("depart", json!({})).await;
        server.advance(until_asked(&server, &duty).await).await;
        server.advance(TimeDelta::minutes(15)).await;
        let called = || (told(&server, &duty).1, count(&server, &above.phone, "nurse_missed"));
        assert_eq!(called(), (1, 0), "the coordinators of the institution");
        server.advance(TimeDelta::minutes(2)).await;
        assert_eq!(called(), (2, 0), "all coordinators");
        server.advance(TimeDelta::minutes(2)).await;
        assert_eq!(called(), (2, 1), "supervisors");
        let alert = missed(&duty).await.remove(0);
        assert_eq!((&alert["severity"], &alert["visit_id"]), (&json!("critical"), &json!(duty.visit)));
        take(&above, &alert).await;
        server.advance(TimeDelta::minutes(10)).await;
        assert_eq!(called(), (2, 1));
    }

    async fn who_is_missed_is_looked_for_though_the_visit_is_called_off(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        duty.step("depart", json!({})).await;
        server.advance(until_asked(&server, &duty).await).await;
        server.advance(TimeDelta::minutes(15)).await;
        assert_eq!(told(&server, &duty), (1, 1));
        let alert = missed(&duty).await.remove(0);
        let path = format!("/v1/orders/{}/cancel", duty.order);
        duty.scene.family.client.post(&path, json!({ "reason": "没有人来" })).await.expect(200);
        server.advance(TimeDelta::minutes(2)).await;
        assert_eq!(told(&server, &duty), (1, 2), "nobody has heard of her");
        take(&duty.scene.coordinator, &alert).await;
        server.advance(TimeDelta::minutes(10)).await;
        assert_eq!(told(&server, &duty), (1, 2));
    }

    async fn who_is_missed_does_not_look_after_it_herself(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        duty.step("depart", json!({})).await;
        server.advance(until_asked(&server, &duty).await).await;
        server.advance(TimeDelta::minutes(15)).await;
        let alert = missed(&duty).await.remove(0);
        let path = format!("/v1/alerts/{}", alert["id"].as_str().expect("an id"));
        let hers = &duty.nurse.person.client;
        hers.get(&path).await.expect(200);
        hers.post(&format!("{path}/take"), json!({})).await.problem(403, "forbidden");
        server.advance(TimeDelta::minutes(2)).await;
        assert_eq!(told(&server, &duty), (1, 2), "she is looked for all the same");
        take(&duty.scene.coordinator, &alert).await;
        let act = json!({ "action": "已联系" });
        hers.post(&format!("{path}/act"), act).await.problem(403, "forbidden");
        let close = json!({ "outcome": "已联系" });
        hers.post(&format!("{path}/close"), close).await.problem(403, "forbidden");
    }

    async fn who_is_still_out_when_it_is_closed_is_watched_again(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        duty.step("depart", json!({})).await;
        server.advance(until_asked(&server, &duty).await).await;
        server.advance(TimeDelta::minutes(15)).await;
        let alert = missed(&duty).await.remove(0);
        let desk = &duty.scene.coordinator;
        take(desk, &alert).await;
        let path = format!("/v1/alerts/{}/close", alert["id"].as_str().expect("an id"));
        desk.client.post(&path, json!({ "outcome": "电话已接通,仍在患者家" })).await.expect(200);
        server.advance(TimeDelta::minutes(29)).await;
        assert_eq!(told(&server, &duty), (1, 1));
        server.advance(TimeDelta::minutes(1)).await;
        assert_eq!(told(&server, &duty), (2, 1));
        server.advance(TimeDelta::minutes(15)).await;
        assert_eq!((told(&server, &duty), missed(&duty).await.len()), ((2, 2), 1));
    }

    async fn who_gives_it_back_is_heard_of(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let visit = planned(&server, &duty).await;
        server.advance(visit.busy_from + TimeDelta::minutes(30) - server.now()).await;
        server.advance(visit.ends_at + TimeDelta::minutes(30) - server.now()).await;
        assert_eq!(missed(&duty).await.len(), 1);
        duty.step("give-back", json!({ "reason": "孩子发烧" })).await;
        server.advance(TimeDelta::minutes(10)).await;
        assert_eq!(told(&server, &duty), (0, 1));
    }

    async fn an_institution_without_a_coordinator_calls_the_next_circle_at_once(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let town = &duty.scene.town;
        let above = town.person(&server, "13911110001", Role::Supervisor, Some(town.hospital)).await;
        let admin = town.person(&server, "13911110002", Role::Admin, None).await;
        let disable = format!("/v1/accounts/{}/disable", duty.scene.coordinator.account);
        admin.client.post(&disable, json!({})).await.expect(200);
        duty.step("depart", json!({})).await;
        server.advance(until_asked(&server, &duty).await).await;
        server.advance(TimeDelta::minutes(15)).await;
        assert_eq!((told(&server, &duty).1, count(&server, &above.phone, "nurse_missed")), (0, 1));
    }

    async fn who_is_heard_of_is_not_looked_for_any_more(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        duty.step("depart", json!({})).await;
        server.advance(until_asked(&server, &duty).await).await;
        server.advance(TimeDelta::minutes(15)).await;
        assert_eq!(missed(&duty).await.len(), 1);
        duty.step("still-fine", json!({ "minutes": 30 })).await;
        assert!(missed(&duty).await.is_empty());
        server.advance(TimeDelta::minutes(10)).await;
        assert_eq!(told(&server, &duty), (1, 1));
    }

    async fn who_has_not_set_out_is_asked_and_the_desk_told_in_time(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let desk = &duty.scene.coordinator;
        let asked = || (
            count(&server, &duty.nurse.person.phone, "set_out"),
            count(&server, &desk.phone, "not_departed"),
        );
        let visit = planned(&server, &duty).await;
        server.advance(visit.busy_from + TimeDelta::minutes(30) - TimeDelta::seconds(1) - server.now()).await;
        assert_eq!(asked(), (0, 0));
        let mut live = desk.client.listen(None).await;
        server.advance(TimeDelta::seconds(1)).await;
        assert_eq!(asked(), (1, 1));
        live.until("visit.not_departed").await;
        let needing = async || desk.client.get("/v1/orders?needs=coordinator").await.expect(200)["items"].clone();
        assert_eq!(needing().await[0]["id"], json!(duty.order));
        server.advance(TimeDelta::minutes(15)).await;
        duty.step("depart", json!({})).await;
        assert_eq!(needing().await, json!([]));
        server.advance(TimeDelta::minutes(20)).await;
        assert_eq!((asked(), told(&server, &duty)), ((1, 1), (0, 0)));
        // From here on it is the watch of a visit under way.
        server.advance(until_asked(&server, &duty).await).await;
        assert_eq!(told(&server, &duty), (1, 0));
    }

    async fn who_was_not_heard_of_is_missed_when_she_should_be_back(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let visit = planned(&server, &duty).await;
        server.advance(visit.busy_from + TimeDelta::minutes(30) - server.now()).await;
        let back = visit.ends_at + TimeDelta::minutes(30);
        server.advance(back - TimeDelta::seconds(1) - server.now()).await;
        assert_eq!(told(&server, &duty), (0, 0));
        server.advance(TimeDelta::seconds(1)).await;
        assert_eq!((told(&server, &duty), missed(&duty).await.len()), ((0, 1), 1));
        // She was without signal, and comes all the same.
        duty.step("depart", json!({})).await;
        assert!(missed(&duty).await.is_empty());
        server.advance(TimeDelta::minutes(10)).await;
        assert_eq!(told(&server, &duty), (0, 1));
    }

    async fn nobody_is_asked_about_a_visit_that_is_not_hers_any_more(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let path = format!("/v1/orders/{}/cancel", duty.order);
        duty.scene.family.client.post(&path, json!({ "reason": "家人已带去医院" })).await.expect(200);
        server.advance(TimeDelta::hours(12)).await;
        assert_eq!(count(&server, &duty.nurse.person.phone, "set_out"), 0);
        assert_eq!(count(&server, &duty.scene.coordinator.phone, "not_departed"), 0);
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
