//! Institutions: registered under a parent, changed, listed.

use entity::enums::{Role, SubjectKind};
use jiahu_tests::harness::{CENTRE, Person, TestServer, Town, kinds_of};
use jiahu_tests::on_both;
use serde_json::{Value, json};

async fn supervisor(server: &TestServer, of_centre: bool) -> (Town, Person) {
    let town = Town::build(server, "130431").await;
    let at = if of_centre {
        town.centre
    } else {
        town.hospital
    };
    let person = town
        .person(server, "13900000001", Role::Supervisor, Some(at))
        .await;
    (town, person)
}

fn new(parent: impl serde::Serialize) -> Value {
    json!({
        "parent_id": parent, "code": "130431204", "name_zh": "风正乡卫生院", "name_en": "Fengzheng",
        "phone": "0310-7520009", "place": {"lng": CENTRE.0, "lat": CENTRE.1, "crs": "wgs84"},
        "practice_licence": "PDY00009",
    })
}

on_both! {
    async fn a_new_centre_is_in_reach_of_all_above_it(server: TestServer) {
        let (town, centre) = supervisor(&server, true).await;
        let lead = town.person(&server, "13900000002", Role::Supervisor, Some(town.hospital)).await;
        let beside = town.person(&server, "13900000003", Role::Supervisor, Some(town.other_centre)).await;
        let reply = centre.client.post_with_key("/v1/institutions", new(town.centre), "key-00000001").await;
        let (etag, location) = (reply.etag(), reply.headers["location"].to_str().expect("ASCII").to_owned());
        let made = reply.expect(201);
        assert_eq!((&made["kind"], &made["home_care_approved"], &made["active"]), (&json!("health_centre"), &json!(false), &json!(true)));
        assert_eq!((&made["phone"], &made["place"]["crs"]), (&json!("03107520009"), &json!("wgs84")));
        let got = beside.client.get(&location).await;
        assert_eq!(got.etag(), etag);
        assert_eq!(got.expect(200), made);
        let again = centre.client.post_with_key("/v1/institutions", new(town.centre), "key-00000001").await;
        assert_eq!(again.expect(201), made);
        let change = json!({"home_care_approved": true});
        beside.client.patch(&location, &etag, change.clone()).await.problem(404, "not_found");
        let etag = lead.client.patch(&location, &etag, change.clone()).await.etag();
        let changed = centre.client.patch(&location, &etag, json!({"name_en": "Fengzheng Centre"})).await.expect(200);
        assert_eq!((&changed["home_care_approved"], &changed["name_en"]), (&json!(true), &json!("Fengzheng Centre")));
        // Under the new one another, three levels deep.
        let mut deeper = new(&made["id"]);
        deeper["code"] = json!("130431205");
        let deeper = lead.client.post("/v1/institutions", deeper).await;
        let location = deeper.headers["location"].to_str().expect("ASCII").to_owned();
        centre.client.patch(&location, &deeper.etag(), change).await.expect(200);
        let id = made["id"].as_str().expect("an id").parse().expect("a UUID");
        let events = kinds_of(&server, town.community, SubjectKind::Institution, id).await;
        assert_eq!(events, ["institution.added", "institution.changed", "institution.changed"]);
    }

    async fn bad_input_is_named_and_changes_nothing(server: TestServer) {
        let (town, supervisor) = supervisor(&server, true).await;
        let elsewhere = Town::build(&server, "130432").await;
        let place = |lng: f64, lat: f64| json!({"lng": lng, "lat": lat, "crs": "wgs84"});
        for (name, value, status, code, field_code) in [
            ("parent_id", json!(town.hospital), 422, "invalid_request", "institution_parent_invalid"),
            ("parent_id", json!(elsewhere.hospital), 422, "invalid_request", "institution_parent_invalid"),
            ("parent_id", Value::Null, 422, "invalid_request", "id_invalid"),
            ("code", json!(""), 422, "invalid_request", "text_length"),
            ("name_zh", json!("院\u{0}"), 422, "invalid_request", "text_control_character"),
            ("name_en", json!("x".repeat(81)), 422, "invalid_request", "text_length"),
            ("phone", json!("12"), 422, "invalid_request", "phone_invalid"),
            ("kind", json!("lead_hospital"), 422, "invalid_request", "field_unknown"),
            ("place", place(200.0, 10.0), 422, "coordinates_out_of_range", "coordinates_out_of_range"),
            ("place", place(0.0, 0.0), 422, "coordinates_zero", "coordinates_zero"),
            ("place", place(CENTRE.1, CENTRE.0), 422, "coordinates_swapped", "coordinates_swapped"),
            ("place", place(116.4, 39.9), 422, "coordinates_too_far", "coordinates_too_far"),
            ("place", json!({"lng": 114.88, "lat": 36.92}), 422, "invalid_request", "field_missing"),
        ] {
            let mut body = new(town.centre);
            body[name] = value.clone();
            let problem = supervisor.client.post("/v1/institutions", body).await.problem(status, code);
            assert_eq!(problem["errors"][0]["code"], field_code, "{name} {value}");
        }
        let mut taken = new(town.centre);
        taken["code"] = json!("130431100");
        supervisor.client.post("/v1/institutions", taken).await.problem(409, "code_taken");
        let listed = supervisor.client.get("/v1/institutions").await.expect(200);
        assert_eq!(listed["items"].as_array().expect("a list").len(), 3);
        let mut far = new(town.centre);
        far["place"] = place(116.4, 39.9);
        far["confirm_far"] = json!(true);
        supervisor.client.post("/v1/institutions", far).await.expect(201);
    }

    async fn a_change_names_the_version_it_was_made_upon(server: TestServer) {
        let (town, supervisor) = supervisor(&server, false).await;
        let address = format!("/v1/institutions/{}", town.centre);
        let before = supervisor.client.get(&address).await;
        let etag = before.etag();
        let before = before.expect(200);
        let unconditional = supervisor.client.request(reqwest::Method::PATCH, &address).json(&json!({"active": false}));
        supervisor.client.send(unconditional).await.problem(428, "precondition_required");
        supervisor.client.patch(&address, "\"v7\"", json!({"active": false})).await.problem(412, "precondition_failed");
        supervisor.client.patch(&address, "W/\"v1\"", json!({"active": false})).await.problem(412, "precondition_failed");
        for (body, field, code) in [
            (json!({"name_zh": null}), "name_zh", "text_expected"),
            (json!({"name_zh": " "}), "name_zh", "text_length"),
            (json!({"active": "no"}), "active", "flag_expected"),
            (json!({"code": "1"}), "code", "field_unknown"),
            (json!({"parent_id": town.other_centre}), "parent_id", "field_unknown"),
        ] {
            let problem = supervisor.client.patch(&address, &etag, body).await.problem(422, "invalid_request");
            assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["code"]), (&json!(field), &json!(code)));
        }
        assert_eq!(supervisor.client.get(&address).await.expect(200), before);
        let moved = json!({"place": {"lng": 114.9, "lat": 36.9, "crs": "gcj02"}, "phone": "0310 7521111"});
        let changed = supervisor.client.patch(&address, &etag, moved).await.expect(200);
        assert_eq!(changed["phone"], "03107521111");
        let lng = changed["place"]["lng"].as_f64().expect("a number");
        assert!((0.003..0.01).contains(&(114.9 - lng)), "GCJ-02 is shifted east: {lng}");
        supervisor.client.patch(&address, &etag, json!({"active": false})).await.problem(412, "precondition_failed");
        let etag = supervisor.client.get(&address).await.etag();
        supervisor.client.patch(&address, &etag, json!({"active": false})).await.expect(200);
        let codes = async |query: &str| {
            let page = supervisor.client.get(&format!("/v1/institutions{query}")).await.expect(200);
            page["items"].as_array().expect("a list").len()
        };
        assert_eq!((codes("").await, codes("?closed_too=true").await), (2, 3));
    }

    async fn everybody_reads_and_supervisors_alone_change(server: TestServer) {
        let (town, _) = supervisor(&server, false).await;
        let family = town.person(&server, "13800000001", Role::Family, None).await;
        let page = family.client.get("/v1/institutions?limit=2").await.expect(200);
        let item = &page["items"][0];
        let names: Vec<_> = item.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(names, ["active", "code", "home_care_approved", "id", "kind", "name_en", "name_zh", "parent_id", "phone"]);
        let rest = family.client.get(&format!("/v1/institutions?cursor={}", page["next_cursor"].as_str().expect("more"))).await.expect(200);
        assert_eq!(rest["items"].as_array().expect("a list").len(), 1);
        server.nobody().get("/v1/institutions").await.problem(401, "unauthorized");
        let address = format!("/v1/institutions/{}", town.centre);
        for (role, institution) in [
            (Role::Family, None), (Role::Nurse, Some(town.hospital)), (Role::Coordinator, Some(town.hospital)),
            (Role::Doctor, Some(town.hospital)), (Role::Admin, None), (Role::Auditor, None),
        ] {
            let phone = format!("1370000000{}", role as u8);
            let person = town.person(&server, &phone, role, institution).await;
            person.client.get(&address).await.expect(200);
            person.client.post("/v1/institutions", new(town.centre)).await.problem(403, "forbidden");
            person.client.patch(&address, "\"v1\"", json!({})).await.problem(403, "forbidden");
        }
        let elsewhere = Town::build(&server, "130432").await;
        let stranger = elsewhere.person(&server, "13900000001", Role::Supervisor, Some(elsewhere.hospital)).await;
        stranger.client.get(&address).await.problem(404, "not_found");
        stranger.client.patch(&address, "\"v1\"", json!({})).await.problem(404, "not_found");
        family.client.get("/v1/institutions/none").await.problem(404, "path_invalid");
    }
}
