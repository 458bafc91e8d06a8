//! Changing and correcting patients.

use jiahu_tests::on_both;
use reqwest::Method;
use serde_json::{Value, json};

use super::{World, child, citizen, events, field, refused, register, text, with};

on_both! {
    async fn a_family_changes_phone_institution_and_wish(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let family = &world.family.client;
        let changes = json!({"phone": "0310-7520001", "same_sex_nurse": true, "institution_id": world.town.other_centre});
        let reply = family.patch(&path, "\"v1\"", changes).await;
        assert_eq!(reply.etag(), "\"v2\"");
        let patient = reply.expect(200);
        assert_eq!(patient["phone"], "03107520001");
        assert_eq!(patient["same_sex_nurse"], true);
        assert_eq!(patient["institution_id"], json!(world.town.other_centre));
        // Absent stays, null empties.
        let patient = family.patch(&path, "\"v2\"", json!({"same_sex_nurse": false})).await.expect(200);
        assert_eq!(patient["phone"], "03107520001");
        let patient = family.patch(&path, "\"v3\"", json!({"phone": null})).await.expect(200);
        assert_eq!(patient["phone"], Value::Null);
        assert_eq!(family.get(&path).await.etag(), "\"v4\"");
        // The patient has moved out of the old coordinator's sight.
        world.coordinator.client.get(&path).await.problem(404, "not_found");
        world.other_coordinator.client.get(&path).await.expect(200);
        assert_eq!(events(&server).await, ["patient.registered", "patient.changed", "patient.changed", "patient.changed"]);
        let same = family.patch(&path, "\"v4\"", json!({})).await;
        assert_eq!(same.etag(), "\"v4\"", "nothing was asked for");
    }

    async fn a_stale_or_missing_version_changes_nothing(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let family = &world.family.client;
        family.patch(&path, "\"v1\"", json!({"phone": null})).await.expect(200);
        let change = json!({"phone": "13911112222"});
        for etag in ["\"v1\"", "\"v3\"", "v2", "*"] {
            refused(&server, family.patch(&path, etag, change.clone()), 412, "precondition_failed").await;
        }
        let without = family.request(Method::PATCH, &path).json(&change);
        refused(&server, family.send(without), 428, "precondition_required").await;
    }

    async fn of_two_changes_upon_one_version_one_wins(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let (one, other) = futures::join!(
            world.family.client.patch(&path, "\"v1\"", json!({"phone": "13911112222"})),
            world.coordinator.client.patch(&path, "\"v1\"", json!({"phone": "13911113333"})),
        );
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
    }

    async fn identity_is_corrected_by_a_coordinator_and_stays_consistent(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let staff = &world.coordinator.client;
        for change in [
            json!({"name": "李秀兰"}), json!({"birth_date": "1949-12-30"}), json!({"sex": "male"}),
            json!({"id_number": citizen("19491231", 4)}), json!({"id_kind": "passport"}),
        ] {
            refused(&server, world.family.client.patch(&path, "\"v1\"", change), 403, "forbidden").await;
        }
        for (change, code) in [
            (json!({"birth_date": "1949-12-30"}), "id_birth_date_mismatch"),
            (json!({"sex": "male"}), "id_sex_mismatch"),
            (json!({"id_number": citizen("19491230", 2)}), "id_birth_date_mismatch"),
            (json!({"id_number": citizen("19491231", 3)}), "id_sex_mismatch"),
            (json!({"id_kind": "newborn_none"}), "id_number_length"),
            (json!({"id_kind": "newborn_none", "id_number": null}), "id_number_needed"),
            (json!({"id_number": null}), "invalid_request"),
            (json!({"institution_id": world.town.other_centre}), "institution_unknown"),
        ] {
            refused(&server, staff.patch(&path, "\"v1\"", change), 422, code).await;
        }
        let whole = json!({
            "name": "李秀兰", "id_number": citizen("19480131", 1), "birth_date": "1948-01-31", "sex": "male",
        });
        let patient = staff.patch(&path, "\"v1\"", whole).await.expect(200);
        assert_eq!(patient["name"], "李秀兰");
        assert_eq!((&patient["birth_date"], &patient["sex"]), (&json!("1948-01-31"), &json!("male")));
        assert_eq!(patient["age_years"], 78);
        // The old number is free again, the new one taken.
        let again = register(&world.other_family.client, world.at_centre(1)).await;
        let taken = json!({"id_number": citizen("19480131", 1), "birth_date": "1948-01-31", "sex": "male"});
        let problem = refused(&server, staff.patch(&again, "\"v1\"", taken), 409, "patient_exists").await;
        assert!(!problem.to_string().contains("李秀兰"));
        let passport = json!({"id_kind": "passport", "id_number": "E12345678"});
        let patient = staff.patch(&again, "\"v1\"", passport).await.expect(200);
        assert_eq!(patient["id_kind"], "passport");
        let seen = staff.get(&format!("{again}?reveal=id_number")).await.expect(200);
        assert_eq!(seen["id_number"], "E12345678");
    }

    async fn who_only_looks_changes_nothing(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let viewer = json!({"phone": world.other_family.phone, "relation": "relative", "consent": "verbal", "may_book": false});
        world.family.client.post(&format!("{path}/carers"), viewer.clone()).await.expect(201);
        let looks = &world.other_family.client;
        looks.get(&path).await.expect(200);
        refused(&server, looks.patch(&path, "\"v1\"", json!({"phone": null})), 403, "booking_not_allowed").await;
        refused(&server, looks.post(&format!("{path}/carers"), viewer), 403, "booking_not_allowed").await;
        let address = json!({"text": "东街"});
        refused(&server, looks.post(&format!("{path}/addresses"), address), 403, "booking_not_allowed").await;
        let facts = json!({"allergies": [], "diagnoses": [], "conditions": []});
        refused(&server, looks.put_if(&format!("{path}/health"), "\"v1\"", facts), 403, "booking_not_allowed").await;
        for client in [&world.doctor.client, &world.supervisor.client] {
            refused(&server, client.patch(&path, "\"v1\"", json!({"phone": null})), 403, "forbidden").await;
        }
    }

    async fn a_corrected_birth_date_can_make_a_minor(server: TestServer) {
        let world = World::build(&server).await;
        let passport = json!({"id_kind": "passport", "id_number": "E12345678"});
        let adult = with(with(world.at_centre(1), passport), json!({"birth_date": "2000-01-05"}));
        let path = register(&world.family.client, adult).await;
        let staff = &world.coordinator.client;
        staff.patch(&path, "\"v1\"", json!({"birth_date": "2017-01-05"})).await.expect(200);
        let family = &world.family.client;
        refused(&server, family.patch(&path, "\"v2\"", json!({"phone": null})), 422, "guardian_required").await;
        assert_eq!(family.get(&path).await.expect(200)["may_book"], false);
        staff.patch(&path, "\"v2\"", json!({"phone": null})).await.expect(200);
    }

    async fn bad_changes_are_named_and_change_nothing(server: TestServer) {
        let world = World::build(&server).await;
        let path = register(&world.family.client, child()).await;
        let family = &world.family.client;
        for (change, path_of, code) in [
            (json!({"phone": "1"}), "phone", "phone_invalid"),
            (json!({"same_sex_nurse": "yes"}), "same_sex_nurse", "flag_expected"),
            (json!({"colour": 1}), "colour", "field_unknown"),
            (json!({"created_by": world.family.account}), "created_by", "field_unknown"),
        ] {
            let problem = refused(&server, family.patch(&path, "\"v1\"", change), 422, "invalid_request").await;
            assert_eq!(field(&problem), (path_of, code));
        }
        for name in [
            "institution_id", "same_sex_nurse", "lacks_capacity", "name", "id_kind", "mother_id_number", "mother_id_kind",
            "birth_order", "birth_date", "sex",
        ] {
            let call = world.coordinator.client.patch(&path, "\"v1\"", json!({ name: null }));
            let problem = refused(&server, call, 422, "invalid_request").await;
            assert_eq!(problem["errors"][0]["field"], name, "null would empty what cannot be empty");
        }
        let nowhere = json!({"institution_id": world.town.community});
        let problem = refused(&server, family.patch(&path, "\"v1\"", nowhere), 422, "institution_unknown").await;
        assert_eq!(text(&problem["errors"][0], "field"), "institution_id");
        refused(&server, family.patch("/v1/patients/7", "\"v1\"", json!({})), 404, "path_invalid").await;
    }
}
