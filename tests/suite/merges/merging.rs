//! A merge and its undoing.

use chrono::TimeDelta;
use entity::enums::Role;
use jiahu_tests::harness::{CENTRE, NurseSpec};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{World, because, discharged, id_of, pairs, register, woman};
use crate::matrix::rows;

/// Rows as they count for a merge: neither the trail nor what counts changes.
fn counted(rows: Vec<String>) -> Vec<String> {
    let without_version = |row: String| {
        let Some((head, rest)) = row.split_once(" version: ") else {
            return row;
        };
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        format!("{head} version: _{rest}")
    };
    rows.into_iter().map(without_version).collect()
}

on_both! {
    async fn what_the_other_record_says_against_an_order_calls_the_desk(server: TestServer) {
        let world = World::build(&server).await;
        let (scene, staff) = (&world.scene, world.staff());
        scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(30)).await;
        let survivor = register(staff, woman()).await;
        let facts = json!({ "allergies": [], "diagnoses": [], "conditions": [{ "code": "aggression" }] });
        staff.put_if(&format!("/v1/patients/{survivor}/health"), "\"v1\"", facts).await.expect(200);
        world.merge(&survivor, &scene.patient.to_string()).await;
        let list = staff.get("/v1/alerts?kind=gates_changed").await.expect(200);
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
    }

    /// The scene's patient has everything; the survivor gets all of it, and gives all of it back.
    async fn everything_goes_over_and_comes_back(server: TestServer) {
        let world = World::build(&server).await;
        let (scene, staff) = (&world.scene, world.staff());
        let merged = scene.patient.to_string();
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let order = scene.order(&server, "EDU", server.now() + TimeDelta::hours(30)).await;
        scene.accepted_visit(&server, &nurse, order).await;
        let of = |id: &str, what: &str| format!("/v1/patients/{id}/{what}");
        let device = json!({ "kind": "uc", "material": "silicone", "size": "16 Fr", "depth_cm": 22.5, "placed_by": "hospital" });
        staff.post(&of(&merged, "devices"), device).await.expect(201);
        let apart = json!({ "refused_by": "patient", "reason": "曾有争执" });
        let another = scene.nurse(&server, 2, NurseSpec::default()).await;
        staff.put(&of(&merged, &format!("kept-apart/{}", another.id)), apart).await.expect(200);
        let facts = json!({ "allergies": [{ "substance": "青霉素" }], "diagnoses": [], "conditions": [] });
        staff.put_if(&of(&merged, "health"), "\"v1\"", facts).await.expect(200);
        staff.post("/v1/discharges", discharged(&merged, "2026-02-27", "I63.9")).await.expect(201);
        let survivor = register(staff, woman()).await;
        server.run_jobs().await;

        let before = counted(rows::of(&server, scene.town.community).await);
        let merge = world.merge(&survivor, &merged).await;
        assert_eq!((&merge["survivor_id"], &merge["merged_id"]), (&json!(survivor), &json!(merged)));
        assert_eq!((&merge["merged_by"], &merge["reason"]), (&json!(scene.coordinator.account), &json!("电话核实为同一人")));
        for (table, count) in [("care_order", 1), ("visit", 1), ("order_item", 1), ("address", 1), ("device", 1), ("assessment", 1), ("discharge", 1), ("admission", 1), ("health_fact", 1), ("nurse_refusal", 1)] {
            assert_eq!(merge["moved"][table], json!(count), "{table}: {merge:#}");
        }
        assert_eq!(merge["carers_left"], 1);

        // All of it is the survivor's.
        let count = |list: &Value| list["items"].as_array().map(Vec::len);
        for what in ["addresses", "devices", "kept-apart", "assessments", "admissions"] {
            assert_eq!(count(&staff.get(&of(&survivor, what)).await.expect(200)), Some(1), "{what}");
        }
        let health = staff.get(&of(&survivor, "health")).await.expect(200);
        assert_eq!(health["allergies"][0]["substance"], "青霉素");
        let kept = staff.get(&of(&survivor, "kept-apart")).await.expect(200);
        assert_eq!((&kept["items"][0]["nurse_id"], &kept["items"][0]["reason"]), (&json!(another.id), &json!("曾有争执")));
        let shown = staff.get(&format!("/v1/orders/{order}")).await.expect(200);
        assert_eq!(shown["patient_id"], json!(survivor));
        let plans = staff.get(&of(&survivor, "follow-up")).await.expect(200);
        assert!(plans["plans"].as_array().is_some_and(|plans| !plans.is_empty()));
        // The nurse of the visit sees the person she goes to.
        nurse.person.client.get(&format!("/v1/patients/{survivor}")).await.expect(200);

        // The old id says where it went, to those who may see that one.
        let gone = staff.get(&format!("/v1/patients/{merged}")).await.problem(409, "patient_merged");
        assert_eq!(gone["survivor_id"], json!(survivor));
        let family = &scene.family.client;
        let gone = family.get(&format!("/v1/patients/{merged}")).await.problem(409, "patient_merged");
        assert_eq!(gone.get("survivor_id"), None);
        // Who cared for the one does not see the other without being added.
        family.get(&format!("/v1/patients/{survivor}")).await.problem(404, "not_found");
        family.get(&format!("/v1/orders/{order}")).await.problem(404, "not_found");
        let listed = staff.get("/v1/patients").await.expect(200);
        let listed: Vec<_> = listed["items"].as_array().expect("a list").iter().map(|one| &one["id"]).collect();
        assert_eq!(listed, [&json!(survivor)]);
        let address = json!({ "text": "东街村", "place": { "lng": CENTRE.0, "lat": CENTRE.1, "crs": "wgs84" } });
        staff.post(&of(&merged, "addresses"), address).await.problem(409, "patient_merged");

        let path = format!("/v1/patient-merges/{}/undo", id_of(&merge));
        let undone = staff.post(&path, json!({ "reason": "核实有误" })).await.expect(200);
        assert_eq!((&undone["undo_reason"], &undone["undone_by"]), (&json!("核实有误"), &json!(scene.coordinator.account)));
        staff.post(&path, json!({ "reason": "核实有误" })).await.problem(409, "patient_merge_undone");
        let after = counted(rows::of(&server, scene.town.community).await);
        let lost: Vec<_> = before.iter().filter(|row| !after.contains(row)).collect();
        assert_eq!(lost, Vec::<&String>::new());
        family.get(&format!("/v1/orders/{order}")).await.expect(200);
        assert_eq!(count(&staff.get(&of(&survivor, "addresses")).await.expect(200)), Some(0));
        assert_eq!(count(&staff.get(&of(&survivor, "kept-apart")).await.expect(200)), Some(0));
        // Both merges and undoings are on the trail of both, and the list keeps the merge.
        let merges = staff.get(&of(&survivor, "merges")).await.expect(200);
        assert_eq!(merges["items"][0]["undone_at"], undone["undone_at"]);
        let again = world.merge(&survivor, &merged).await;
        assert_ne!(again["id"], merge["id"]);
    }

    async fn whose_word_a_health_fact_is_stays_with_it(server: TestServer) {
        let world = World::build(&server).await;
        let (scene, staff) = (&world.scene, world.staff());
        let health = |id: &str| format!("/v1/patients/{id}/health");
        let allergies = |substances: &[&str]| {
            let list: Vec<_> = substances.iter().map(|one| json!({ "substance": one })).collect();
            json!({ "allergies": list, "diagnoses": [], "conditions": [] })
        };
        let merged = scene.patient.to_string();
        scene.family.client.put_if(&health(&merged), "\"v1\"", allergies(&["青霉素"])).await.expect(200);
        staff.put_if(&health(&merged), "\"v2\"", allergies(&["青霉素", "磺胺"])).await.expect(200);
        let survivor = register(staff, woman()).await;
        let family = scene.town.person(&server, "13800000091", Role::Family, None).await;
        let carer = json!({ "phone": family.phone, "relation": "child", "consent": "verbal", "may_book": true });
        staff.post(&format!("/v1/patients/{survivor}/carers"), carer).await.expect(201);
        world.merge(&survivor, &merged).await;
        // What the other family wrote, this one takes back; what staff wrote, it does not.
        let (path, client) = (health(&survivor), &family.client);
        let etag = client.get(&path).await.etag();
        let problem = client.put_if(&path, &etag, allergies(&[])).await.problem(403, "health_fact_of_staff");
        assert_eq!(problem["facts"], json!(["磺胺"]));
        client.put_if(&path, &etag, allergies(&["磺胺"])).await.expect(200);
    }

    async fn the_pair_follows_the_merge(server: TestServer) {
        let world = World::build(&server).await;
        let (one, other) = world.twice().await;
        let merge = world.merge(&one, &other).await;
        assert_eq!(pairs(world.staff(), "").await, Vec::<Value>::new());
        let path = format!("/v1/patient-merges/{}/undo", id_of(&merge));
        world.staff().post(&path, json!({ "reason": "核实有误" })).await.expect(200);
        assert_eq!(pairs(world.staff(), "").await.len(), 1);
    }

    /// Told under the old papers, it is the survivor's; a new registration under them is refused.
    async fn the_old_papers_lead_to_the_survivor(server: TestServer) {
        let world = World::build(&server).await;
        let (one, other) = world.twice().await;
        world.merge(&other, &one).await;
        let staff = world.staff();
        let person = json!({ "name": "李秀英", "id_kind": "resident_id", "id_number": woman()["id_number"], "phone": "13811112222" });
        let stay = json!({ "admitted_on": "2026-02-10", "discharged_on": "2026-02-27", "diagnoses": ["I63.9"] });
        let made = staff.post("/v1/discharges", json!({ "person": person, "stay": stay })).await.expect(201);
        assert_eq!(made["patient_id"], json!(other));
        staff.post("/v1/patients", woman()).await.problem(409, "patient_exists");
        assert_eq!(pairs(staff, "").await, Vec::<Value>::new());
    }

    async fn of_two_merges_at_once_one_wins(server: TestServer) {
        let world = World::build(&server).await;
        let (one, other) = world.twice().await;
        let call = |into: &str, merged: &str| {
            let (path, body) = (format!("/v1/patients/{into}/merges"), because(merged));
            let client = world.supervisor.client.unchecked();
            async move { client.post(&path, body).await.status }
        };
        let (a, b, c) = tokio::join!(call(&one, &other), call(&other, &one), call(&one, &other));
        let mut statuses = [a, b, c].map(|status| status.as_u16());
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409]);
    }
}
