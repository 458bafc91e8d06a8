//! Who read which patient.

use entity::enums::Role;
use entity::ids::{AccountId, PatientId};
use entity::patient_read;
use jiahu_tests::harness::{TestServer, Town, statements_of};
use jiahu_tests::on_both;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::Value;

async fn record(server: &TestServer, town: &Town, patient: PatientId, account: AccountId) {
    let row = patient_read::Model {
        community_id: town.community,
        id: server.app.new_id(),
        patient_id: patient,
        account_id: account,
        operation: "get_patient".to_owned(),
        read_at: server.now(),
    };
    patient_read::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(server.app.db.reader())
        .await
        .expect("recorded");
}

on_both! {
    async fn reads_are_found_by_patient_and_by_account(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let auditor = town.person(&server, "13900000001", Role::Auditor, None).await;
        let nurse = town.person(&server, "13900000002", Role::Nurse, Some(town.centre)).await;
        let doctor = town.person(&server, "13900000003", Role::Doctor, Some(town.centre)).await;
        let patients: [PatientId; 2] = [server.app.new_id(), server.app.new_id()];
        for (patient, reader) in [(0, &nurse), (0, &doctor), (1, &nurse), (0, &nurse)] {
            record(&server, &town, patients[patient], reader.account).await;
        }
        let elsewhere = Town::build(&server, "130432").await;
        record(&server, &elsewhere, patients[0], nurse.account).await;
        let found = async |query: &str| {
            let page = auditor.client.get(&format!("/v1/audit/patient-reads{query}")).await.expect(200);
            page["items"].as_array().expect("a list").clone()
        };
        let all = found("").await;
        assert_eq!(all.len(), 4);
        assert_eq!((&all[0]["account_name"], &all[0]["operation"]), (&Value::from("王*明"), &Value::from("get_patient")));
        assert_eq!(found(&format!("?patient_id={}", patients[0])).await.len(), 3);
        assert_eq!(found(&format!("?account_id={}", doctor.account)).await.len(), 1);
        assert_eq!(found(&format!("?patient_id={}&account_id={}", patients[1], doctor.account)).await.len(), 0);
        let first = auditor.client.get("/v1/audit/patient-reads?limit=3").await.expect(200);
        let rest = found(&format!("?cursor={}", first["next_cursor"].as_str().expect("more"))).await;
        assert_eq!(rest, all[3..]);
        let one = statements_of(&server, async || { found("?limit=1").await; }).await;
        let four = statements_of(&server, async || { found("?limit=4").await; }).await;
        assert_eq!(one, four);
        auditor.client.get("/v1/audit/patient-reads?patient_id=x").await.problem(400, "query_invalid");
    }

    async fn auditors_alone_read_it(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        for (role, institution) in [
            (Role::Family, None), (Role::Nurse, Some(town.centre)), (Role::Coordinator, Some(town.centre)),
            (Role::Doctor, Some(town.centre)), (Role::Supervisor, Some(town.hospital)), (Role::Admin, None),
        ] {
            let phone = format!("1370000000{}", role as u8);
            let person = town.person(&server, &phone, role, institution).await;
            person.client.get("/v1/audit/patient-reads").await.problem(403, "forbidden");
            let trail = format!("/v1/audit/trail?subject_kind=account&subject_id={}", person.account);
            person.client.get(&trail).await.problem(403, "forbidden");
        }
        server.nobody().get("/v1/audit/patient-reads").await.problem(401, "unauthorized");
    }
}
