//! Two plans of one person: joined by a merge, parted by its undoing.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use jiahu_tests::harness::TestServer;
use jiahu_tests::on_both;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{World, discharged, id_of, register, traveller, woman};

async fn tasks(world: &World, patient: &str) -> Vec<Value> {
    let path = format!("/v1/follow-tasks?patient_id={patient}&limit=100");
    let page = world.staff().get(&path).await.expect(200);
    page["items"].as_array().expect("tasks").clone()
}

fn is_live(task: &Value) -> bool {
    ["waiting", "open", "reached"].contains(&task["state"].as_str().expect("a state"))
}

fn days(tasks: &[Value]) -> BTreeMap<String, usize> {
    let mut days = BTreeMap::new();
    for task in tasks.iter().filter(|task| is_live(task)) {
        *days.entry(task["due_on"].to_string()).or_insert(0) += 1;
    }
    days
}

/// What a merge may change of a task.
fn shape(task: &Value) -> Value {
    json!([
        task["id"],
        task["state"],
        task["stop_cause"],
        task["opens_on"],
        task["due_on"],
        task["ends_on"],
        task["questionnaires"],
        task["scales"]
    ])
}

/// Which points of plans each task serves.
async fn points(server: &TestServer) -> BTreeMap<String, Vec<(String, i32)>> {
    let links = entity::follow_task_plan::Entity::find();
    let links = links.all(server.app.db.reader()).await.expect("links");
    let mut found = BTreeMap::<_, Vec<_>>::new();
    for link in links {
        let of = found.entry(link.task_id.to_string()).or_default();
        of.push((link.plan_id.to_string(), link.day));
        of.sort();
    }
    found
}

on_both! {
    async fn nobody_is_called_twice_a_day_after_a_merge(server: TestServer) {
        let world = World::build(&server).await;
        let one = register(world.staff(), woman()).await;
        let other = register(world.staff(), traveller()).await;
        world.staff().post("/v1/discharges", discharged(&one, "2026-02-27", "I63.9")).await.expect(201);
        world.staff().post("/v1/discharges", discharged(&other, "2026-02-28", "I63.9")).await.expect(201);
        server.run_jobs().await;
        let (mine, theirs) = (tasks(&world, &one).await, tasks(&world, &other).await);
        assert!(days(&mine).keys().any(|day| days(&theirs).contains_key(day)), "they would collide");

        let served = points(&server).await;
        let merge = world.merge(&one, &other).await;
        let joined = tasks(&world, &one).await;
        assert!(days(&joined).values().all(|count| *count == 1), "{:?}", days(&joined));
        let stopped: Vec<_> = joined.iter().filter(|task| task["stop_cause"] == "merged").collect();
        assert!(!stopped.is_empty());
        // Each point of both plans is served by exactly one task, which is live.
        let serving = points(&server).await;
        let live = |id: &String| joined.iter().any(|task| task["id"] == json!(id) && is_live(task));
        assert!(serving.keys().all(live));
        let all = |points: &BTreeMap<String, Vec<(String, i32)>>| {
            let mut all: Vec<_> = points.values().flatten().cloned().collect();
            all.sort();
            all
        };
        assert_eq!(all(&serving), all(&served));
        server.run_jobs().await;

        let undo = format!("/v1/patient-merges/{}/undo", id_of(&merge));
        world.staff().post(&undo, json!({ "reason": "核实有误" })).await.expect(200);
        let shapes = |tasks: &[Value]| -> Vec<Value> {
            let mut shapes: Vec<_> = tasks.iter().map(shape).collect();
            shapes.sort_by_key(Value::to_string);
            shapes
        };
        assert_eq!(shapes(&tasks(&world, &one).await), shapes(&mine));
        assert_eq!(shapes(&tasks(&world, &other).await), shapes(&theirs));
        assert_eq!(points(&server).await, served);
    }

    async fn a_contact_that_takes_over_a_visit_is_made_at_home(server: TestServer) {
        let world = World::build(&server).await;
        let (one, other) = world.twice().await;
        world.staff().post("/v1/discharges", discharged(&one, "2026-03-02", "K80.2")).await.expect(201);
        world.staff().post("/v1/discharges", discharged(&other, "2026-03-01", "I50.9")).await.expect(201);
        let before = tasks(&world, &one).await;
        let merge = world.merge(&one, &other).await;
        let both = json!(["general", "heart_failure"]);
        let joined = tasks(&world, &one).await;
        let visit = joined.iter()
            .find(|task| task["questionnaires"] == both && task["due_on"] == "2026-03-09").expect("one for both");
        assert_eq!(
            (&visit["resolve_if"], &visit["channel"], &visit["channels"]),
            (&json!("visited"), &json!("visit"), &json!(["visit", "phone", "village_doctor"])),
        );
        let undo = format!("/v1/patient-merges/{}/undo", id_of(&merge));
        world.staff().post(&undo, json!({ "reason": "核实有误" })).await.expect(200);
        let ways = |tasks: &[Value]| -> BTreeMap<String, Value> {
            tasks.iter().map(|task| (task["id"].to_string(), json!([task["resolve_if"], task["channel"], task["channels"]]))).collect()
        };
        assert_eq!(ways(&tasks(&world, &one).await), ways(&before));
    }

    async fn nothing_moves_to_a_day_on_which_either_was_called(server: TestServer) {
        let world = World::build(&server).await;
        let (one, other) = world.twice().await;
        // Day 7 of the one was yesterday and is reached today, where day 7 of the other falls; then they are one person.
        world.staff().post("/v1/discharges", discharged(&one, "2026-03-02", "K80.2")).await.expect(201);
        server.advance(TimeDelta::days(8)).await;
        server.run_jobs().await;
        world.staff().post("/v1/discharges", discharged(&other, "2026-03-03", "K80.2")).await.expect(201);
        let on = |tasks: &[Value], day: &str| -> usize {
            tasks.iter().filter(|task| is_live(task) && task["due_on"] == day).count()
        };
        assert_eq!(on(&tasks(&world, &other).await, "2026-03-10"), 1);
        let mine = tasks(&world, &one).await;
        let due = mine.iter().find(|task| task["due_on"] == "2026-03-09").expect("day 7");
        let path = format!("/v1/follow-tasks/{}", id_of(due));
        let reached = json!({ "channel": "phone", "result": "reached_self" });
        world.staff().post(&format!("{path}/attempts"), reached).await.expect(200);
        world.merge(&one, &other).await;
        let joined = tasks(&world, &one).await;
        assert_eq!((on(&joined, "2026-03-10"), on(&joined, "2026-03-11")), (0, 1), "{joined:?}");
    }

    async fn what_is_over_for_both_stays_over(server: TestServer) {
        let world = World::build(&server).await;
        let one = register(world.staff(), woman()).await;
        let other = register(world.staff(), traveller()).await;
        world.staff().post("/v1/discharges", discharged(&one, "2026-02-27", "I63.9")).await.expect(201);
        world.staff().post("/v1/discharges", discharged(&other, "2026-02-28", "I63.9")).await.expect(201);
        let merge = world.merge(&one, &other).await;
        server.advance(TimeDelta::days(20)).await;
        let undo = format!("/v1/patient-merges/{}/undo", id_of(&merge));
        world.staff().post(&undo, json!({ "reason": "核实有误" })).await.expect(200);
        let (mine, theirs) = (tasks(&world, &one).await, tasks(&world, &other).await);
        assert!(days(&mine).values().chain(days(&theirs).values()).all(|count| *count == 1));
        // A task whose taker was missed meanwhile is not asked again; the later ones are back.
        assert!(theirs.iter().any(|task| task["stop_cause"] == "merged"));
        assert!(theirs.iter().any(is_live));
        server.run_jobs().await;
    }
}
