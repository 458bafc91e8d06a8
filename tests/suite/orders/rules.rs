//! What the table of visit rules asks of an order (R10, R11), kept with it.

use entity::enums::Role;
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{Scene, id, window};

fn rules_of(order: &Value) -> Vec<&str> {
    let reasons = order["gates"]["reasons"].as_array().expect("a list");
    reasons
        .iter()
        .filter_map(|because| because["rule"].as_str())
        .collect()
}

on_both! {
    async fn an_order_keeps_what_the_rules_say_of_it(server: TestServer) {
        let scene = Scene::build(&server).await;
        let client = &scene.family.client;
        let day = client.post("/v1/orders", scene.body(&["UC_CHG"])).await.expect(201);
        assert_eq!((&day["persons"], &day["gates"]["family_present"]), (&json!(1), &json!(true)));
        assert_eq!(rules_of(&day), ["item_family"]);
        let night = scene.body_at(&["EDU"], "2026-03-03 20:00", "2026-03-03 22:00");
        let night = client.post("/v1/orders", night).await.expect(201);
        assert_eq!(night["persons"], 2);
        assert!(rules_of(&night).contains(&"night"));
        // Moved into the day it takes one nurse again.
        let path = format!("/v1/orders/{}/reschedule", id(&night));
        let body = json!({ "window": window("2026-03-04 09:00", "2026-03-04 11:00") });
        let moved = client.post_if(&path, "\"v1\"", body).await.expect(200);
        assert_eq!(moved["order"]["persons"], 1);
    }

    async fn the_county_decides_by_village(server: TestServer) {
        let scene = Scene::build(&server).await;
        let boss = scene.town.person(&server, "13800000009", Role::Supervisor, Some(scene.town.hospital)).await;
        let first = boss.client.get("/v1/rule-sets/visit_rules/1").await.expect(200);
        let mut file = first["content"].clone();
        file["version"] = json!(2);
        let rules = file["rules"].as_array_mut().expect("rules");
        let name = json!({ "zh": "该村须两名护士", "en": "two nurses go to that village" });
        let far = json!({ "areas": ["13043110"] });
        rules.push(json!({ "code": "far_village", "name": name, "when": far, "require": "two_persons" }));
        let mut bad = file.clone();
        bad["rules"][0]["when"] = json!({});
        boss.client.post("/v1/rule-sets/visit_rules", bad).await.problem(422, "rule_set_invalid");
        let before = scene.family.client.post("/v1/orders", scene.body(&["EDU"])).await.expect(201);
        boss.client.post("/v1/rule-sets/visit_rules", file).await.expect(201);
        let later = scene.body_at(&["EDU"], "2026-03-05 09:00", "2026-03-05 11:00");
        let after = scene.family.client.post("/v1/orders", later).await.expect(201);
        assert_eq!((&before["persons"], &after["persons"]), (&json!(1), &json!(2)));
        assert_eq!(after["gates"]["rules_version"], 2);
    }

    async fn nobody_of_the_other_sex_goes_where_the_rules_say_so(server: TestServer) {
        let scene = Scene::build(&server).await;
        let boss = scene.town.person(&server, "13800000009", Role::Supervisor, Some(scene.town.hospital)).await;
        let nurse = scene.fixtures(&server).nurse("13800000006", scene.town.hospital, &["UC"]).await;
        let first = boss.client.get("/v1/rule-sets/visit_rules/1").await.expect(200);
        let mut file = first["content"].clone();
        file["version"] = json!(2);
        let name = json!({ "zh": "隐私部位操作,异性护士不单独上门", "en": "nobody of the other sex goes alone" });
        let when = json!({ "item_flags": ["intimate"], "sexes_differ": true });
        let rules = file["rules"].as_array_mut().expect("rules");
        rules.push(json!({ "code": "intimate", "name": name, "when": when, "require": "two_persons" }));
        boss.client.post("/v1/rule-sets/visit_rules", file).await.expect(201);
        let order = scene.family.client.post("/v1/orders", scene.body(&["UC_CHG"])).await.expect(201);
        let path = format!("/v1/orders/{}/candidates", id(&order));
        let found = scene.desk.client.get(&path).await.expect(200);
        let text = found.to_string();
        assert!(text.contains("wrong_sex") && text.contains(&nurse.id.to_string()), "{text}");
    }
}
