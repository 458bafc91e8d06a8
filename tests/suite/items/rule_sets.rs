//! Versions of the rule files.

use entity::enums::{Role, SubjectKind};
use jiahu_tests::harness::{Client, Person, TestServer, Town, fresh_key};
use jiahu_tests::on_both;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

async fn supervisor(server: &TestServer, town: &Town) -> Person {
    let at = Some(town.hospital);
    town.person(server, "13800000009", Role::Supervisor, at)
        .await
}

/// The first version of a file, as version 2.
async fn second(client: &Client, kind: &str) -> Value {
    let first = client
        .get(&format!("/v1/rule-sets/{kind}/1"))
        .await
        .expect(200);
    let mut file = first["content"].clone();
    file["version"] = json!(2);
    file
}

async fn published(server: &TestServer) -> u64 {
    let events = entity::event::Entity::find()
        .filter(entity::event::Column::SubjectKind.eq(SubjectKind::Community));
    events.count(server.app.db.reader()).await.expect("a count")
}

on_both! {
    async fn a_new_version_holds_from_its_day(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let boss = supervisor(&server, &town).await;
        let kinds = [
            "catalogue", "prices", "holidays", "vitals", "consents", "visit_rules", "devices", "record_forms",
            "harm",
            "scales", "red_flags", "exercises", "questionnaires", "entitlements",
        ];
        for kind in kinds {
            let file = second(&boss.client, kind).await;
            let reply = boss.client.post(&format!("/v1/rule-sets/{kind}"), file).await;
            let place = format!("/v1/rule-sets/{kind}/2");
            assert_eq!(reply.headers["location"], place.as_str());
            assert_eq!(reply.expect(201)["version"], 2);
            assert_eq!(boss.client.get(&place).await.expect(200)["published_by"], json!(boss.account));
            let list = boss.client.get(&format!("/v1/rule-sets/{kind}")).await.expect(200);
            assert_eq!(list["in_force"], 2);
            assert_eq!(list["items"][0]["version"], 2);
            assert_eq!(list["items"][1]["published_by"], Value::Null);
        }
        assert_eq!(published(&server).await, kinds.len() as u64);
        assert_eq!(boss.client.get("/v1/items").await.expect(200)["price_version"], 2);
        // A version of the future waits for its day.
        let mut file = second(&boss.client, "prices").await;
        file["version"] = json!(3);
        file["valid_from"] = json!("2026-03-03");
        boss.client.post("/v1/rule-sets/prices", file).await.expect(201);
        assert_eq!(boss.client.get("/v1/rule-sets/prices").await.expect(200)["in_force"], 2);
        assert_eq!(boss.client.get("/v1/items").await.expect(200)["price_version"], 2);
    }

    async fn a_file_with_mistakes_changes_nothing(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let boss = supervisor(&server, &town).await;
        let post = |kind: &'static str, file: Value| {
            let client = boss.client.clone();
            async move { client.post(&format!("/v1/rule-sets/{kind}"), file).await }
        };
        let mut bands = second(&boss.client, "prices").await;
        bands["visit_fee"][0]["fen"] = json!(-1);
        bands["night"]["percent"] = json!(0);
        let problem = post("prices", bands).await.problem(422, "rule_set_invalid");
        let paths: Vec<_> = problem["problems"].as_array().expect("problems").iter()
            .map(|one| one["path"].as_str().expect("a path").to_owned()).collect();
        assert!(paths.contains(&"visit_fee[0].fen".to_owned()), "{paths:?}");
        assert!(paths.contains(&"night.percent".to_owned()), "{paths:?}");
        let mut gap = second(&boss.client, "prices").await;
        gap["items"].as_array_mut().expect("items").retain(|item| item["item"] != "EDU");
        let problem = post("prices", gap).await.problem(422, "rule_set_invalid");
        assert_eq!(problem["problems"][0]["path"], "items.EDU");
        let mut shape = second(&boss.client, "catalogue").await;
        shape["colour"] = json!("red");
        let problem = post("catalogue", shape).await.problem(422, "rule_set_invalid");
        assert_eq!(problem["problems"][0]["code"], "malformed");
        let mut version = second(&boss.client, "holidays").await;
        version["version"] = json!(3);
        let problem = post("holidays", version).await.problem(409, "rule_set_version");
        assert_eq!(problem["detail"], "The next version must be 2.");
        post("colours", json!({})).await.problem(404, "path_invalid");
        assert_eq!(published(&server).await, 0);
        for kind in ["catalogue", "prices", "holidays", "vitals", "devices", "record_forms", "harm"] {
            let list = boss.client.get(&format!("/v1/rule-sets/{kind}")).await.expect(200);
            assert_eq!(list["items"].as_array().expect("versions").len(), 1);
        }
    }

    async fn only_the_nursing_department_publishes(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let boss = supervisor(&server, &town).await;
        let file = second(&boss.client, "prices").await;
        let roles = [
            (Role::Family, 403), (Role::Nurse, 403), (Role::Admin, 403),
            (Role::Coordinator, 200), (Role::Doctor, 200), (Role::Auditor, 200),
        ];
        for (number, (role, read)) in (1..).zip(roles) {
            let phone = format!("1380000010{number}");
            let other = town.person(&server, &phone, role, Some(town.hospital)).await.client;
            other.post("/v1/rule-sets/prices", file.clone()).await.problem(403, "forbidden");
            other.get("/v1/rule-sets/prices").await.expect(read);
            other.get("/v1/rule-sets/prices/1").await.expect(read);
        }
        boss.client.get("/v1/rule-sets/prices/2").await.problem(404, "not_found");
    }

    async fn two_who_publish_at_once_do_not_both_win(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let boss = supervisor(&server, &town).await;
        let file = second(&boss.client, "prices").await;
        let keys: Vec<_> = (0..6).map(|_| fresh_key()).collect();
        let posts = keys.iter().map(|key| {
            boss.client.post_with_key("/v1/rule-sets/prices", file.clone(), key)
        });
        let replies = futures::future::join_all(posts).await;
        let won = replies.iter().filter(|reply| reply.status == 201).count();
        assert_eq!(won, 1);
        for reply in replies.into_iter().filter(|reply| reply.status != 201) {
            reply.problem(409, "rule_set_version");
        }
        assert_eq!(published(&server).await, 1);
    }
}
