//! A coordinator assigns and reassigns, within the same hard filters.

use chrono::TimeDelta;
use entity::enums::Role;
use jiahu_tests::harness::{CENTRE, NurseSpec, Scene, Town, new_patient};
use jiahu_tests::on_both;
use serde_json::json;

on_both! {
    async fn a_reassigned_order_goes_to_the_nurse_named(server: TestServer) {
        let scene = Scene::build(&server).await;
        let first = scene.nurse(&server, 1, NurseSpec::default()).await;
        let second = scene.nurse(&server, 2, NurseSpec::default()).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(5)).await;
        let visit = scene.accepted_visit(&server, &first, order).await;
        let path = format!("/v1/orders/{order}/reassign");
        let body = json!({ "reason": "护士临时请假", "nurse_id": second.id });
        let answer = scene.coordinator.client.post(&path, body).await.expect(200);
        assert_eq!(answer["state"], "accepted");
        assert_ne!(answer["visit_id"], visit);
        let depart = format!("/v1/visits/{visit}/depart");
        server.advance(TimeDelta::hours(2)).await;
        first.person.client.post(&depart, json!({})).await.problem(404, "not_found");
        let depart = format!("/v1/visits/{}/depart", answer["visit_id"].as_str().expect("an id"));
        second.person.client.post(&depart, json!({})).await.expect(200);
    }

    async fn a_released_order_searches_again_without_the_nurse_taken_off(server: TestServer) {
        let scene = Scene::build(&server).await;
        let first = scene.nurse(&server, 1, NurseSpec::default()).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(5)).await;
        scene.accepted_visit(&server, &first, order).await;
        let second = scene.nurse(&server, 2, NurseSpec::default()).await;
        let path = format!("/v1/orders/{order}/reassign");
        scene.coordinator.client.post(&path, json!({ "reason": "生病" })).await.expect(200);
        server.run_jobs().await;
        let offers = first.person.client.get("/v1/offers").await.expect(200);
        assert_eq!(offers["items"], json!([]));
        let offers = second.person.client.get("/v1/offers").await.expect(200);
        assert_eq!(offers["items"].as_array().expect("a list").len(), 1);
    }

    async fn whoever_gets_it_late_is_judged_by_when_she_can_be_there(server: TestServer) {
        let scene = Scene::build(&server).await;
        let first = scene.nurse(&server, 1, NurseSpec::default()).await;
        let done = scene.nurse(&server, 2, NurseSpec::default()).await;
        let due = scene.nurse(&server, 3, NurseSpec::default()).await;
        let desk = &scene.coordinator.client;
        let start = server.now() + TimeDelta::hours(5);
        let order = scene.order(&server, "UC_CHG", start).await;
        let body = json!({ "nurse_id": first.id });
        desk.post(&format!("/v1/orders/{order}/assign"), body).await.expect(200);
        // 40 minutes each: one as that order should begin, one as it ends now.
        for (nurse, minutes) in [(&done, 0), (&due, 110)] {
            let other = new_patient(&server, &scene.town, &scene.family, Some(CENTRE)).await;
            let at = start + TimeDelta::minutes(minutes);
            let taken = scene.order_of(&server, other, "UC_CHG", at, Some(CENTRE)).await;
            let body = json!({ "nurse_id": nurse.id });
            desk.post(&format!("/v1/orders/{taken}/assign"), body).await.expect(200);
        }
        server.advance(start + TimeDelta::minutes(75) - server.now()).await;
        let path = format!("/v1/orders/{order}/reassign");
        let to = |nurse: entity::ids::NurseId| json!({ "reason": "联系不上", "nurse_id": nurse });
        desk.post(&path, to(due.id)).await.problem(409, "nurse_double_booked");
        desk.post(&path, to(done.id)).await.expect(200);
    }

    async fn only_coordinators_in_scope_assign(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(5)).await;
        let path = format!("/v1/orders/{order}/assign");
        let body = json!({ "nurse_id": nurse.id });
        let town = &scene.town;
        let elsewhere =
            town.person(&server, "13911110001", Role::Coordinator, Some(town.other_centre)).await;
        elsewhere.client.post(&path, body.clone()).await.problem(404, "not_found");
        let other_town = Town::build(&server, "130499").await;
        let stranger =
            other_town.person(&server, "13911110002", Role::Coordinator, Some(other_town.hospital)).await;
        stranger.client.post(&path, body.clone()).await.problem(404, "not_found");
        scene.family.client.post(&path, body.clone()).await.problem(403, "forbidden");
        let above = town.person(&server, "13911110003", Role::Coordinator, Some(town.hospital)).await;
        above.client.post(&path, json!({ "nurse_id": order })).await.problem(422, "nurse_unknown");
        above.client.post(&path, body).await.expect(200);
    }
}
