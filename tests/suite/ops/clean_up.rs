//! What has no further use goes in time; what is proof stays.

use chrono::TimeDelta;
use entity::{
    idempotency, job, login_code, rate_counter, refresh_token, session, sync_action, visit_position,
};
use jiahu::jobs::{self, kind};
use jiahu_tests::harness::{
    CENTRE, NurseSpec, Scene, SceneNurse, TestServer, Town, at, filled_forms, with_family,
};
use jiahu_tests::on_both;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

const PHONE: &str = "13800000001";

/// Rows of a table.
async fn rows<E: EntityTrait>(server: &TestServer) -> u64
where
    E::Model: Sync,
{
    let found = E::find().all(server.app.db.reader()).await;
    u64::try_from(found.expect("rows").len()).expect("few")
}

async fn clean_ups(server: &TestServer) -> Vec<job::Model> {
    job::Entity::find()
        .filter(job::Column::Kind.eq(kind::CLEAN_UP))
        .all(server.app.db.reader())
        .await
        .expect("jobs")
}

async fn step(nurse: &SceneNurse, visit: &str, name: &str, body: Value) -> Value {
    if name == "start" {
        nurse.prepare(visit).await;
    }
    nurse.post(visit, name, body).await.expect(200)
}

/// A visit that was departed for, with one place of the way besides those of the steps.
async fn on_the_way(server: &TestServer, scene: &Scene, nurse: &SceneNurse) -> String {
    let start = server.now() + TimeDelta::hours(5);
    let order = scene.order(server, "UC_CHG", start).await;
    let visit = scene.accepted_visit(server, nurse, order).await;
    server.advance(TimeDelta::hours(3)).await;
    step(nurse, &visit, "depart", json!({})).await;
    let report = json!({ "positions": [{ "at": server.now(), "place": here() }] });
    let path = format!("/v1/visits/{visit}/positions");
    nurse.person.client.post(&path, report).await.expect(204);
    visit
}

/// From the begin of the procedure to the closed visit; `before` it is closed.
async fn whole(
    server: &TestServer,
    scene: &Scene,
    nurse: &SceneNurse,
    visit: &str,
    before: impl AsyncFnOnce(),
) {
    let started = step(nurse, visit, "start", with_family()).await;
    server.advance(TimeDelta::minutes(35)).await;
    let record = json!({
        "items_done": ["UC_CHG"], "vitals": [], "note": "顺利",
        "consumables": [{ "code": "foley_catheter", "quantity": 1, "lot": "A17" }],
        "forms": filled_forms(&["UC_CHG"]),
    });
    let etag = format!("\"v{}\"", started["version"]);
    let path = format!("/v1/visits/{visit}/record");
    let client = &nurse.person.client;
    client.put_if(&path, &etag, record).await.expect(200);
    step(nurse, visit, "finish", json!({ "place": here() })).await;
    step(nurse, visit, "sign", json!({})).await;
    let centre = scene.town.centre;
    let waste = json!({ "bags": 1, "weight_g": 350, "returned_to": centre, "handed_to": "赵强", "signature_hash": "5".repeat(64) });
    step(nurse, visit, "waste", waste).await;
    before().await;
    step(nurse, visit, "close", json!({})).await;
}

/// Acts told later that still say where somebody was.
async fn told_places(server: &TestServer) -> u64 {
    let rows = sync_action::Entity::find()
        .filter(sync_action::Column::Kind.eq(entity::enums::ActKind::Positions))
        .filter(sync_action::Column::BodyEnc.ne(""))
        .count(server.app.db.reader());
    rows.await.expect("a count")
}

fn here() -> Value {
    json!({ "lng": CENTRE.0, "lat": CENTRE.1, "crs": "wgs84", "accuracy_m": 20 })
}

/// Places kept of a visit.
async fn track(server: &TestServer, visit: &str) -> u64 {
    let id: entity::ids::VisitId = visit.parse().expect("an id");
    visit_position::Entity::find()
        .filter(visit_position::Column::VisitId.eq(id))
        .count(server.app.db.reader())
        .await
        .expect("a count")
}

on_both! {
    async fn the_way_goes_with_time_and_the_proof_stays(server: TestServer) {
        let scene = Scene::build(&server).await;
        // The day of three visits runs into the night.
        scene.publish_visit_rules(&server, Vec::clear).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let visit = on_the_way(&server, &scene, &nurse).await;
        step(&nurse, &visit, "arrive", json!({ "place": here() })).await;
        whole(&server, &scene, &nurse, &visit, async || {}).await;
        let broken_off = on_the_way(&server, &scene, &nurse).await;
        step(&nurse, &broken_off, "abort", json!({ "reason": "患者发热" })).await;
        let unclosed = on_the_way(&server, &scene, &nurse).await;
        let visits = [&visit, &broken_off, &unclosed];
        let proof = nurse.person.client.get(&format!("/v1/visits/{visit}")).await.expect(200);

        server.advance(TimeDelta::days(29)).await;
        for visit in visits {
            assert!(track(&server, visit).await > 0, "not yet");
        }
        server.advance(TimeDelta::days(2)).await;
        assert_eq!(track(&server, &visit).await, 0);
        assert_eq!(track(&server, &broken_off).await, 0);
        assert!(track(&server, &unclosed).await > 0, "nothing is proven yet");
        let still = nurse.person.client.get(&format!("/v1/visits/{visit}")).await.expect(200);
        assert_eq!(still, proof);
        let (_, broken) = jiahu::store::event::verify_all(server.app.db.reader(), &server.app).await.expect("a walk");
        assert_eq!(broken, []);
    }

    async fn the_way_to_an_order_that_was_called_off_goes_too(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let visit = on_the_way(&server, &scene, &nurse).await;
        let shown = nurse.person.client.get(&format!("/v1/visits/{visit}")).await.expect(200);
        let path = format!("/v1/orders/{}/cancel", shown["order_id"].as_str().expect("an id"));
        scene.family.client.post(&path, json!({ "reason": "家人已带去医院" })).await.expect(200);
        server.advance(TimeDelta::days(29)).await;
        assert!(track(&server, &visit).await > 0, "not yet");
        server.advance(TimeDelta::days(2)).await;
        assert_eq!(track(&server, &visit).await, 0);
    }

    async fn the_way_of_the_second_nurse_goes_with_the_visit(server: TestServer) {
        let scene = Scene::build(&server).await;
        let lead = scene.nurse(&server, 1, NurseSpec::default()).await;
        let second = scene.nurse(&server, 2, NurseSpec::default()).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(5)).await;
        let two = "UPDATE care_order SET persons = 2";
        server.app.db.reader().execute_unprepared(two).await.expect("a change");
        let (visit, other) = (
            scene.accepted_visit(&server, &lead, order).await,
            scene.accepted_visit(&server, &second, order).await,
        );
        server.advance(TimeDelta::hours(3)).await;
        for (nurse, visit) in [(&lead, &visit), (&second, &other)] {
            step(nurse, visit, "depart", json!({ "place": here() })).await;
            step(nurse, visit, "arrive", json!({ "place": here() })).await;
        }
        whole(&server, &scene, &lead, &visit, async || {
            step(&second, &other, "finish", json!({ "place": here() })).await;
        })
        .await;
        assert!(track(&server, &other).await > 0);
        server.advance(TimeDelta::days(29)).await;
        assert!(track(&server, &other).await > 0, "not yet");
        server.advance(TimeDelta::days(2)).await;
        assert_eq!((track(&server, &visit).await, track(&server, &other).await), (0, 0));
    }

    async fn places_that_were_told_later_go_and_that_they_were_told_stays(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let visit = on_the_way(&server, &scene, &nurse).await;
        let positions = json!({ "positions": [{ "at": server.now(), "place": here() }] });
        let act = |visit: Value, body: Value| json!({
            "id": server.app.new_id::<entity::ids::SyncActionId>(), "visit_id": visit, "do": "positions",
            "device_at": server.now(), "body": body,
        });
        let stranger = json!(server.app.new_id::<entity::ids::VisitId>());
        let acts = [act(json!(visit), positions.clone()), act(stranger, positions)];
        let tell = async || {
            let batch = json!({ "device": "phone-1", "sent_at": server.now(), "actions": acts });
            nurse.person.client.post("/v1/sync/batch", batch).await.expect(200)["results"].clone()
        };
        let told = tell().await;
        assert_eq!((&told[0]["result"], &told[1]["result"]), (&json!("applied"), &json!("refused")));
        let entry = format!("/v1/work-items/{}", acts[1]["id"].as_str().expect("an id"));
        let kept = nurse.person.client.get(&entry).await.expect(200);
        assert!(kept["body"]["positions"].is_array(), "{kept}");
        assert_eq!(told_places(&server).await, 2);
        server.advance(TimeDelta::days(29)).await;
        assert_eq!(told_places(&server).await, 2, "not yet");
        server.advance(TimeDelta::days(2)).await;
        assert_eq!(told_places(&server).await, 0);
        let kept = nurse.person.client.get(&entry).await.expect(200);
        assert_eq!((&kept["body"], &kept["problem"]["code"]), (&json!({}), &json!("not_found")));
        nurse.person.client.post(&format!("{entry}/retry"), json!({})).await.problem(409, "sync_too_old");
        assert_eq!(tell().await[0]["result"], "applied", "the first answer again");
        assert_eq!(told_places(&server).await, 0);
    }

    async fn answers_codes_and_sessions_go_after_their_time(server: TestServer) {
        Town::build(&server, "130431").await;
        let nobody = server.nobody();
        let ask = json!({ "community": "130431", "phone": PHONE });
        nobody.post("/v1/auth/codes", ask.clone()).await.expect(202);
        server.run_jobs().await;
        let code = server.phones.code(PHONE);
        let login = json!({ "community": "130431", "phone": PHONE, "code": code, "name": "张小明" });
        let tokens = nobody.post("/v1/auth/login/code", login).await.expect(200);
        let family = nobody.with_token(tokens["access_token"].as_str().expect("a token"));
        let patient = json!({
            "name": "张大明", "id_kind": "passport", "id_number": "E12345678", "birth_date": "1945-03-04",
            "sex": "male", "relation": "child", "consent": "verbal",
        });
        family.post("/v1/patients", patient).await.expect(201);
        assert!(rows::<idempotency::Entity>(&server).await > 0);
        assert!(rows::<rate_counter::Entity>(&server).await > 0);

        server.advance(TimeDelta::days(6)).await;
        assert!(rows::<login_code::Entity>(&server).await > 0);
        server.advance(TimeDelta::days(1)).await;
        assert!(rows::<idempotency::Entity>(&server).await > 0, "a late act of a week meets its answer");
        server.advance(TimeDelta::days(2)).await;
        assert_eq!(rows::<idempotency::Entity>(&server).await, 0);
        assert_eq!(rows::<login_code::Entity>(&server).await, 0);
        assert_eq!(rows::<rate_counter::Entity>(&server).await, 0);
        // The session ended unused after seven days and the token after thirty; both stay to be looked into.
        server.advance(TimeDelta::days(80)).await;
        assert_eq!(rows::<session::Entity>(&server).await, 1);
        assert_eq!(rows::<refresh_token::Entity>(&server).await, 1);
        let refresh = json!({ "refresh_token": tokens["refresh_token"] });
        let before = nobody.post("/v1/auth/refresh", refresh.clone()).await.problem(401, "refresh_invalid");
        server.advance(TimeDelta::days(10)).await;
        assert_eq!(rows::<session::Entity>(&server).await, 0);
        assert_eq!(rows::<refresh_token::Entity>(&server).await, 0);
        let after = nobody.post("/v1/auth/refresh", refresh).await.problem(401, "refresh_invalid");
        assert_eq!(before["detail"], after["detail"]);
        nobody.post("/v1/auth/codes", ask).await.expect(202);
    }

    async fn a_session_in_use_keeps_its_tokens(server: TestServer) {
        Town::build(&server, "130431").await;
        let nobody = server.nobody();
        nobody.post("/v1/auth/codes", json!({ "community": "130431", "phone": PHONE })).await.expect(202);
        server.run_jobs().await;
        let code = server.phones.code(PHONE);
        let login = json!({ "community": "130431", "phone": PHONE, "code": code, "name": "张小明" });
        let first = nobody.post("/v1/auth/login/code", login).await.expect(200);
        let mut tokens = first;
        for _ in 0..30 {
            server.advance(TimeDelta::days(6)).await;
            let refresh = json!({ "refresh_token": tokens["refresh_token"] });
            tokens = nobody.post("/v1/auth/refresh", refresh).await.expect(200);
        }
        assert_eq!(rows::<session::Entity>(&server).await, 1);
        // 30 days of life and 90 days kept: those of the last 120 days, both ends included.
        assert_eq!(rows::<refresh_token::Entity>(&server).await, 21);
    }

    async fn the_clean_up_is_one_job_however_often_it_is_planned(server: TestServer) {
        let planned = clean_ups(&server).await;
        assert_eq!(planned.len(), 1);
        assert_eq!(planned[0].run_at, at("2026-03-03 03:30"));
        server.advance(TimeDelta::hours(1)).await;
        jobs::plan(&server.app).await.expect("planned");
        assert_eq!(clean_ups(&server).await, planned);
        if server.backend == jiahu_tests::harness::Backend::Postgres {
            let second = server.second().await;
            assert_eq!(clean_ups(&second).await, planned);
        }
        // Days that nobody was there for are not made up for.
        server.advance(TimeDelta::days(10)).await;
        let next = clean_ups(&server).await;
        assert_eq!(next.len(), 1);
        assert_eq!((next[0].run_at, next[0].attempts), (at("2026-03-13 03:30"), 0));
        assert_eq!(server.run_jobs().await, 0);
    }

    async fn a_clean_up_that_gave_up_comes_back_with_the_next_start(server: TestServer) {
        let db = server.app.db.reader();
        let failed = job::Column::State.eq("failed");
        job::Entity::update_many()
            .col_expr(job::Column::State, sea_orm::sea_query::Expr::value("failed"))
            .exec(db)
            .await
            .expect("changed");
        server.advance(TimeDelta::days(2)).await;
        assert_eq!(job::Entity::find().filter(failed.clone()).count(db).await.expect("a count"), 1);
        jobs::plan(&server.app).await.expect("planned");
        assert_eq!(job::Entity::find().filter(failed).count(db).await.expect("a count"), 0);
        assert_eq!(clean_ups(&server).await[0].run_at, at("2026-03-05 03:30"));
    }
}
