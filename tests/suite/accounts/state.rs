//! Disabling and enabling.

use entity::enums::{Role, SubjectKind};
use jiahu_tests::harness::{Town, kinds_of};
use jiahu_tests::on_both;
use serde_json::json;
use tokio::sync::Notify;

on_both! {
    async fn a_disabled_account_is_shut_out_at_once(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let admin = town.person(&server, "13900000001", Role::Admin, None).await;
        let family = town.person(&server, "13800000001", Role::Family, None).await;
        let account = format!("/v1/accounts/{}", family.account);
        let disable = format!("{account}/disable");
        let before = admin.client.get(&account).await.etag();
        family.client.get("/v1/me").await.expect(200);
        let reply = admin.client.post_with_key(&disable, json!({}), "key-00000001").await;
        assert_ne!(reply.etag(), before);
        let disabled = reply.expect(200);
        assert_eq!(disabled["status"], "disabled");
        family.client.get("/v1/me").await.problem(401, "session_ended");
        // Again, by retry and anew: nothing more happens.
        assert_eq!(admin.client.post_with_key(&disable, json!({}), "key-00000001").await.expect(200), disabled);
        assert_eq!(admin.client.post(&disable, json!({})).await.expect(200), disabled);
        let enabled = admin.client.post(&format!("{account}/enable"), json!({})).await.expect(200);
        assert_eq!(enabled["status"], "active");
        family.client.get("/v1/me").await.problem(401, "session_ended");
        let events = kinds_of(&server, town.community, SubjectKind::Account, family.account.0).await;
        assert_eq!(events, ["account.disabled", "account.enabled"]);
    }

    async fn another_community_is_out_of_reach(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let family = town.person(&server, "13800000001", Role::Family, None).await;
        let elsewhere = Town::build(&server, "130432").await;
        let admin = elsewhere.person(&server, "13900000001", Role::Admin, None).await;
        let account = format!("/v1/accounts/{}", family.account);
        for verb in ["disable", "enable", "invite"] {
            admin.client.post(&format!("{account}/{verb}"), json!({})).await.problem(404, "not_found");
            admin.client.post(&format!("/v1/accounts/none/{verb}"), json!({})).await.problem(404, "path_invalid");
            admin.client.post(&format!("{account}/{verb}"), json!({"why": "x"})).await.problem(422, "invalid_request");
        }
        let roles = json!({"roles": [{"role": "family"}]});
        admin.client.put_if(&format!("{account}/roles"), "\"v1\"", roles).await.problem(404, "not_found");
        family.client.get("/v1/me").await.expect(200);
    }

    async fn of_two_administrators_who_disable_each_other_one_stays(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let one = town.person(&server, "13900000001", Role::Admin, None).await;
        let other = town.person(&server, "13900000002", Role::Admin, None).await;
        let (held, release) = (Notify::new(), Notify::new());
        // Both are let in while somebody holds the accounts, so that both are administrators when they ask.
        let hold = async {
            jiahu::in_write!(server.app.db, "hold_admins", |tx| {
                jiahu::store::account::lock_active_admins(tx, town.community).await?;
                held.notify_one();
                release.notified().await;
                Ok(())
            })
        };
        let disable = async |by: &jiahu_tests::harness::Person, whom: &jiahu_tests::harness::Person| {
            by.client.post(&format!("/v1/accounts/{}/disable", whom.account), json!({})).await
        };
        let race = async {
            held.notified().await;
            let before = server.app.db.statements();
            let watch = async {
                server.until_waiting(2, before).await;
                release.notify_one();
            };
            tokio::join!(disable(&one, &other), disable(&other, &one), watch)
        };
        let (kept, (first, second, ())) = tokio::join!(hold, race);
        kept.expect("the lock was held");
        let (lost, left) = if first.status.is_success() { (second, one) } else { (first, other) };
        lost.problem(409, "last_admin");
        left.client.get("/v1/accounts").await.expect(200);
    }
}
