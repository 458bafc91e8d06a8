//! What the desk hears of a record.

use jiahu_tests::harness::{SceneNurse, filled_forms};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::at_the_door;

/// Writes the record over the one that is there.
async fn write(nurse: &SceneNurse, visit: &str, celsius: f64, note: &str) -> Value {
    let path = format!("/v1/visits/{visit}");
    let etag = nurse.person.client.get(&path).await.etag();
    let record = json!({
        "items_done": ["UC_CHG"],
        "vitals": [{ "code": "temperature", "value": celsius }],
        "note": note,
        "consumables": [{ "code": "foley_catheter", "quantity": 1, "lot": "A17" }],
        "forms": filled_forms(&["UC_CHG"]),
    });
    let path = format!("{path}/record");
    let kept = nurse.person.client.put_if(&path, &etag, record).await;
    kept.expect(200)
}

on_both! {
    async fn a_critical_value_opens_one_alert_and_not_again_for_the_same(server: TestServer) {
        let (scene, nurse, _, visit) = at_the_door(&server).await;
        nurse.prepare(&visit).await;
        nurse.post(&visit, "start", json!({})).await.expect(200);
        let alerts = async || {
            let list = scene.coordinator.client.get("/v1/alerts?kind=critical_value").await.expect(200);
            list["items"].as_array().expect("a list").clone()
        };
        write(&nurse, &visit, 36.8, "顺利").await;
        assert_eq!(alerts().await, Vec::<Value>::new());
        let kept = write(&nurse, &visit, 39.2, "发热").await;
        assert_eq!(kept["flags"][0]["red_flag"], "RF05");
        let opened = alerts().await;
        assert_eq!(opened.len(), 1);
        assert_eq!((&opened[0]["severity"], &opened[0]["visit_id"]), (&json!("critical"), &json!(visit)));
        let path = format!("/v1/alerts/{}", opened[0]["id"].as_str().expect("an id"));
        let detail = scene.coordinator.client.get(&path).await.expect(200)["detail"].to_string();
        assert!(detail.contains("39.2"), "{detail}");
        // The same value in another text is known already; another one is not.
        write(&nurse, &visit, 39.2, "发热,已告知家属").await;
        assert_eq!(alerts().await.len(), 1);
        write(&nurse, &visit, 40.1, "体温升高").await;
        assert_eq!(alerts().await.len(), 2);
    }
}
