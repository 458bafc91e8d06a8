//! What a booking refuses, and that nothing of it stays.

use entity::enums::{Role, Sex};
use jiahu_tests::harness::PatientTraits;
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{Scene, footprint, window};

on_both! {
    async fn each_bad_booking_has_its_code_and_changes_nothing(server: TestServer) {
        let scene = Scene::build(&server).await;
        let good = scene.body(&["UC_CHG"]);
        let nothing = footprint(&server).await;
        let six = ["EDU", "UC_CHG", "PICC", "SC", "IM", "VITAL"];
        for (pointer, value, status, code, field) in [
            ("/items", json!([]), 422, "items_count", "items"),
            ("/items", json!(six), 422, "items_count", "items"),
            ("/items", json!(["EDU", "EDU"]), 422, "item_duplicate", "items[1]"),
            ("/items", json!(["EDU", "NOPE"]), 422, "item_unknown", "items[1]"),
            ("/items", json!(["导尿"]), 422, "invalid_request", "items[0]"),
            ("/items", json!(["UC_NEW"]), 422, "item_closed", ""),
            ("/items", json!(["IV_INF"]), 422, "item_negative_listed", ""),
            ("/window", window("2026-03-02 12:59", "2026-03-02 15:00"), 422, "window_past", "window"),
            ("/window", window("2026-02-02 12:00", "2026-02-02 15:00"), 422, "window_past", "window"),
            ("/window", window("2026-05-02 00:00", "2026-05-02 03:00"), 422, "window_too_far", "window"),
            ("/window", window("2026-03-03 09:00", "2026-03-03 09:39"), 422, "window_invalid", "window"),
            ("/window", window("2026-03-03 09:00", "2026-03-03 09:00"), 422, "window_invalid", "window"),
            ("/window", window("2026-03-03 09:00", "2026-03-03 21:01"), 422, "window_invalid", "window"),
            ("/window/start", json!("2026-02-30T09:00:00Z"), 422, "invalid_request", "window.start"),
            ("/window/start", json!("2199-12-31T00:00:00Z"), 422, "window_too_far", "window"),
            ("/window/start", json!("+262000-01-01T00:00:00Z"), 422, "invalid_request", "window.start"),
            ("/window/end", json!(7), 422, "invalid_request", "window.end"),
            ("/patient_id", json!("x"), 422, "invalid_request", "patient_id"),
            ("/patient_id", json!(scene.patient.address), 404, "not_found", ""),
            ("/address_id", json!(scene.patient.id), 422, "address_unknown", "address_id"),
            ("/note", json!("x".repeat(501)), 422, "invalid_request", "note"),
            ("/note", json!("a\u{0}b"), 422, "invalid_request", "note"),
            ("/answers", json!({}), 422, "screening_incomplete", "answers.GEN_AGITATED"),
            ("/answers/UC_FAILED_TRIES", json!(99), 422, "screening_incomplete", "answers.UC_FAILED_TRIES"),
            ("/answers/UC_FAILED_TRIES", json!(0.5), 422, "screening_incomplete", "answers.UC_FAILED_TRIES"),
            ("/answers/SEPSIS", json!("no"), 422, "screening_incomplete", "answers.SEPSIS"),
            ("/answers/GEN_SUPPLIES", json!("\u{0}"), 422, "screening_incomplete", "answers.GEN_SUPPLIES"),
            ("/answers/SEPSIS", Value::Null, 422, "invalid_request", "answers.SEPSIS"),
        ] {
            let mut body = good.clone();
            *body.pointer_mut(pointer).expect("it is in the body") = value;
            let problem = scene.family.client.post("/v1/orders", body).await.problem(status, code);
            if !field.is_empty() {
                assert_eq!(problem["errors"][0]["field"], field, "{problem:#}");
            }
        }
        let mut more = good.clone();
        more["answers"]["PI_SITES"] = json!(1);
        let problem = scene.family.client.post("/v1/orders", more).await.problem(422, "screening_incomplete");
        assert_eq!(problem["errors"][0]["code"], "answer_unknown_question");
        let mut more = good.clone();
        more["colour"] = json!("red");
        let problem = scene.family.client.post("/v1/orders", more).await.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["code"], "field_unknown");
        let mut less = good;
        less.as_object_mut().expect("an object").remove("window");
        scene.family.client.post("/v1/orders", less).await.problem(422, "invalid_request");
        assert_eq!(footprint(&server).await, nothing);
    }

    async fn who_may_not_book_does_not(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (town, good) = (&scene.town, scene.body(&["EDU"]));
        let nothing = footprint(&server).await;
        let stranger = town.person(&server, "13800000002", Role::Family, None).await;
        stranger.client.post("/v1/orders", good.clone()).await.problem(404, "not_found");
        let looker = town.person(&server, "13800000003", Role::Family, None).await;
        scene.fixtures(&server).carer(scene.patient.id, looker.account, false).await;
        looker.client.post("/v1/orders", good.clone()).await.problem(403, "booking_not_allowed");
        let roles = [Role::Nurse, Role::Doctor, Role::Supervisor, Role::Admin, Role::Auditor];
        for (number, role) in (1..).zip(roles) {
            let phone = format!("1380000010{number}");
            let staff = town.person(&server, &phone, role, Some(town.hospital)).await;
            staff.client.post("/v1/orders", good.clone()).await.problem(403, "forbidden");
        }
        server.nobody().post("/v1/orders", good.clone()).await.problem(401, "unauthorized");
        let request = scene.family.client.request(reqwest::Method::POST, "/v1/orders").json(&good);
        scene.family.client.send(request).await.problem(400, "idempotency_key_missing");
        let another = PatientTraits {
            name: "赵六",
            sex: Sex::Male,
            born: "1950-01-01",
            institution: town.hospital,
        };
        let another = scene.fixtures(&server).patient_with(&stranger, another).await;
        let address = scene.fixtures(&server).address(another, None).await;
        let mut theirs = good;
        theirs["address_id"] = json!(address);
        scene.family.client.post("/v1/orders", theirs).await.problem(422, "address_unknown");
        assert_eq!(footprint(&server).await, nothing);
    }

    async fn a_hard_answer_refuses_with_advice_in_both_languages(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nothing = footprint(&server).await;
        let mut body = scene.body(&["UC_CHG"]);
        body["answers"]["UC_HAEMATURIA"] = json!(true);
        let family = &scene.family.client;
        let en = family.post("/v1/orders", body.clone()).await.problem(422, "screening_refused");
        assert_eq!(en["title"], "Not safe at home");
        let finding = &en["findings"][0];
        assert_eq!((&finding["severity"], &finding["item"]), (&json!("hard"), &json!("UC_CHG")));
        assert_eq!(finding["source"], json!({"kind": "question", "code": "UC_HAEMATURIA"}));
        assert!(finding["advice"]["en"].as_str().expect("a text").contains("urology"));
        assert!(finding["advice"]["zh"].as_str().expect("a text").contains("泌尿外科"));
        let zh = family.speaking("zh-CN").post("/v1/orders", body).await.problem(422, "screening_refused");
        assert_eq!(zh["title"], "不适合上门服务");
        assert_eq!(footprint(&server).await, nothing);
        // A condition on record speaks too, whatever is answered.
        let fixtures = scene.fixtures(&server);
        fixtures.condition(scene.patient.id, &scene.family, "urethral_stricture").await;
        let record = family.post("/v1/orders", scene.body(&["UC_CHG"])).await.problem(422, "screening_refused");
        assert_eq!(record["findings"][0]["source"]["kind"], "condition");
        family.post("/v1/orders", scene.body(&["EDU"])).await.expect(201);
    }

    async fn nobody_approved_means_nobody_comes(server: TestServer) {
        use sea_orm::{ConnectionTrait, EntityTrait};
        let scene = Scene::build(&server).await;
        let close = "UPDATE institution SET home_care_approved = FALSE";
        server.app.db.reader().execute_unprepared(close).await.expect("closed");
        let body = scene.body(&["EDU"]);
        scene.family.client.post("/v1/orders", body).await.problem(422, "institution_none");
        let orders = entity::care_order::Entity::find().all(server.app.db.reader()).await;
        assert!(orders.expect("orders").is_empty());
    }
}
