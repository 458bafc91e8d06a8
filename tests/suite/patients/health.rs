//! Allergies, diagnoses and conditions.

use chrono::NaiveDate;
use entity::ids::PatientId;
use jiahu_tests::harness::TestServer;
use jiahu_tests::on_both;
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{World, dump, events, field, refused, text, with};

fn facts() -> Value {
    json!({
        "allergies": [{"substance": "青霉素", "reaction": "皮疹", "severity": "severe"}],
        "diagnoses": [{"code": "I63.9", "text": "脑梗死", "since": "2024-05-06"}],
        "conditions": [
            {"code": "bph", "note": null, "since": null},
            {"code": "dvt", "note": "左下肢", "since": "2025-01-01"},
        ],
    })
}

/// Rows of facts: how many hold, how many are history.
async fn rows(server: &TestServer) -> (usize, usize) {
    let rows = entity::health_fact::Entity::find()
        .all(server.app.db.reader())
        .await
        .expect("rows");
    let ended = rows.iter().filter(|row| row.ended_at.is_some()).count();
    (rows.len() - ended, ended)
}

on_both! {
    async fn a_record_is_replaced_by_what_differs(server: TestServer) {
        let world = World::build(&server).await;
        let path = format!("{}/health", world.patient().await);
        let doctor = &world.doctor.client;
        let empty = doctor.get(&path).await;
        assert_eq!(empty.etag(), "\"v1\"");
        assert_eq!(empty.expect(200), json!({"allergies": [], "diagnoses": [], "conditions": []}));
        let reply = doctor.put_if(&path, "\"v1\"", facts()).await;
        assert_eq!(reply.etag(), "\"v2\"");
        assert_eq!(reply.expect(200), with(facts(), json!({"diagnoses": [{"code": "I63.9", "text": "脑梗死", "since": "2024-05-06"}]})));
        assert_eq!(rows(&server).await, (4, 0));

        // The same again is no change.
        let same = world.family.client.put_if(&path, "\"v2\"", facts()).await;
        assert_eq!(same.etag(), "\"v2\"");
        assert_eq!(rows(&server).await, (4, 0));

        let fewer = with(facts(), json!({"allergies": [], "conditions": [{"code": "bph"}, {"code": "dvt", "note": "右下肢"}]}));
        let reply = world.coordinator.client.put_if(&path, "\"v2\"", fewer).await;
        assert_eq!(reply.etag(), "\"v3\"");
        let now = reply.expect(200);
        assert_eq!(now["allergies"], json!([]));
        assert_eq!(now["conditions"][1]["note"], "右下肢");
        assert_eq!(rows(&server).await, (3, 2), "what ended is kept as history");
        assert_eq!(doctor.get(&path).await.expect(200), now);
        assert_eq!(events(&server).await, ["patient.registered", "health_facts.changed", "health_facts.changed"]);
        assert!(!dump(&server).await.contains("青霉素"));
    }

    async fn a_family_adds_to_what_staff_recorded_and_takes_none_of_it_back(server: TestServer) {
        let world = World::build(&server).await;
        let path = format!("{}/health", world.patient().await);
        let (doctor, family) = (&world.doctor.client, &world.family.client);
        doctor.put_if(&path, "\"v1\"", facts()).await.expect(200);
        let read = family.get(&path).await.expect(200);
        let own = json!({"substance": "磺胺", "reaction": null, "severity": null});
        let more = with(read.clone(), json!({"allergies": [facts()["allergies"][0], own]}));
        let now = family.put_if(&path, "\"v2\"", more.clone()).await.expect(200);
        assert_eq!(now["allergies"].as_array().map(Vec::len), Some(2));
        for (changes, named) in [
            (json!({"allergies": [own]}), json!(["青霉素"])),
            (json!({"diagnoses": [], "conditions": [{"code": "bph"}]}), json!(["脑梗死", "dvt"])),
            (json!({"conditions": [{"code": "bph"}, {"code": "dvt", "note": "右下肢", "since": "2025-01-01"}]}), json!(["dvt"])),
        ] {
            let call = family.put_if(&path, "\"v3\"", with(more.clone(), changes));
            let problem = refused(&server, call, 403, "health_fact_of_staff").await;
            assert_eq!(problem["facts"], named);
        }
        // Her own word she takes back, and staff take back theirs.
        family.put_if(&path, "\"v3\"", read).await.expect(200);
        let emptied = json!({"allergies": [], "diagnoses": [], "conditions": []});
        world.coordinator.client.put_if(&path, "\"v4\"", emptied).await.expect(200);
    }

    async fn a_stale_record_replaces_nothing(server: TestServer) {
        let world = World::build(&server).await;
        let path = format!("{}/health", world.patient().await);
        let family = &world.family.client;
        family.put_if(&path, "\"v1\"", facts()).await.expect(200);
        let emptied = json!({"allergies": [], "diagnoses": [], "conditions": []});
        refused(&server, family.put_if(&path, "\"v1\"", emptied.clone()), 412, "precondition_failed").await;
        let without = family.request(Method::PUT, &path).json(&emptied);
        refused(&server, family.send(without), 428, "precondition_required").await;
        refused(&server, world.supervisor.client.put_if(&path, "\"v2\"", emptied), 403, "forbidden").await;
    }

    async fn bad_records_are_named_and_change_nothing(server: TestServer) {
        let world = World::build(&server).await;
        let path = format!("{}/health", world.patient().await);
        let family = &world.family.client;
        family.put_if(&path, "\"v1\"", facts()).await.expect(200);
        for (changes, problem, at, code) in [
            (json!({"conditions": [{"code": "bph"}, {"code": "haunted"}]}), "condition_unknown", "conditions[1].code", "condition_unknown"),
            (json!({"conditions": [{"code": "bph"}, {"code": "bph"}]}), "invalid_request", "conditions[1]", "value_twice"),
            (json!({"conditions": [{"code": "bph", "since": "2026-03-03"}]}), "date_impossible", "conditions[0].since", "date_impossible"),
            (json!({"diagnoses": [{"text": "脑梗死", "since": "1949-12-30"}]}), "date_impossible", "diagnoses[0].since", "date_impossible"),
            (json!({"diagnoses": [{"text": "脑梗死", "since": "2025-02-30"}]}), "invalid_request", "diagnoses[0].since", "date_time_invalid"),
            (json!({"diagnoses": [{"text": ""}]}), "invalid_request", "diagnoses[0].text", "text_length"),
            (json!({"allergies": [{"substance": "a\u{0}b"}]}), "invalid_request", "allergies[0].substance", "text_control_character"),
            (json!({"allergies": [{"substance": "青霉素", "severity": "fatal"}]}), "invalid_request", "allergies[0].severity", "choice_unknown"),
            (json!({"allergies": [{"substance": "青霉素", "colour": "red"}]}), "invalid_request", "allergies[0].colour", "field_unknown"),
            (json!({"allergies": null}), "invalid_request", "allergies", "field_missing"),
        ] {
            let body = with(facts(), changes);
            let told = refused(&server, family.put_if(&path, "\"v2\"", body), 422, problem).await;
            assert_eq!(field(&told), (at, code));
        }
        let unknown = with(facts(), json!({"conditions": [{"code": "haunted"}]}));
        let told = family.put_if(&path, "\"v2\"", unknown).await.problem(422, "condition_unknown");
        assert!(text(&told, "detail").contains("haunted"), "{told:#}");
        let many: Vec<_> = (0..51).map(|n| json!({"substance": format!("药{n}")})).collect();
        let body = with(facts(), json!({"allergies": many}));
        refused(&server, family.put_if(&path, "\"v2\"", body), 422, "too_many").await;
    }

    async fn screening_knows_age_sex_and_conditions_that_hold(server: TestServer) {
        let world = World::build(&server).await;
        let patient = world.patient().await;
        let path = format!("{patient}/health");
        let id: PatientId = patient.rsplit('/').next().expect("an id").parse().expect("an id");
        let row = entity::patient::Entity::find_by_id((world.town.community, id));
        let row = row.one(server.app.db.reader()).await.expect("a query").expect("the patient");
        let known = async |day: &str| {
            let day: NaiveDate = day.parse().expect("a date");
            let db = server.app.db.reader();
            jiahu::store::patient::screening_facts(db, &server.app, &row, day).await.expect("facts")
        };
        world.doctor.client.put_if(&path, "\"v1\"", facts()).await.expect(200);
        let found = known("2026-12-30").await;
        assert_eq!((found.age_years, found.sex), (76, entity::enums::Sex::Female));
        assert_eq!(found.conditions.into_iter().collect::<Vec<_>>(), ["bph", "dvt"]);
        assert_eq!(known("2026-12-31").await.age_years, 77);
        let fewer = with(facts(), json!({"conditions": [{"code": "dvt"}]}));
        world.doctor.client.put_if(&path, "\"v2\"", fewer).await.expect(200);
        assert_eq!(known("2026-12-30").await.conditions.into_iter().collect::<Vec<_>>(), ["dvt"]);
    }
}
