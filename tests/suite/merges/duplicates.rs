//! Who may be registered twice.

use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{World, id_of, pairs, register, traveller, woman};
use crate::discharges::{id_number, stay};

on_both! {
    async fn a_pair_is_noted_shown_masked_and_dismissed_for_good(server: TestServer) {
        let world = World::build(&server).await;
        let (one, other) = world.twice().await;
        let found = pairs(world.staff(), "").await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["reasons"], json!(["name_and_birth_date"]));
        let patients = found[0]["patients"].as_array().expect("two");
        assert_eq!((&patients[0]["id"], &patients[1]["id"]), (&json!(one), &json!(other)));
        assert_eq!((&patients[0]["name"], &patients[0]["phone"]), (&json!("李*英"), &json!("138****2222")));
        assert_eq!(pairs(world.staff(), &format!("?patient_id={other}")).await.len(), 1);
        assert_eq!(pairs(world.staff(), &format!("?patient_id={}", world.scene.patient)).await, Vec::<Value>::new());
        // Neither was altered.
        world.staff().get(&format!("/v1/patients/{one}")).await.expect(200);
        world.staff().get(&format!("/v1/patients/{other}")).await.expect(200);

        let path = format!("/v1/patient-duplicates/{}/dismiss", id_of(&found[0]));
        let told = world.staff().post(&path, json!({})).await.expect(200);
        assert_eq!((&told["state"], &told["decided_by"]), (&json!("dismissed"), &json!(world.scene.coordinator.account)));
        world.staff().post(&path, json!({})).await.problem(409, "duplicate_decided");
        assert_eq!(pairs(world.staff(), "").await, Vec::<Value>::new());
        assert_eq!(pairs(world.staff(), "?state=dismissed").await.len(), 1);
        // The same phone would speak for it, and it was decided.
        let changed = json!({ "phone": "13811112222" });
        world.staff().patch(&format!("/v1/patients/{other}"), "\"v1\"", changed).await.expect(200);
        assert_eq!(pairs(world.staff(), "").await, Vec::<Value>::new());
    }

    async fn a_corrected_name_is_looked_at_again(server: TestServer) {
        let world = World::build(&server).await;
        register(world.staff(), woman()).await;
        let mut body = traveller();
        body["name"] = json!("王桂兰");
        let other = register(world.staff(), body).await;
        assert_eq!(pairs(world.staff(), "").await, Vec::<Value>::new());
        let name = json!({ "name": "李秀芳" });
        world.staff().patch(&format!("/v1/patients/{other}"), "\"v1\"", name).await.expect(200);
        assert_eq!(pairs(world.staff(), "").await[0]["reasons"], json!(["like_name_and_birth_date"]));
        // Again: the pair stands there once.
        let name = json!({ "name": "李秀英" });
        world.staff().patch(&format!("/v1/patients/{other}"), "\"v2\"", name).await.expect(200);
        assert_eq!(pairs(world.staff(), "").await.len(), 1);
    }

    async fn two_sound_numbers_are_two_people_unless_they_are_near(server: TestServer) {
        let world = World::build(&server).await;
        register(world.staff(), woman()).await;
        let mut body = woman();
        body["id_number"] = json!(id_number("19480305", 136));
        register(world.staff(), body.clone()).await;
        assert_eq!(pairs(world.staff(), "").await, Vec::<Value>::new());
        body["id_number"] = json!(id_number("19480305", 4));
        register(world.staff(), body).await;
        let reasons: Vec<_> = pairs(world.staff(), "").await.iter().map(|pair| pair["reasons"].clone()).collect();
        assert_eq!(reasons, [json!(["id_number_near", "name_and_birth_date", "phone_and_name"])]);
    }

    /// A discharge registers somebody who looks like a patient: both stay, and the pair is shown.
    async fn a_discharge_merges_nobody_by_itself(server: TestServer) {
        let world = World::build(&server).await;
        let one = register(world.staff(), woman()).await;
        let person = json!({
            "name": "李秀英", "id_kind": "resident_id", "id_number": id_number("19480305", 4), "phone": "13811112222",
        });
        let body = json!({ "person": person, "stay": stay(&["I63.9"]) });
        let made = world.staff().post("/v1/discharges", body).await.expect(201);
        assert_ne!(made["patient_id"], json!(one));
        let found = pairs(world.staff(), &format!("?patient_id={one}")).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["patients"][1]["id"], made["patient_id"]);
    }

    async fn a_pair_is_for_those_who_may_see_both(server: TestServer) {
        let world = World::build(&server).await;
        let one = register(world.staff(), woman()).await;
        let mut body = traveller();
        body["institution_id"] = json!(world.scene.town.other_centre);
        register(&world.other_coordinator.client, body).await;
        assert_eq!(pairs(world.staff(), "").await, Vec::<Value>::new());
        assert_eq!(pairs(&world.other_coordinator.client, "").await, Vec::<Value>::new());
        let found = pairs(&world.supervisor.client, "").await;
        assert_eq!(found.len(), 1);
        let path = format!("/v1/patient-duplicates/{}/dismiss", id_of(&found[0]));
        world.staff().post(&path, json!({})).await.problem(404, "not_found");
        world.scene.family.client.get("/v1/patient-duplicates").await.problem(403, "forbidden");
        world.supervisor.client.post(&path, json!({})).await.expect(200);
        assert_eq!(pairs(&world.supervisor.client, &format!("?patient_id={one}")).await, Vec::<Value>::new());
    }
}
