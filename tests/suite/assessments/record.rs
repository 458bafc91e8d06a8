//! An assessment on a visit of its own, and what is not taken.

use chrono::TimeDelta;
use entity::care_order;
use entity::enums::{OrderState, Role};
use entity::ids::{OrderId, SyncActionId};
use jiahu::store;
use jiahu_tests::on_both;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};

use super::{World, approve, footprint, id, refuse, text};

on_both! {
    async fn a_nurse_assesses_on_a_visit_ordered_for_it(server: TestServer) {
        let world = World::build(&server).await;
        let waiting = world.scene.family.client
            .post("/v1/orders", world.body(&["UC_CHG"], server.now() + TimeDelta::days(2)))
            .await
            .expect(201);
        let order = world.book(&server, &["ASSESS"]).await;
        let visit = world.scene.accepted_visit(&server, &world.nurse, id(&order)).await;
        let nurse = &world.nurse.person.client;
        let path = format!("/v1/visits/{visit}/assessment");
        nurse.post(&path, approve(&["UC_CHG"])).await.problem(409, "not_assessment_visit");
        server.advance(TimeDelta::hours(4)).await;
        nurse.post(&format!("/v1/visits/{visit}/depart"), json!({})).await.expect(200);
        nurse.post(&format!("/v1/visits/{visit}/arrive"), json!({ "no_fix_reason": "timeout" })).await.expect(200);
        let reply = nurse.post(&path, approve(&["UC_CHG"])).await;
        let location = reply.headers["location"].to_str().expect("ASCII").to_owned();
        let kept = reply.expect(201);
        assert_eq!((&kept["mode"], &kept["visit_id"]), (&json!("visit"), &json!(visit)));
        assert_eq!(world.state(&waiting).await, "open");
        let read = world.doctor.client.get(&location).await.expect(200);
        assert_eq!(read["assessed_by"], json!(world.nurse.person.account));
    }

    async fn an_order_booked_as_she_assesses_is_not_left_waiting(server: TestServer) {
        let world = World::build(&server).await;
        let order = world.book(&server, &["ASSESS"]).await;
        let visit = world.scene.accepted_visit(&server, &world.nurse, id(&order)).await;
        server.advance(TimeDelta::hours(4)).await;
        world.nurse.post(&visit, "depart", json!({})).await.expect(200);
        world.nurse.post(&visit, "arrive", json!({ "no_fix_reason": "timeout" })).await.expect(200);
        let (app, community) = (&server.app, world.scene.town.community);
        let row = store::order::in_community(app.db.reader(), community, id(&order)).await;
        let row = row.expect("a query").expect("the order");
        let booked = app.new_id::<OrderId>();
        let asked = json!({ "answers": {}, "screening": { "catalogue_version": 1, "findings": [] } }).to_string();
        let booking = care_order::Model {
            id: booked,
            number: format!("{}-2", row.number),
            state: OrderState::Assessing,
            version: 1,
            window_start: row.window_start + TimeDelta::days(2),
            window_end: row.window_end + TimeDelta::days(2),
            screening_enc: store::order::Sealed::Screening.seal(app, booked, &asked),
            note_enc: None,
            opened_at: None,
            ..row
        };
        // Somebody books, and is not through with it.
        let (held, release) = (tokio::sync::Notify::new(), tokio::sync::Notify::new());
        let hold = async {
            jiahu::in_write!(app.db, "hold_booking", |tx| {
                store::patient::lock(tx, community, world.patient).await?;
                store::order::insert(tx, app, &booking, &["UC_CHG".to_owned()]).await?;
                held.notify_one();
                release.notified().await;
                Ok(())
            })
        };
        let race = async {
            held.notified().await;
            let before = server.app.db.statements();
            let watch = async {
                server.until_waiting(1, before).await;
                release.notify_one();
            };
            tokio::join!(world.nurse.post(&visit, "assessment", approve(&["UC_CHG"])), watch)
        };
        let (kept, (assessed, ())) = tokio::join!(hold, race);
        kept.expect("the booking was held");
        assessed.expect(201);
        let row = store::order::in_community(app.db.reader(), community, booked).await;
        assert_eq!(row.expect("a query").expect("the order").state, OrderState::Open);
    }

    async fn told_later_it_is_judged_by_the_catalogue_of_its_day(server: TestServer) {
        let world = World::build(&server).await;
        let order = world.book(&server, &["ASSESS"]).await;
        let visit = world.scene.accepted_visit(&server, &world.nurse, id(&order)).await;
        server.advance(TimeDelta::hours(4)).await;
        let nurse = &world.nurse.person.client;
        nurse.post(&format!("/v1/visits/{visit}/depart"), json!({})).await.expect(200);
        nurse.post(&format!("/v1/visits/{visit}/arrive"), json!({ "no_fix_reason": "timeout" })).await.expect(200);
        let done = server.now();
        // From tomorrow on the county has that item no more.
        let town = &world.scene.town;
        let boss = town.person(&server, "13800000023", Role::Supervisor, Some(town.hospital)).await;
        let first = boss.client.get("/v1/rule-sets/catalogue/1").await.expect(200);
        let mut file = first["content"].clone();
        (file["version"], file["valid_from"]) = (json!(2), json!("2026-03-03"));
        file["items"].as_array_mut().expect("items").retain(|item| item["code"] != "EDU");
        boss.client.post("/v1/rule-sets/catalogue", file).await.expect(201);
        server.advance(TimeDelta::hours(20)).await;
        let act = json!({
            "id": server.app.new_id::<SyncActionId>(), "visit_id": visit, "counter": 1, "do": "assessment",
            "device_at": done, "body": approve(&["EDU"]),
        });
        let batch = json!({ "device": "phone-1", "sent_at": server.now(), "actions": [act] });
        let told = nurse.post("/v1/sync/batch", batch).await.expect(200);
        assert_eq!(told["results"][0]["result"], "applied", "{told}");
        let at_once = json!({ "result": "approved", "items": ["EDU"] });
        nurse.post(&format!("/v1/visits/{visit}/assessment"), at_once).await.problem(422, "item_unknown");
    }

    async fn no_other_visit_is_one_to_assess_on(server: TestServer) {
        let world = World::build(&server).await;
        let order = world.book(&server, &["EDU"]).await;
        let visit = world.scene.accepted_visit(&server, &world.nurse, id(&order)).await;
        server.advance(TimeDelta::hours(4)).await;
        let nurse = &world.nurse.person.client;
        nurse.post(&format!("/v1/visits/{visit}/depart"), json!({})).await.expect(200);
        nurse.post(&format!("/v1/visits/{visit}/arrive"), json!({ "no_fix_reason": "timeout" })).await.expect(200);
        let path = format!("/v1/visits/{visit}/assessment");
        nurse.post(&path, approve(&["UC_CHG"])).await.problem(409, "not_assessment_visit");
    }

    async fn what_does_not_fit_is_refused_and_leaves_nothing(server: TestServer) {
        let world = World::build(&server).await;
        let path = format!("/v1/patients/{}/assessments", world.patient);
        let before = footprint(&server).await;
        let text = "x".repeat(501);
        let cases: Vec<(Value, &str, &str)> = vec![
            (json!({ "result": "refused", "items": ["UC_CHG"] }), "invalid_request", "field_missing"),
            (json!({ "result": "approved", "items": ["UC_CHG"], "reason": "x" }), "invalid_request", "assessment_field"),
            (json!({ "result": "approved_with_conditions", "items": ["UC_CHG"] }), "invalid_request", "field_missing"),
            (json!({ "result": "approved_with_conditions", "items": ["UC_CHG"], "conditions": text }), "invalid_request", "text_length"),
            (json!({ "result": "approved", "items": ["UC_CHG", "NOPE"] }), "item_unknown", "item_unknown"),
            (json!({ "result": "approved", "items": ["UC_CHG", "UC_CHG"] }), "item_duplicate", "item_duplicate"),
            (json!({ "result": "approved", "items": [] }), "invalid_request", "number_range"),
        ];
        for (body, code, inner) in cases {
            let problem = world.doctor.client.post(&path, body.clone()).await.problem(422, code);
            assert_eq!(problem["errors"][0]["code"], inner, "{body}");
        }
        let unknown = json!({ "result": "approved", "items": ["UC_CHG"], "visit_id": world.patient });
        world.doctor.client.post(&path, unknown).await.problem(404, "not_found");
        assert_eq!(footprint(&server).await, before);
    }

    async fn an_assessment_is_never_changed(server: TestServer) {
        let world = World::build(&server).await;
        world.assess(approve(&["UC_CHG"])).await;
        let db = server.app.db.reader();
        for statement in ["UPDATE assessment SET result = 'refused'", "DELETE FROM assessment"] {
            db.execute_unprepared(statement).await.expect_err(statement);
        }
    }

    async fn its_texts_are_sealed_and_their_reading_is_recorded(server: TestServer) {
        let world = World::build(&server).await;
        let kept = world.assess(refuse(&["UC_CHG"])).await;
        let rows = entity::assessment::Entity::find().all(server.app.db.reader()).await.expect("rows");
        // The scene's own patient has one without texts.
        let sealed: Vec<_> = rows.iter().filter_map(|row| row.text_enc.as_ref()).collect();
        assert_eq!(sealed.len(), 1);
        assert!(!sealed[0].contains("尿道"));
        let path = format!("/v1/patients/{}/assessments", world.patient);
        let family = &world.scene.family.client;
        let list = family.get(&path).await.expect(200);
        assert_eq!(list["items"].as_array().expect("a list").len(), 1);
        let whole = family.get(&format!("{path}/{}", text(&kept["id"]))).await.expect(200);
        assert_eq!(whole["reason"], "尿道狭窄");
        let reads = entity::patient_read::Entity::find().all(server.app.db.reader()).await.expect("rows");
        assert!(reads.iter().any(|read| read.operation == "get_assessment"));
    }
}
