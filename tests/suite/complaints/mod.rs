//! Complaints (R19): filed, owned, answered, appealed once, closed, with a clock.

use chrono::TimeDelta;
use entity::enums::Role;
use jiahu_tests::harness::{NurseSpec, Person, Scene, TestServer};
use jiahu_tests::on_both;
use serde_json::{Value, json};

struct World {
    scene: Scene,
    lead: Person,
    order: String,
}

impl World {
    async fn build(server: &TestServer) -> Self {
        let scene = Scene::build(server).await;
        let nurse = scene.nurse(server, 1, NurseSpec::default()).await;
        let start = server.now() + TimeDelta::hours(5);
        let order = scene.order(server, "UC_CHG", start).await;
        scene.accepted_visit(server, &nurse, order).await;
        let at = Some(scene.town.hospital);
        Self {
            lead: scene
                .town
                .person(server, "13900000007", Role::Supervisor, at)
                .await,
            scene,
            order: order.to_string(),
        }
    }

    async fn file(&self) -> String {
        let body =
            json!({ "order_id": self.order, "about": "punctuality", "what": "护士迟到一小时" });
        let filed = self.scene.family.client.post("/v1/complaints", body).await;
        let filed = filed.expect(201);
        assert_eq!(
            (&filed["state"], &filed["what"]),
            (&json!("filed"), &json!("护士迟到一小时"))
        );
        format!("/v1/complaints/{}", filed["id"].as_str().expect("an id"))
    }
}

async fn post(who: &Person, path: &str, step: &str, body: Value) -> jiahu_tests::harness::Reply {
    who.client.post(&format!("{path}/{step}"), body).await
}

fn count(server: &TestServer, phone: &str, template: &str) -> usize {
    let sent = server.phones.of(phone);
    sent.iter().filter(|one| one.template == template).count()
}

on_both! {
    async fn a_complaint_is_answered_appealed_once_and_closed(server: TestServer) {
        let world = World::build(&server).await;
        let (family, desk, lead) = (&world.scene.family, &world.scene.coordinator, &world.lead);
        let path = world.file().await;
        server.run_jobs().await;
        assert_eq!(count(&server, &desk.phone, "complaint"), 1);
        let answer = json!({ "answer": "已核实,向您致歉" });
        // Nobody owns it, so nobody answers.
        post(desk, &path, "answer", answer.clone()).await.problem(409, "complaint_state");
        let stranger = json!({ "owner": family.account });
        post(desk, &path, "assign", stranger).await.problem(422, "complaint_owner");
        assert_eq!(post(desk, &path, "assign", json!({})).await.expect(200)["owner"], json!(desk.account));
        post(family, &path, "close", json!({})).await.problem(409, "complaint_state");
        assert_eq!(post(desk, &path, "answer", answer.clone()).await.expect(200)["state"], "answered");
        server.run_jobs().await;
        assert_eq!(count(&server, &family.phone, "complaint_answered"), 1);
        let appeal = json!({ "reason": "没有说明原因" });
        assert_eq!(post(family, &path, "appeal", appeal.clone()).await.expect(200)["state"], "appealed");
        server.run_jobs().await;
        assert_eq!(count(&server, &lead.phone, "complaint_waits"), 1);
        post(desk, &path, "answer", answer.clone()).await.problem(409, "complaint_other_answers");
        let last = json!({ "answer": "已培训并调整排班" });
        let shown = post(lead, &path, "answer", last.clone()).await.expect(200);
        assert_eq!((&shown["answer"], &shown["final_answer"]), (&answer["answer"], &last["answer"]));
        post(family, &path, "appeal", appeal).await.problem(409, "complaint_state");
        post(desk, &path, "close", json!({})).await.problem(403, "forbidden");
        assert_eq!(post(family, &path, "close", json!({})).await.expect(200)["state"], "closed");
        post(lead, &path, "assign", json!({})).await.problem(409, "complaint_state");
        let listed = desk.client.get("/v1/complaints?state=closed").await.expect(200);
        assert_eq!(listed["items"].as_array().expect("a list").len(), 1);
        let rows = {
            use sea_orm::EntityTrait;
            entity::complaint::Entity::find().all(server.app.db.reader()).await.expect("rows")
        };
        assert!(!format!("{rows:?}").contains("迟到"));
    }

    async fn who_is_owed_an_answer_is_not_forgotten(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.file().await;
        let calls = || count(&server, &world.lead.phone, "complaint_waits");
        server.advance(TimeDelta::hours(72) - TimeDelta::seconds(1)).await;
        assert_eq!(calls(), 0);
        server.advance(TimeDelta::seconds(1)).await;
        server.run_jobs().await;
        assert_eq!(calls(), 1);
        post(&world.lead, &path, "assign", json!({})).await.expect(200);
        server.advance(TimeDelta::hours(72)).await;
        server.run_jobs().await;
        assert_eq!(calls(), 2);
        post(&world.lead, &path, "answer", json!({ "answer": "已核实" })).await.expect(200);
        server.advance(TimeDelta::hours(200)).await;
        server.run_jobs().await;
        assert_eq!(calls(), 2);
    }

    async fn complaints_are_seen_by_the_family_and_the_institution_alone(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.file().await;
        let town = &world.scene.town;
        let others = [
            town.person(&server, "13900000071", Role::Family, None).await,
            town.person(&server, "13900000072", Role::Coordinator, Some(town.other_centre)).await,
        ];
        for other in &others {
            other.client.get(&path).await.problem(404, "not_found");
            assert_eq!(other.client.get("/v1/complaints").await.expect(200)["items"], json!([]));
            let body = json!({ "order_id": world.order, "about": "care", "what": "x" });
            other.client.post("/v1/complaints", body).await.problem(404, "not_found");
        }
        let nurse = world.scene.nurse(&server, 2, NurseSpec::default()).await;
        nurse.person.client.get(&path).await.problem(403, "forbidden");
        world.scene.coordinator.client.get(&path).await.expect(200);
        let auditor = town.person(&server, "13900000073", Role::Auditor, None).await;
        let reads = auditor.client.get(&format!("/v1/audit/patient-reads?patient_id={}", world.scene.patient)).await.expect(200);
        assert_eq!(reads["items"][0]["operation"], "get_complaint");
    }
}
