//! Orders that lack an assessment wait; one that covers them moves them on; a refusal ends them.

use chrono::TimeDelta;
use entity::visit;
use jiahu_tests::on_both;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use super::{World, approve, id, offers, refuse, text, told};

on_both! {
    async fn an_order_without_an_assessment_waits_and_the_family_is_told(server: TestServer) {
        let world = World::build(&server).await;
        let order = world.book(&server, &["UC_CHG", "EDU"]).await;
        assert_eq!(order["state"], "assessing");
        let missing = order["missing_assessments"].as_array().expect("a list");
        assert_eq!(missing.len(), 1, "{order:#}");
        assert_eq!((&missing[0]["item"], &missing[0]["code"]), (&json!("UC_CHG"), &json!("assessment_never")));
        assert_eq!(world.order(text(&order["id"])).await["missing_assessments"], order["missing_assessments"]);
        assert_eq!(told(&server, &world.scene.family).await, ["assessment_needed"]);
        // Nobody is asked, and nobody can be assigned.
        server.run_jobs().await;
        assert_eq!(offers(&world.nurse).await, 0);
        let assign = format!("/v1/orders/{}/assign", id(&order));
        let body = json!({ "nurse_id": world.nurse.id });
        world.desk.client.post(&assign, body).await.problem(409, "order_wrong_state");
        // It ends with its window like any other.
        server.advance(TimeDelta::hours(6)).await;
        server.run_jobs().await;
        assert_eq!(world.state(&order).await, "expired");
    }

    async fn what_needs_none_is_open_at_once(server: TestServer) {
        let world = World::build(&server).await;
        for item in ["ASSESS", "EDU"] {
            let order = world.book(&server, &[item]).await;
            assert_eq!((&order["state"], &order["missing_assessments"]), (&json!("open"), &json!([])));
        }
    }

    async fn an_approval_opens_it_and_the_search_begins(server: TestServer) {
        let world = World::build(&server).await;
        let order = world.book(&server, &["UC_CHG"]).await;
        world.assess(approve(&["NG_CHG"])).await;
        assert_eq!(world.state(&order).await, "assessing", "another item was assessed");
        let kept = world.assess(json!({
            "result": "approved_with_conditions", "items": ["UC_CHG"], "conditions": "血压低于 160/100",
        })).await;
        assert_eq!((&kept["mode"], &kept["visit_id"]), (&json!("remote"), &json!(null)));
        assert_eq!(world.state(&order).await, "open");
        world.scene.accepted_visit(&server, &world.nurse, id(&order)).await;
        // The next one is open from the start, until the assessment is too old for its day.
        let body = world.body(&["UC_CHG"], server.now() + TimeDelta::days(29));
        let family = &world.scene.family.client;
        assert_eq!(family.post("/v1/orders", body).await.expect(201)["state"], "open");
        let body = world.body(&["UC_CHG"], server.now() + TimeDelta::days(32));
        let late = family.post("/v1/orders", body).await.expect(201);
        assert_eq!((&late["state"], &late["missing_assessments"][0]["code"]), (&json!("assessing"), &json!("assessment_expired")));
    }

    async fn a_soft_screening_answer_is_still_reviewed(server: TestServer) {
        let world = World::build(&server).await;
        let mut body = world.body(&["PI_12"], server.now() + TimeDelta::hours(5));
        body["answers"]["PI_SITES"] = json!(4);
        let order = world.scene.family.client.post("/v1/orders", body).await.expect(201);
        assert_eq!(order["state"], "assessing");
        world.assess(approve(&["PI_12"])).await;
        assert_eq!(world.state(&order).await, "in_review");
        let review = format!("/v1/orders/{}/review", id(&order));
        world.doctor.client.post(&review, json!({ "decision": "approve" })).await.expect(200);
        assert_eq!(world.state(&order).await, "open");
        // Taken back and assessed again it does not go through the review a second time.
        world.admit("2026-03-02").await;
        assert_eq!(world.state(&order).await, "assessing");
        server.advance(TimeDelta::minutes(1)).await;
        world.assess(approve(&["PI_12"])).await;
        assert_eq!(world.state(&order).await, "open");
    }

    async fn a_refusal_ends_what_waits_with_its_reason(server: TestServer) {
        let world = World::build(&server).await;
        let order = world.book(&server, &["UC_CHG"]).await;
        let other = world.book(&server, &["PI_12"]).await;
        world.assess(refuse(&["UC_CHG"])).await;
        let refused = world.order(text(&order["id"])).await;
        assert_eq!(refused["state"], "refused");
        let reason = text(&refused["detail"]["end_reason"]);
        assert!(reason.contains("尿道狭窄") && reason.contains("泌尿外科"), "{reason}");
        assert_eq!(refused["fee_fen"], json!(null));
        assert_eq!(world.state(&other).await, "assessing");
        let told = told(&server, &world.scene.family).await;
        assert_eq!(told.last().map(String::as_str), Some("order_refused"));
        // A new order of it waits for a newer assessment, which supersedes the refusal.
        let again = world.book(&server, &["UC_CHG"]).await;
        assert_eq!(again["missing_assessments"][0]["code"], "assessment_refused");
        server.advance(TimeDelta::minutes(1)).await;
        world.assess(approve(&["UC_CHG"])).await;
        assert_eq!(world.state(&again).await, "open");
    }

    async fn a_refusal_reaches_an_order_that_looks_for_its_nurse(server: TestServer) {
        let world = World::build(&server).await;
        world.assess(approve(&["UC_CHG"])).await;
        let order = world.book(&server, &["UC_CHG"]).await;
        server.run_jobs().await;
        assert_eq!(offers(&world.nurse).await, 1);
        server.advance(TimeDelta::minutes(1)).await;
        world.assess(refuse(&["UC_CHG"])).await;
        assert_eq!(world.state(&order).await, "refused");
        assert_eq!(offers(&world.nurse).await, 0);
    }

    async fn a_refusal_frees_the_nurse_who_has_one_of_two_seats(server: TestServer) {
        let world = World::build(&server).await;
        world.assess(approve(&["UC_CHG"])).await;
        let order = world.book(&server, &["UC_CHG"]).await;
        let db = server.app.db.reader();
        db.execute_unprepared("UPDATE care_order SET persons = 2").await.expect("a change");
        world.scene.accepted_visit(&server, &world.nurse, id(&order)).await;
        server.advance(TimeDelta::minutes(1)).await;
        world.assess(refuse(&["UC_CHG"])).await;
        assert_eq!(world.state(&order).await, "refused");
        let live = visit::Entity::find().filter(visit::Column::Live.eq(true)).count(db).await;
        assert_eq!(live.expect("a count"), 0, "her time is her own again");
    }

    async fn a_later_window_needs_a_newer_assessment(server: TestServer) {
        let world = World::build(&server).await;
        world.assess(approve(&["UC_CHG"])).await;
        let order = world.book(&server, &["UC_CHG"]).await;
        let path = format!("/v1/orders/{}", id(&order));
        let start = server.now() + TimeDelta::days(40);
        let window = json!({ "window": { "start": start, "end": start + TimeDelta::hours(3) } });
        let family = &world.scene.family.client;
        let etag = family.get(&path).await.etag();
        let moved = family.post_if(&format!("{path}/reschedule"), &etag, window).await.expect(200);
        assert_eq!(moved["order"]["state"], "assessing");
        assert_eq!(moved["order"]["missing_assessments"][0]["code"], "assessment_expired");
        let start = server.now() + TimeDelta::days(10);
        let window = json!({ "window": { "start": start, "end": start + TimeDelta::hours(3) } });
        let etag = family.get(&path).await.etag();
        let moved = family.post_if(&format!("{path}/reschedule"), &etag, window).await.expect(200);
        assert_eq!(moved["order"]["state"], "open");
    }
}
