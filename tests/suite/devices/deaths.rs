//! Devices of somebody who died: nobody is told of a review any more, and their days end.

use chrono::TimeDelta;
use jiahu_tests::harness::{NurseSpec, Scene, SceneNurse, TestServer};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{catheter, devices, finish, on_site};
use crate::discharges::{stay, supervisor};
use crate::people::rehab;

/// A catheter of 2 March whose review is due on the 30th, and the contact of a discharge that is due on the next day.
async fn followed(server: &TestServer, scene: &Scene) -> (SceneNurse, Value, String) {
    let nurse = scene.nurse(server, 1, NurseSpec::default()).await;
    let staff = &scene.coordinator.client;
    let device = staff.post(&devices(scene), catheter()).await.expect(201);
    let mut stay = stay(&["I50.9"]);
    stay["nurse_id"] = json!(nurse.id);
    let body = json!({ "patient_id": scene.patient, "stay": stay });
    staff.post("/v1/discharges", body).await.expect(201);
    server.advance(TimeDelta::days(1)).await;
    server.run_jobs().await;
    let path = format!("/v1/patients/{}/follow-up", scene.patient);
    let shown = staff.get(&path).await.expect(200);
    let task = shown["tasks"][0]["id"].as_str().expect("an id");
    (nurse, device, format!("/v1/follow-tasks/{task}/attempts"))
}

/// A rehabilitation plan that ends with word of the patient's death.
async fn ended_by_death(server: &TestServer, scene: &Scene) {
    let (doctor, plan) = rehab(server, scene, None, scene.patient).await;
    let stop = format!(
        "/v1/rehab-plans/{}/stop",
        plan["id"].as_str().expect("an id")
    );
    let died = json!({ "cause": "died" });
    doctor.client.post(&stop, died).await.expect(200);
}

/// The next day of the one person whom a nurse follows; null when she follows nobody.
async fn next_day(nurse: &SceneNurse) -> Value {
    let people = nurse.person.client.get("/v1/me/people").await.expect(200);
    people["items"][0]["next_on"].clone()
}

/// Device-days of catheters in March, and how many were taken out unplanned.
async fn march(server: &TestServer, scene: &Scene) -> (Value, Value) {
    let head = supervisor(server, scene).await;
    let path = "/v1/reports/device-days?from=2026-03-01&to=2026-04-01";
    let report = head.client.get(path).await.expect(200);
    let kinds = report["kinds"].as_array().expect("a list");
    let uc = kinds.iter().find(|one| one["kind"] == "uc");
    let uc = uc.expect("catheters");
    (uc["days"].clone(), uc["unplanned_removals"].clone())
}

/// 30 March, 09:00 in Shanghai: an hour at which people are told.
async fn monday_of_the_review(server: &TestServer) {
    server
        .advance(TestServer::morning() + TimeDelta::days(28) - server.now())
        .await;
    server.run_jobs().await;
}

/// How often the family was told of a review.
fn told(server: &TestServer, scene: &Scene) -> usize {
    let sent = server.phones.of(&scene.family.phone);
    let reviews = sent.iter().filter(|one| one.template == "device_review");
    reviews.count()
}

on_both! {
    async fn after_an_attempt_that_found_the_person_dead(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (nurse, device, attempts) = followed(&server, &scene).await;
        let died = json!({ "channel": "phone", "result": "died" });
        nurse.person.client.post(&attempts, died).await.expect(200);
        monday_of_the_review(&server).await;
        assert_eq!(told(&server, &scene), 0);
        // Taken out of the dead and written down later: no removal.
        let remove = format!("/v1/devices/{}/remove", device["id"].as_str().expect("an id"));
        scene.coordinator.client.post(&remove, json!({ "removal": "other" })).await.expect(200);
        assert_eq!(march(&server, &scene).await, (json!(1), json!(0)));
    }

    async fn after_a_rehabilitation_that_ended_with_the_death(server: TestServer) {
        let scene = Scene::build(&server).await;
        scene.coordinator.client.post(&devices(&scene), catheter()).await.expect(201);
        server.advance(TimeDelta::days(2)).await;
        ended_by_death(&server, &scene).await;
        monday_of_the_review(&server).await;
        assert_eq!((told(&server, &scene), march(&server, &scene).await), (0, (json!(2), json!(0))));
    }

    /// After a false word nobody looks after the catheter, until the other tube shows that the person lives.
    async fn looking_after_one_device_proves_life_for_all(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (nurse, visit) = on_site(&server, &scene).await;
        finish(&server, &nurse, &visit).await;
        let staff = &scene.coordinator.client;
        staff.post(&devices(&scene), catheter()).await.expect(201);
        let gastrostomy = json!({ "kind": "peg", "placed_by": "hospital" });
        let other = staff.post(&devices(&scene), gastrostomy).await.expect(201);
        server.advance(TimeDelta::days(1)).await;
        ended_by_death(&server, &scene).await;
        assert_eq!(next_day(&nurse).await, Value::Null);
        server.advance(TimeDelta::days(1)).await;
        let review = format!("/v1/devices/{}/review", other["id"].as_str().expect("an id"));
        staff.post(&review, json!({})).await.expect(200);
        assert_eq!(next_day(&nurse).await, "2026-03-30");
        monday_of_the_review(&server).await;
        assert_eq!((told(&server, &scene), march(&server, &scene).await), (1, (json!(29), json!(0))));
    }

    async fn whose_device_is_looked_after_since_is_alive(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (nurse, device, attempts) = followed(&server, &scene).await;
        let died = json!({ "channel": "phone", "result": "died" });
        nurse.person.client.post(&attempts, died).await.expect(200);
        server.advance(TimeDelta::days(1)).await;
        let review = format!("/v1/devices/{}/review", device["id"].as_str().expect("an id"));
        scene.coordinator.client.post(&review, json!({})).await.expect(200);
        monday_of_the_review(&server).await;
        assert_eq!((told(&server, &scene), march(&server, &scene).await), (1, (json!(29), json!(0))));
    }
}
