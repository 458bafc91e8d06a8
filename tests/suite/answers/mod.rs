//! Answers to follow-up: written down by who asked, or given by the family through a link.

use chrono::{Days, TimeDelta};
use entity::enums::{ContactChannel, FollowResolve, FollowTaskState, Role};
use entity::follow_task;
use entity::ids::FollowTaskId;
use jiahu::domain::calendar::local_date;
use jiahu_tests::harness::{NurseSpec, Reply, Scene, TestServer};
use jiahu_tests::on_both;
use serde_json::{Value, json};

mod page;
mod scales;
mod sheets;

/// A task of the scene's patient that is open today.
async fn task(server: &TestServer, scene: &Scene, questionnaires: Value) -> FollowTaskId {
    let change = |_: &mut follow_task::Model| {};
    task_with(server, scene, questionnaires, change).await
}

/// The same, changed before it is kept.
async fn task_with(
    server: &TestServer,
    scene: &Scene,
    questionnaires: Value,
    change: impl FnOnce(&mut follow_task::Model),
) -> FollowTaskId {
    let (app, today) = (&server.app, local_date(server.now()));
    let mut row = follow_task::Model {
        community_id: scene.town.community,
        id: app.new_id(),
        patient_id: scene.patient,
        institution_id: scene.town.centre,
        owner_nurse_id: None,
        opens_on: today,
        due_on: today,
        ends_on: today + Days::new(3),
        channel: ContactChannel::Phone,
        channels: json!(["phone"]),
        questionnaires,
        scales: json!(["nrs_pain"]),
        resolve_if: FollowResolve::Answered,
        state: FollowTaskState::Open,
        stop_cause: None,
        reached_at: None,
        reached_by_proxy: false,
        resolved_by: None,
        resolved_at: None,
        attempts: 0,
        message_id: None,
        created_at: app.now(),
        version: 1,
    };
    change(&mut row);
    let id = row.id;
    jiahu::in_write!(app.db, "test_task", |tx| {
        jiahu::store::follow_up::insert_tasks(tx, std::slice::from_ref(&row)).await
    })
    .expect("a task");
    id
}

/// Quiet answers to the questionnaire for wounds.
fn wound() -> Value {
    json!({
        "wound_pus": false, "wound_redness": false, "wound_open": false, "wound_bleeding": false, "pain": 2,
        "fever": false, "caregiver_cannot_cope": false, "no_caregiver": false,
    })
}

fn with(answers: &Value, change: &Value) -> Value {
    let mut all = answers.clone();
    let change = change.as_object().expect("a change").clone();
    all.as_object_mut().expect("answers").extend(change);
    all
}

async fn sheets(server: &TestServer) -> usize {
    use sea_orm::EntityTrait;
    let sheets = entity::answer_sheet::Entity::find()
        .all(server.app.db.reader())
        .await;
    sheets.expect("sheets").len()
}

/// What stands in the newest message of a kind to the family's phone.
fn told(server: &TestServer, scene: &Scene, template: &str) -> String {
    let messages = server.phones.of(&scene.family.phone);
    let newest = messages
        .iter()
        .rfind(|message| message.template == template);
    newest.expect("a message").text.clone()
}

struct Link {
    token: String,
    code: String,
}

/// Sends a link and reads both messages.
async fn link(server: &TestServer, scene: &Scene, task: FollowTaskId) -> Link {
    let path = format!("/v1/follow-tasks/{task}/link");
    scene
        .coordinator
        .client
        .post(&path, json!({}))
        .await
        .expect(200);
    server.run_jobs().await;
    let text = told(server, scene, "answer_link");
    let token = text.split("/answers#").nth(1).expect("a token");
    let token = token.split(' ').next().expect("a token").to_owned();
    let code = told(server, scene, "answer_code");
    let code = code
        .split(|c: char| !c.is_ascii_digit())
        .find(|part| part.len() == 6);
    Link {
        token,
        code: code.expect("a code").to_owned(),
    }
}

async fn open(server: &TestServer, link: &Link, code: &str) -> Reply {
    let body = json!({ "token": link.token, "code": code });
    server.nobody().post("/v1/answer-links/open", body).await
}

/// Answers with the scale of the form.
async fn answer(server: &TestServer, link: &Link, answers: Value) -> Reply {
    let scales = json!({ "nrs_pain": { "pain": 2 } });
    answer_with(server, link, answers, scales).await
}

async fn answer_with(server: &TestServer, link: &Link, answers: Value, scales: Value) -> Reply {
    let body = json!({
        "token": link.token, "code": link.code, "proxy": true, "answers": answers, "scales": scales,
    });
    server.nobody().post("/v1/answer-links/answer", body).await
}

on_both! {
    async fn a_nurse_writes_answers_down_and_hears_at_once_what_to_do(server: TestServer) {
        let scene = Scene::build(&server).await;
        let task = task(&server, &scene, json!(["wound", "joint_replacement"])).await;
        let desk = &scene.coordinator.client;
        let form = desk.get(&format!("/v1/follow-tasks/{task}/form")).await.expect(200);
        let codes: Vec<_> = form["questions"].as_array().expect("questions").iter().map(|one| one["code"].clone()).collect();
        assert_eq!(codes.iter().filter(|code| **code == json!("pain")).count(), 1);
        assert!(codes.contains(&json!("calf_swollen")));
        assert_eq!(form["scales"][0]["code"], "nrs_pain");
        let quiet = with(&wound(), &json!({
            "calf_swollen": false, "chest_pain": false, "syncope": false, "fell": false, "black_stool": false,
            "vomiting_blood": false, "nose_bleed_20min": false, "takes_drugs": "yes", "key_drug_stopped": false,
        }));
        let path = format!("/v1/follow-tasks/{task}/answers");
        let body = |answers: Value| json!({ "answers": answers, "proxy": false, "scales": { "nrs_pain": { "pain": 8 } } });
        // What is missing or wrong is named; nothing is kept.
        let mut lacking = with(&quiet, &json!({ "fever": true, "pain": 11, "horoscope": true }));
        lacking.as_object_mut().expect("answers").remove("fell");
        let problem = desk.post(&path, body(lacking)).await.problem(422, "invalid_request");
        let errors: Vec<_> = problem["errors"].as_array().expect("errors").iter().map(|one| (one["field"].clone(), one["code"].clone())).collect();
        assert_eq!(errors, [
            (json!("answers.chills"), json!("answer_missing")),
            (json!("answers.fell"), json!("answer_missing")),
            (json!("answers.horoscope"), json!("answer_unknown_question")),
            (json!("answers.pain"), json!("answer_out_of_range")),
        ]);
        assert_eq!(sheets(&server).await, 0);
        let ill = with(&quiet, &json!({ "fever": true, "temperature": 38.6, "chills": false, "calf_swollen": true, "chest_pain": true, "chest_pain_15min": false }));
        let kept = desk.post(&path, body(ill)).await.expect(200);
        assert_eq!((&kept["state"], &kept["scores"][0]["band"]), (&json!("done"), &json!("severe")));
        let flags: Vec<_> = kept["red_flags"].as_array().expect("flags").iter().map(|one| (one["code"].clone(), one["call_120"].clone())).collect();
        assert_eq!(flags, [(json!("RF06"), json!(true)), (json!("RF05"), json!(false)), (json!("RF14"), json!(false))]);
        assert!(kept["red_flags"][0]["now"]["en"].as_str().expect("a text").contains("120"));
        // The task is over.
        desk.post(&path, body(quiet)).await.problem(409, "follow_task_state");
        assert_eq!(sheets(&server).await, 1);
    }

    async fn the_family_answers_through_a_link_once(server: TestServer) {
        let scene = Scene::build(&server).await;
        let task = task(&server, &scene, json!(["wound"])).await;
        let link = link(&server, &scene, task).await;
        let form = open(&server, &link, &link.code).await.expect(200);
        assert_eq!(form["questions"].as_array().expect("questions").len(), 10);
        assert!(!form.to_string().contains(&scene.patient.to_string()));
        // Whom it is about, and who asks.
        let masked = form["patient_name"].as_str().expect("a name");
        assert!(masked.contains('*'), "{masked}");
        assert!(form["institution"]["name"]["zh"].is_string() && form["institution"]["phone"].is_string());
        // A refusal keeps nothing and leaves the link open.
        let mut lacking = wound();
        lacking.as_object_mut().expect("answers").remove("pain");
        answer(&server, &link, lacking).await.problem(422, "invalid_request");
        let now = answer(&server, &link, with(&wound(), &json!({ "wound_pus": true }))).await.expect(200);
        assert_eq!((&now["call_120"], &now["red_flags"][0]["code"]), (&json!(false), &json!("RF07")));
        // The answer was lost on its way: the same is told again. Others are too late.
        assert_eq!(answer(&server, &link, with(&wound(), &json!({ "wound_pus": true }))).await.expect(200), now);
        answer(&server, &link, wound()).await.problem(409, "answer_link_used");
        open(&server, &link, &link.code).await.problem(409, "answer_link_used");
        assert_eq!(sheets(&server).await, 1);
        let row = jiahu::store::follow_up::in_community(server.app.db.reader(), scene.town.community, task).await;
        let row = row.expect("rows").expect("a task");
        assert_eq!((row.state, row.reached_by_proxy), (FollowTaskState::Done, true));
    }

    async fn answers_sent_twice_at_once_are_kept_once(server: TestServer) {
        let scene = Scene::build(&server).await;
        let task = task(&server, &scene, json!(["wound"])).await;
        let link = link(&server, &scene, task).await;
        let pus = with(&wound(), &json!({ "wound_pus": true }));
        let (one, other) = tokio::join!(answer(&server, &link, pus.clone()), answer(&server, &link, pus.clone()));
        assert_eq!(one.expect(200), other.expect(200));
        assert_eq!(sheets(&server).await, 1);
        // Nobody hears of it with another code.
        let wrong = if link.code == "000000" { "000001" } else { "000000" };
        let guessed = Link { token: link.token.clone(), code: wrong.to_owned() };
        answer(&server, &guessed, pus).await.problem(409, "answer_link_used");
    }

    async fn a_link_is_not_guessed_and_does_not_last(server: TestServer) {
        let scene = Scene::build(&server).await;
        let task = task(&server, &scene, json!(["wound"])).await;
        let first = link(&server, &scene, task).await;
        let wrong = if first.code == "000000" { "000001" } else { "000000" };
        for left in (0..5).rev() {
            let problem = open(&server, &first, wrong).await.problem(422, "answer_link_code");
            assert!(problem["detail"].as_str().expect("a text").contains(&left.to_string()));
        }
        open(&server, &first, &first.code).await.problem(409, "answer_link_spent");
        // Another one voids what was before it, and lasts four days.
        let second = link(&server, &scene, task).await;
        let third = link(&server, &scene, task).await;
        open(&server, &second, &second.code).await.problem(410, "answer_link_expired");
        open(&server, &third, &third.code).await.expect(200);
        server.advance(TimeDelta::hours(96)).await;
        answer(&server, &third, wound()).await.problem(410, "answer_link_expired");
        let mut forged = first;
        forged.token.push('x');
        open(&server, &forged, &forged.code).await.problem(404, "answer_link_invalid");
        forged.token = "x".repeat(60);
        open(&server, &forged, &forged.code).await.problem(404, "answer_link_invalid");
        assert_eq!(sheets(&server).await, 0);
        let near = scene.town.person(&server, "13800000071", Role::Coordinator, Some(scene.town.other_centre)).await;
        near.client.post(&format!("/v1/follow-tasks/{task}/link"), json!({})).await.problem(404, "not_found");
    }

    async fn of_tries_of_a_link_at_once_no_more_are_judged_than_one_after_the_other(server: TestServer) {
        let scene = Scene::build(&server).await;
        let task = task(&server, &scene, json!(["wound"])).await;
        let link = link(&server, &scene, task).await;
        let wrong = if link.code == "000000" { "000001" } else { "000000" };
        let guesses = (0..12).map(|_| open(&server, &link, wrong));
        let replies = futures::future::join_all(guesses).await;
        let mut told: Vec<_> = replies.iter().map(|reply| reply.body["code"].as_str().expect("a code")).collect();
        told.sort_unstable();
        assert_eq!(told, [vec!["answer_link_code"; 5], vec!["answer_link_spent"; 7]].concat());
        open(&server, &link, &link.code).await.problem(409, "answer_link_spent");
    }

    async fn a_link_goes_out_within_the_hours_of_contact(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (desk, family) = (&scene.coordinator.client, &scene.family.phone);
        let task = task(&server, &scene, json!(["wound"])).await;
        let path = format!("/v1/follow-tasks/{task}/link");
        let links = || server.phones.of(family).iter().filter(|message| message.template == "answer_link").count();
        // Monday at 20:00: on Tuesday at 08:30, and its time begins then.
        server.advance(TimeDelta::hours(11)).await;
        let sent = desk.post(&path, json!({})).await.expect(200);
        assert_eq!((&sent["sends_at"], &sent["expires_at"]), (&json!("2026-03-03T00:30:00Z"), &json!("2026-03-07T00:30:00Z")));
        // Asked for again, it is the one that waits: the family gets one.
        let again = desk.post(&path, json!({})).await.expect(200);
        assert_eq!(again, sent);
        server.advance(TimeDelta::minutes(12 * 60 + 29)).await;
        assert_eq!(links(), 0);
        server.advance(TimeDelta::minutes(1)).await;
        assert_eq!(links(), 1);
        let sent = desk.post(&path, json!({})).await.expect(200);
        assert_eq!(sent["sends_at"], "2026-03-03T00:30:00Z");
        server.run_jobs().await;
        assert_eq!(links(), 2);
        // On Thursday at 20:00 the last day of the task is over for the family.
        server.advance(TimeDelta::minutes(2 * 24 * 60 + 11 * 60 + 30)).await;
        desk.post(&path, json!({})).await.problem(409, "answer_link_hours");
        assert_eq!(links(), 2);
    }

    async fn a_patient_whom_no_phone_reaches_gets_no_link(server: TestServer) {
        let scene = Scene::build(&server).await;
        let task = task(&server, &scene, json!(["wound"])).await;
        jiahu::in_write!(server.app.db, "test_carer", |tx| {
            let sql = "UPDATE carer SET ended_at = $1 WHERE patient_id = $2";
            Ok(jiahu::store::sql::change(tx, sql, [server.now().into(), scene.patient.into()]).await?)
        }).expect("ended");
        let path = format!("/v1/follow-tasks/{task}/link");
        scene.coordinator.client.post(&path, json!({})).await.problem(409, "answer_link_phone_none");
        assert!(server.phones.of(&scene.family.phone).iter().all(|message| message.template != "answer_link"));
    }

    async fn what_was_answered_is_read_with_its_questions(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let desk = &scene.coordinator.client;
        let asked = task(&server, &scene, json!(["wound"])).await;
        let path = format!("/v1/follow-tasks/{asked}/answers");
        assert_eq!(desk.get(&path).await.expect(200)["items"], json!([]));
        let ill = with(&wound(), &json!({ "wound_pus": true, "pain": 3 }));
        let body = json!({ "answers": ill, "proxy": false, "scales": { "nrs_pain": { "pain": 3 } } });
        let kept = nurse.person.client.post(&path, body).await.expect(200);
        let read = desk.get(&path).await.expect(200);
        let sheet = &read["items"][0];
        assert_eq!((&sheet["id"], &sheet["source"], &sheet["proxy"]), (&kept["id"], &json!("call"), &json!(false)));
        assert_eq!(sheet["filled_by"], json!(nurse.person.account));
        assert_eq!((&read["scores"][0]["scale"], &read["scores"][0]["total"]), (&json!("nrs_pain"), &json!(3)));
        let answers = sheet["answers"].as_array().expect("answers");
        let of = |code: &str| answers.iter().find(|one| one["question"] == code).expect("an answer");
        assert_eq!(answers.len(), 8);
        // In the order in which it is asked, not of the codes.
        let form = desk.get(&format!("/v1/follow-tasks/{asked}/form")).await.expect(200);
        assert_eq!(answers[0]["question"], form["questions"][0]["code"]);
        assert_eq!((&of("wound_pus")["answer"], &of("wound_pus")["answer_text"]["en"]), (&json!(true), &json!("yes")));
        assert!(of("wound_pus")["text"]["zh"].as_str().expect("a text").contains('脓'));
        assert_eq!((of("pain")["answer"].as_f64(), &of("pain")["unit"]), (Some(3.0), &json!("分")));
        let flags = sheet["red_flags"].as_array().expect("flags");
        assert_eq!((flags.len(), &flags[0]["rule"], &flags[0]["closed_at"]), (1, &json!("RF07"), &Value::Null));
        assert_eq!(flags[0]["id"], kept["red_flags"][0]["alert_id"]);
        // The family, with the same flag that is up already.
        let theirs = task(&server, &scene, json!(["wound"])).await;
        let sent = link(&server, &scene, theirs).await;
        answer(&server, &sent, with(&wound(), &json!({ "wound_pus": true }))).await.expect(200);
        let read = desk.get(&format!("/v1/follow-tasks/{theirs}/answers")).await.expect(200);
        let sheet = &read["items"][0];
        assert_eq!((&sheet["source"], &sheet["proxy"], &sheet["filled_by"]), (&json!("link"), &json!(true), &Value::Null));
        assert_eq!(sheet["red_flags"][0]["id"], flags[0]["id"]);
        // Another institution finds nothing, a family may not ask; each read is recorded.
        let near = scene.town.person(&server, "13800000071", Role::Coordinator, Some(scene.town.other_centre)).await;
        near.client.get(&path).await.problem(404, "not_found");
        scene.family.client.get(&path).await.problem(403, "forbidden");
        let auditor = scene.town.person(&server, "13800000072", Role::Auditor, None).await;
        let reads = auditor.client.get(&format!("/v1/audit/patient-reads?patient_id={}", scene.patient)).await.expect(200);
        let of_answers = reads["items"].as_array().expect("reads").iter().filter(|read| read["operation"] == "list_answers");
        assert_eq!(of_answers.count(), 3);
    }
}
