//! Changing roles.

use entity::enums::{Role, SubjectKind};
use jiahu_tests::harness::{Person, TestServer, Town, kinds_of};
use jiahu_tests::on_both;
use serde_json::json;

async fn two(server: &TestServer, role: Role) -> (Town, Person, Person) {
    let town = Town::build(server, "130431").await;
    let admin = town.person(server, "13900000001", Role::Admin, None).await;
    let at = jiahu::domain::roles::needs_institution(role).then_some(town.centre);
    let other = town.person(server, "13900000002", role, at).await;
    (town, admin, other)
}

on_both! {
    async fn roles_are_replaced_upon_the_version_that_was_read(server: TestServer) {
        let (town, admin, auditor) = two(&server, Role::Auditor).await;
        let (account, address) = (format!("/v1/accounts/{}", auditor.account), format!("/v1/accounts/{}/roles", auditor.account));
        let etag = admin.client.get(&account).await.etag();
        let roles = json!({"roles": [{"role": "supervisor", "institution_id": town.hospital}, {"role": "family"}]});
        admin.client.put(&address, roles.clone()).await.problem(428, "precondition_required");
        admin.client.put_if(&address, "\"v9\"", roles.clone()).await.problem(412, "precondition_failed");
        let changed = admin.client.put_if(&address, &etag, roles.clone()).await;
        let newer = changed.etag();
        assert_ne!(newer, etag);
        assert_eq!(changed.expect(200)["roles"], json!([
            {"role": "supervisor", "institution_id": town.hospital}, {"role": "family", "institution_id": null},
        ]));
        admin.client.put_if(&address, &etag, roles).await.problem(412, "precondition_failed");
        let events = kinds_of(&server, town.community, SubjectKind::Account, auditor.account.0).await;
        assert_eq!(events, ["account.roles_changed"]);
        for (roles, code) in [
            (json!([]), "role_not_grantable"),
            (json!([{"role": "nurse"}]), "role_not_grantable"),
            (json!([{"role": "admin"}, {"role": "auditor"}]), "grant_conflict"),
            (json!([{"role": "nurse", "institution_id": town.community}]), "institution_unknown"),
        ] {
            let problem = admin.client.put_if(&address, &newer, json!({"roles": roles})).await.problem(422, "invalid_request");
            assert_eq!(problem["errors"][0]["code"], code);
        }
        let kept = admin.client.get(&account).await;
        assert_eq!(kept.etag(), newer);
        assert_eq!(kept.expect(200)["roles"].as_array().expect("a list").len(), 2);
    }

    async fn a_family_that_becomes_staff_is_logged_out_and_waits_for_its_link(server: TestServer) {
        let (town, admin, family) = two(&server, Role::Family).await;
        let (account, address) = (format!("/v1/accounts/{}", family.account), format!("/v1/accounts/{}/roles", family.account));
        let etag = admin.client.get(&account).await.etag();
        let roles = json!({"roles": [{"role": "family"}, {"role": "nurse", "institution_id": town.centre}]});
        let changed = admin.client.put_if(&address, &etag, roles).await;
        let newer = changed.etag();
        assert_eq!(changed.expect(200)["status"], "invited");
        family.client.get("/v1/me").await.problem(401, "session_ended");
        // Back to a family: no link is needed any more, but the old session stays ended.
        let back = admin.client.put_if(&address, &newer, json!({"roles": [{"role": "family"}]})).await.expect(200);
        assert_eq!(back["status"], "active");
        family.client.get("/v1/me").await.problem(401, "session_ended");
    }

    async fn nobody_changes_their_own_account(server: TestServer) {
        let (_, admin, _) = two(&server, Role::Admin).await;
        let account = format!("/v1/accounts/{}", admin.account);
        let etag = admin.client.get(&account).await.etag();
        let roles = json!({"roles": [{"role": "admin"}]});
        admin.client.put_if(&format!("{account}/roles"), &etag, roles).await.problem(422, "own_account");
        admin.client.post(&format!("{account}/disable"), json!({})).await.problem(422, "own_account");
        admin.client.post(&format!("{account}/enable"), json!({})).await.problem(422, "own_account");
        assert_eq!(admin.client.get(&account).await.etag(), etag);
    }

    async fn two_administrators_cannot_remove_each_other(server: TestServer) {
        let (town, mut one, mut other) = two(&server, Role::Admin).await;
        for round in 0..6 {
            let disable = async |who: &Person, whom: &Person| {
                who.client.post(&format!("/v1/accounts/{}/disable", whom.account), json!({})).await
            };
            let demote = async |who: &Person, whom: &Person| {
                let etag = format!("\"v{}\"", jiahu::store::account::get(server.app.db.reader(), town.community, whom.account)
                    .await.expect("read").expect("there").version);
                let roles = json!({"roles": [{"role": "doctor", "institution_id": town.centre}]});
                who.client.put_if(&format!("/v1/accounts/{}/roles", whom.account), &etag, roles).await
            };
            let (first, second) = match round % 3 {
                0 => tokio::join!(disable(&one, &other), disable(&other, &one)),
                1 => tokio::join!(demote(&one, &other), disable(&other, &one)),
                _ => tokio::join!(demote(&one, &other), demote(&other, &one)),
            };
            let won = [&first, &second].into_iter().filter(|reply| reply.status.is_success()).count();
            assert_eq!(won, 1, "round {round}: {first:?} {second:?}");
            for reply in [first, second] {
                assert!(!reply.status.is_server_error(), "round {round}: {reply:?}");
            }
            // The operator's way back, as `jiahu admin create` has it.
            jiahu::in_write!(server.app.db, "test_restore", |tx| {
                for person in [&one, &other] {
                    let mut row = jiahu::store::account::get(&**tx, town.community, person.account).await?.expect("there");
                    row.status = entity::enums::AccountStatus::Active;
                    jiahu::store::account::update(tx, row).await?;
                    jiahu::store::account::clear_grants(tx, town.community, person.account).await?;
                    jiahu::store::account::grant(tx, &server.app, town.community, person.account, Role::Admin, None, None).await?;
                }
                Ok(())
            }).expect("restored");
            for person in [&mut one, &mut other] {
                let session = town.session(&server.app, person.account).await;
                person.client = server.nobody().in_session(&server.app, session);
                person.client.get("/v1/accounts").await.expect(200);
            }
        }
    }
}
