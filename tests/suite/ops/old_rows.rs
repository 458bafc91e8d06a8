//! Rows from before a step of the schema: what the step makes of them.

use entity::ids::VisitId;
use jiahu_tests::harness::{NurseSpec, Scene, TestServer};
use jiahu_tests::on_both;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::json;

use crate::merges::{World, discharged, id_of};

/// Changes rows as they were before a step, and runs that step again.
async fn run_again(server: &TestServer, before: &str, step: &str) {
    let db = server.app.db.reader();
    let forget = format!("DELETE FROM seaql_migrations WHERE version = '{step}'");
    for sql in [before, &forget] {
        db.execute_unprepared(sql).await.expect(sql);
    }
    migration::run(db).await.expect("the step runs");
}

on_both! {
    async fn who_was_taken_off_on_her_way_before_counts_as_left(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let order = scene.order(&server, "UC_CHG", server.now() + chrono::TimeDelta::hours(3)).await;
        let visit = scene.accepted_visit(&server, &nurse, order).await;
        nurse.post(&visit, "depart", json!({})).await.expect(200);
        let before = "UPDATE visit SET live = FALSE, released_at = departed_at";
        run_again(&server, before, "m0035_released_visits").await;
        let key = (scene.town.community, visit.parse::<VisitId>().expect("an id"));
        let row = entity::visit::Entity::find_by_id(key).one(server.app.db.reader()).await;
        let row = row.expect("a query").expect("the visit");
        assert!(row.left_at.is_some() && row.left_at == row.released_at);
    }

    async fn the_notice_of_a_plan_that_a_merge_moved_goes_back_with_it(server: TestServer) {
        let world = World::build(&server).await;
        let (one, other) = world.twice().await;
        let staff = world.staff();
        let made = staff.post("/v1/discharges", discharged(&other, "2026-02-28", "I63.9")).await.expect(201);
        let shown = staff.get(&format!("/v1/discharges/{}", id_of(&made))).await.expect(200);
        for plan in shown["plans"].as_array().expect("plans") {
            let end = format!("/v1/patients/{other}/follow-up/{}/end", id_of(plan));
            staff.post(&end, json!({})).await.expect(200);
        }
        let died = "UPDATE follow_plan SET stop_cause = 'died' WHERE state = 'stopped'";
        server.app.db.reader().execute_unprepared(died).await.expect("a change");
        let merge = world.merge(&one, &other).await;
        run_again(&server, "DROP TABLE death_notice", "m0034_death_notices").await;
        let whose = async || {
            let notices = entity::death_notice::Entity::find().all(server.app.db.reader()).await;
            let notices = notices.expect("a query").into_iter();
            notices.map(|notice| notice.patient_id.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(whose().await, std::slice::from_ref(&one));
        let undo = format!("/v1/patient-merges/{}/undo", id_of(&merge));
        staff.post(&undo, json!({ "reason": "核实有误" })).await.expect(200);
        assert_eq!(whose().await, [other]);
    }
}
