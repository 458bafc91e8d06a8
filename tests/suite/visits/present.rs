//! Somebody of the family is there (R11), where the rules ask for it.

use jiahu_tests::on_both;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::at_the_door;

fn present(relation: &str, of_age: bool) -> Value {
    json!({ "present": [{ "name": "张小明", "relation": relation, "of_age": of_age }] })
}

on_both! {
    async fn no_procedure_without_an_adult_of_the_family(server: TestServer) {
        let (scene, nurse, order, visit) = at_the_door(&server).await;
        nurse.prepare(&visit).await;
        for nobody in [json!({}), present("oneself", true), present("child", false)] {
            nurse.post(&visit, "start", nobody).await.problem(409, "family_absent");
        }
        let crowd = json!({ "present": vec![present("child", true)["present"][0].clone(); 11] });
        nurse.post(&visit, "start", crowd).await.problem(422, "invalid_request");
        nurse.post(&visit, "start", present("child", true)).await.expect(200);
        let trail = jiahu::store::event::of_order(server.app.db.reader(), scene.town.community, order).await.expect("a trail");
        let started = trail.iter().find(|event| event.kind == "visit.started").expect("the event");
        assert!(started.payload.contains("child") && !started.payload.contains("张小明"));
        let row = entity::visit_identity::Entity::find().one(server.app.db.reader()).await.expect("a query").expect("a row");
        assert!(row.present_enc.is_some_and(|sealed| !sealed.contains("张小明")));
    }

    async fn where_no_rule_asks_nobody_has_to_be_there(server: TestServer) {
        let (scene, nurse, _, visit) = at_the_door(&server).await;
        scene.publish_visit_rules(&server, |rules| rules.retain(|rule| rule["code"] != "item_family")).await;
        nurse.prepare(&visit).await;
        nurse.post(&visit, "start", json!({})).await.expect(200);
    }
}
