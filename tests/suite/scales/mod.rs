//! Scales: read, filled in, scored by the server, followed over time.

use chrono::TimeDelta;
use entity::enums::Role;
use jiahu_tests::harness::{CENTRE, NurseSpec, Scene, TestServer, Town};
use jiahu_tests::on_both;
use serde_json::{Value, json};

/// A Barthel form; `walking` says how the patient walks.
fn barthel(walking: &str) -> Value {
    json!({ "scale": "barthel", "answers": {
        "feeding": "independent", "bathing": "independent", "grooming": "independent", "dressing": "help",
        "bowels": "continent", "bladder": "occasional", "toilet": "help", "transfer": "little_help",
        "walking": walking, "stairs": "dependent",
    }})
}

fn scales(scene: &Scene) -> String {
    format!("/v1/patients/{}/scales", scene.patient)
}

async fn rows(server: &TestServer) -> usize {
    use sea_orm::{EntityTrait, PaginatorTrait};
    let scores = entity::scale_score::Entity::find();
    let count = scores.count(server.app.db.reader()).await.expect("a count");
    usize::try_from(count).expect("few")
}

on_both! {
    async fn everybody_reads_what_a_scale_asks(server: TestServer) {
        let scene = Scene::build(&server).await;
        let client = &scene.family.client;
        let listed = client.get("/v1/scales").await.expect(200);
        let codes: Vec<_> = listed["items"].as_array().expect("a list").iter().map(|one| &one["code"]).collect();
        assert_eq!(codes.len(), 13);
        assert_eq!(
            listed["items"][0],
            json!({
                "code": "barthel", "name": listed["items"][0]["name"], "better": "higher", "by": "anyone",
                "lowest": 0, "highest": 100, "licence": listed["items"][0]["licence"],
            })
        );
        let braden = client.get("/v1/scales/braden").await.expect(200);
        assert_eq!(braden["items"].as_array().expect("items").len(), 6);
        assert!(braden["licence"]["en"].as_str().expect("a note").contains("permission"));
        client.get("/v1/scales/bristol").await.problem(404, "not_found");
    }

    async fn the_server_scores_and_keeps_every_answer(server: TestServer) {
        let scene = Scene::build(&server).await;
        let desk = &scene.coordinator.client;
        let reply = desk.post(&scales(&scene), barthel("help_of_one")).await;
        assert_eq!(reply.headers["location"], scales(&scene).as_str());
        let first = reply.expect(201);
        // 10 + 5 + 5 + 5 + 10 + 5 + 5 + 10 + 10 + 0.
        assert_eq!((&first["total"], &first["band"]), (&json!(65), &json!("mild")));
        assert_eq!(first["points"]["walking"], 10);
        assert_eq!(first["answers"]["walking"], "help_of_one");
        assert_eq!((&first["rater"], &first["rated_by"]), (&json!("coordinator"), &json!(scene.coordinator.account)));
        assert_eq!((&first["scale_version"], &first["previous"], &first["trend"]), (&json!(1), &Value::Null, &Value::Null));
        server.advance(TimeDelta::days(30)).await;
        let second = desk.post(&scales(&scene), barthel("independent")).await.expect(201);
        assert_eq!((&second["total"], &second["previous"], &second["trend"]), (&json!(70), &json!(65), &json!("better")));
        // Told late: it takes its place by when it was taken.
        let mut between = barthel("dependent");
        between["taken_at"] = json!(server.now() - TimeDelta::days(10));
        let late = desk.post(&scales(&scene), between).await.expect(201);
        assert_eq!((&late["total"], &late["previous"], &late["trend"]), (&json!(55), &json!(65), &json!("worse")));
        let listed = scene.family.client.get(&format!("{}?scale=barthel", scales(&scene))).await.expect(200);
        let totals: Vec<_> = listed["items"].as_array().expect("a list").iter().map(|one| (one["total"].clone(), one["previous"].clone())).collect();
        assert_eq!(totals, [(json!(55), json!(65)), (json!(70), json!(55)), (json!(65), Value::Null)]);
        let page = desk.get(&format!("{}?limit=1", scales(&scene))).await.expect(200);
        let cursor = page["next_cursor"].as_str().expect("more");
        let next = desk.get(&format!("{}?limit=1&cursor={cursor}", scales(&scene))).await.expect(200);
        assert_eq!((&next["items"][0]["total"], &next["items"][0]["previous"]), (&json!(70), &json!(55)));
        assert_eq!(desk.get(&format!("{}?scale=morse", scales(&scene))).await.expect(200)["items"], json!([]));
    }

    async fn what_is_missing_or_out_of_range_is_named_and_nothing_is_kept(server: TestServer) {
        let scene = Scene::build(&server).await;
        let desk = &scene.coordinator.client;
        let mut form = barthel("walks");
        form["answers"].as_object_mut().expect("answers").remove("feeding");
        form["answers"]["sleep"] = json!(true);
        let problem = desk.post(&scales(&scene), form).await.problem(422, "invalid_request");
        let errors: Vec<_> = problem["errors"].as_array().expect("errors").iter().map(|one| (one["field"].clone(), one["code"].clone())).collect();
        assert_eq!(errors, [
            (json!("answers.feeding"), json!("answer_missing")),
            (json!("answers.sleep"), json!("answer_unknown_question")),
            (json!("answers.walking"), json!("answer_wrong_kind")),
        ]);
        let pain = |value: Value| json!({ "scale": "nrs_pain", "answers": { "pain": value } });
        let problem = desk.post(&scales(&scene), pain(json!(11))).await.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["code"], "answer_out_of_range");
        let mut future = pain(json!(3));
        future["taken_at"] = json!(server.now() + TimeDelta::hours(1));
        desk.post(&scales(&scene), future).await.problem(422, "time_in_future");
        let unknown = json!({ "scale": "bristol", "answers": {} });
        desk.post(&scales(&scene), unknown).await.problem(422, "scale_unknown");
        assert_eq!(rows(&server).await, 0);
        scene.family.client.post(&scales(&scene), pain(json!(3))).await.problem(403, "forbidden");
    }

    async fn a_cough_in_the_water_test_goes_to_a_person(server: TestServer) {
        let scene = Scene::build(&server).await;
        let desk = &scene.coordinator.client;
        let water = |finding: &str| json!({ "scale": "water_swallow", "answers": { "finding": finding } });
        let slow = desk.post(&scales(&scene), water("one_go_over_5s")).await.expect(201);
        assert_eq!((&slow["total"], &slow["band"], &slow["needs_person"]), (&json!(1), &json!("suspicious"), &json!(false)));
        let cough = desk.post(&scales(&scene), water("one_go_cough")).await.expect(201);
        assert_eq!((&cough["total"], &cough["band"], &cough["needs_person"]), (&json!(3), &json!("abnormal"), &json!(true)));
        let alerts = desk.get("/v1/alerts?kind=scale_band").await.expect(200);
        let alerts = alerts["items"].as_array().expect("a list");
        assert_eq!((alerts.len(), &alerts[0]["patient_id"]), (1, &json!(scene.patient)));
    }

    async fn a_nurse_scores_on_her_visit_and_no_other(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(5)).await;
        let visit = scene.accepted_visit(&server, &nurse, order).await;
        let mut form = json!({ "scale": "nrs_pain", "answers": { "pain": 4 }, "visit_id": visit });
        let client = &nurse.person.client;
        client.post(&scales(&scene), form.clone()).await.problem(409, "order_wrong_state");
        server.advance(TimeDelta::hours(3)).await;
        nurse.post(&visit, "depart", json!({})).await.expect(200);
        let place = json!({ "lng": CENTRE.0, "lat": CENTRE.1, "crs": "wgs84", "accuracy_m": 20 });
        nurse.post(&visit, "arrive", json!({ "place": place })).await.expect(200);
        let scored = client.post(&scales(&scene), form.clone()).await.expect(201);
        assert_eq!((&scored["rater"], &scored["visit_id"]), (&json!("nurse"), &json!(visit)));
        let colleague = scene.nurse(&server, 2, NurseSpec::default()).await;
        colleague.person.client.post(&scales(&scene), form.clone()).await.problem(404, "not_found");
        form.as_object_mut().expect("a form").remove("visit_id");
        colleague.person.client.post(&scales(&scene), form.clone()).await.problem(404, "not_found");
        let away = Town::build(&server, "130432").await;
        let far = away.person(&server, "13800000032", Role::Coordinator, Some(away.hospital)).await;
        far.client.post(&scales(&scene), form).await.problem(404, "not_found");
        far.client.get(&scales(&scene)).await.problem(404, "not_found");
    }

    async fn the_community_publishes_bands_of_its_own(server: TestServer) {
        let scene = Scene::build(&server).await;
        let at = Some(scene.town.hospital);
        let boss = scene.town.person(&server, "13800000041", Role::Supervisor, at).await.client;
        let mut file = boss.get("/v1/rule-sets/scales/1").await.expect(200)["content"].clone();
        // 25-50 and from 51, as other hospitals have it.
        let morse = file["scales"].as_array_mut().expect("scales").iter_mut().find(|one| one["code"] == "morse").expect("morse");
        morse["bands"][1]["to"] = json!(50);
        morse["bands"][2]["from"] = json!(51);
        file["version"] = json!(2);
        let fall = json!({ "scale": "morse", "answers": {
            "history": "yes", "secondary_diagnosis": "no", "aid": "none", "iv": "no", "gait": "impaired", "mental": "knows_limits",
        }});
        let desk = &scene.coordinator.client;
        assert_eq!(desk.post(&scales(&scene), fall.clone()).await.expect(201)["band"], "high");
        boss.post("/v1/rule-sets/scales", file).await.expect(201);
        let scored = desk.post(&scales(&scene), fall).await.expect(201);
        assert_eq!((&scored["total"], &scored["band"], &scored["scale_version"]), (&json!(45), &json!("moderate"), &json!(2)));
        // What was scored before keeps its band and version.
        let listed = desk.get(&scales(&scene)).await.expect(200);
        assert_eq!((&listed["items"][1]["band"], &listed["items"][1]["scale_version"]), (&json!("high"), &json!(1)));
    }

    async fn a_score_is_never_changed(server: TestServer) {
        use sea_orm::{ConnectionTrait, Statement};
        let scene = Scene::build(&server).await;
        scene.coordinator.client.post(&scales(&scene), barthel("independent")).await.expect(201);
        let db = server.app.db.reader();
        for sql in ["UPDATE scale_score SET total = 100", "DELETE FROM scale_score"] {
            let done = db.execute_raw(Statement::from_string(db.get_database_backend(), sql)).await;
            assert!(done.is_err(), "{sql}");
        }
    }
}
