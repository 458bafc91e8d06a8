//! Prices before booking.

use entity::enums::{Role, RuleSetKind};
use jiahu_tests::harness::{CENTRE, Fixtures, Patient, Person, TestServer, Town, at};
use jiahu_tests::on_both;
use serde_json::{Value, json};

async fn town(server: &TestServer) -> (Town, Person, Patient) {
    let town = Town::build(server, "130431").await;
    let family = town.person(server, "13800000001", Role::Family, None).await;
    let patient = Fixtures::new(server, &town).patient(&family).await;
    (town, family, patient)
}

fn request(patient: Patient, items: &[&str], start: &str) -> Value {
    json!({
        "patient_id": patient.id,
        "address_id": patient.address,
        "items": items,
        "window_start": at(start),
    })
}

fn lines(quote: &Value) -> Vec<(&str, i64)> {
    let lines = quote["price"]["lines"].as_array().expect("lines");
    lines
        .iter()
        .map(|line| {
            (
                line["kind"].as_str().expect("a kind"),
                line["fen"].as_i64().expect("fen"),
            )
        })
        .collect()
}

on_both! {
    async fn every_part_of_the_price_is_shown(server: TestServer) {
        let (town, family, patient) = town(&server).await;
        let body = request(patient, &["UC_CHG", "EDU"], "2026-03-03 09:00");
        let before = server.app.db.statements();
        let quote = family.client.post("/v1/quotes", body).await.expect(200);
        // The first one reads each kind of rule file, too.
        let files = u64::try_from(RuleSetKind::ALL.len()).expect("a few");
        assert!(server.app.db.statements() - before <= 9 + files);
        assert_eq!(lines(&quote), [
            ("procedure", 14000), ("consumables", 6000), ("procedure", 9000), ("visit_fee", 13000),
        ]);
        assert_eq!(quote["price"]["total_fen"], 42000);
        assert_eq!(quote["duration_min"], 80);
        assert_eq!(quote["institution_id"], json!(town.hospital));
        assert_eq!((&quote["distance_known"], &quote["problem"]), (&json!(true), &Value::Null));
        let metres = quote["distance_m"].as_u64().expect("metres");
        assert!((880..900).contains(&metres), "{metres}");
        assert_eq!(quote["items"][0]["bookable"], true);
        let stages: Vec<_> = quote["cancellation"].as_array().expect("terms").iter()
            .map(|term| (term["stage"].as_str().expect("a stage"), term["percent"].as_u64().expect("percent")))
            .collect();
        assert_eq!(stages, [
            ("before_accept", 0), ("accepted", 0), ("accepted", 30), ("departed", 50), ("aborted", 100),
        ]);
        let questions = quote["questions"].as_array().expect("questions");
        assert!(questions.iter().any(|question| question["code"] == "UC_FAILED_TRIES"));
        assert_eq!(questions[0]["code"], "GEN_EMERGENCY");
    }

    async fn nights_and_holidays_cost_more(server: TestServer) {
        let (_, family, patient) = town(&server).await;
        for (start, surcharge) in [
            ("2026-03-03 19:59", None),
            ("2026-03-03 20:00", Some(("night", 3900))),
            ("2026-03-04 06:59", Some(("night", 3900))),
            ("2026-03-04 07:00", None),
            ("2026-04-03 19:00", None),
            ("2026-04-04 10:00", Some(("holiday", 3900))),
            // The higher one only, the holiday's when they are equal.
            ("2026-04-04 00:00", Some(("holiday", 3900))),
            ("2026-04-07 08:00", None),
        ] {
            let body = request(patient, &["EDU"], start);
            let quote = family.client.post("/v1/quotes", body).await.expect(200);
            let mut wanted = vec![("procedure", 9000), ("visit_fee", 13000)];
            wanted.extend(surcharge);
            assert_eq!(lines(&quote), wanted, "{start}");
        }
    }

    async fn the_fee_grows_with_the_distance_from_whoever_provides(server: TestServer) {
        let (town, family, patient) = town(&server).await;
        let fixtures = Fixtures::new(&server, &town);
        for (east, institution, fee) in [
            (0.01, town.hospital, 13000),
            (0.04, town.centre, 13000),
            (0.15, town.other_centre, 20000),
            (0.20, town.other_centre, 30000),
            (0.30, town.other_centre, 55000),
        ] {
            let address = fixtures.address(patient.id, Some((CENTRE.0 + east, CENTRE.1))).await;
            let body = request(Patient { address, ..patient }, &["EDU"], "2026-03-03 09:00");
            let quote = family.client.post("/v1/quotes", body).await.expect(200);
            assert_eq!(quote["institution_id"], json!(institution), "{east}");
            assert_eq!(lines(&quote)[1], ("visit_fee", fee), "{east}");
        }
        let address = fixtures.address(patient.id, None).await;
        let body = request(Patient { address, ..patient }, &["EDU"], "2026-03-03 09:00");
        let quote = family.client.post("/v1/quotes", body).await.expect(200);
        assert_eq!(quote["institution_id"], json!(town.hospital));
        assert_eq!((&quote["distance_known"], &quote["distance_m"]), (&json!(false), &Value::Null));
        assert_eq!(lines(&quote)[1], ("visit_fee", 13000));
    }

    async fn what_cannot_be_booked_is_told_item_by_item(server: TestServer) {
        let (town, family, patient) = town(&server).await;
        let body = request(patient, &["EDU", "IV_INF", "UC_NEW"], "2026-03-03 09:00");
        let quote = family.client.post("/v1/quotes", body).await.expect(200);
        assert_eq!((&quote["price"], &quote["institution_id"]), (&Value::Null, &Value::Null));
        assert_eq!(quote["problem"], "item_negative_listed");
        let problems: Vec<_> = quote["items"].as_array().expect("items").iter()
            .map(|item| item["problem"].as_str()).collect();
        assert_eq!(problems, [None, Some("item_negative_listed"), Some("item_closed")]);
        let fixtures = Fixtures::new(&server, &town);
        for institution in [town.hospital, town.centre] {
            fixtures.decide_item(institution, "EDU", false).await;
        }
        fixtures.decide_item(town.other_centre, "PICC", false).await;
        let body = request(patient, &["EDU", "PICC"], "2026-03-03 09:00");
        let quote = family.client.post("/v1/quotes", body).await.expect(200);
        assert_eq!(quote["problem"], "institution_none");
    }

    async fn a_bad_request_has_no_price(server: TestServer) {
        let (town, family, patient) = town(&server).await;
        let good = request(patient, &["EDU"], "2026-03-03 09:00");
        let stranger = town.person(&server, "13800000002", Role::Family, None).await;
        stranger.client.post("/v1/quotes", good.clone()).await.problem(404, "not_found");
        let nurse = town.person(&server, "13800000003", Role::Nurse, Some(town.hospital)).await;
        nurse.client.post("/v1/quotes", good.clone()).await.problem(403, "forbidden");
        let looker = town.person(&server, "13800000004", Role::Family, None).await;
        Fixtures::new(&server, &town).carer(patient.id, looker.account, false).await;
        looker.client.post("/v1/quotes", good.clone()).await.problem(403, "booking_not_allowed");
        for (field, value, status, code) in [
            ("items", json!([]), 422, "items_count"),
            ("items", json!(["EDU", "EDU"]), 422, "item_duplicate"),
            ("items", json!(["NOPE"]), 422, "item_unknown"),
            ("items", json!(["edu"]), 422, "invalid_request"),
            ("window_start", json!(at("2026-03-02 12:59")), 422, "window_past"),
            ("window_start", json!(at("2026-05-02 00:00")), 422, "window_too_far"),
            ("window_start", json!("tomorrow"), 422, "invalid_request"),
            ("address_id", json!(patient.id), 422, "address_unknown"),
            ("colour", json!("red"), 422, "invalid_request"),
        ] {
            let mut body = good.clone();
            body[field] = value;
            family.client.post("/v1/quotes", body).await.problem(status, code);
        }
    }
}
