//! The screening asked again at the door.

use chrono::TimeDelta;
use entity::ids::OrderId;
use jiahu_tests::harness::{
    Fixtures, NurseSpec, Scene, SceneNurse, TestServer, good_answers, with_family,
};
use jiahu_tests::on_both;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

/// A nurse at the door with the questions.
struct Door {
    scene: Scene,
    nurse: SceneNurse,
    order: OrderId,
    visit: String,
    answers: Value,
}

impl Door {
    async fn build(server: &TestServer) -> Self {
        Self::of(server, "UC_CHG").await
    }

    async fn of(server: &TestServer, item: &str) -> Self {
        let scene = Scene::build(server).await;
        let nurse = scene.nurse(server, 1, NurseSpec::default()).await;
        let start = server.now() + TimeDelta::hours(5);
        let order = scene.order(server, item, start).await;
        let visit = scene.accepted_visit(server, &nurse, order).await;
        server.advance(TimeDelta::hours(4)).await;
        let client = &nurse.person.client;
        client
            .post(&format!("/v1/visits/{visit}/depart"), json!({}))
            .await
            .expect(200);
        client
            .post(
                &format!("/v1/visits/{visit}/arrive"),
                json!({ "no_fix_reason": "timeout" }),
            )
            .await
            .expect(200);
        nurse.recognise(&visit).await;
        nurse.sign(&visit).await;
        let asked = client
            .get(&format!("/v1/visits/{visit}/screening"))
            .await
            .expect(200);
        assert_eq!(asked["outcome"], Value::Null);
        Self {
            answers: good_answers(&asked["questions"]),
            scene,
            nurse,
            order,
            visit,
        }
    }

    fn path(&self, name: &str) -> String {
        format!("/v1/visits/{}/{name}", self.visit)
    }

    fn with(&self, code: &str, answer: Value) -> Value {
        let mut answers = self.answers.clone();
        answers[code] = answer;
        json!({ "answers": answers })
    }
}

async fn footprint(server: &TestServer) -> [u64; 3] {
    let db = server.app.db.reader();
    [
        entity::visit_screening::Entity::find()
            .count(db)
            .await
            .expect("a count"),
        entity::event::Entity::find()
            .count(db)
            .await
            .expect("a count"),
        entity::alert::Entity::find()
            .count(db)
            .await
            .expect("a count"),
    ]
}

on_both! {
    async fn the_procedure_does_not_start_before_it(server: TestServer) {
        let door = Door::build(&server).await;
        let nurse = &door.nurse.person.client;
        nurse.post(&door.path("start"), with_family()).await.problem(409, "screening_missing");
        let screened = nurse.post(&door.path("screening"), json!({ "answers": door.answers })).await.expect(200);
        assert_eq!((&screened["outcome"], &screened["findings"]), (&json!("clear"), &json!([])));
        nurse.post(&door.path("start"), with_family()).await.expect(200);
        nurse.post(&door.path("screening"), json!({ "answers": door.answers })).await.problem(409, "order_wrong_state");
        let asked = nurse.get(&door.path("screening")).await.expect(200);
        assert_eq!(asked["outcome"], "clear");
    }

    async fn a_hard_answer_breaks_the_visit_off_and_opens_an_alert(server: TestServer) {
        let door = Door::build(&server).await;
        let nurse = &door.nurse.person.client;
        let mut body = door.with("SEPSIS", json!(true));
        body["acknowledgement"] = json!({ "reason": "家属要求继续" });
        let screened = nurse.post(&door.path("screening"), body).await.expect(200);
        assert_eq!((&screened["outcome"], &screened["visit"]["state"]), (&json!("refused"), &json!("aborted")));
        nurse.post(&door.path("start"), with_family()).await.problem(409, "order_wrong_state");
        let order = Fixtures::new(&server, &door.scene.town).order(door.order).await;
        assert!(order.fee_fen.expect("a fee") > 0);
        let desk = &door.scene.coordinator.client;
        let list = desk.get("/v1/alerts?closed=false&kind=screening_hard").await.expect(200);
        let alerts = list["items"].as_array().expect("a list");
        assert_eq!(alerts.len(), 1);
        let alert = &alerts[0];
        assert_eq!((&alert["order_id"], &alert["severity"]), (&json!(door.order), &json!("critical")));
        assert_eq!(alert["visit_id"], json!(door.visit));
        let messages = entity::message::Entity::find().all(server.app.db.reader()).await.expect("rows");
        let told = messages.iter().any(|row| row.template == "alert" && row.account_id == Some(door.scene.coordinator.account));
        assert!(told, "the desk has a message");
    }

    async fn a_soft_answer_needs_her_word(server: TestServer) {
        let door = Door::of(&server, "PI_12").await;
        let nurse = &door.nurse.person.client;
        let before = footprint(&server).await;
        let body = door.with("PI_SITES", json!(4));
        let problem = nurse.post(&door.path("screening"), body.clone()).await.problem(422, "screening_acknowledge");
        assert_eq!(problem["findings"][0]["severity"], "soft");
        assert_eq!(footprint(&server).await, before);
        nurse.post(&door.path("start"), with_family()).await.problem(409, "screening_missing");
        let mut body = body;
        body["acknowledgement"] = json!({ "reason": "已电话咨询", "doctor": "赵医生" });
        let screened = nurse.post(&door.path("screening"), body).await.expect(200);
        assert_eq!(screened["outcome"], "acknowledged");
        let rows = entity::visit_screening::Entity::find().all(server.app.db.reader()).await.expect("rows");
        assert_eq!(rows.len(), 1);
        assert!(!rows[0].content_enc.contains("赵医生"));
        let content = jiahu::store::visit_screening::content(&server.app, &rows[0]).expect("opened");
        assert_eq!(content.acknowledged.expect("her word").doctor.as_deref(), Some("赵医生"));
        nurse.post(&door.path("start"), with_family()).await.expect(200);
    }

    async fn answers_that_cannot_be_judged_leave_nothing(server: TestServer) {
        let door = Door::build(&server).await;
        let nurse = &door.nurse.person.client;
        let before = footprint(&server).await;
        let post = async |body: Value| nurse.post(&door.path("screening"), body).await;
        let problem = post(json!({ "answers": {} })).await.problem(422, "screening_incomplete");
        assert_eq!(problem["errors"][0]["code"], "answer_missing");
        post(door.with("UC_FAILED_TRIES", json!("none"))).await.problem(422, "screening_incomplete");
        post(door.with("NOBODY_ASKS", json!(true))).await.problem(422, "screening_incomplete");
        post(json!({ "answers": door.answers, "acknowledgement": { "reason": "" } })).await.problem(422, "invalid_request");
        let other = door.scene.nurse(&server, 2, NurseSpec::default()).await;
        let body = json!({ "answers": door.answers });
        other.person.client.post(&door.path("screening"), body).await.problem(404, "not_found");
        other.person.client.get(&door.path("screening")).await.problem(404, "not_found");
        assert_eq!(footprint(&server).await, before);
    }

    async fn a_screening_is_never_changed(server: TestServer) {
        let door = Door::build(&server).await;
        let body = json!({ "answers": door.answers });
        door.nurse.person.client.post(&door.path("screening"), body).await.expect(200);
        let db = server.app.db.reader();
        for statement in ["UPDATE visit_screening SET outcome = 'refused'", "DELETE FROM visit_screening"] {
            db.execute_unprepared(statement).await.expect_err(statement);
        }
    }
}
