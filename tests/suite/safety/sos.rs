//! A nurse calls for help (R14).

use chrono::TimeDelta;
use entity::enums::{Role, SosState};
use jiahu_tests::harness::{Backend, NurseSpec, TestServer, with_family};
use jiahu_tests::on_both;
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{OnDuty, count, here};

/// Phone of the town's institutions.
const INSTITUTION: &str = "0310-7520000";

/// Calls for help and waits for the coordinator's live stream to say so.
async fn heard_live(raiser: &OnDuty, listener: &jiahu_tests::harness::Client) {
    let mut desk = listener.listen(None).await;
    let alarm = raiser.step("sos", json!({ "place": here() })).await;
    let event = desk.until("sos.raised").await;
    assert_eq!(event["order_id"], raiser.order.to_string());
    assert_eq!(event["nurse_id"], raiser.nurse.id.to_string());
    assert_eq!(alarm["state"], "open");
}

on_both! {
    async fn an_alarm_reaches_the_desk_live_and_by_message_and_is_taken_and_closed(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let lead = duty.scene.town.person(&server, "13900000009", Role::Coordinator, Some(duty.scene.town.hospital)).await;
        duty.step("depart", json!({ "place": here() })).await;
        heard_live(&duty, &duty.scene.coordinator.client).await;
        server.run_jobs().await;
        for phone in [&duty.scene.coordinator.phone, &lead.phone, INSTITUTION] {
            assert_eq!(count(&server, phone, "sos"), 1);
        }
        let text = server.phones.of(&lead.phone).pop().expect("a message").text;
        assert!(text.contains("114.88000,36.92000") && text.contains(&duty.nurse.person.phone), "{text}");

        let desk = &duty.scene.coordinator.client;
        let list = desk.get("/v1/sos?state=open").await.expect(200);
        let alarm = &list["items"][0];
        assert_eq!((&alarm["nurse_phone"], &alarm["outside_visit"]), (&json!(duty.nurse.person.phone), &json!(false)));
        let path = format!("/v1/sos/{}", alarm["id"].as_str().expect("an id"));
        let taken = desk.post(&format!("{path}/take"), json!({})).await.expect(200);
        assert_eq!(taken["taken_by"], duty.scene.coordinator.account.to_string());
        lead.client.post(&format!("{path}/take"), json!({})).await.problem(409, "already_settled");
        // Taken: nobody else is called.
        server.advance(TimeDelta::minutes(30)).await;
        assert_eq!(count(&server, &lead.phone, "sos"), 1);
        assert_eq!(count(&server, INSTITUTION, "sos"), 1);
        let end = json!({ "outcome": "false_alarm", "note": "误触" });
        let closed = lead.client.post(&format!("{path}/close"), end.clone()).await.expect(200);
        assert_eq!((&closed["state"], &closed["note"]), (&json!("closed"), &json!("误触")));
        lead.client.post(&format!("{path}/close"), end).await.problem(409, "already_settled");
        let hers = duty.nurse.person.client.get("/v1/sos").await.expect(200);
        assert_eq!(hers["items"][0]["outcome"], "false_alarm");
    }

    async fn an_alarm_that_nobody_takes_goes_on_until_somebody_does(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let town = &duty.scene.town;
        let other = town.person(&server, "13900000008", Role::Coordinator, Some(town.other_centre)).await;
        let supervisor = town.person(&server, "13900000007", Role::Supervisor, Some(town.hospital)).await;
        duty.step("depart", json!({})).await;
        duty.step("sos", json!({})).await;
        server.run_jobs().await;
        let told = || [&duty.scene.coordinator.phone, &other.phone, &supervisor.phone, INSTITUTION].map(|phone| count(&server, phone, "sos"));
        assert_eq!(told(), [1, 0, 0, 1]);
        server.advance(TimeDelta::seconds(119)).await;
        assert_eq!(told(), [1, 0, 0, 1]);
        server.advance(TimeDelta::seconds(1)).await;
        assert_eq!(told(), [2, 1, 0, 1]);
        server.advance(TimeDelta::minutes(2)).await;
        assert_eq!(told(), [2, 1, 1, 1]);
        server.advance(TimeDelta::minutes(2)).await;
        assert_eq!(told(), [2, 1, 1, 2]);
        server.advance(TimeDelta::minutes(2)).await;
        assert_eq!(told(), [3, 2, 2, 3]);
        let list = supervisor.client.get("/v1/sos").await.expect(200);
        assert_eq!(list["items"][0]["level"], 4);
        let path = format!("/v1/sos/{}/take", list["items"][0]["id"].as_str().expect("an id"));
        supervisor.client.post(&path, json!({})).await.expect(200);
        server.advance(TimeDelta::minutes(10)).await;
        assert_eq!(told(), [3, 2, 2, 3]);
    }

    async fn pressed_again_it_is_one_alarm_with_the_newer_place(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        duty.step("depart", json!({})).await;
        let first = duty.step("sos", json!({})).await;
        assert!(first["place"].is_null());
        let again = duty.step("sos", json!({ "place": here() })).await;
        assert_eq!((&again["id"], &again["pressed"]), (&first["id"], &json!(2)));
        assert_eq!(again["place"]["lng"], 114.88);
        server.run_jobs().await;
        assert_eq!(count(&server, &duty.scene.coordinator.phone, "sos"), 1);
        // Taken and pressed once more: somebody has to look again.
        let take = format!("/v1/sos/{}/take", first["id"].as_str().expect("an id"));
        duty.scene.coordinator.client.post(&take, json!({})).await.expect(200);
        let third = duty.step("sos", json!({})).await;
        assert_ne!(third["id"], first["id"]);
        assert_eq!(third["place"], again["place"], "the last known place");
    }

    async fn pressed_many_times_at_one_moment_it_is_one_alarm(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        duty.step("depart", json!({})).await;
        for round in 1..=3 {
            let presses = (0..6).map(|_| duty.post("sos", json!({ "place": here() })));
            for reply in futures::future::join_all(presses).await {
                reply.expect(200);
            }
            let desk = &duty.scene.coordinator.client;
            let list = desk.get("/v1/sos?state=open").await.expect(200);
            let open = list["items"].as_array().expect("a list");
            assert_eq!((open.len(), &open[0]["pressed"]), (1, &json!(6)), "round {round}");
            let take = format!("/v1/sos/{}/take", open[0]["id"].as_str().expect("an id"));
            desk.post(&take, json!({})).await.expect(200);
        }
    }

    async fn pressed_as_somebody_takes_it_it_is_the_next_alarm(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        duty.step("depart", json!({})).await;
        let first = duty.step("sos", json!({})).await;
        let id = first["id"].as_str().expect("an id").parse().expect("an id");
        let (desk, community) = (&duty.scene.coordinator, duty.scene.town.community);
        let (held, release) = (Notify::new(), Notify::new());
        // She presses while the alarm is still open to everybody, and is heard when it is taken.
        let hold = async {
            jiahu::in_write!(server.app.db, "hold_alarm", |tx| {
                let alarm = jiahu::store::sos::in_community(&**tx, community, id).await?;
                let alarm = alarm.expect("an alarm");
                jiahu::store::sos::update(tx, &alarm, |row| {
                    row.state = Set(SosState::Taken);
                    row.taken_by = Set(Some(desk.account));
                    row.taken_at = Set(Some(server.now()));
                })
                .await?;
                held.notify_one();
                release.notified().await;
                Ok(())
            })
        };
        let batch = json!({ "device": "phone-1", "sent_at": server.now(), "actions": [{
            "id": crate::sync::fresh_id(), "visit_id": duty.visit, "do": "sos", "device_at": server.now(), "body": {},
        }] });
        let race = async {
            held.notified().await;
            let before = server.app.db.statements();
            let watch = async {
                server.until_waiting(2, before).await;
                release.notify_one();
            };
            let told = duty.nurse.person.client.post("/v1/sync/batch", batch);
            tokio::join!(duty.post("sos", json!({})), told, watch)
        };
        let (kept, (pressed, told, ())) = tokio::join!(hold, race);
        kept.expect("the alarm was held");
        pressed.expect(200);
        assert_eq!(told.expect(200)["results"][0]["result"], "applied");
        let list = desk.client.get("/v1/sos").await.expect(200);
        let (next, taken) = (&list["items"][0], &list["items"][1]);
        assert_eq!((&next["state"], &next["pressed"]), (&json!("open"), &json!(2)));
        assert_eq!((&taken["id"], &taken["state"], &taken["pressed"]), (&first["id"], &json!("taken"), &json!(1)));
        assert_eq!(list["items"][2], Value::Null);
    }

    async fn an_alarm_is_never_refused_to_the_nurse_of_the_visit(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let before = duty.step("sos", json!({})).await;
        assert_eq!(before["outside_visit"], true);
        let take = async |alarm: &Value| {
            let path = format!("/v1/sos/{}/take", alarm["id"].as_str().expect("an id"));
            duty.scene.coordinator.client.post(&path, json!({})).await.expect(200);
        };
        take(&before).await;
        duty.step("depart", json!({})).await;
        for (step, body) in [("arrive", json!({ "place": here() })), ("start", with_family()), ("finish", json!({}))] {
            let alarm = duty.step("sos", json!({})).await;
            assert_eq!(alarm["outside_visit"], false, "before {step}");
            take(&alarm).await;
            server.advance(TimeDelta::minutes(10)).await;
            duty.step(step, body).await;
        }
        server.advance(TimeDelta::minutes(10)).await;
        // A place that makes no sense does not stop it, and the visit is over.
        let nowhere = json!({ "lng": 0, "lat": 0, "crs": "wgs84" });
        let after = duty.step("sos", json!({ "place": nowhere })).await;
        assert_eq!((&after["outside_visit"], &after["state"]), (&json!(true), &json!("open")));
        server.run_jobs().await;
        assert_eq!(count(&server, &duty.scene.coordinator.phone, "sos"), 5);
    }

    async fn an_alarm_of_a_visit_that_was_taken_from_her_is_passed_on(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let path = format!("/v1/orders/{}/reassign", duty.order);
        let bea = duty.scene.nurse(&server, 2, NurseSpec::default()).await;
        let body = json!({ "nurse_id": bea.id, "reason": "换人" });
        duty.scene.coordinator.client.post(&path, body).await.expect(200);
        duty.post("depart", json!({})).await.problem(404, "not_found");
        let alarm = duty.step("sos", json!({})).await;
        assert_eq!(alarm["outside_visit"], true);
    }

    async fn strangers_neither_raise_see_nor_take_an_alarm(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let town = &duty.scene.town;
        let bea = duty.scene.nurse(&server, 2, NurseSpec::default()).await;
        let far = town.person(&server, "13900000008", Role::Coordinator, Some(town.other_centre)).await;
        let path = format!("/v1/visits/{}/sos", duty.visit);
        bea.person.client.post(&path, json!({})).await.problem(404, "not_found");
        let alarm = duty.step("sos", json!({})).await;
        let path = format!("/v1/sos/{}", alarm["id"].as_str().expect("an id"));
        far.client.post(&format!("{path}/take"), json!({})).await.problem(404, "not_found");
        far.client.post(&format!("{path}/close"), json!({ "outcome": "helped" })).await.problem(404, "not_found");
        duty.nurse.person.client.post(&format!("{path}/take"), json!({})).await.problem(403, "forbidden");
        for client in [&bea.person.client, &far.client] {
            let list = client.get("/v1/sos").await.expect(200);
            assert_eq!(list["items"], json!([]));
        }
        duty.scene.family.client.get("/v1/sos").await.problem(403, "forbidden");
    }

    async fn the_nurse_has_the_number_and_the_text_for_an_sms(server: TestServer) {
        let duty = OnDuty::build(&server).await;
        let path = format!("/v1/visits/{}", duty.visit);
        let hers = duty.nurse.person.client.get(&path).await.expect(200);
        assert_eq!(hers["sos"]["phone"], INSTITUTION);
        let text = hers["sos"]["sms_text"].as_str().expect("a text");
        assert!(text.contains("李小红") && text.contains("{lng},{lat}"), "{text}");
        assert!(text.contains(hers["order_number"].as_str().expect("a number")));
        assert!(!text.contains(hers["patient"]["name"].as_str().expect("a name")), "{text}");
        let family = duty.scene.family.client.get(&path).await.expect(200);
        assert!(family["sos"].is_null());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alarm_at_one_server_is_heard_at_the_other() {
    TestServer::with(Backend::Postgres, async |one| {
        let two = one.second().await;
        let duty = OnDuty::build(&one).await;
        duty.step("depart", json!({})).await;
        let desk = &duty.scene.coordinator;
        let token = duty.scene.town.token(&two.app, desk.account).await;
        let there = two.nobody().with_token(&token);
        heard_live(&duty, &there).await;
    })
    .await;
}
