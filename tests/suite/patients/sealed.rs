//! Personal data at rest.

use jiahu_tests::harness::TestServer;
use jiahu_tests::on_both;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{
    FAMILY, NAME, PHONE, STREET, World, citizen, dump, refused, register, text, visit, with,
};

async fn run(server: &TestServer, sql: &str) {
    server
        .app
        .db
        .reader()
        .execute_unprepared(sql)
        .await
        .expect("SQL runs");
}

on_both! {
    async fn no_row_holds_personal_data_in_the_clear(server: TestServer) {
        let world = World::build(&server).await;
        let number = citizen("19491231", 2);
        let address = json!({"text": STREET, "landmark": "村委会西边红门"});
        let path = register(&world.family.client, with(world.at_centre(1), json!({"address": address}))).await;
        let facts = json!({
            "allergies": [{"substance": "青霉素", "reaction": "全身皮疹"}],
            "diagnoses": [{"code": "I63.9", "text": "脑梗死后遗症"}],
            "conditions": [{"code": "oesophageal_varices", "note": "两年前出血"}],
        });
        world.doctor.client.put_if(&format!("{path}/health"), "\"v1\"", facts).await.expect(200);
        let nurse = visit::nurse(&server, &world).await;
        let apart = json!({"refused_by": "patient", "reason": "曾与护士争执"});
        world.coordinator.client.put(&format!("{path}/kept-apart/{}", nurse.id), apart).await.expect(200);
        let changes = json!({"name": "李秀兰", "phone": "13922223333"});
        world.coordinator.client.patch(&path, "\"v2\"", changes).await.expect(200);

        let rows = dump(&server).await;
        let id = path.rsplit('/').next().expect("an id");
        assert!(rows.contains(id), "the rows are searched in a readable form");
        let secrets = [
            NAME, "李秀兰", PHONE, "13922223333", &number, &number[..14], STREET, "村委会", "青霉素", "皮疹",
            "I63.9", "脑梗死", "oesophageal_varices", "出血", "争执", FAMILY,
        ];
        for secret in secrets {
            assert!(!rows.contains(secret), "{secret} stands in the database");
        }
        // Two seals of one value differ, so equal values cannot be matched by looking.
        let other = register(&world.other_family.client, world.at_centre(2)).await;
        let names = dump(&server).await;
        let sealed: Vec<_> = names.lines().filter(|line| line.contains("phone_enc: Some(")).collect();
        assert!(!other.is_empty() && sealed.len() >= 2);
    }

    async fn a_sealed_value_opens_in_its_own_place_only(server: TestServer) {
        let world = World::build(&server).await;
        let one = world.patient().await;
        let other = register(&world.family.client, world.at_centre(2)).await;
        let address = json!({"text": STREET, "landmark": "红门"});
        world.family.client.post(&format!("{other}/addresses"), address).await.expect(201);
        let family = &world.family.client.unchecked();
        family.get(&one).await.expect(200);

        // Two patients exchange their names.
        run(&server, "CREATE TABLE swapped AS SELECT id, name_enc FROM patient").await;
        run(&server, "UPDATE patient SET name_enc = (SELECT s.name_enc FROM swapped s WHERE s.id <> patient.id)").await;
        let problem = refused(&server, family.get(&one), 500, "internal").await;
        assert!(!problem.to_string().contains(NAME) && !text(&problem, "detail").contains("v1:"));
        refused(&server, family.get("/v1/patients"), 500, "internal").await;
        run(&server, "UPDATE patient SET name_enc = (SELECT s.name_enc FROM swapped s WHERE s.id = patient.id)").await;
        family.get(&one).await.expect(200);

        // A column of the same row.
        let addresses = format!("{other}/addresses");
        family.get(&addresses).await.expect(200);
        run(&server, "UPDATE address SET landmark_enc = text_enc").await;
        refused(&server, family.get(&addresses), 500, "internal").await;
        run(&server, "UPDATE patient SET phone_enc = id_number_enc").await;
        refused(&server, family.get(&one), 500, "internal").await;
    }
}
