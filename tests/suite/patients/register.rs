//! Registering patients.

use jiahu_tests::harness::fresh_key;
use jiahu_tests::on_both;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    BORN, FAMILY, NAME, OTHER_FAMILY, PHONE, STREET, World, child, citizen, dump, events, field,
    person, reads, refused, register, text, with,
};

on_both! {
    async fn a_family_registers_and_becomes_the_first_carer(server: TestServer) {
        let world = World::build(&server).await;
        let body = with(person(1), json!({"address": {"text": STREET}}));
        let reply = world.family.client.post("/v1/patients", body).await;
        assert_eq!(reply.etag(), "\"v1\"");
        let location = reply.headers["location"].to_str().expect("ASCII").to_owned();
        let patient = reply.expect(201);
        assert_eq!(location, format!("/v1/patients/{}", text(&patient, "id")));
        assert_eq!(patient["name"], NAME);
        assert_eq!(patient["phone"], PHONE);
        assert_eq!(patient["birth_date"], BORN);
        assert_eq!(patient["age_years"], 76);
        assert_eq!(patient["may_book"], true);
        assert_eq!(patient["institution_id"], json!(world.town.hospital), "the lead hospital by default");
        let number = citizen("19491231", 2);
        let masked = format!("{}***********{}", &number[..3], &number[14..]);
        assert_eq!(patient["id_number"], masked);
        let carers = world.family.client.get(&format!("{location}/carers")).await.expect(200);
        let carer = &carers["items"][0];
        assert_eq!(carers["items"].as_array().map(Vec::len), Some(1));
        assert_eq!((&carer["relation"], &carer["consent"]), (&json!("child"), &json!("verbal")));
        assert_eq!((&carer["may_book"], &carer["me"]), (&json!(true), &json!(true)));
        assert_eq!((&carer["name"], &carer["phone"]), (&json!("王*明"), &json!("138****0001")));
        let addresses = world.family.client.get(&format!("{location}/addresses")).await.expect(200);
        assert_eq!(addresses["items"][0]["text"], STREET);
        assert_eq!(events(&server).await, ["patient.registered"]);
        assert_eq!(reads(&server).await, ["create_patient", "list_addresses"]);
    }

    async fn a_retry_gives_the_first_answer_and_registers_nobody_again(server: TestServer) {
        let world = World::build(&server).await;
        let key = fresh_key();
        let family = &world.family.client;
        let first = family.post_with_key("/v1/patients", person(1), &key).await.expect(201);
        let before = dump(&server).await;
        let again = family.post_with_key("/v1/patients", person(1), &key).await.expect(201);
        assert_eq!(first, again);
        let other = family.post_with_key("/v1/patients", person(2), &key).await;
        other.problem(422, "idempotency_key_reused");
        let without = family.request(Method::POST, "/v1/patients").json(&person(2));
        family.send(without).await.problem(400, "idempotency_key_missing");
        assert!(before == dump(&server).await, "a retry changed something");
        // Another account's key is another key.
        world.other_family.client.post_with_key("/v1/patients", person(2), &key).await.expect(201);
    }

    async fn an_id_number_is_registered_once(server: TestServer) {
        let world = World::build(&server).await;
        register(&world.family.client, person(1)).await;
        let again = with(person(1), json!({"name": "别的人", "phone": "13911112222"}));
        let other = &world.other_family.client;
        let problem = refused(&server, other.post("/v1/patients", again.clone()), 409, "patient_exists").await;
        let told = problem.to_string();
        assert!(!told.contains(NAME) && !told.contains(PHONE) && !told.contains("institution"), "{told}");
        let small = citizen("19491231", 2).to_lowercase();
        let spelled = with(again, json!({"id_number": format!(" {small} ")}));
        refused(&server, other.post("/v1/patients", spelled), 409, "patient_exists").await;
        // A number belongs to its community.
        register(&world.stranger.client, person(1)).await;
    }

    async fn of_two_who_register_the_same_person_at_once_one_wins(server: TestServer) {
        let world = World::build(&server).await;
        let (one, other) = futures::join!(
            world.family.client.post("/v1/patients", person(1)),
            world.other_family.client.post("/v1/patients", person(1)),
        );
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
    }

    async fn staff_register_within_their_institutions(server: TestServer) {
        let world = World::build(&server).await;
        let centre = &world.coordinator.client;
        let body = with(person(1), json!({"relation": null}));
        let patient = centre.post("/v1/patients", body.clone()).await.expect(201);
        assert_eq!(patient["institution_id"], json!(world.town.centre), "the only one in reach");
        let path = format!("/v1/patients/{}", text(&patient, "id"));
        let carers = centre.get(&format!("{path}/carers")).await.expect(200);
        assert_eq!(carers["items"], json!([]), "staff are no carers");

        let named = with(person(2), json!({"carer_phone": FAMILY, "institution_id": world.town.other_centre}));
        let lead = &world.lead.client;
        let path = register(lead, named.clone()).await;
        let seen = world.family.client.get(&path).await.expect(200);
        assert_eq!(seen["institution_id"], json!(world.town.other_centre));
        assert_eq!(seen["may_book"], true);

        for (changes, code) in [
            (json!({"institution_id": world.town.hospital}), "institution_unknown"),
            (json!({"institution_id": world.town.community}), "institution_unknown"),
        ] {
            let body = with(body.clone(), with(changes, json!({})));
            let body = with(body, json!({"id_number": citizen("19491231", 8)}));
            refused(&server, centre.post("/v1/patients", body), 422, code).await;
        }
        let unknown = with(named.clone(), json!({"carer_phone": "13877777777", "id_number": citizen("19491231", 8)}));
        refused(&server, lead.post("/v1/patients", unknown), 422, "carer_unknown").await;
        let staff = with(named, json!({"carer_phone": "13800000006", "id_number": citizen("19491231", 8)}));
        refused(&server, lead.post("/v1/patients", staff), 422, "carer_unknown").await;
    }

    async fn a_minor_is_registered_by_a_parent_or_guardian(server: TestServer) {
        let world = World::build(&server).await;
        let family = &world.family.client;
        for (changes, code) in [
            (json!({"relation": "relative"}), "guardian_required"),
            (json!({"relation": "oneself", "consent": "oneself"}), "guardian_required"),
            (json!({"consent": "verbal"}), "consent_mismatch"),
        ] {
            let body = with(child(), changes);
            refused(&server, family.post("/v1/patients", body), 422, code).await;
        }
        let staff = &world.coordinator.client;
        refused(&server, staff.post("/v1/patients", child()), 422, "guardian_required").await;
        staff.post("/v1/patients", with(child(), json!({"carer_phone": OTHER_FAMILY}))).await.expect(201);
    }

    async fn a_newborn_has_no_number_yet(server: TestServer) {
        let world = World::build(&server).await;
        let family = &world.family.client;
        let newborn = with(child(), json!({
            "name": "李秀英之女", "id_kind": "newborn_none", "id_number": null, "birth_date": "2026-02-20",
        }));
        for _ in 0..2 {
            let patient = family.post("/v1/patients", newborn.clone()).await.expect(201);
            assert_eq!(patient["id_number"], Value::Null);
            assert_eq!(patient["age_years"], 0);
        }
        let older = with(newborn.clone(), json!({"birth_date": "2025-03-02"}));
        refused(&server, family.post("/v1/patients", older), 422, "id_number_needed").await;
        // The clock stands at 09:00 in Shanghai on 2 March.
        let tomorrow = with(newborn, json!({"birth_date": "2026-03-03"}));
        let problem = refused(&server, family.post("/v1/patients", tomorrow), 422, "date_impossible").await;
        assert_eq!(field(&problem), ("birth_date", "date_impossible"));
        assert!(text(&problem, "detail").contains("2026-03-03 > 2026-03-02"), "{problem:#}");
    }

    async fn a_newborn_is_known_by_its_mother(server: TestServer) {
        let world = World::build(&server).await;
        let (family, other) = (&world.family.client, &world.other_family.client);
        let mother = citizen("19950412", 2);
        let twin = |order: i32| with(child(), json!({
            "name": "李秀英之女", "id_kind": "newborn_none", "id_number": null, "birth_date": "2026-02-20",
            "mother_id_number": mother, "birth_order": order,
        }));
        let first = family.post("/v1/patients", twin(1)).await.expect(201);
        assert_eq!((&first["id_number"], &first["birth_order"]), (&Value::Null, &json!(1)));
        assert_eq!(first["mother_id_kind"], "resident_id");
        let shown = text(&first, "mother_id_number");
        assert!(shown.starts_with("139***") && shown.ends_with(&mother[14..]), "{shown}");
        // The same child, by whomever and however it is spelled.
        let again = with(twin(1), json!({
            "name": "李家女婴", "birth_date": "2026-02-21", "mother_id_number": format!(" {} ", mother.to_lowercase()),
        }));
        for client in [family, other] {
            let problem = refused(&server, client.post("/v1/patients", again.clone()), 409, "patient_exists").await;
            assert!(!problem.to_string().contains("李秀英"), "{problem}");
        }
        family.post("/v1/patients", twin(2)).await.expect(201);
        let elsewhere = with(twin(1), json!({"mother_id_kind": "passport", "mother_id_number": "E12345678"}));
        family.post("/v1/patients", elsewhere).await.expect(201);
        register(&world.stranger.client, twin(1)).await;
        for (changes, name, code) in [
            (json!({"birth_order": null}), "birth_order", "field_missing"),
            (json!({"mother_id_number": null}), "mother_id_number", "field_missing"),
            (json!({"birth_order": 21}), "birth_order", "number_range"),
            (json!({"id_kind": "passport", "id_number": "E12345678"}), "mother_id_number", "field_not_here"),
        ] {
            let body = with(twin(3), changes);
            let problem = refused(&server, family.post("/v1/patients", body), 422, "invalid_request").await;
            assert_eq!(field(&problem), (name, code));
        }
        for (number, code) in [
            (citizen("19950412", 1), "id_sex_mismatch"),
            (mother[..17].to_owned(), "id_number_length"),
            (format!("{}{}", &mother[..17], if mother.ends_with('1') { '2' } else { '1' }), "id_number_checksum"),
        ] {
            let body = with(twin(3), json!({"mother_id_number": number}));
            let problem = refused(&server, family.post("/v1/patients", body), 422, code).await;
            assert_eq!(field(&problem), ("mother_id_number", code));
        }
    }

    async fn a_newborn_gets_its_number_later(server: TestServer) {
        let world = World::build(&server).await;
        let newborn = with(child(), json!({
            "name": "李秀英之女", "id_kind": "newborn_none", "id_number": null, "birth_date": "2026-02-20", "sex": "female",
            "institution_id": world.town.centre,
        }));
        let path = register(&world.family.client, newborn.clone()).await;
        let desk = &world.coordinator.client;
        let change = async |body: Value| {
            let etag = desk.get(&path).await.etag();
            desk.patch(&path, &etag, body).await
        };
        // What the family did not say is put in later, and is then unique.
        let mother = json!({"mother_id_number": citizen("19950412", 2), "birth_order": 1});
        let known = change(mother.clone()).await.expect(200);
        assert_eq!(known["birth_order"], 1);
        let again = with(newborn, mother.clone());
        refused(&server, world.other_family.client.post("/v1/patients", again.clone()), 409, "patient_exists").await;
        let own = json!({"id_kind": "resident_id", "id_number": citizen("20260220", 4)});
        let whole = change(own).await.expect(200);
        assert_eq!((&whole["id_kind"], &whole["birth_order"]), (&json!("resident_id"), &json!(1)));
        refused(&server, world.other_family.client.post("/v1/patients", again), 409, "patient_exists").await;
        change(mother).await.problem(422, "invalid_request");
    }

    async fn bad_input_is_named_and_changes_nothing(server: TestServer) {
        let world = World::build(&server).await;
        let family = &world.family.client;
        for (changes, path, code) in bad_papers() {
            let body = with(person(1), changes);
            let problem = refused(&server, family.post("/v1/patients", body), 422, code).await;
            assert_eq!(field(&problem), (path, code));
        }
        for (changes, path, code) in bad_fields() {
            let body = with(person(1), changes);
            let problem = refused(&server, family.post("/v1/patients", body), 422, "invalid_request").await;
            assert_eq!(field(&problem), (path, code));
        }
        let nowhere = json!({"text": STREET, "place": {"lng": 0.0, "lat": 0.0, "crs": "wgs84"}});
        let body = with(person(1), json!({"address": nowhere}));
        let problem = refused(&server, family.post("/v1/patients", body), 422, "coordinates_zero").await;
        assert_eq!(field(&problem), ("address.place", "coordinates_zero"));
        let broken = family
            .request(Method::POST, "/v1/patients")
            .header("idempotency-key", fresh_key())
            .header("content-type", "application/json")
            .body("{\"name\": ");
        refused(&server, family.send(broken), 400, "malformed_json").await;
        let chinese = family.speaking("zh-CN").post("/v1/patients", with(person(1), json!({"sex": "male"}))).await;
        let problem = chinese.problem(422, "id_sex_mismatch");
        assert_eq!(text(&problem, "title"), "性别与证件不符");
    }

    async fn other_roles_register_nobody(server: TestServer) {
        let world = World::build(&server).await;
        for client in [&world.doctor.client, &world.supervisor.client] {
            refused(&server, client.post("/v1/patients", person(1)), 403, "forbidden").await;
        }
        refused(&server, server.nobody().post("/v1/patients", person(1)), 401, "unauthorized").await;
    }
}

/// What is said wrongly of the papers: a change, and the code that names it.
fn bad_papers() -> Vec<(Value, &'static str, &'static str)> {
    let wrong_digit = citizen("19491231", 2).replace("139999", "139998");
    let no_such_day = citizen("19490230", 2);
    let letters = "13999919491231002?";
    let day_before = json!({"birth_date": "1949-12-30"});
    vec![
        (
            json!({"id_number": wrong_digit}),
            "id_number",
            "id_number_checksum",
        ),
        (
            json!({"id_number": "12345"}),
            "id_number",
            "id_number_length",
        ),
        (
            json!({"id_number": letters}),
            "id_number",
            "id_number_characters",
        ),
        (
            json!({"id_number": no_such_day}),
            "id_number",
            "id_number_birth_date",
        ),
        (
            json!({"id_kind": "hmt_residence_permit"}),
            "id_number",
            "id_number_prefix",
        ),
        (
            json!({"id_kind": "newborn_none"}),
            "id_number",
            "id_number_length",
        ),
        (day_before, "birth_date", "id_birth_date_mismatch"),
        (
            json!({"birth_date": "1849-12-31"}),
            "birth_date",
            "date_impossible",
        ),
        (json!({"sex": "male"}), "sex", "id_sex_mismatch"),
        (json!({"consent": "oneself"}), "consent", "consent_mismatch"),
    ]
}

/// Fields that are wrong by themselves: a change, the field and its code.
fn bad_fields() -> Vec<(Value, &'static str, &'static str)> {
    let fence = json!({"address": {"text": STREET, "fence_radius_m": 49}});
    vec![
        (
            json!({"birth_date": "1949-02-30"}),
            "birth_date",
            "date_time_invalid",
        ),
        (json!({"id_number": null}), "id_number", "field_missing"),
        (json!({"relation": null}), "relation", "field_missing"),
        (json!({"consent": null}), "consent", "field_missing"),
        (
            json!({"carer_phone": OTHER_FAMILY}),
            "carer_phone",
            "staff_field",
        ),
        (json!({"phone": "12345"}), "phone", "phone_invalid"),
        (json!({"name": "李"}), "name", "name_length"),
        (json!({"name": "李".repeat(51)}), "name", "name_length"),
        (json!({"name": "李\u{0}英"}), "name", "name_characters"),
        (json!({"age": 76}), "age", "field_unknown"),
        (fence, "address.fence_radius_m", "field_invalid"),
        (
            json!({"address": {"text": "x\u{0}"}}),
            "address.text",
            "text_control_character",
        ),
    ]
}

#[rstest]
#[case("19491231", 2, "139999194912310025")]
fn the_numbers_of_these_tests_are_good(
    #[case] born: &str,
    #[case] sequence: u32,
    #[case] number: &str,
) {
    let made = citizen(born, sequence);
    assert_eq!(made[..17], number[..17]);
    let kind = entity::enums::IdKind::ResidentId;
    let parsed = jiahu::domain::identity::IdNumber::parse(kind, &made).expect("a good number");
    assert_eq!(parsed.sex(), Some(entity::enums::Sex::Female));
}
