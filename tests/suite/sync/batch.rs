//! Acts told later: once, in their order, as of their time, and never lost.

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::Role;
use jiahu_tests::harness::{NurseSpec, Scene, SceneNurse, TestServer};
use jiahu_tests::on_both;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::{
    WHOLE, accepted, actions, fresh_id, good_visit, here, kinds, place_of, results, tell, work,
};

fn at(value: &Value) -> DateTime<Utc> {
    serde_json::from_value(value.clone()).expect("a time")
}

/// A certificate of hers is taken back now.
async fn revoke(server: &TestServer, scene: &Scene, nurse: &SceneNurse) {
    let papers = entity::certification::Entity::find();
    let papers = papers.filter(entity::certification::Column::NurseId.eq(nurse.id));
    let papers = papers.filter(entity::certification::Column::Kind.eq("UC"));
    let paper = papers.one(server.app.db.reader()).await.expect("a query");
    let boss = scene
        .town
        .person(
            server,
            "13900000097",
            Role::Supervisor,
            Some(scene.town.hospital),
        )
        .await;
    let path = format!("/v1/certifications/{}/revoke", paper.expect("one").id);
    let reason = json!({ "reason": "证书系伪造" });
    boss.client.post(&path, reason).await.expect(200);
}

/// What refuses every item comes onto the record now.
async fn aggressive(scene: &Scene) {
    let client = &scene.coordinator.client;
    let health = format!("/v1/patients/{}/health", scene.patient);
    let etag = client.get(&health).await.etag();
    let facts =
        json!({ "allergies": [], "diagnoses": [], "conditions": [{ "code": "aggression" }] });
    client.put_if(&health, &etag, facts).await.expect(200);
}

on_both! {
    async fn a_departure_is_judged_by_the_papers_and_the_record_of_its_moment(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let acts = actions(&visit, server.now(), &good[..1]);
        server.advance(TimeDelta::minutes(30)).await;
        revoke(&server, &scene, &nurse).await;
        aggressive(&scene).await;
        server.advance(TimeDelta::hours(1)).await;
        let told = tell(&nurse, server.now(), &acts).await;
        assert_eq!(results(&told), ["applied"], "{told}");
    }

    async fn a_screening_at_the_door_is_judged_by_the_record_of_its_moment(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let acts = actions(&visit, server.now(), &good);
        // She has begun by then, and nobody knows of it yet.
        server.advance(TimeDelta::minutes(30)).await;
        aggressive(&scene).await;
        server.advance(TimeDelta::hours(2)).await;
        let told = tell(&nurse, server.now(), &acts).await;
        assert!(results(&told).iter().all(|result| *result == "applied"), "{told}");
        let screened = &told["results"][place_of(&acts, "screening")]["answer"];
        assert_eq!((&screened["outcome"], &screened["findings"]), (&json!("clear"), &json!([])));
    }

    async fn a_wish_that_came_later_does_not_refuse_a_departure(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let acts = actions(&visit, server.now(), &good);
        server.advance(TimeDelta::minutes(30)).await;
        let (path, desk) = (format!("/v1/patients/{}", scene.patient), &scene.coordinator.client);
        let etag = desk.get(&path).await.etag();
        desk.patch(&path, &etag, json!({ "same_sex_nurse": true })).await.expect(200);
        server.advance(TimeDelta::hours(3)).await;
        let told = tell(&nurse, server.now(), &acts).await;
        assert!(results(&told).iter().all(|result| *result == "applied"), "{told}");
    }

    async fn a_departure_after_the_paper_was_taken_back_is_refused(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        revoke(&server, &scene, &nurse).await;
        server.advance(TimeDelta::minutes(1)).await;
        let acts = actions(&visit, server.now(), &good[..1]);
        server.advance(TimeDelta::hours(1)).await;
        let told = tell(&nurse, server.now(), &acts).await;
        assert_eq!(told["results"][0]["answer"]["code"], "nurse_not_eligible");
    }

    async fn a_departure_into_the_night_told_later_calls_the_desk_once(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        server.advance(TimeDelta::hours(8)).await;
        let acts = actions(&visit, server.now(), &good[..1]);
        server.advance(TimeDelta::hours(1)).await;
        for _ in 0..2 {
            let told = tell(&nurse, server.now(), &acts).await;
            assert_eq!(told["results"][0]["answer"]["code"], "more_nurses_needed");
        }
        let list = scene.coordinator.client.get("/v1/alerts?kind=gates_changed").await.expect(200);
        let list = list["items"].as_array().expect("a list");
        assert_eq!((list.len(), &list[0]["severity"], &list[0]["visit_id"]), (1, &json!("critical"), &json!(visit)));
    }

    async fn a_whole_visit_told_hours_later_stands_at_the_times_of_its_acts(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let set_out = server.now();
        server.advance(TimeDelta::hours(4)).await;
        let acts = actions(&visit, set_out, &good);
        let answer = tell(&nurse, server.now(), &acts).await;
        assert!(results(&answer).iter().all(|result| *result == "applied"), "{answer}");
        assert_eq!(answer["skew_s"], 0);
        assert_eq!(kinds(&server, &scene, order).await, WHOLE);
        let shown = nurse.person.client.get(&format!("/v1/visits/{visit}")).await.expect(200);
        assert_eq!(shown["state"], "closed");
        assert_eq!(at(&shown["steps"]["arrived_at"]), set_out + TimeDelta::minutes(20));
        assert_eq!(at(&shown["steps"]["finished_at"]), set_out + TimeDelta::minutes(65));
        assert!(work(&scene.coordinator.client).await.is_empty());
    }

    async fn an_amendment_is_judged_by_the_forms_of_its_day(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let mut done = good_visit(&scene, &nurse, &visit).await;
        let fields = json!([{ "field": "vitals.temperature", "value": "37.2" }]);
        done.push(("amend", 240, json!({ "reason": "体温漏记", "fields": fields })));
        let acts = actions(&visit, server.now(), &done);
        let (town, hospital) = (&scene.town, Some(scene.town.hospital));
        let boss = town.person(&server, "13900000097", Role::Supervisor, hospital).await;
        let first = boss.client.get("/v1/rule-sets/record_forms/1").await.expect(200);
        let mut file = first["content"].clone();
        (file["version"], file["valid_from"]) = (json!(2), json!("2026-03-03"));
        file["late_after_h"] = json!(1);
        boss.client.post("/v1/rule-sets/record_forms", file).await.expect(201);
        server.advance(TimeDelta::hours(20)).await;
        let told = tell(&nurse, server.now(), &acts).await;
        assert!(results(&told).iter().all(|result| *result == "applied"), "{told}");
        assert_eq!(told["results"][acts.len() - 1]["answer"]["late"], false);
        let amendment = json!({ "reason": "体温漏记", "fields": [{ "field": "note", "value": "顺利" }] });
        let late = nurse.post(&visit, "amendments", amendment).await.expect(201);
        assert_eq!(late["late"], true);
    }

    async fn a_procedure_that_was_broken_off_is_recorded_afterwards(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let act = |kind: &str| {
            let found = good.iter().find(|one| one.0 == kind);
            found.expect("it is done on a good visit").2.clone()
        };
        let begun = good.iter().position(|one| one.0 == "start").expect("begun");
        let mut done = good[..=begun].to_vec();
        done.extend([
            ("abort", 30, json!({ "reason": "患者晕倒" })),
            ("record", 40, act("record")),
            ("leave", 45, json!({ "place": here() })),
            ("sign", 46, json!({})),
            ("waste", 100, act("waste")),
        ]);
        let set_out = server.now();
        server.advance(TimeDelta::hours(4)).await;
        let answer = tell(&nurse, server.now(), &actions(&visit, set_out, &done)).await;
        assert!(results(&answer).iter().all(|result| *result == "applied"), "{answer}");
        let shown = nurse.person.client.get(&format!("/v1/visits/{visit}")).await.expect(200);
        assert_eq!((&shown["state"], &shown["record_owed"], &shown["waste_owed"]), (&json!("aborted"), &json!(false), &json!(false)));
        assert!(work(&scene.coordinator.client).await.is_empty());
    }

    async fn a_clock_a_day_off_is_corrected_and_both_times_are_kept(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let (set_out, off) = (server.now(), TimeDelta::days(1));
        server.advance(TimeDelta::hours(4)).await;
        let acts = actions(&visit, set_out + off, &good[..2]);
        let answer = tell(&nurse, server.now() + off, &acts).await;
        assert_eq!(results(&answer), ["applied"; 2], "{answer}");
        assert_eq!(answer["skew_s"], off.num_seconds());
        // Overnight somebody set it right, too far.
        let mut rest = actions(&visit, set_out - off, &good);
        let rest = rest.split_off(2);
        let answer = tell(&nurse, server.now() - off, &rest).await;
        assert!(results(&answer).iter().all(|result| *result == "applied"), "{answer}");
        assert_eq!(answer["skew_s"], -off.num_seconds());
        let shown = nurse.person.client.get(&format!("/v1/visits/{visit}")).await.expect(200);
        assert_eq!(at(&shown["steps"]["arrived_at"]), set_out + TimeDelta::minutes(20));
        assert_eq!(at(&shown["steps"]["started_at"]), set_out + TimeDelta::minutes(25));
        let trail = jiahu::store::event::of_order(server.app.db.reader(), scene.town.community, order).await;
        let trail = trail.expect("a trail");
        let started = trail.iter().find(|event| event.kind == "visit.started").expect("an event");
        assert_eq!(started.device_at, Some(set_out - off + TimeDelta::minutes(25)));
    }

    async fn a_batch_may_be_sent_again_in_any_pieces_and_order(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let set_out = server.now();
        server.advance(TimeDelta::hours(4)).await;
        let acts = actions(&visit, set_out, &good);
        let late = tell(&nurse, server.now(), &acts[3..]).await;
        assert!(results(&late).iter().all(|result| *result == "missing"));
        let mut first = acts[..3].to_vec();
        first.reverse();
        assert_eq!(results(&tell(&nurse, server.now(), &first).await), ["applied"; 3]);
        let again = [acts[3..].to_vec(), acts[..2].to_vec(), acts[3..4].to_vec()].concat();
        assert!(results(&tell(&nurse, server.now(), &again).await).iter().all(|result| *result == "applied"));
        let replay = tell(&nurse, server.now(), &acts).await;
        assert!(results(&replay).iter().all(|result| *result == "applied"));
        assert_eq!(replay["results"][1]["answer"]["fence"], "inside", "the first answer comes back");
        assert_eq!(kinds(&server, &scene, order).await, WHOLE);
    }

    async fn an_act_told_at_once_and_again_in_a_batch_counts_once(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let set_out = server.now();
        let acts = actions(&visit, set_out, &good);
        let key = acts[0]["id"].as_str().expect("an id");
        let path = format!("/v1/visits/{visit}/depart");
        // The answer is lost: the phone keeps it as the first act of the visit, and goes on without signal.
        nurse.person.client.post_with_key(&path, acts[0]["body"].clone(), key).await.expect(200);
        server.app.clock.advance(TimeDelta::hours(4));
        for _ in 0..2 {
            let answer = tell(&nurse, server.now(), &acts).await;
            assert!(results(&answer).iter().all(|result| *result == "applied"), "{answer}");
            assert_eq!(answer["results"][0]["answer"]["state"], "departed", "what was answered then");
        }
        assert_eq!(kinds(&server, &scene, order).await, WHOLE);
        let shown = nurse.person.client.get(&format!("/v1/visits/{visit}")).await.expect(200);
        assert_eq!(shown["state"], "closed");
        assert_eq!(at(&shown["steps"]["departed_at"]), set_out);
        assert!(work(&scene.coordinator.client).await.is_empty());
    }

    async fn behind_a_refused_act_the_others_wait_until_it_is_put_right(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let set_out = server.now();
        server.advance(TimeDelta::hours(4)).await;
        let mut acts = actions(&visit, set_out, &good);
        let record = place_of(&acts, "record");
        acts[record]["body"]["vitals"][0]["value"] = json!(99.0);
        let answer = tell(&nurse, server.now(), &acts).await;
        let results_now = results(&answer);
        assert!(results_now[..record].iter().all(|result| *result == "applied"), "{answer}");
        assert_eq!(results_now[record..], ["refused", "held", "held", "held", "held"]);
        assert_eq!(answer["results"][record]["answer"]["code"], "invalid_request");
        for client in [&nurse.person.client, &scene.coordinator.client] {
            let items = work(client).await;
            assert_eq!(items.len(), 5);
            let refused = items.iter().find(|item| item["result"] == "refused").expect("it is listed");
            assert_eq!((&refused["do"], &refused["code"]), (&json!("record"), &json!("invalid_request")));
            let path = format!("/v1/work-items/{}", refused["id"].as_str().expect("an id"));
            let detail = client.get(&path).await.expect(200);
            assert_eq!(detail["body"]["vitals"][0]["value"], json!(99.0), "nothing of it is lost");
        }
        // The same place of the chain, told anew.
        acts[record]["id"] = json!(fresh_id());
        acts[record]["body"]["vitals"][0]["value"] = json!(36.9);
        assert_eq!(results(&tell(&nurse, server.now(), &acts[record..]).await), ["applied"; 5]);
        assert!(work(&scene.coordinator.client).await.is_empty());
        let kinds = kinds(&server, &scene, order).await;
        assert_eq!(kinds.iter().filter(|kind| kind.starts_with("visit.")).count(), WHOLE.len());
    }

    async fn what_is_told_of_a_visit_taken_away_is_kept_with_its_double(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let other = scene.nurse(&server, 2, NurseSpec::default()).await;
        let set_out = server.now();
        let body = json!({ "nurse_id": other.id, "reason": "联系不上" });
        let path = format!("/v1/orders/{order}/reassign");
        scene.coordinator.client.post(&path, body).await.expect(200);
        server.advance(TimeDelta::hours(4)).await;
        let acts = actions(&visit, set_out, &good);
        let answer = tell(&nurse, server.now(), &acts).await;
        assert_eq!(results(&answer)[..2], ["refused", "held"]);
        let items = work(&scene.coordinator.client).await;
        assert_eq!(items.len(), acts.len());
        assert!(items.iter().all(|item| item["duplicate_visit_id"].is_string()), "the double is shown");
        let record = items.iter().find(|item| item["do"] == "record").expect("her record");
        let id = record["id"].as_str().expect("an id");
        let detail = scene.coordinator.client.get(&format!("/v1/work-items/{id}")).await.expect(200);
        assert_eq!(detail["body"]["note"], "更换顺利,尿色清");
        let settle = format!("/v1/work-items/{id}/settle");
        let note = json!({ "note": "两人均到场,按两份记录归档" });
        scene.coordinator.client.post(&settle, note.clone()).await.expect(200);
        scene.coordinator.client.post(&settle, note.clone()).await.problem(409, "work_settled");
        nurse.person.client.post(&settle, note).await.problem(403, "forbidden");
        assert_eq!(work(&scene.coordinator.client).await.len(), acts.len() - 1);
        // The other nurse's visit is untouched.
        assert!(!kinds(&server, &scene, order).await.contains(&"visit.departed".to_owned()));
    }

    async fn a_held_act_can_be_tried_again_once_the_hindrance_is_gone(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let mut acts = actions(&visit, server.now(), &good[..2]);
        // She has not set out by her own account: too early by far.
        acts[0]["device_at"] = json!(server.now() - TimeDelta::days(8));
        let answer = tell(&nurse, server.now(), &acts).await;
        assert_eq!(results(&answer), ["refused", "held"]);
        assert_eq!(answer["results"][0]["answer"]["code"], "sync_too_old");
        let retry = format!("/v1/work-items/{}/retry", acts[1]["id"].as_str().expect("an id"));
        let still = nurse.person.client.post(&retry, json!({})).await.expect(200);
        assert_eq!(still["result"], "held");
        let path = format!("/v1/visits/{visit}/depart");
        nurse.person.client.post(&path, json!({})).await.expect(200);
        let place = json!({
            "id": fresh_id(), "visit_id": visit, "counter": 1, "do": "positions",
            "device_at": server.now(), "body": { "positions": [{ "at": server.now(), "place": here() }] },
        });
        assert_eq!(results(&tell(&nurse, server.now(), &[place]).await), ["applied"]);
        let done = nurse.person.client.post(&retry, json!({})).await.expect(200);
        assert_eq!(done["result"], "applied", "{done}");
    }

    async fn a_bad_batch_changes_nothing(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let client = &nurse.person.client;
        let acts = actions(&visit, server.now(), &good);
        let batch = json!({ "device": "phone-1", "sent_at": server.now(), "actions": acts });
        let whole = batch.to_string();
        let cut = client.unchecked().request(reqwest::Method::POST, "/v1/sync/batch")
            .header("content-type", "application/json").body(whole[..whole.len() / 2].to_owned());
        client.unchecked().send(cut).await.problem(400, "malformed_json");
        let many: Vec<_> = (0..101).map(|_| acts[0].clone()).collect();
        for wrong in [
            json!({ "device": "phone-1", "sent_at": server.now(), "actions": [] }),
            json!({ "device": "phone-1", "sent_at": server.now(), "actions": many }),
            json!({ "device": "", "sent_at": server.now(), "actions": acts }),
            json!({ "device": "phone-1", "sent_at": server.now(), "actions": acts, "more": 1 }),
        ] {
            client.unchecked().post("/v1/sync/batch", wrong).await.problem(422, "invalid_request");
        }
        assert!(kinds(&server, &scene, order).await.is_empty());
        // One act with a body that is none of its kind is refused by itself.
        let mut odd = acts[..2].to_vec();
        odd[1]["body"] = json!({ "plaice": 1 });
        let answer = tell(&nurse, server.now(), &odd).await;
        assert_eq!(results(&answer), ["applied", "refused"]);
        assert_eq!(answer["results"][1]["answer"]["errors"][0]["code"], "field_unknown");
    }

    async fn a_time_that_no_clock_shows_refuses_its_act_and_no_other(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let mut acts = actions(&visit, server.now(), &good[..3]);
        server.advance(TimeDelta::hours(1)).await;
        let right = acts[1]["device_at"].clone();
        for odd in ["2026-03-02T01:00:60Z", "-5000-01-01T00:00:00Z", "yesterday"] {
            acts[1]["id"] = json!(fresh_id());
            acts[1]["device_at"] = json!(odd);
            let answer = tell(&nurse, server.now(), &acts).await;
            assert_eq!(results(&answer), ["applied", "refused", "held"], "{odd}: {answer}");
            let error = &answer["results"][1]["answer"]["errors"][0];
            assert_eq!((&error["field"], &error["code"]), (&json!("device_at"), &json!("date_time_invalid")));
        }
        let refused: Vec<_> = work(&scene.coordinator.client).await.into_iter().filter(|item| item["result"] == "refused").collect();
        assert_eq!(refused.len(), 3);
        assert_eq!(at(&refused[0]["device_at"]), server.now(), "what its clock said as it told it");
        // An alarm is raised whatever its clock shows.
        let alarm = json!({
            "id": fresh_id(), "visit_id": visit, "counter": null, "do": "sos",
            "device_at": "2026-03-02T01:00:60Z", "body": { "place": here() },
        });
        assert_eq!(results(&tell(&nurse, server.now(), &[alarm]).await), ["applied"]);
        acts[1]["id"] = json!(fresh_id());
        acts[1]["device_at"] = right;
        assert_eq!(results(&tell(&nurse, server.now(), &acts).await), ["applied"; 3]);
        let (_, broken) = jiahu::store::event::verify_all(server.app.db.reader(), &server.app).await.expect("a walk");
        assert_eq!(broken, []);
    }

    async fn no_other_try_makes_up_a_time_that_no_clock_showed(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let mut acts = actions(&visit, server.now(), &good[..3]);
        server.advance(TimeDelta::hours(1)).await;
        let right = acts[1]["device_at"].clone();
        acts[1]["device_at"] = json!("yesterday");
        // It does not wait for what came before it: whenever its turn comes, it has no time.
        assert_eq!(results(&tell(&nurse, server.now(), &acts[1..2]).await), ["refused"]);
        assert_eq!(results(&tell(&nurse, server.now(), &acts).await), ["applied", "refused", "held"]);
        let retry = format!("/v1/work-items/{}/retry", acts[1]["id"].as_str().expect("an id"));
        for _ in 0..2 {
            let tried = nurse.person.client.post(&retry, json!({})).await.expect(200);
            assert_eq!(tried["result"], "refused", "{tried}");
            let errors = tried["answer"]["errors"].as_array().expect("a list");
            assert_eq!((errors.len(), &errors[0]["code"]), (1, &json!("date_time_invalid")));
        }
        // Refused for something else, it has no time either.
        let other = json!({
            "id": acts[0]["id"], "visit_id": visit, "do": "warning",
            "device_at": "yesterday", "body": { "text": "院内有大狗" },
        });
        let reused = tell(&nurse, server.now(), &[other]).await["results"][0]["answer"].clone();
        assert_eq!(reused["code"], "idempotency_key_reused");
        let path = format!("/v1/work-items/{}/retry", reused["kept_as"].as_str().expect("an id"));
        assert_eq!(nurse.person.client.post(&path, json!({})).await.expect(200)["result"], "refused");
        acts[1]["id"] = json!(fresh_id());
        acts[1]["device_at"] = right;
        assert_eq!(results(&tell(&nurse, server.now(), &acts).await), ["applied"; 3]);
        let shown = nurse.person.client.get(&format!("/v1/visits/{visit}")).await.expect(200);
        assert_eq!(shown["steps"]["arrived_at"], acts[1]["device_at"]);
        let left = work(&scene.coordinator.client).await;
        assert_eq!((left.len(), &left[0]["id"]), (1, &reused["kept_as"]));
    }

    async fn what_another_nurse_did_is_nobody_elses_to_tell(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let good = good_visit(&scene, &nurse, &visit).await;
        let other = scene.nurse(&server, 2, NurseSpec::default()).await;
        let acts = actions(&visit, server.now(), &good[..1]);
        let answer = tell(&other, server.now(), &acts).await;
        assert_eq!(results(&answer), ["refused"]);
        assert_eq!(answer["results"][0]["answer"]["code"], "not_found");
        assert!(kinds(&server, &scene, order).await.is_empty());
        assert_eq!(work(&nurse.person.client).await.len(), 0);
        assert_eq!(work(&other.person.client).await.len(), 1);
        assert_eq!(results(&tell(&nurse, server.now(), &acts).await), ["applied"], "the same id from another phone");
    }
}
