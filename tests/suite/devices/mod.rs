//! The device register, its reminder and its count of days.

mod deaths;
mod recorded;

use chrono::TimeDelta;
use entity::enums::Role;
use jiahu_tests::harness::{CENTRE, NurseSpec, Scene, SceneNurse, TestServer, with_family};
use jiahu_tests::on_both;
use serde_json::{Value, json};

pub(crate) fn catheter() -> Value {
    json!({ "kind": "uc", "material": "silicone", "size": "16 Fr", "depth_cm": 22.5, "placed_by": "hospital" })
}

pub(crate) fn devices(scene: &Scene) -> String {
    format!("/v1/patients/{}/devices", scene.patient)
}

/// A nurse in the middle of a visit to the scene's patient.
pub(crate) async fn on_site(server: &TestServer, scene: &Scene) -> (SceneNurse, String) {
    let nurse = scene.nurse(server, 1, NurseSpec::default()).await;
    let visit = visit(server, scene, &nurse).await;
    (nurse, visit)
}

async fn visit(server: &TestServer, scene: &Scene, nurse: &SceneNurse) -> String {
    visit_of(server, scene, nurse, "UC_CHG").await
}

/// A visit for one item, in the middle of it.
async fn visit_of(server: &TestServer, scene: &Scene, nurse: &SceneNurse, item: &str) -> String {
    let order = scene
        .order(server, item, server.now() + TimeDelta::hours(5))
        .await;
    let visit = scene.accepted_visit(server, nurse, order).await;
    server.advance(TimeDelta::hours(3)).await;
    let place = json!({ "lng": CENTRE.0, "lat": CENTRE.1, "crs": "wgs84", "accuracy_m": 20 });
    nurse.post(&visit, "depart", json!({})).await.expect(200);
    let arrived = json!({ "place": place });
    nurse.post(&visit, "arrive", arrived).await.expect(200);
    nurse.prepare(&visit).await;
    nurse.post(&visit, "start", with_family()).await.expect(200);
    visit
}

pub(crate) async fn finish(server: &TestServer, nurse: &SceneNurse, visit: &str) {
    server.advance(TimeDelta::minutes(30)).await;
    nurse
        .person
        .client
        .post(&format!("/v1/visits/{visit}/finish"), json!({}))
        .await
        .expect(200);
}

fn answers() -> Value {
    json!({
        "GEN_EMERGENCY": false, "GEN_AGITATED": false, "GEN_INFECTIOUS": false,
        "GEN_FAMILY": true, "GEN_SUPPLIES": "nurse", "GEN_TRUE": true,
    })
}

/// Books what is served for the review of the device in place, so many days from now; gives the nurse who is preferred.
async fn rebooked(server: &TestServer, scene: &Scene, days: i64) -> Value {
    let family = &scene.family.client;
    let path = format!("{}?current=true", devices(scene));
    let shown = family.get(&path).await.expect(200);
    let mut body = shown["items"][0]["rebook"].clone();
    let preferred = body["preferred_nurse_id"].clone();
    let start = server.now() + TimeDelta::days(days);
    let mut answers = answers();
    for question in [
        "UC_TRAUMA_4W",
        "UC_STRICTURE",
        "UC_HAEMATURIA",
        "SEPSIS",
        "UC_ANTICOAG_BLEED",
    ] {
        answers[question] = json!(false);
    }
    answers["UC_FAILED_TRIES"] = json!(0);
    body["address_id"] = json!(scene.address);
    body["window"] = json!({ "start": start, "end": start + TimeDelta::hours(3) });
    body["answers"] = answers;
    family.post("/v1/orders", body).await.expect(201);
    preferred
}

/// How many events, jobs and devices there are: a refused call adds none.
async fn traces(server: &TestServer) -> (usize, usize) {
    use sea_orm::EntityTrait;
    let db = server.app.db.reader();
    let devices = entity::device::Entity::find()
        .all(db)
        .await
        .expect("devices")
        .len();
    let events = entity::event::Entity::find()
        .all(db)
        .await
        .expect("events")
        .len();
    (devices, events)
}

on_both! {
    async fn a_device_lives_from_placing_over_review_to_replacement(server: TestServer) {
        let scene = Scene::build(&server).await;
        let placed = scene.coordinator.client.post(&devices(&scene), catheter()).await.expect(201);
        assert_eq!((&placed["site"], &placed["review_due"]), (&json!("urethra"), &json!("2026-03-30")));
        assert_eq!(placed["latest_on"], "2026-05-25");
        let (nurse, visit) = on_site(&server, &scene).await;
        let client = &nurse.person.client;
        let id = placed["id"].as_str().expect("an id");
        let reviewed = client
            .post(&format!("/v1/devices/{id}/review"), json!({ "visit_id": visit, "depth_cm": 23, "next_review": "2026-03-09" }))
            .await
            .expect(200);
        assert_eq!((&reviewed["review_due"], &reviewed["depth_cm"]), (&json!("2026-03-09"), &json!(23.0)));
        server.advance(TimeDelta::minutes(1)).await;
        let change = json!({ "visit_id": visit, "removal": "blocked", "material": "latex", "lot": "B7", "placed_by": "nurse" });
        let replaced = client.post(&format!("/v1/devices/{id}/replace"), change).await.expect(200);
        assert_eq!(replaced["removed"]["removal_planned"], false);
        assert_eq!(replaced["removed"]["replaced_by"], replaced["placed"]["id"]);
        assert_eq!(replaced["placed"]["review_due"], "2026-03-16");
        assert_eq!(replaced["placed"]["size"], "16 Fr");
        assert_eq!(replaced["placed"]["placed_by_nurse"], nurse.id.to_string());
        // After she left, until the visit is closed, she may still write it down.
        finish(&server, &nurse, &visit).await;
        let new = replaced["placed"]["id"].as_str().expect("an id");
        let review = json!({ "visit_id": visit });
        client.post(&format!("/v1/devices/{new}/review"), review.clone()).await.expect(200);
        let listed = scene.family.client.get(&devices(&scene)).await.expect(200);
        assert_eq!(listed["items"].as_array().expect("a list").len(), 2);
        let current = scene.family.client.get(&format!("{}?current=true", devices(&scene))).await.expect(200);
        assert_eq!(current["items"].as_array().expect("a list").len(), 1);
        let rebook = &current["items"][0]["rebook"];
        assert_eq!((&rebook["items"], &rebook["preferred_nurse_id"]), (&json!(["UC_CHG"]), &json!(nurse.id)));
        let acts: Vec<_> = listed["items"][1]["visits"].as_array().expect("a list").iter().map(|one| &one["act"]).collect();
        assert_eq!(acts, ["reviewed", "removed"]);
        client.post(&format!("/v1/devices/{id}/review"), review).await.problem(409, "device_removed_already");
    }

    async fn a_device_is_not_removed_before_it_was_placed_nor_in_the_future(server: TestServer) {
        let scene = Scene::build(&server).await;
        let client = &scene.coordinator.client;
        let placed = client.post(&devices(&scene), catheter()).await.expect(201);
        let id = placed["id"].as_str().expect("an id");
        let before = traces(&server).await;
        let yesterday = server.now() - TimeDelta::days(1);
        let remove = format!("/v1/devices/{id}/remove");
        let body = json!({ "removal": "pulled", "at": yesterday });
        let problem = client.post(&remove, body).await.problem(422, "device_removed_before_placed");
        assert_eq!(problem["errors"][0]["field"], "at");
        let body = json!({ "removal": "planned", "at": yesterday, "placed_by": "hospital" });
        client.post(&format!("/v1/devices/{id}/replace"), body).await.problem(422, "device_removed_before_placed");
        let body = json!({ "removal": "planned", "at": server.now() + TimeDelta::hours(1) });
        client.post(&remove, body).await.problem(422, "time_in_future");
        let body = json!({ "at": yesterday });
        client.post(&format!("/v1/devices/{id}/review"), body).await.problem(422, "time_order");
        // The database would not have it either.
        let row = store_row(&server, &scene, id).await;
        let stored = jiahu::in_write!(server.app.db, "test_remove", |tx| {
            jiahu::store::device::update(tx, &row, |row| {
                row.removed_at = sea_orm::ActiveValue::Set(Some(yesterday));
                row.removal = sea_orm::ActiveValue::Set(Some(entity::enums::DeviceRemoval::Planned));
            })
            .await
        });
        let code = stored.expect_err("refused").code().expect("a code");
        assert_eq!(code.as_str(), "device_removed_before_placed");
        assert_eq!(traces(&server).await, before);
        let gone = client.post(&remove, json!({ "removal": "slipped" })).await.expect(200);
        assert_eq!(gone["rebook"], Value::Null);
    }

    async fn what_the_rules_do_not_have_is_refused(server: TestServer) {
        let scene = Scene::build(&server).await;
        let client = &scene.coordinator.client;
        client.post(&devices(&scene), catheter()).await.expect(201);
        let before = traces(&server).await;
        client.post(&devices(&scene), catheter()).await.problem(409, "device_current_exists");
        for (body, code) in [
            (json!({ "kind": "picc", "placed_by": "hospital" }), "device_site_unknown"),
            (json!({ "kind": "picc", "site": "nose", "placed_by": "hospital" }), "device_site_unknown"),
            (json!({ "kind": "spc", "material": "gold", "placed_by": "hospital" }), "device_material_unknown"),
            (json!({ "kind": "spc", "next_review": "2026-03-01", "placed_by": "hospital" }), "device_review_day"),
            (json!({ "kind": "spc", "next_review": "2027-03-01", "placed_by": "hospital" }), "device_review_day"),
            (json!({ "kind": "spc", "depth_cm": 201, "placed_by": "hospital" }), "invalid_request"),
        ] {
            client.post(&devices(&scene), body).await.problem(422, code);
        }
        assert_eq!(traces(&server).await, before);
        let picc = json!({ "kind": "picc", "site": "left_arm", "placed_by": "hospital" });
        client.post(&devices(&scene), picc).await.expect(201);
    }

    async fn devices_of_others_are_not_found(server: TestServer) {
        let scene = Scene::build(&server).await;
        let placed = scene.coordinator.client.post(&devices(&scene), catheter()).await.expect(201);
        let id = placed["id"].as_str().expect("an id");
        let other = scene.town.other_centre;
        let stranger = scene.town.person(&server, "13900000077", Role::Coordinator, Some(other)).await;
        stranger.client.get(&devices(&scene)).await.problem(404, "not_found");
        stranger.client.post(&devices(&scene), catheter()).await.problem(404, "not_found");
        let remove = format!("/v1/devices/{id}/remove");
        stranger.client.post(&remove, json!({ "removal": "planned" })).await.problem(404, "not_found");
        let (_, visit) = on_site(&server, &scene).await;
        // Another nurse cannot use a visit that is not hers.
        let other = scene.nurse(&server, 2, NurseSpec::default()).await;
        let body = json!({ "removal": "planned", "visit_id": visit });
        other.person.client.post(&remove, body).await.problem(404, "not_found");
        let family = scene.family.client.get(&devices(&scene)).await.expect(200);
        assert_eq!(family["items"][0]["removed_at"], Value::Null);
    }

    async fn family_and_nurse_are_told_once_three_days_before(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (nurse, visit) = on_site(&server, &scene).await;
        let mut body = catheter();
        body["visit_id"] = json!(visit);
        let placed = nurse.person.client.post(&devices(&scene), body).await.expect(201);
        finish(&server, &nurse, &visit).await;
        server.run_jobs().await;
        let told = |phone: &str| {
            let sent = server.phones.of(phone);
            sent.iter().filter(|one| one.template == "device_review").count()
        };
        let phones = [scene.family.phone.clone(), nurse.person.phone.clone()];
        let counts = || phones.iter().map(|phone| told(phone)).collect::<Vec<_>>();
        assert_eq!(counts(), [0, 0]);
        // Due on Monday 30 March; three days before is Friday the 27th, from 08:30.
        let friday = "2026-03-27T00:29:00Z".parse::<chrono::DateTime<chrono::Utc>>().expect("a time");
        server.advance(friday - server.now()).await;
        server.run_jobs().await;
        assert_eq!(counts(), [0, 0]);
        server.advance(TimeDelta::minutes(1)).await;
        server.run_jobs().await;
        assert_eq!(counts(), [1, 1]);
        let text = &server.phones.of(&scene.family.phone).pop().expect("a message").text;
        assert!(text.contains("03-30") && text.contains("Urinary catheter change"), "{text}");
        server.advance(TimeDelta::days(1)).await;
        server.run_jobs().await;
        assert_eq!(counts(), [1, 1]);
        // Nothing was ordered.
        let orders = scene.family.client.get("/v1/orders").await.expect(200);
        assert_eq!(orders["items"].as_array().expect("a list").len(), 1);
        // A device that is out is nobody's concern.
        let id = placed["id"].as_str().expect("an id");
        scene.coordinator.client.post(&format!("/v1/devices/{id}/review"), json!({})).await.expect(200);
        scene.coordinator.client.post(&format!("/v1/devices/{id}/remove"), json!({ "removal": "planned" })).await.expect(200);
        server.advance(TimeDelta::days(60)).await;
        server.run_jobs().await;
        assert_eq!(counts(), [1, 1]);
    }

    async fn the_nurse_who_is_wished_for_is_asked_first(server: TestServer) {
        let scene = Scene::build(&server).await;
        for number in 1..=4 {
            scene.nurse(&server, number, NurseSpec::default()).await;
        }
        // Beyond the first ring, and not the best by any part of the score.
        let far = scene.nurse(&server, 9, NurseSpec { north_m: 12_000.0, ..NurseSpec::default() }).await;
        let body = json!({
            "patient_id": scene.patient, "address_id": scene.address, "items": ["EDU"],
            "window": { "start": server.now() + TimeDelta::hours(24), "end": server.now() + TimeDelta::hours(27) },
            "answers": answers(),
            "preferred_nurse_id": far.id,
        });
        let mut unknown = body.clone();
        unknown["preferred_nurse_id"] = json!(scene.patient);
        let problem = scene.family.client.post("/v1/orders", unknown).await.problem(422, "nurse_unknown");
        assert_eq!(problem["errors"][0]["field"], "preferred_nurse_id");
        let order = scene.family.client.post("/v1/orders", body).await.expect(201);
        server.run_jobs().await;
        let offers = far.person.client.get("/v1/offers").await.expect(200);
        assert_eq!(offers["items"][0]["order_id"], order["id"]);
        let path = format!("/v1/orders/{}/candidates", order["id"].as_str().expect("an id"));
        let hospital = Some(scene.town.hospital);
        let desk = scene.town.person(&server, "13900000066", Role::Coordinator, hospital).await;
        let ranked = desk.client.get(&path).await.expect(200);
        assert_eq!(ranked["ranked"][0]["nurse_id"], far.id.to_string());
    }

    async fn what_is_served_for_a_review_books_with_a_nurse_who_still_works(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (town, hospital) = (&scene.town, Some(scene.town.hospital));
        let admin = town.person(&server, "13911110001", Role::Admin, None).await;
        let above = town.person(&server, "13911110002", Role::Supervisor, hospital).await;
        let (former, first) = on_site(&server, &scene).await;
        finish(&server, &former, &first).await;
        // The next morning another nurse comes.
        server.advance(TimeDelta::minutes(20 * 60 + 30)).await;
        let nurse = scene.nurse(&server, 2, NurseSpec::default()).await;
        let second = visit(&server, &scene, &nurse).await;
        finish(&server, &nurse, &second).await;
        scene.coordinator.client.post(&devices(&scene), catheter()).await.expect(201);
        assert_eq!(rebooked(&server, &scene, 1).await, json!(nurse.id));
        // She leaves; then the one before her, who knows the patient too, is locked out.
        let path = format!("/v1/nurses/{}", nurse.id);
        let etag = above.client.get(&path).await.etag();
        above.client.patch(&path, &etag, json!({ "active": false })).await.expect(200);
        assert_eq!(rebooked(&server, &scene, 2).await, json!(former.id));
        let disable = format!("/v1/accounts/{}/disable", former.person.account);
        admin.client.post(&disable, json!({})).await.expect(200);
        assert_eq!(rebooked(&server, &scene, 3).await, Value::Null);
    }

    async fn device_days_are_counted_for_any_period(server: TestServer) {
        let scene = Scene::build(&server).await;
        let centre = Some(scene.town.centre);
        let head = scene.town.person(&server, "13900000055", Role::Supervisor, centre).await;
        let elsewhere = scene.town.person(&server, "13900000056", Role::Supervisor, Some(scene.town.other_centre)).await;
        let mut body = catheter();
        body["placed_at"] = json!("2026-02-10T02:00:00Z");
        let placed = scene.coordinator.client.post(&devices(&scene), body).await.expect(201);
        let id = placed["id"].as_str().expect("an id");
        let out = json!({ "removal": "pulled", "at": "2026-02-20T02:00:00Z" });
        scene.coordinator.client.post(&format!("/v1/devices/{id}/remove"), out).await.expect(200);
        let uc = async |head: &jiahu_tests::harness::Person, from: &str, to: &str| {
            let path = format!("/v1/reports/device-days?from={from}&to={to}");
            let report = head.client.get(&path).await.expect(200);
            let kinds = report["kinds"].as_array().expect("a list").clone();
            let uc = kinds.into_iter().find(|one| one["kind"] == "uc").expect("catheters");
            (uc["days"].as_u64(), uc["devices"].as_u64(), uc["unplanned_removals"].as_u64())
        };
        assert_eq!(uc(&head, "2026-02-01", "2026-03-01").await, (Some(10), Some(1), Some(1)));
        assert_eq!(uc(&head, "2026-02-01", "2026-02-15").await, (Some(5), Some(1), Some(0)));
        assert_eq!(uc(&head, "2026-02-15", "2026-03-01").await, (Some(5), Some(1), Some(1)));
        assert_eq!(uc(&head, "2026-02-20", "2026-03-01").await, (Some(0), Some(0), Some(1)));
        assert_eq!(uc(&elsewhere, "2026-02-01", "2026-03-01").await, (Some(0), Some(0), Some(0)));
        for period in ["from=2026-02-01&to=2026-02-01", "from=2026-02-02&to=2026-02-01"] {
            head.client.get(&format!("/v1/reports/device-days?{period}")).await.problem(422, "period_invalid");
        }
    }
}

async fn store_row(server: &TestServer, scene: &Scene, id: &str) -> entity::device::Model {
    let id = id.parse().expect("an id");
    jiahu::store::device::get(server.app.db.reader(), scene.town.community, id)
        .await
        .expect("a query")
        .expect("the device")
}
