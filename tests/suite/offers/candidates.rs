//! Why this nurse, and why not that one.

use chrono::TimeDelta;
use entity::enums::{LeaveKind, Sex};
use entity::ids::LeaveId;
use entity::nurse_leave;
use jiahu_tests::harness::{Backend, NurseSpec, Scene, TestServer, far_day};
use jiahu_tests::on_both;
use rstest::rstest;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rest_of_more_than_a_day_is_kept(#[case] backend: Backend) {
    TestServer::with_config(
        backend,
        |config| config.matching.rest_hours_after_night = 36,
        async |server| {
            let scene = Scene::build(&server).await;
            let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
            // From yesterday's late evening until tomorrow morning at eight are 34 hours, and the whole of today lies between.
            let night_ends = server.now() - TimeDelta::hours(11);
            let night = nurse_leave::Model {
                community_id: scene.town.community,
                id: server.app.new_id::<LeaveId>(),
                nurse_id: nurse.id,
                kind: LeaveKind::NightShift,
                starts_at: night_ends - TimeDelta::hours(8),
                ends_at: night_ends,
                note: None,
            };
            nurse_leave::Entity::insert(night.into_active_model().reset_all())
                .exec_without_returning(server.app.db.reader())
                .await
                .expect("a night shift");
            for (hours, tired) in [(23, true), (26, false)] {
                let start = server.now() + TimeDelta::hours(hours);
                let order = scene.order(&server, "UC_CHG", start).await;
                let path = format!("/v1/orders/{order}/candidates");
                let found = scene.coordinator.client.get(&path).await.expect(200);
                let reason = &found["excluded"][0]["reasons"][0]["code"];
                assert_eq!(reason == "rest_after_night", tired, "{found}");
                assert_eq!(
                    found["ranked"].as_array().map(Vec::len),
                    Some(usize::from(!tired))
                );
            }
        },
    )
    .await;
}

on_both! {
    async fn candidates_are_ranked_and_the_others_counted_by_reason(server: TestServer) {
        let scene = Scene::build(&server).await;
        let near = scene.nurse(&server, 1, NurseSpec::default()).await;
        let far = scene.nurse(&server, 2, NurseSpec { north_m: 9_000.0, ..NurseSpec::default() }).await;
        let bare = NurseSpec { certificates: vec![("NG", far_day())], ..NurseSpec::default() };
        scene.nurse(&server, 3, bare.clone()).await;
        scene.nurse(&server, 4, NurseSpec { radius_m: 500, ..bare }).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(5)).await;
        server.run_jobs().await;
        let path = format!("/v1/orders/{order}/candidates");
        let found = scene.coordinator.client.get(&path).await.expect(200);
        let ranked: Vec<_> = found["ranked"].as_array().expect("a list").iter().map(|one| &one["nurse_id"]).collect();
        assert_eq!(ranked, [&near.id.to_string(), &far.id.to_string()]);
        assert_eq!(found["ranked"][0]["distance_m"], 1000.0);
        assert_eq!(found["ranked"][0]["offer"], "open");
        let points: f64 = found["ranked"][0]["parts"]
            .as_array()
            .expect("parts")
            .iter()
            .map(|part| part["points"].as_f64().expect("points"))
            .sum();
        assert!((points - found["ranked"][0]["score"].as_f64().expect("a score")).abs() < 0.01);
        assert_eq!(found["excluded_count"], 2);
        let counts = found["excluded_by_reason"].as_array().expect("counts");
        let counts: Vec<_> = counts.iter().map(|count| (count["code"].as_str(), count["nurses"].as_u64())).collect();
        assert_eq!(counts, [(Some("certificate_missing"), Some(2)), (Some("too_far"), Some(1))]);
        let zh = scene.coordinator.client.speaking("zh-CN").get(&path).await.expect(200);
        let text = zh["excluded"][0]["reasons"][0]["text"].as_str().expect("a text");
        assert!(text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{text}");
    }

    async fn the_number_of_statements_does_not_grow_with_the_roster(server: TestServer) {
        let scene = Scene::build(&server).await;
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(5)).await;
        let path = format!("/v1/orders/{order}/candidates");
        // The rule files are read once.
        scene.coordinator.client.get(&path).await.expect(200);
        let mut counts = Vec::new();
        for number in 0..12 {
            scene.nurse(&server, number, NurseSpec::default()).await;
            if number % 11 == 0 {
                let before = server.app.db.statements();
                scene.coordinator.client.get(&path).await.expect(200);
                counts.push(server.app.db.statements() - before);
            }
        }
        assert_eq!(counts[0], counts[1]);
    }

    async fn a_patient_may_ask_for_a_nurse_of_the_same_sex(server: TestServer) {
        let scene = Scene::build(&server).await;
        scene.nurse(&server, 1, NurseSpec::default()).await;
        let man = scene.nurse(&server, 2, NurseSpec { sex: Sex::Male, ..NurseSpec::default() }).await;
        jiahu::in_write!(server.app.db, "test", |tx| {
            jiahu::store::sql::change(
                tx,
                "UPDATE patient SET same_sex_nurse = true WHERE id = $1",
                [scene.patient.into()],
            )
            .await?;
            Ok(())
        })
        .expect("a change");
        let order = scene.order(&server, "UC_CHG", server.now() + TimeDelta::hours(5)).await;
        let path = format!("/v1/orders/{order}/candidates");
        let found = scene.coordinator.client.get(&path).await.expect(200);
        assert_eq!(found["ranked"].as_array().expect("a list").len(), 1);
        assert_eq!(found["ranked"][0]["nurse_id"], man.id.to_string());
    }
}
