//! Who loses a visit: taken off by the desk or given back, and what becomes of one whose nurse is out already.

use chrono::TimeDelta;
use entity::ids::OrderId;
use entity::visit_position;
use jiahu_tests::harness::{
    NurseSpec, Scene, SceneNurse, TestServer, filled_forms, fresh_key, with_family,
};
use jiahu_tests::on_both;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::here;
use super::seats::{for_two, state};
use crate::sync::fresh_id;

/// An order for two whose nurses both may set out: the visit of the one who leads and that of the second.
async fn both_accepted(
    server: &TestServer,
    nurses: u32,
) -> (Scene, Vec<SceneNurse>, OrderId, [String; 2]) {
    let (scene, nurses, order) = for_two(server, nurses).await;
    let lead = scene.accepted_visit(server, &nurses[0], order).await;
    let second = scene.accepted_visit(server, &nurses[1], order).await;
    server.advance(TimeDelta::hours(3)).await;
    (scene, nurses, order, [lead, second])
}

fn off(visit: &str) -> Value {
    json!({ "reason": "联系不上", "visit_id": visit })
}

/// How many messages of a template reached a phone.
fn count(server: &TestServer, phone: &str, template: &str) -> usize {
    let sent = server.phones.of(phone).into_iter();
    sent.filter(|message| message.template == template).count()
}

on_both! {
    async fn who_has_set_out_is_neither_taken_off_nor_moved(server: TestServer) {
        let (scene, nurses, order, [_, second]) = both_accepted(&server, 2).await;
        let (two, desk) = (&nurses[1], &scene.coordinator.client);
        two.post(&second, "depart", json!({})).await.expect(200);
        let path = format!("/v1/orders/{order}");
        desk.post(&format!("{path}/reassign"), off(&second)).await.problem(409, "nurse_set_out");
        two.post(&second, "give-back", json!({ "reason": "车坏了" })).await.problem(409, "nurse_set_out");
        let start = server.now() + TimeDelta::days(1);
        let window = json!({ "window": { "start": start, "end": start + TimeDelta::hours(2) } });
        let etag = scene.family.client.get(&path).await.etag();
        let moved = desk.post_if(&format!("{path}/reschedule"), &etag, window).await;
        moved.problem(409, "nurse_set_out");
        assert_eq!(state(&server, &scene, order).await, "accepted");
        two.post(&second, "arrive", json!({ "place": here() })).await.expect(200);
    }

    async fn the_one_who_leads_is_replaced_while_the_second_is_on_her_way(server: TestServer) {
        let (scene, nurses, order, [lead, second]) = both_accepted(&server, 3).await;
        let (two, three) = (&nurses[1], &nurses[2]);
        two.post(&second, "depart", json!({})).await.expect(200);
        let path = format!("/v1/orders/{order}/reassign");
        let gone = scene.coordinator.client.post(&path, off(&lead)).await.expect(200);
        assert_eq!(gone["state"], "open");
        // An arrival is never refused, whatever became of the other seat.
        two.post(&second, "arrive", json!({ "place": here() })).await.expect(200);
        let new = scene.accepted_visit(&server, three, order).await;
        assert_eq!(state(&server, &scene, order).await, "accepted");
        three.post(&new, "depart", json!({})).await.expect(200);
        three.post(&new, "arrive", json!({ "place": here() })).await.expect(200);
    }

    async fn called_off_with_a_nurse_on_her_way_costs_as_much_whichever_seat_is_hers(server: TestServer) {
        let (scene, nurses, order, [_, second]) = both_accepted(&server, 2).await;
        let family = &scene.family.client;
        let path = format!("/v1/orders/{order}");
        assert_eq!(family.get(&path).await.expect(200)["cancellation"]["stage"], "accepted");
        nurses[1].post(&second, "depart", json!({})).await.expect(200);
        let told = family.get(&path).await.expect(200)["cancellation"].clone();
        assert_eq!(told["stage"], "departed");
        let over = family.post(&format!("{path}/cancel"), json!({ "reason": "住院了" })).await.expect(200);
        assert_eq!(over["fee_fen"], told["fee_fen"]);
        let events = family.get(&format!("{path}/events")).await.expect(200);
        let last = events["items"].as_array().expect("events").last().expect("one").clone();
        assert_eq!((&last["kind"], &last["payload"]["stage"]), (&json!("order.cancelled"), &json!("departed")));
    }

    async fn who_is_there_when_it_is_called_off_is_watched_until_she_has_left(server: TestServer) {
        let (scene, nurses, order, [_, second]) = both_accepted(&server, 2).await;
        let two = &nurses[1];
        two.post(&second, "depart", json!({})).await.expect(200);
        two.post(&second, "arrive", json!({ "place": here() })).await.expect(200);
        let cancel = format!("/v1/orders/{order}/cancel");
        scene.family.client.post(&cancel, json!({ "reason": "住院了" })).await.expect(200);
        server.advance(TimeDelta::minutes(30)).await;
        assert_eq!(count(&server, &two.person.phone, "still_fine"), 1);
        two.post(&second, "leave", json!({ "place": here() })).await.expect(200);
        server.advance(TimeDelta::hours(2)).await;
        assert_eq!(count(&server, &scene.coordinator.phone, "nurse_missed"), 0);
    }

    async fn a_second_nurse_who_cannot_come_is_taken_off_and_nobody_begins_alone(server: TestServer) {
        let (scene, nurses, order, [lead, second]) = both_accepted(&server, 3).await;
        let (one, two, desk) = (&nurses[0], &nurses[1], &scene.coordinator.client);
        one.post(&lead, "depart", json!({})).await.expect(200);
        one.post(&lead, "arrive", json!({ "place": here() })).await.expect(200);
        let path = format!("/v1/orders/{order}/reassign");
        desk.post(&path, off(&lead)).await.problem(409, "order_wrong_state");
        let named = json!({ "reason": "联系不上", "visit_id": second, "nurse_id": nurses[2].id });
        desk.post(&path, named).await.problem(409, "order_wrong_state");
        let mut live = desk.listen(None).await;
        let gone = desk.post(&path, off(&second)).await.expect(200);
        assert_eq!((&gone["state"], &gone["visit_id"]), (&json!("arrived"), &Value::Null));
        live.until("order.released").await;
        two.post(&second, "depart", json!({})).await.problem(404, "not_found");
        server.run_jobs().await;
        assert_eq!(count(&server, &two.person.phone, "nurse_released"), 1);
        assert_eq!(count(&server, &one.person.phone, "second_gone"), 1);
        // What takes two is not begun by one, whoever is said to be there.
        one.prepare(&lead).await;
        let mut alone = with_family();
        alone["second_nurse_present"] = json!(true);
        one.post(&lead, "start", alone).await.problem(409, "second_nurse_absent");
        let reason = json!({ "reason": "另一名护士不能到场" });
        assert_eq!(one.post(&lead, "abort", reason).await.expect(200)["state"], "aborted");
    }

    async fn a_second_nurse_of_whom_nothing_is_heard_does_not_hold_up_the_end(server: TestServer) {
        let (scene, nurses, order, [lead, second]) = both_accepted(&server, 2).await;
        let (one, desk) = (&nurses[0], &scene.coordinator.client);
        one.post(&lead, "depart", json!({})).await.expect(200);
        one.post(&lead, "arrive", json!({ "place": here() })).await.expect(200);
        one.prepare(&lead).await;
        one.post(&lead, "start", with_family()).await.problem(409, "second_nurse_absent");
        let mut both = with_family();
        both["second_nurse_present"] = json!(true);
        let started = one.post(&lead, "start", both).await.expect(200);
        server.advance(TimeDelta::minutes(30)).await;
        let record = json!({
            "items_done": ["UC_CHG"], "vitals": [], "note": "顺利", "consumables": [], "forms": filled_forms(&["UC_CHG"]),
        });
        let etag = format!("\"v{}\"", started["version"]);
        one.person.client.put_if(&format!("/v1/visits/{lead}/record"), &etag, record).await.expect(200);
        one.post(&lead, "finish", json!({})).await.expect(200);
        one.post(&lead, "sign", json!({})).await.expect(200);
        let waste = json!({ "bags": 1, "weight_g": 300, "returned_to": scene.town.centre, "handed_to": "赵强", "signature_hash": "5".repeat(64) });
        one.post(&lead, "waste", waste).await.expect(200);
        one.post(&lead, "close", json!({})).await.problem(409, "second_nurse_not_left");
        let path = format!("/v1/orders/{order}/reassign");
        assert_eq!(desk.post(&path, off(&second)).await.expect(200)["state"], "finished");
        assert_eq!(one.post(&lead, "close", json!({})).await.expect(200)["state"], "closed");
    }

    async fn what_was_begun_before_she_was_taken_off_is_told_later(server: TestServer) {
        let (scene, nurses, order, [lead, second]) = both_accepted(&server, 2).await;
        let one = &nurses[0];
        one.post(&lead, "depart", json!({})).await.expect(200);
        one.post(&lead, "arrive", json!({ "place": here() })).await.expect(200);
        one.prepare(&lead).await;
        let begun = server.now();
        server.advance(TimeDelta::minutes(30)).await;
        let path = format!("/v1/orders/{order}/reassign");
        scene.coordinator.client.post(&path, off(&second)).await.expect(200);
        let body = json!({ "second_nurse_present": true, "present": with_family()["present"] });
        let act = json!({ "id": fresh_id(), "visit_id": lead, "counter": 1, "do": "start", "device_at": begun, "body": body });
        let batch = json!({ "device": "phone-1", "sent_at": server.now(), "actions": [act] });
        let told = one.person.client.post("/v1/sync/batch", batch).await.expect(200);
        assert_eq!(state(&server, &scene, order).await, "in_procedure", "{told}");
    }

    async fn taken_off_on_her_way_she_is_watched_until_she_has_left(server: TestServer) {
        let (scene, nurses, order, [lead, second]) = both_accepted(&server, 2).await;
        let (one, two) = (&nurses[0], &nurses[1]);
        let client = &two.person.client;
        one.post(&lead, "depart", json!({})).await.expect(200);
        two.post(&second, "depart", json!({})).await.expect(200);
        let pack = client.get("/v1/sync/pack").await.expect(200);
        let tag = pack["visits"][0]["tag"].as_str().expect("a tag").to_owned();
        let path = format!("/v1/orders/{order}/reassign");
        assert_eq!(scene.coordinator.client.post(&path, off(&second)).await.expect(200)["state"], "departed");
        two.post(&second, "arrive", json!({ "place": here() })).await.problem(409, "order_wrong_state");
        let alarm = two.post(&second, "sos", json!({})).await.expect(200);
        assert_eq!(alarm["outside_visit"], false);
        let report = json!({ "positions": [{ "at": server.now(), "place": here() }] });
        client.post(&format!("/v1/visits/{second}/positions"), report).await.expect(204);
        let have = format!("/v1/sync/changes?have={second}:{tag}");
        assert_eq!(client.get(&have).await.expect(200)["tombstones"], json!([]));
        server.advance(TimeDelta::minutes(30)).await;
        assert_eq!(count(&server, &two.person.phone, "still_fine"), 1);
        two.post(&second, "leave", json!({})).await.expect(200);
        two.post(&second, "leave", json!({})).await.problem(404, "not_found");
        let gone = client.get(&have).await.expect(200);
        assert_eq!(gone["tombstones"], json!([{ "visit_id": second, "reason": "released", "purge": true }]));
        // Who is there is not taken off any more.
        one.post(&lead, "arrive", json!({ "place": here() })).await.expect(200);
        scene.coordinator.client.post(&path, off(&lead)).await.problem(409, "order_wrong_state");
    }

    async fn taken_off_she_leaves_without_signal_though_her_arrival_is_refused(server: TestServer) {
        let (scene, nurses, order, [lead, second]) = both_accepted(&server, 2).await;
        let two = &nurses[1];
        nurses[0].post(&lead, "depart", json!({})).await.expect(200);
        two.post(&second, "depart", json!({})).await.expect(200);
        let path = format!("/v1/orders/{order}/reassign");
        scene.coordinator.client.post(&path, off(&second)).await.expect(200);
        server.advance(TimeDelta::minutes(10)).await;
        let act = |counter: u32, kind: &str| {
            json!({
                "id": fresh_id(), "visit_id": second, "counter": counter, "do": kind, "device_at": server.now(), "body": { "place": here() },
            })
        };
        let batch = json!({ "device": "phone-1", "sent_at": server.now(), "actions": [act(1, "arrive"), act(2, "leave")] });
        let told = two.person.client.post("/v1/sync/batch", batch).await.expect(200);
        let results = &told["results"];
        assert_eq!((&results[0]["result"], &results[1]["result"]), (&json!("refused"), &json!("applied")), "{told}");
        server.advance(TimeDelta::hours(1)).await;
        assert_eq!(count(&server, &two.person.phone, "still_fine"), 0);
    }

    async fn places_of_her_way_are_kept_though_she_was_taken_off_and_has_left(server: TestServer) {
        let (scene, nurses, order, [lead, second]) = both_accepted(&server, 2).await;
        let two = &nurses[1];
        nurses[0].post(&lead, "depart", json!({})).await.expect(200);
        two.post(&second, "depart", json!({})).await.expect(200);
        let departed = server.now();
        let path = format!("/v1/orders/{order}/reassign");
        scene.coordinator.client.post(&path, off(&second)).await.expect(200);
        server.advance(TimeDelta::minutes(10)).await;
        two.post(&second, "leave", json!({})).await.expect(200);
        server.advance(TimeDelta::minutes(10)).await;
        let noted = [-5, 5, 15].map(|minutes| {
            json!({ "at": departed + TimeDelta::minutes(minutes), "place": here() })
        });
        let report = json!({ "positions": noted });
        let path = format!("/v1/visits/{second}/positions");
        two.person.client.post(&path, report.clone()).await.problem(404, "not_found");
        // Told later; those of somebody else's way are not hers to tell.
        let acts = [&second, &lead].map(|visit| {
            json!({ "id": fresh_id(), "visit_id": visit, "do": "positions", "device_at": server.now(), "body": report })
        });
        let batch = json!({ "device": "phone-1", "sent_at": server.now(), "actions": acts });
        let told = two.person.client.post("/v1/sync/batch", batch).await.expect(200);
        assert_eq!(told["results"][0]["result"], "applied", "{told}");
        assert_eq!(told["results"][1]["answer"]["code"], "not_found");
        let kept = visit_position::Entity::find().all(server.app.db.reader()).await.expect("rows");
        let minutes: Vec<_> = kept.iter().map(|row| (row.at - departed).num_minutes()).collect();
        assert_eq!(minutes, [5]);
    }

    async fn a_second_nurse_who_is_there_is_not_taken_off(server: TestServer) {
        let (scene, nurses, order, [lead, second]) = both_accepted(&server, 2).await;
        for (nurse, visit) in [(&nurses[0], &lead), (&nurses[1], &second)] {
            nurse.post(visit, "depart", json!({})).await.expect(200);
        }
        nurses[1].post(&second, "arrive", json!({ "place": here() })).await.expect(200);
        let path = format!("/v1/orders/{order}/reassign");
        scene.coordinator.client.post(&path, off(&second)).await.problem(409, "nurse_set_out");
    }

    async fn what_a_nurse_gives_back_is_looked_after_without_her(server: TestServer) {
        let scene = Scene::build(&server).await;
        let [one, two] = [scene.nurse(&server, 1, NurseSpec::default()).await, scene.nurse(&server, 2, NurseSpec::default()).await];
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(5)).await;
        let visit = scene.accepted_visit(&server, &one, order).await;
        server.run_jobs().await;
        let family = server.phones.of(&scene.family.phone).len();
        let path = format!("/v1/visits/{visit}/give-back");
        let why = json!({ "reason": "孩子发烧" });
        two.person.client.post(&path, why.clone()).await.problem(404, "not_found");
        scene.coordinator.client.post(&path, why.clone()).await.problem(403, "forbidden");
        one.person.client.post(&path, json!({ "reason": " " })).await.problem(422, "invalid_request");
        let key = fresh_key();
        let back = one.person.client.post_with_key(&path, why.clone(), &key).await.expect(200);
        assert_eq!((&back["id"], &back["state"]), (&json!(visit), &json!("open")));
        assert_eq!(one.person.client.post_with_key(&path, why.clone(), &key).await.expect(200), back);
        one.person.client.post(&path, why).await.problem(404, "not_found");
        server.run_jobs().await;
        assert_eq!(count(&server, &scene.coordinator.phone, "given_back"), 1);
        assert_eq!(count(&server, &one.person.phone, "nurse_released"), 0, "it is no news to her");
        assert_eq!(server.phones.of(&scene.family.phone).len(), family);
        let events = scene.coordinator.client.get(&format!("/v1/orders/{order}/events")).await.expect(200);
        let events = events["items"].as_array().expect("a list");
        let released = events.iter().find(|event| event["kind"] == "order.released").expect("the event");
        assert_eq!(released["actor"]["account_id"], json!(one.person.account));
        assert!(!released.to_string().contains("发烧"), "the trail is kept in the clear");
        let offers = one.person.client.get("/v1/offers").await.expect(200);
        assert_eq!(offers["items"], json!([]), "she is not asked again");
        scene.accepted_visit(&server, &two, order).await;
    }

    async fn a_seat_of_an_order_that_waits_for_an_assessment_is_given_back(server: TestServer) {
        let (scene, nurses, order) = for_two(&server, 2).await;
        let one = &nurses[0];
        let visit = scene.accepted_visit(&server, one, order).await;
        let today = jiahu::domain::calendar::local_date(server.now());
        let path = format!("/v1/patients/{}/admissions", scene.patient);
        scene.coordinator.client.post(&path, json!({ "admitted_on": today })).await.expect(201);
        assert_eq!(state(&server, &scene, order).await, "assessing");
        server.run_jobs().await;
        assert_eq!(count(&server, &one.person.phone, "assessment_lapsed"), 1);
        let back = one.post(&visit, "give-back", json!({ "reason": "孩子发烧" })).await.expect(200);
        assert_eq!(back["state"], "assessing");
        one.post(&visit, "depart", json!({})).await.problem(404, "not_found");
    }

    async fn what_is_under_way_or_over_is_not_given_back(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(5)).await;
        let visit = scene.accepted_visit(&server, &nurse, order).await;
        server.advance(TimeDelta::hours(3)).await;
        let why = json!({ "reason": "孩子发烧" });
        nurse.post(&visit, "depart", json!({})).await.expect(200);
        nurse.post(&visit, "give-back", why.clone()).await.problem(409, "nurse_set_out");
        nurse.post(&visit, "abort", json!({ "reason": "道路中断", "left": true })).await.expect(200);
        nurse.post(&visit, "give-back", why).await.problem(409, "order_wrong_state");
    }
}
