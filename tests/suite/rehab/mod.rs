//! Rehabilitation at home: a plan of few exercises, a log of taps, and whom a nurse has to look at.

mod pictures;
mod progress;

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::Role;
use entity::ids::RehabLogId;
use jiahu_tests::harness::{NurseSpec, Person, Scene, TestServer, Town};
use jiahu_tests::on_both;
use serde_json::{Value, json};

fn planned(exercise: &str) -> Value {
    json!({ "exercise": exercise, "dose": { "times_per_day": 2, "repetitions": 10 } })
}

async fn doctor(server: &TestServer, scene: &Scene) -> Person {
    let at = Some(scene.town.centre);
    scene
        .town
        .person(server, "13800000051", Role::Doctor, at)
        .await
}

/// A plan of these exercises; its id, and those of its exercises.
async fn plan(client: &Person, scene: &Scene, exercises: &[&str]) -> (String, Vec<String>) {
    let list: Vec<_> = exercises.iter().map(|one| planned(one)).collect();
    let body = json!({ "goal": "走到院门口", "exercises": list });
    let path = format!("/v1/patients/{}/rehab-plans", scene.patient);
    let made = client.client.post(&path, body).await.expect(201);
    let id = |one: &Value| one["id"].as_str().expect("an id").to_owned();
    let exercises = made["exercises"].as_array().expect("exercises");
    (id(&made), exercises.iter().map(id).collect())
}

/// A tap as a phone makes it.
fn tap(server: &TestServer, exercise: &str, at: DateTime<Utc>) -> Value {
    let id = server.app.new_id::<RehabLogId>();
    json!({ "id": id, "exercise_id": exercise, "outcome": "done", "device_at": at })
}

async fn told(person: &Person, plan: &str, entries: Vec<Value>) -> Value {
    let path = format!("/v1/rehab-plans/{plan}/log");
    person
        .client
        .post(&path, json!({ "entries": entries }))
        .await
        .expect(200)
}

fn results(told: &Value) -> Vec<(String, Value)> {
    let list = told["results"].as_array().expect("results").iter();
    list.map(|one| {
        (
            one["result"].as_str().expect("a word").to_owned(),
            one["code"].clone(),
        )
    })
    .collect()
}

on_both! {
    async fn a_day_has_five_exercises_and_no_more(server: TestServer) {
        let scene = Scene::build(&server).await;
        let doctor = doctor(&server, &scene).await;
        let path = format!("/v1/patients/{}/rehab-plans", scene.patient);
        let body = |list: Vec<Value>| json!({ "goal": "走到院门口", "exercises": list });
        let six = ["ankle_pump", "quad_set", "hand_grip", "arm_raise", "sit_to_stand", "pursed_lip"].map(planned);
        doctor.client.post(&path, body(six.to_vec())).await.problem(409, "rehab_five_a_day");
        doctor.client.post(&path, body(vec![])).await.problem(422, "field_missing");
        doctor.client.post(&path, body(vec![planned("headstand")])).await.problem(422, "exercise_unknown");
        let mut much = planned("ankle_pump");
        much["dose"]["times_per_day"] = json!(9);
        let problem = doctor.client.post(&path, body(vec![much])).await.problem(422, "exercise_dose");
        assert_eq!(problem["errors"][0]["field"], "exercises[0].dose.times_per_day");
        let five = ["ankle_pump", "quad_set", "hand_grip", "arm_raise", "sit_to_stand"];
        let (id, exercises) = plan(&doctor, &scene, &five).await;
        doctor.client.post(&path, body(vec![planned("pursed_lip")])).await.problem(409, "rehab_plan_active");
        // A sixth waits as a proposal, and finds no place.
        let more = json!({ "planned": planned("pursed_lip") });
        let proposals = format!("/v1/rehab-plans/{id}/exercises");
        let shown = scene.family.client.post(&proposals, more).await.expect(201);
        let proposed = &shown["exercises"][5];
        assert_eq!((&proposed["state"], &proposed["from_on"]), (&json!("proposed"), &Value::Null));
        let decide = format!("/v1/rehab-exercises/{}/decide", proposed["id"].as_str().expect("an id"));
        doctor.client.post(&decide, json!({ "approve": true })).await.problem(409, "rehab_five_a_day");
        scene.family.client.post(&decide, json!({ "approve": true })).await.problem(403, "forbidden");
        doctor.client.post(&decide, json!({ "approve": false })).await.expect(200);
        doctor.client.post(&decide, json!({ "approve": true })).await.problem(409, "rehab_decided");
        // In the place of another there is room.
        let instead = json!({ "planned": planned("pursed_lip"), "replaces_id": exercises[4] });
        let shown = doctor.client.post(&proposals, instead).await.expect(201);
        let decide = format!("/v1/rehab-exercises/{}/decide", shown["exercises"][6]["id"].as_str().expect("an id"));
        let shown = doctor.client.post(&decide, json!({ "approve": true })).await.expect(200);
        let states: Vec<_> = shown["exercises"].as_array().expect("a list").iter().map(|one| &one["state"]).collect();
        assert_eq!(states, ["approved", "approved", "approved", "approved", "ended", "declined", "approved"]);
    }

    async fn a_tap_counts_once_however_often_it_is_sent(server: TestServer) {
        let scene = Scene::build(&server).await;
        let doctor = doctor(&server, &scene).await;
        let (id, exercises) = plan(&doctor, &scene, &["ankle_pump", "hand_grip"]).await;
        // Three days without signal, told at once.
        let morning = server.now();
        let mut taps = vec![
            tap(&server, &exercises[0], morning + TimeDelta::hours(1)),
            tap(&server, &exercises[0], morning + TimeDelta::hours(5)),
            tap(&server, &exercises[1], morning + TimeDelta::hours(25)),
        ];
        let mut opened = tap(&server, &exercises[1], morning + TimeDelta::hours(49));
        opened["outcome"] = json!("opened");
        taps.push(opened);
        server.advance(TimeDelta::days(3)).await;
        let first = told(&scene.family, &id, taps.clone()).await;
        assert_eq!(results(&first), vec![("applied".to_owned(), Value::Null); 4]);
        let again = told(&scene.family, &id, taps.clone()).await;
        assert_eq!(results(&again), vec![("duplicate".to_owned(), Value::Null); 4]);
        let shown = scene.family.client.get(&format!("/v1/rehab-plans/{id}")).await.expect(200);
        let adherence = &shown["adherence"];
        // Two exercises, twice a day, on the three days before today.
        assert_eq!((&adherence["planned"], &adherence["done"], &adherence["opened"], &adherence["percent"]), (&json!(12), &json!(3), &json!(1), &json!(25)));
        let log = scene.family.client.get(&format!("/v1/rehab-plans/{id}/log?limit=3")).await.expect(200);
        assert_eq!(log["items"][0]["outcome"], "opened");
        let cursor = log["next_cursor"].as_str().expect("more");
        let rest = scene.family.client.get(&format!("/v1/rehab-plans/{id}/log?limit=3&cursor={cursor}")).await.expect(200);
        assert_eq!(rest["items"].as_array().expect("a list").len(), 1);
    }

    async fn one_bad_entry_loses_no_other(server: TestServer) {
        let scene = Scene::build(&server).await;
        let doctor = doctor(&server, &scene).await;
        let (id, exercises) = plan(&doctor, &scene, &["ankle_pump"]).await;
        server.advance(TimeDelta::hours(8)).await;
        let now = server.now();
        let with = |minutes: i64, change: Value| {
            let mut entry = tap(&server, &exercises[0], now - TimeDelta::minutes(minutes));
            entry.as_object_mut().expect("an entry").extend(change.as_object().expect("a change").clone());
            entry
        };
        let entries = vec![
            with(1, json!({})),
            with(2, json!({ "outcome": "skipped" })),
            with(3, json!({ "pain_after": 11 })),
            with(4, json!({ "id": "0d6f2a4e-9a1f-4c55-8a55-0123456789ab" })),
            with(5, json!({ "device_at": now + TimeDelta::hours(1) })),
            with(6, json!({ "exercise_id": "01945d00-0000-7000-8000-00000000dead" })),
            with(7, json!({ "outcome": "skipped", "reason": "tired" })),
            with(8, json!({ "device_at": "2026-03-02T01:00:60Z" })),
        ];
        let codes: Vec<_> = results(&told(&scene.family, &id, entries).await).into_iter().map(|(_, code)| code).collect();
        assert_eq!(codes, [
            Value::Null, json!("skip_reason"), json!("answer_out_of_range"), json!("log_id_invalid"),
            json!("time_in_future"), json!("exercise_unknown"), Value::Null,
            json!("date_time_invalid"),
        ]);
        let path = format!("/v1/rehab-plans/{id}/log");
        scene.family.client.post(&path, json!({ "entries": [] })).await.problem(422, "invalid_request");
    }

    async fn a_stopped_plan_takes_what_was_done_before_and_nothing_after(server: TestServer) {
        let scene = Scene::build(&server).await;
        let doctor = doctor(&server, &scene).await;
        let (id, exercises) = plan(&doctor, &scene, &["ankle_pump"]).await;
        server.advance(TimeDelta::hours(4)).await;
        let before = tap(&server, &exercises[0], server.now() - TimeDelta::hours(1));
        let stop = format!("/v1/rehab-plans/{id}/stop");
        scene.family.client.post(&stop, json!({ "cause": "unwell" })).await.problem(403, "forbidden");
        let stopped = doctor.client.post(&stop, json!({ "cause": "unwell", "note": "发热" })).await.expect(200);
        assert_eq!((&stopped["state"], &stopped["stop_cause"], &stopped["stop_note"]), (&json!("stopped"), &json!("unwell"), &json!("发热")));
        doctor.client.post(&stop, json!({ "cause": "unwell" })).await.problem(409, "rehab_plan_stopped");
        let more = json!({ "planned": planned("pursed_lip") });
        doctor.client.post(&format!("/v1/rehab-plans/{id}/exercises"), more).await.problem(409, "rehab_plan_stopped");
        server.advance(TimeDelta::hours(1)).await;
        let after = tap(&server, &exercises[0], server.now());
        let told = told(&scene.family, &id, vec![before, after]).await;
        assert_eq!(results(&told), [("applied".to_owned(), Value::Null), ("refused".to_owned(), json!("rehab_plan_stopped"))]);
        // Another plan may begin.
        plan(&doctor, &scene, &["quad_set"]).await;
    }

    async fn who_has_to_be_looked_at_stands_in_the_list(server: TestServer) {
        let scene = Scene::build(&server).await;
        let doctor = doctor(&server, &scene).await;
        let (id, exercises) = plan(&doctor, &scene, &["ankle_pump"]).await;
        let list = async || doctor.client.get("/v1/rehab-attention").await.expect(200);
        assert_eq!((&list().await["active"], &list().await["items"]), (&json!(1), &json!([])));
        server.advance(TimeDelta::days(3)).await;
        assert_eq!(list().await["items"][0]["reasons"], json!([{ "reason": "silent", "days": 3 }]));
        let mut hurts = tap(&server, &exercises[0], server.now());
        hurts["pain_before"] = json!(2);
        hurts["pain_after"] = json!(5);
        let raised = told(&scene.family, &id, vec![hurts]).await;
        // The family hears at once what to do, and a nurse is called.
        assert_eq!(raised["red_flags"][0]["code"], "RF14");
        assert!(raised["red_flags"][0]["now"]["en"].as_str().expect("a text").contains("Stop"));
        let reasons = list().await["items"][0]["reasons"].clone();
        assert_eq!((&reasons[0]["reason"], &reasons[0]["after"]), (&json!("pain"), &json!(5)));
        server.advance(TimeDelta::minutes(5)).await;
        let mut symptom = tap(&server, &exercises[0], server.now());
        symptom["new_symptom"] = json!(true);
        told(&scene.family, &id, vec![symptom]).await;
        assert_eq!(list().await["items"][0]["reasons"][0]["reason"], "new_symptom");
        server.advance(TimeDelta::minutes(5)).await;
        doctor.client.post(&format!("/v1/rehab-plans/{id}/seen"), json!({})).await.expect(200);
        assert_eq!(list().await["items"], json!([]));
        scene.family.client.get("/v1/rehab-attention").await.problem(403, "forbidden");
    }

    async fn others_find_neither_plan_nor_log(server: TestServer) {
        let scene = Scene::build(&server).await;
        let doctor = doctor(&server, &scene).await;
        let (id, exercises) = plan(&doctor, &scene, &["ankle_pump"]).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await.person;
        let away = Town::build(&server, "130432").await;
        let far = away.person(&server, "13800000032", Role::Doctor, Some(away.hospital)).await;
        for stranger in [&nurse, &far] {
            stranger.client.get(&format!("/v1/rehab-plans/{id}")).await.problem(404, "not_found");
            stranger.client.post(&format!("/v1/rehab-plans/{id}/stop"), json!({ "cause": "died" })).await.problem(404, "not_found");
            let decide = format!("/v1/rehab-exercises/{}/decide", exercises[0]);
            stranger.client.post(&decide, json!({ "approve": true })).await.problem(404, "not_found");
            assert_eq!(stranger.client.get("/v1/rehab-attention").await.expect(200)["active"], 0);
        }
        let entries = json!({ "entries": [tap(&server, &exercises[0], server.now())] });
        nurse.client.post(&format!("/v1/rehab-plans/{id}/log"), entries).await.problem(404, "not_found");
    }
}
