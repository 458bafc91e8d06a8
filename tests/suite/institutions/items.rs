//! Items: open or closed at an institution.

use entity::enums::{Role, SubjectKind};
use jiahu_tests::harness::{Client, Town, kinds_of};
use jiahu_tests::on_both;
use serde_json::{Value, json};

async fn item(client: &Client, items: &str, code: &str) -> Value {
    let list = client.get(items).await.expect(200);
    let list = list["items"].as_array().expect("a list");
    assert_eq!(list.len(), 38);
    list.iter()
        .find(|item| item["item_code"] == code)
        .expect("an item")
        .clone()
}

on_both! {
    async fn an_institution_decides_for_itself(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let supervisor = town.person(&server, "13900000001", Role::Supervisor, Some(town.hospital)).await;
        let family = town.person(&server, "13800000001", Role::Family, None).await;
        let items = format!("/v1/institutions/{}/items", town.centre);
        let before = item(&family.client, &items, "UC_CHG").await;
        assert_eq!((&before["open"], &before["decided"]), (&json!(true), &Value::Null));
        let address = format!("{items}/UC_CHG");
        let closed = supervisor.client.put(&address, json!({"open": false})).await.expect(200);
        assert_eq!((&closed["open"], &closed["decided"]), (&json!(false), &json!(false)));
        supervisor.client.put(&address, json!({"open": false})).await.expect(200);
        assert_eq!(item(&family.client, &items, "UC_CHG").await, closed);
        let beside = format!("/v1/institutions/{}/items", town.other_centre);
        assert_eq!(item(&family.client, &beside, "UC_CHG").await["open"], true);
        supervisor.client.put(&address, json!({"open": true})).await.expect(200);
        assert_eq!(item(&family.client, &items, "UC_CHG").await["open"], true);
        // Closing what is closed is no change and leaves no event.
        let events = kinds_of(&server, town.community, SubjectKind::Institution, town.centre.0).await;
        assert_eq!(events, ["institution.item_changed", "institution.item_changed"]);
        let rows = jiahu::store::institution::open_items(server.app.db.reader(), town.community, &[town.centre, town.other_centre])
            .await.expect("read");
        assert_eq!(rows.iter().map(|row| (row.institution_id, row.item_code.as_str(), row.open)).collect::<Vec<_>>(), [(town.centre, "UC_CHG", true)]);
    }

    async fn what_cannot_be_opened_stays_closed(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let supervisor = town.person(&server, "13900000001", Role::Supervisor, Some(town.centre)).await;
        let items = format!("/v1/institutions/{}/items", town.centre);
        let put = async |code: &str, body: Value| supervisor.client.put(&format!("{items}/{code}"), body).await;
        put("IV_INF", json!({"open": true})).await.problem(422, "item_negative_listed");
        assert_eq!(item(&supervisor.client, &items, "IV_INF").await["open"], false);
        put("NOSUCH", json!({"open": true})).await.problem(422, "item_unknown");
        put("UC_CHG%00", json!({"open": true})).await.problem(422, "item_unknown");
        put("UC_CHG", json!({})).await.problem(422, "invalid_request");
        put("UC_CHG", json!({"open": "yes"})).await.problem(422, "invalid_request");
        for outside in [town.hospital, town.other_centre] {
            let address = format!("/v1/institutions/{outside}/items/UC_CHG");
            supervisor.client.put(&address, json!({"open": false})).await.problem(404, "not_found");
        }
        let family = town.person(&server, "13800000001", Role::Family, None).await;
        family.client.put(&format!("{items}/UC_CHG"), json!({"open": false})).await.problem(403, "forbidden");
        let elsewhere = Town::build(&server, "130432").await;
        let stranger = elsewhere.person(&server, "13900000001", Role::Supervisor, Some(elsewhere.hospital)).await;
        stranger.client.get(&items).await.problem(404, "not_found");
        stranger.client.put(&format!("{items}/UC_CHG"), json!({"open": false})).await.problem(404, "not_found");
        assert!(kinds_of(&server, town.community, SubjectKind::Institution, town.centre.0).await.is_empty());
    }
}
