//! Red flags: raised by what is told, taken or passed on before their deadline, and what becomes of them.

use chrono::TimeDelta;
use entity::enums::Role;
use jiahu_tests::harness::{Person, Scene, TestServer};
use jiahu_tests::on_both;
use serde_json::{Value, json};

async fn doctor(server: &TestServer, scene: &Scene) -> Person {
    let at = Some(scene.town.centre);
    scene
        .town
        .person(server, "13800000061", Role::Doctor, at)
        .await
}

/// Fills in a pain score.
async fn pain(scene: &Scene, value: u8) -> Value {
    let body = json!({ "scale": "nrs_pain", "answers": { "pain": value } });
    let path = format!("/v1/patients/{}/scales", scene.patient);
    scene.coordinator.client.post(&path, body).await.expect(201)
}

/// An EPDS form in which only the last item is answered with a point.
fn epds() -> Value {
    let mut answers = serde_json::Map::new();
    for (item, quiet) in [
        ("laugh", 1),
        ("enjoyment", 1),
        ("blame", 4),
        ("anxious", 1),
        ("scared", 4),
        ("coping", 4),
        ("sleep", 4),
        ("sad", 4),
        ("crying", 4),
        ("self_harm", 3),
    ] {
        answers.insert(item.to_owned(), json!(format!("option_{quiet}")));
    }
    json!({ "scale": "epds", "answers": answers })
}

async fn alerts(scene: &Scene) -> Vec<Value> {
    let listed = scene
        .coordinator
        .client
        .get("/v1/alerts?kind=red_flag")
        .await
        .expect(200);
    listed["items"].as_array().expect("a list").clone()
}

/// Messages of red flags so far.
async fn told(server: &TestServer) -> usize {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    let messages =
        entity::message::Entity::find().filter(entity::message::Column::Template.eq("red_flag"));
    messages
        .all(server.app.db.reader())
        .await
        .expect("messages")
        .len()
}

on_both! {
    async fn a_score_raises_its_flag_at_once(server: TestServer) {
        let scene = Scene::build(&server).await;
        doctor(&server, &scene).await;
        assert_eq!(pain(&scene, 2).await["red_flags"], json!([]));
        server.advance(TimeDelta::hours(20)).await;
        // Not seven, but three more than yesterday.
        let raised = pain(&scene, 5).await["red_flags"][0].clone();
        assert_eq!((&raised["code"], &raised["call_120"]), (&json!("RF14"), &json!(false)));
        assert_eq!(raised["due_at"], json!(server.now() + TimeDelta::hours(4)));
        let path = format!("/v1/patients/{}/scales", scene.patient);
        let raised = scene.coordinator.client.post(&path, epds()).await.expect(201);
        assert_eq!((&raised["total"], &raised["red_flags"][0]["code"]), (&json!(1), &json!("RF15")));
        let open = alerts(&scene).await;
        let flags: Vec<_> = open.iter().map(|one| (&one["rule"], &one["owner"], &one["severity"])).collect();
        assert_eq!(flags, [
            (&json!("RF15"), &json!("doctor"), &json!("critical")),
            (&json!("RF14"), &json!("nurse"), &json!("warning")),
        ]);
        // Up again while it is open: the same alert.
        server.advance(TimeDelta::minutes(1)).await;
        let again = pain(&scene, 9).await["red_flags"][0].clone();
        assert_eq!((&again["alert_id"], alerts(&scene).await.len()), (&open[1]["id"], 2));
    }

    async fn nobody_takes_it_so_it_goes_on_at_half_and_at_the_end(server: TestServer) {
        let scene = Scene::build(&server).await;
        doctor(&server, &scene).await;
        let path = format!("/v1/patients/{}/scales", scene.patient);
        scene.coordinator.client.post(&path, epds()).await.expect(201);
        // The doctor.
        assert_eq!(told(&server).await, 1);
        server.advance(TimeDelta::minutes(7)).await;
        assert_eq!((told(&server).await, &alerts(&scene).await[0]["escalation"]), (1, &json!(0)));
        server.advance(TimeDelta::minutes(1)).await;
        // The doctor and the coordinator.
        assert_eq!((told(&server).await, &alerts(&scene).await[0]["escalation"]), (3, &json!(1)));
        server.advance(TimeDelta::minutes(7)).await;
        let all = told(&server).await;
        assert_eq!(alerts(&scene).await[0]["escalation"], 2);
        assert!(all > 3);
        server.advance(TimeDelta::hours(5)).await;
        assert_eq!(told(&server).await, all);
    }

    async fn what_is_taken_goes_to_nobody_else_and_shows_what_became_of_it(server: TestServer) {
        let scene = Scene::build(&server).await;
        let doctor = doctor(&server, &scene).await.client;
        pain(&scene, 8).await;
        let before = told(&server).await;
        let id = alerts(&scene).await[0]["id"].as_str().expect("an id").to_owned();
        let path = format!("/v1/alerts/{id}");
        doctor.post(&format!("{path}/act"), json!({ "action": "已电话" })).await.problem(409, "alert_not_taken");
        doctor.post(&format!("{path}/take"), json!({})).await.expect(200);
        server.advance(TimeDelta::hours(5)).await;
        assert_eq!((told(&server).await, &alerts(&scene).await[0]["escalation"]), (before, &json!(0)));
        let acted = doctor.post(&format!("{path}/act"), json!({ "action": "已电话评估" })).await.expect(200);
        assert_eq!(acted["acted_at"], json!(server.now()));
        let draft = doctor.get(&format!("{path}/order-draft")).await.expect(200);
        assert_eq!((&draft["patient_id"], &draft["address_id"]), (&json!(scene.patient), &json!(scene.address)));
        // An order of the patient becomes of it, and no order of anybody else.
        let close = |order: Value, result: &str| json!({ "outcome": "上门处理", "result": result, "order_id": order });
        let closing = format!("{path}/close");
        doctor.post(&closing, close(Value::Null, "order")).await.problem(422, "alert_result");
        doctor.post(&closing, close(json!("01945d00-0000-7000-8000-00000000dead"), "order")).await.problem(422, "alert_result");
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(5)).await;
        doctor.post(&closing, close(json!(order), "advice")).await.problem(422, "alert_result");
        let closed = doctor.post(&closing, close(json!(order), "order")).await.expect(200);
        assert_eq!((&closed["result"], &closed["result_order_id"]), (&json!("order"), &json!(order)));
        doctor.post(&format!("{path}/act"), json!({ "action": "再次电话" })).await.problem(409, "alert_closed");
        // Closed: the next time it is a new alert.
        server.advance(TimeDelta::hours(1)).await;
        pain(&scene, 8).await;
        assert_eq!(alerts(&scene).await.len(), 2);
    }
}
