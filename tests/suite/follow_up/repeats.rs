//! Contacts that come each week, until a device is in the register or a wound has healed.

use chrono::TimeDelta;
use jiahu_tests::harness::{Scene, TestServer};
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{events, path, tasks};
use crate::devices::{catheter, devices};
use crate::discharges::{schedules, stay, words};

fn with(condition: &str) -> Value {
    let mut stay = stay(&["K80.2"]);
    stay["conditions"] = json!([condition]);
    stay
}

/// The due days on which something of a questionnaire is asked.
async fn days(scene: &Scene, questionnaire: &str) -> Vec<String> {
    let asks = |task: &Value| {
        let asked = task["questionnaires"].as_array().expect("a list");
        asked.contains(&json!(questionnaire))
    };
    let mut days: Vec<_> = tasks(scene)
        .await
        .iter()
        .filter(|task| asks(task))
        .map(|task| task["due_on"].as_str().expect("a day").to_owned())
        .collect();
    days.sort();
    days
}

async fn plan(scene: &Scene, schedule: &str) -> Value {
    let path = format!("/v1/patients/{}/follow-up", scene.patient);
    let shown = scene.coordinator.client.get(&path).await.expect(200);
    let mut plans = shown["plans"].as_array().expect("plans").iter();
    let plan = plans.find(|plan| plan["schedule"] == schedule);
    plan.expect("a plan").clone()
}

async fn told(scene: &Scene, stay: Value) -> Value {
    let body = json!({ "patient_id": scene.patient, "stay": stay });
    let client = &scene.coordinator.client;
    client.post("/v1/discharges", body).await.expect(201)
}

async fn push(scene: &Scene, length: f64, tissue: &str) {
    let answers =
        json!({ "length_cm": length, "width_cm": length, "exudate": "none", "tissue": tissue });
    let body = json!({ "scale": "push", "answers": answers });
    let path = format!("/v1/patients/{}/scales", scene.patient);
    scene.coordinator.client.post(&path, body).await.expect(201);
}

/// The next morning after some days, with what fell due.
async fn pass(server: &TestServer, days: i64) {
    server.advance(TimeDelta::days(days)).await;
    server.run_jobs().await;
}

on_both! {
    async fn a_tube_is_followed_each_week_until_it_is_in_the_register(server: TestServer) {
        let mut scene = Scene::build(&server).await;
        // One that was there before the stay need not be the tube of this discharge.
        let old = scene.coordinator.client.post(&devices(&scene), catheter()).await.expect(201);
        pass(&server, 3).await;
        let mut stay = with("tube_at_home");
        stay["admitted_on"] = json!("2026-03-04");
        stay["discharged_on"] = json!("2026-03-05");
        told(&scene, stay).await;
        let weekly = ["2026-03-08", "2026-03-12", "2026-03-19", "2026-03-26", "2026-04-02"];
        let planned = days(&scene, "tube").await;
        assert_eq!(planned.len(), weekly.len(), "{planned:?}");
        // Nobody has entered it after five weeks: it goes on.
        pass(&server, 35).await;
        scene.coordinator.client = scene.coordinator.client
            .in_session(&server.app, scene.town.session(&server.app, scene.coordinator.account).await);
        let later = days(&scene, "tube").await;
        assert!(later.iter().any(|day| day.as_str() > "2026-04-16"), "{later:?}");
        assert!(later.len() <= 5, "as far ahead as needed: {later:?}");
        assert_eq!(plan(&scene, "tube").await["repeats_ended_at"], Value::Null);
        // Somebody looks at it: from then on the register calls for it.
        let reviewed = format!("/v1/devices/{}/review", old["id"].as_str().expect("an id"));
        scene.coordinator.client.post(&reviewed, json!({})).await.expect(200);
        assert_eq!(days(&scene, "tube").await, [] as [&str; 0]);
        let ended = plan(&scene, "tube").await;
        assert_eq!((&ended["state"], &ended["repeats_ended_at"]), (&json!("finished"), &json!(server.now())));
        pass(&server, 30).await;
    }

    async fn a_device_that_is_entered_ends_the_weeks_and_leaves_the_first_days(server: TestServer) {
        let scene = Scene::build(&server).await;
        told(&scene, with("tube_at_home")).await;
        assert_eq!(days(&scene, "tube").await.len(), 5);
        scene.coordinator.client.post(&devices(&scene), catheter()).await.expect(201);
        // Days 3 and 7 are asked all the same.
        assert_eq!(days(&scene, "tube").await, ["2026-03-05", "2026-03-09"]);
        let running = plan(&scene, "tube").await;
        assert_eq!((&running["state"], running["repeats_ended_at"].is_string()), (&json!("active"), true));
        pass(&server, 15).await;
        let client = scene.coordinator.client
            .in_session(&server.app, scene.town.session(&server.app, scene.coordinator.account).await);
        let follow_up = format!("/v1/patients/{}/follow-up", scene.patient);
        let shown = client.get(&follow_up).await.expect(200);
        let over = shown["plans"].as_array().expect("plans").iter().find(|plan| plan["schedule"] == "tube");
        assert_eq!(over.expect("the plan")["state"], "finished");
    }

    async fn a_device_entered_in_the_stay_needs_no_weeks(server: TestServer) {
        let scene = Scene::build(&server).await;
        scene.coordinator.client.post(&devices(&scene), catheter()).await.expect(201);
        told(&scene, with("tube_at_home")).await;
        assert_eq!(days(&scene, "tube").await, ["2026-03-05", "2026-03-09"]);
    }

    async fn a_tube_that_is_taken_back_is_followed_no_more(server: TestServer) {
        let scene = Scene::build(&server).await;
        let made = told(&scene, with("tube_at_home")).await;
        let mut none = stay(&["K80.2"]);
        none["conditions"] = json!([]);
        let correct = format!("/v1/discharges/{}/correct", made["id"].as_str().expect("an id"));
        let shown = scene.coordinator.client.post(&correct, json!({ "stay": none })).await.expect(200);
        assert_eq!(schedules(&shown), words(&["general"]));
        assert_eq!(days(&scene, "tube").await, [] as [&str; 0]);
    }

    async fn a_wound_is_followed_each_week_until_it_has_healed(server: TestServer) {
        let scene = Scene::build(&server).await;
        told(&scene, with("wound")).await;
        assert_eq!(days(&scene, "wound").await.len(), 5);
        push(&scene, 2.0, "granulation").await;
        assert_eq!(days(&scene, "wound").await.len(), 5);
        push(&scene, 0.0, "closed").await;
        assert_eq!(days(&scene, "wound").await, ["2026-03-05", "2026-03-09"]);
        let ended = events(&server, "follow_up.repeats_ended").await;
        assert_eq!(ended.len(), 1);
        assert_eq!((&ended[0]["until"]["scale"], &ended[0]["tasks"]), (&json!("push"), &json!(2)));
        // Day 28 is the general plan's too: it is called for that, and asks no more about the wound.
        let general = tasks(&scene).await.into_iter().find(|task| task["due_on"] == "2026-03-30").expect("a task");
        assert_eq!((&general["state"], &general["scales"]), (&json!("waiting"), &json!([])));
    }

    async fn the_call_that_finds_it_healed_is_the_last(server: TestServer) {
        let scene = Scene::build(&server).await;
        told(&scene, with("wound")).await;
        pass(&server, 14).await;
        let client = scene.coordinator.client
            .in_session(&server.app, scene.town.session(&server.app, scene.coordinator.account).await);
        let page = client.get("/v1/follow-tasks?state=open").await.expect(200);
        let task = page["items"].as_array().expect("a list").iter()
            .find(|task| task["questionnaires"] == json!(["wound"])).expect("the one of day 14").clone();
        let answers = json!({
            "answers": {
                "wound_pus": false, "wound_redness": false, "wound_open": false, "wound_bleeding": false, "pain": 0,
                "fever": false, "caregiver_cannot_cope": false, "no_caregiver": false,
            },
            "scales": { "push": { "length_cm": 0, "width_cm": 0, "exudate": "none", "tissue": "closed" } },
            "proxy": false,
        });
        let kept = client.post(&format!("{}/answers", path(&task)), answers).await.expect(200);
        assert_eq!(kept["state"], "done");
        let follow_up = client.get(&format!("/v1/patients/{}/follow-up", scene.patient)).await.expect(200);
        let wound = follow_up["plans"].as_array().expect("plans").iter().find(|plan| plan["schedule"] == "wound");
        assert_eq!(wound.expect("the plan")["state"], "finished");
        let left = follow_up["tasks"].as_array().expect("tasks").iter();
        assert_eq!(left.filter(|task| task["questionnaires"] == json!(["wound"])).count(), 0);
    }
}
