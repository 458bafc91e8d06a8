//! What is not merged.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use jiahu_tests::harness::{CENTRE, new_patient};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{World, because, discharged, id_of, register, traveller, woman};
use crate::matrix::rows;

fn codes(problem: &Value) -> BTreeSet<&str> {
    let conflicts = problem["conflicts"].as_array().expect("conflicts").iter();
    conflicts
        .map(|one| one["code"].as_str().expect("a code"))
        .collect()
}

on_both! {
    async fn what_only_one_may_have_is_settled_first(server: TestServer) {
        let world = World::build(&server).await;
        let (scene, staff) = (&world.scene, world.staff());
        let merged = scene.patient.to_string();
        let (id, address) = new_patient(&server, &scene.town, &scene.family, Some(CENTRE)).await;
        let survivor = id.to_string();
        let start = server.now() + TimeDelta::hours(30);
        let device = json!({ "kind": "uc", "material": "silicone", "size": "16 Fr", "depth_cm": 22.5, "placed_by": "hospital" });
        let contract = json!({
            "package": "family_doctor_basic", "payer": "鸡泽镇卫生院", "number": "JD-2026-0017",
            "valid_from": "2026-01-01", "valid_to": "2026-12-31",
        });
        let mut orders = Vec::new();
        for (patient, address) in [(scene.patient, scene.address), (id, address)] {
            orders.push(scene.order_of(&server, (patient, address), "EDU", start, Some(CENTRE)).await);
            staff.post(&format!("/v1/patients/{patient}/devices"), device.clone()).await.expect(201);
            let body = discharged(&patient.to_string(), "2026-02-27", "I63.9");
            staff.post("/v1/discharges", body).await.expect(201);
            staff.post(&format!("/v1/patients/{patient}/entitlements"), contract.clone()).await.expect(201);
        }
        let path = format!("/v1/patients/{survivor}/merges");
        let before = rows::of(&server, scene.town.community).await;
        let problem = staff.post(&path, because(&merged)).await.problem(409, "patient_merge_conflict");
        assert_eq!(codes(&problem), BTreeSet::from(["open_orders", "order_twice", "device_twice", "discharge_twice", "entitlement_twice"]));
        assert!(problem["conflicts"].as_array().expect("some").iter().all(|one| one["zh"].is_string() && one["en"].is_string()));
        assert_eq!(rows::of(&server, scene.town.community).await, before, "nothing was half merged");

        // One after the other is settled.
        let cancel = json!({ "reason": "重复登记" });
        staff.post(&format!("/v1/orders/{}/cancel", orders[0]), cancel).await.expect(200);
        let problem = staff.post(&path, because(&merged)).await.problem(409, "patient_merge_conflict");
        assert_eq!(codes(&problem), BTreeSet::from(["device_twice", "discharge_twice", "entitlement_twice"]));
        let of_merged = staff.get(&format!("/v1/discharges?patient_id={merged}")).await.expect(200);
        let discharge = of_merged["items"][0]["id"].as_str().expect("an id").to_owned();
        staff.post(&format!("/v1/discharges/{discharge}/cancel"), json!({})).await.expect(200);
        let devices = staff.get(&format!("/v1/patients/{merged}/devices")).await.expect(200);
        let device = devices["items"][0]["id"].as_str().expect("an id").to_owned();
        let removed = json!({ "removal": "planned" });
        staff.post(&format!("/v1/devices/{device}/remove"), removed).await.expect(200);
        let entitlements = format!("/v1/patients/{merged}/entitlements");
        let known = staff.get(&entitlements).await.expect(200);
        let ended = format!("{entitlements}/{}/end", known["items"][0]["id"].as_str().expect("an id"));
        staff.post(&ended, json!({ "reason": "重复登记" })).await.expect(200);
        staff.post(&path, because(&merged)).await.expect(201);
        let moved = staff.get(&format!("/v1/patients/{survivor}/entitlements")).await.expect(200);
        assert_eq!(moved["items"].as_array().expect("a list").len(), 2);
    }

    async fn nobody_is_merged_twice_or_in_a_chain(server: TestServer) {
        let world = World::build(&server).await;
        let (one, other) = world.twice().await;
        let third = world.scene.patient.to_string();
        let staff = world.staff();
        let into = |id: &str| format!("/v1/patients/{id}/merges");
        let problem = staff.post(&into(&one), because(&one)).await.problem(422, "patient_merge_self");
        assert_eq!(problem["errors"][0]["field"], "merged_id");
        let key = "merge-once-and-for-all";
        let first = staff.post_with_key(&into(&one), because(&other), key).await.expect(201);
        assert_eq!(staff.post_with_key(&into(&one), because(&other), key).await.expect(201), first);
        staff.post(&into(&one), because(&other)).await.problem(409, "patient_merged");
        staff.post(&into(&third), because(&other)).await.problem(409, "patient_merged");
        // Others were merged into it.
        staff.post(&into(&third), because(&one)).await.problem(409, "patient_merge_chain");
        let gone = staff.post(&into(&other), because(&third)).await.problem(409, "patient_merged");
        assert_eq!(gone["survivor_id"], json!(one));
        world.merge(&one, &third).await;
        let merges = staff.get(&into(&one)).await.expect(200);
        assert_eq!(merges["items"].as_array().map(Vec::len), Some(2));
    }

    async fn both_have_to_be_within_reach(server: TestServer) {
        let world = World::build(&server).await;
        let one = register(world.staff(), woman()).await;
        let mut body = traveller();
        body["institution_id"] = json!(world.scene.town.other_centre);
        let other = register(&world.other_coordinator.client, body).await;
        let path = format!("/v1/patients/{one}/merges");
        world.staff().post(&path, because(&other)).await.problem(422, "patient_unknown");
        world.other_coordinator.client.post(&path, because(&other)).await.problem(404, "not_found");
        world.scene.family.client.post(&path, because(&other)).await.problem(403, "forbidden");
        let merge = world.supervisor.client.post(&path, because(&other)).await.expect(201);
        let gone = world.other_coordinator.client.get(&format!("/v1/patients/{other}")).await.problem(409, "patient_merged");
        assert_eq!(gone.get("survivor_id"), None);
        let undo = format!("/v1/patient-merges/{}/undo", id_of(&merge));
        world.staff().post(&undo, json!({ "reason": "核实有误" })).await.problem(404, "not_found");
        world.supervisor.client.post(&undo, json!({ "reason": "核实有误" })).await.expect(200);
        world.other_coordinator.client.get(&format!("/v1/patients/{other}")).await.expect(200);
    }
}
