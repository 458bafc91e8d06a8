//! The trail of one thing.

use entity::enums::Role;
use jiahu_tests::harness::Town;
use jiahu_tests::on_both;
use serde_json::{Value, json};

on_both! {
    async fn a_trail_is_read_page_by_page_oldest_first(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let auditor = town.person(&server, "13900000001", Role::Auditor, None).await;
        let admin = town.person(&server, "13900000002", Role::Admin, None).await;
        let family = town.person(&server, "13800000001", Role::Family, None).await;
        for verb in ["disable", "enable", "disable", "enable", "disable"] {
            admin.client.post(&format!("/v1/accounts/{}/{verb}", family.account), json!({})).await.expect(200);
        }
        let trail = format!("/v1/audit/trail?subject_kind=account&subject_id={}", family.account);
        let whole = auditor.client.get(&trail).await.expect(200);
        let events = whole["items"].as_array().expect("a list");
        assert_eq!(events.iter().map(|event| event["no"].as_i64().expect("a number")).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert_eq!((&events[0]["kind"], &events[0]["actor_id"]), (&json!("account.disabled"), &json!(admin.account)));
        assert_eq!((&events[0]["place"], &events[0]["payload"]), (&Value::Null, &json!({})));
        assert_eq!(whole["next_cursor"], Value::Null);
        let (mut pages, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = auditor.client.get(&format!("{trail}&limit=2{cursor}")).await.expect(200);
            pages.extend(page["items"].as_array().expect("a list").clone());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(&pages, events);
        let elsewhere = Town::build(&server, "130432").await;
        let stranger = elsewhere.person(&server, "13900000001", Role::Auditor, None).await;
        assert_eq!(stranger.client.get(&trail).await.expect(200)["items"], json!([]));
        auditor.client.get(&format!("{trail}&cursor=x")).await.problem(400, "cursor_invalid");
        auditor.client.get("/v1/audit/trail?subject_kind=king").await.problem(400, "query_invalid");
        auditor.client.get("/v1/audit/trail").await.problem(400, "query_invalid");
    }
}
