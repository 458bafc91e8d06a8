//! Who may assess, and whom.

use entity::enums::Role;
use jiahu_tests::harness::{Backend, TestServer, Town};
use jiahu_tests::on_both;
use serde_json::json;

use super::{World, approve, footprint};

on_both! {
    async fn a_patient_of_others_is_not_found(server: TestServer) {
        let world = World::build(&server).await;
        let town = &world.scene.town;
        let near = town.person(&server, "13800000031", Role::Doctor, Some(town.other_centre)).await;
        let away = Town::build(&server, "130432").await;
        let far = away.person(&server, "13800000032", Role::Doctor, Some(away.hospital)).await;
        let before = footprint(&server).await;
        let patient = format!("/v1/patients/{}", world.patient);
        for stranger in [near, far] {
            let client = &stranger.client;
            client.post(&format!("{patient}/assessments"), approve(&["UC_CHG"])).await.problem(404, "not_found");
            client.get(&format!("{patient}/assessments")).await.problem(404, "not_found");
            client.post(&format!("{patient}/admissions"), json!({ "admitted_on": "2026-03-01" })).await.problem(404, "not_found");
            client.get(&format!("{patient}/admissions")).await.problem(404, "not_found");
        }
        assert_eq!(footprint(&server).await, before);
    }

    async fn a_coordinator_assesses_only_where_the_configuration_says_so(server: TestServer) {
        let world = World::build(&server).await;
        let path = format!("/v1/patients/{}/assessments", world.patient);
        world.desk.client.post(&path, approve(&["UC_CHG"])).await.problem(403, "assessor_role");
        world.scene.family.client.post(&path, approve(&["UC_CHG"])).await.problem(403, "forbidden");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_configuration_names_other_assessors() {
    TestServer::with_config(
        Backend::Sqlite,
        |config| config.care.assessor_roles = vec![Role::Coordinator],
        |server| async move {
            let world = World::build(&server).await;
            let path = format!("/v1/patients/{}/assessments", world.patient);
            let body = approve(&["UC_CHG"]);
            world
                .desk
                .client
                .post(&path, body.clone())
                .await
                .expect(201);
            world
                .doctor
                .client
                .post(&path, body)
                .await
                .problem(403, "assessor_role");
        },
    )
    .await;
}
