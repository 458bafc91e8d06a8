//! Who sees which numbers.

use chrono::TimeDelta;
use entity::enums::Role;
use jiahu_tests::harness::{Scene, Town, statements_of};
use jiahu_tests::on_both;
use serde_json::json;

use super::{PERIOD, another, check, discharged, to_december};

on_both! {
    async fn numbers_are_those_of_the_callers_institutions(server: TestServer) {
        let scene = Scene::build(&server).await;
        to_december(&server).await;
        discharged(&scene, scene.patient, "I50.9", "心内科").await;
        server.advance(TimeDelta::days(8)).await;
        let town = &scene.town;
        let lead = town.person(&server, "13800000081", Role::Supervisor, Some(town.hospital)).await;
        let near = town.person(&server, "13800000082", Role::Coordinator, Some(town.other_centre)).await;
        let away = Town::build(&server, "130432").await;
        let far = away.person(&server, "13800000083", Role::Supervisor, Some(away.hospital)).await;
        // Hers, and of who is above her.
        check(&scene.coordinator.client, PERIOD, "follow_up", (0, 1, &[])).await;
        check(&lead.client, PERIOD, "follow_up", (0, 1, &[])).await;
        let at_the_centre = format!("{PERIOD}&institution_id={}", town.centre);
        check(&lead.client, &at_the_centre, "follow_up", (0, 1, &[])).await;
        let elsewhere = format!("{PERIOD}&institution_id={}", town.other_centre);
        check(&lead.client, &elsewhere, "follow_up", (0, 0, &[])).await;
        for stranger in [&near, &far] {
            for code in ["follow_up", "lost", "readmission", "red_flag_in_time", "rehab_adherence"] {
                check(&stranger.client, PERIOD, code, (0, 0, &[])).await;
            }
            let of = |path: &str| format!("/v1/indicators{path}?{at_the_centre}");
            stranger.client.get(&of("")).await.problem(404, "not_found");
            stranger.client.get(&of("/follow_up/cases")).await.problem(404, "not_found");
        }
        for role in [Role::Nurse, Role::Doctor] {
            let phone = format!("1380000009{}", u8::from(role == Role::Nurse));
            let person = town.person(&server, &phone, role, Some(town.centre)).await;
            person.client.get(&format!("/v1/indicators?{PERIOD}")).await.problem(403, "forbidden");
        }
        let client = &scene.coordinator.client;
        client.get("/v1/indicators?from=2026-12-28&to=2026-12-28").await.problem(422, "period_invalid");
        client.get("/v1/indicators?from=2026-01-01&to=2027-12-31").await.problem(422, "period_invalid");
        client.get(&format!("/v1/indicators/happiness/cases?{PERIOD}")).await.problem(404, "path_invalid");
    }

    async fn a_list_has_pages_costs_the_same_and_is_recorded(server: TestServer) {
        let scene = Scene::build(&server).await;
        to_december(&server).await;
        discharged(&scene, scene.patient, "I50.9", "心内科").await;
        server.advance(TimeDelta::days(8)).await;
        let client = &scene.coordinator.client;
        let path = format!("/v1/indicators/follow_up/cases?{PERIOD}");
        let cost = async |path: &str| {
            statements_of(&server, async || {
                client.get(path).await.expect(200);
            })
            .await
        };
        let numbers = format!("/v1/indicators?{PERIOD}");
        let (one, all) = (cost(&path).await, cost(&numbers).await);
        for _ in 0..4 {
            let patient = another(&server, &scene).await;
            discharged(&scene, patient, "I50.9", "心内科").await;
        }
        assert_eq!((cost(&path).await, cost(&numbers).await), (one, all), "however many cases");
        let (mut seen, mut next) = (Vec::new(), String::new());
        loop {
            let page = client.get(&format!("{path}&limit=2{next}")).await.expect(200);
            assert_eq!((&page["indicator"]["counted"], &page["indicator"]["excluded"][0]["cases"]), (&json!(1), &json!(4)));
            assert_eq!(page["kind"], "discharge");
            let items = page["items"].as_array().expect("a list");
            seen.extend(items.iter().map(|case| case["id"].as_str().expect("an id").to_owned()));
            match page["next_cursor"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => break,
            }
        }
        let mut sorted = seen.clone();
        sorted.sort_unstable_by(|a, b| b.cmp(a));
        sorted.dedup();
        assert_eq!((seen.len(), &seen), (5, &sorted), "newest first, each once");
        let left_out = client.get(&format!("{path}&part=excluded")).await.expect(200);
        assert_eq!(left_out["items"].as_array().expect("a list").len(), 4);
        assert_eq!(left_out["items"][0]["excluded"]["code"], "told_late");
        let counted = client.get(&format!("{path}&part=denominator")).await.expect(200);
        assert_eq!((&counted["items"][0]["patient_name"], &counted["items"][0]["on"]), (&json!("李*爷"), &json!("2026-12-28")));
        let auditor = scene.town.person(&server, "13800000072", Role::Auditor, None).await;
        let reads = auditor.client.get(&format!("/v1/audit/patient-reads?patient_id={}&limit=100", scene.patient)).await.expect(200);
        let reads = reads["items"].as_array().expect("reads").iter().filter(|read| read["operation"] == "list_indicator_cases");
        assert!(reads.count() >= 7, "each page on which the patient stands");
    }
}
