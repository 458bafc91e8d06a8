//! Reading patients: masked lists, whole answers, records of who read.

use jiahu_tests::harness::statements_of;
use jiahu_tests::on_both;
use serde_json::json;

use super::{
    FAMILY, NAME, PHONE, World, citizen, dump, person, reads, refused, register, text, with,
};

on_both! {
    async fn a_list_is_masked_and_recorded_as_nothing(server: TestServer) {
        let world = World::build(&server).await;
        world.patient().await;
        let before = reads(&server).await;
        for client in [&world.family.client, &world.coordinator.client, &world.doctor.client, &world.supervisor.client] {
            let page = client.get("/v1/patients").await.expect(200);
            let told = page.to_string();
            assert!(!told.contains(NAME) && !told.contains(PHONE) && !told.contains(&citizen("19491231", 2)[6..]), "{told}");
            assert_eq!(page["items"][0]["name"], "李*英");
            assert_eq!(page["items"][0]["phone"], "139****1111");
            assert_eq!(page["items"][0]["age_years"], 76);
            assert_eq!(page["next_cursor"], json!(null));
        }
        assert_eq!(reads(&server).await, before);
    }

    async fn only_who_may_book_is_told_so(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let family = &world.family.client;
        let viewer = json!({"phone": world.other_family.phone, "relation": "relative", "consent": "verbal", "may_book": false});
        family.post(&format!("{path}/carers"), viewer).await.expect(201);
        for (person, may_book) in [
            (&world.family, true), (&world.other_family, false), (&world.coordinator, true),
            (&world.lead, true), (&world.doctor, false), (&world.supervisor, false),
        ] {
            let page = person.client.get("/v1/patients").await.expect(200);
            assert_eq!(page["items"][0]["may_book"], may_book, "{}", person.phone);
            assert_eq!(person.client.get(&path).await.expect(200)["may_book"], may_book, "{}", person.phone);
        }
    }

    async fn pages_are_whole_and_cost_the_same(server: TestServer) {
        let world = World::build(&server).await;
        let family = &world.family.client;
        register(family, person(1)).await;
        let cost = async || {
            statements_of(&server, async || {
                family.get("/v1/patients").await.expect(200);
            })
            .await
        };
        let one = cost().await;
        for n in 2..=7 {
            register(family, person(n)).await;
        }
        assert_eq!(one, cost().await);
        let all = family.get("/v1/patients").await.expect(200);
        let ids = |page: &serde_json::Value| -> Vec<String> {
            let items = page["items"].as_array().expect("items");
            items.iter().map(|item| text(item, "id").to_owned()).collect()
        };
        let mut seen = Vec::new();
        let mut path = "/v1/patients?limit=3".to_owned();
        loop {
            let page = family.get(&path).await.expect(200);
            seen.extend(ids(&page));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/v1/patients?limit=3&cursor={cursor}");
        }
        assert_eq!(seen.len(), 7);
        assert_eq!(seen, ids(&all), "newest first, each once");
        let mut sorted = seen.clone();
        sorted.sort();
        sorted.reverse();
        assert_eq!(seen, sorted);
        family.get("/v1/patients?cursor=nonsense").await.problem(400, "cursor_invalid");
        family.get("/v1/patients?page=2").await.problem(400, "query_invalid");
    }

    async fn a_list_can_be_of_one_institution(server: TestServer) {
        let world = World::build(&server).await;
        world.patient().await;
        let other = with(person(2), json!({"institution_id": world.town.other_centre}));
        register(&world.other_family.client, other).await;
        let lead = &world.lead.client;
        assert_eq!(lead.get("/v1/patients").await.expect(200)["items"].as_array().map(Vec::len), Some(2));
        let path = format!("/v1/patients?institution_id={}", world.town.centre);
        assert_eq!(lead.get(&path).await.expect(200)["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(world.other_coordinator.client.get(&path).await.expect(200)["items"], json!([]));
    }

    async fn a_whole_id_number_is_for_staff_and_recorded_by_itself(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let before = reads(&server).await.len();
        let number = citizen("19491231", 2);
        for client in [&world.coordinator.client, &world.doctor.client, &world.supervisor.client] {
            let masked = client.get(&path).await.expect(200);
            assert!(text(&masked, "id_number").contains("***********"), "{masked:#}");
            assert_eq!(masked["name"], NAME);
            let whole = client.get(&format!("{path}?reveal=id_number")).await.expect(200);
            assert_eq!(whole["id_number"], number);
        }
        let read = reads(&server).await.split_off(before);
        assert_eq!(read, ["get_patient", "reveal_id_number"].repeat(3));
        let reveal = format!("{path}?reveal=id_number");
        refused(&server, world.family.client.get(&reveal), 403, "forbidden").await;
        refused(&server, world.other_coordinator.client.get(&reveal), 404, "not_found").await;
        refused(&server, world.family.client.get(&format!("{path}?reveal=name")), 400, "query_invalid").await;
    }

    async fn a_coordinator_with_a_family_reveals_as_coordinator_only(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let both = &world.other_coordinator;
        jiahu::in_write!(server.app.db, "test_grant", |tx| {
            let role = entity::enums::Role::Family;
            jiahu::store::account::grant(tx, &server.app, world.town.community, both.account, role, None, None).await
        })
        .expect("a grant");
        let carer = json!({"phone": both.phone, "relation": "relative", "consent": "verbal", "may_book": true});
        world.family.client.post(&format!("{path}/carers"), carer).await.expect(201);
        // Seen as a carer; neither whole numbers nor corrections come with that.
        both.client.get(&path).await.expect(200);
        refused(&server, both.client.get(&format!("{path}?reveal=id_number")), 404, "not_found").await;
        let rename = both.client.patch(&path, "\"v1\"", json!({"name": "李秀兰"}));
        refused(&server, rename, 404, "not_found").await;
    }

    async fn who_read_what_is_on_record(server: TestServer) {
        use sea_orm::EntityTrait;

        let world = World::build(&server).await;
        let path = world.patient().await;
        for part in ["", "/addresses", "/health"] {
            world.doctor.client.get(&format!("{path}{part}")).await.expect(200);
        }
        let rows = entity::patient_read::Entity::find().all(server.app.db.reader()).await.expect("rows");
        let by_doctor: Vec<_> = rows.iter().filter(|row| row.account_id == world.doctor.account).collect();
        assert_eq!(by_doctor.len(), 3);
        assert!(by_doctor.iter().all(|row| path.ends_with(&row.patient_id.to_string()) && row.read_at == server.now()));
        // What is refused reads nothing.
        let before = dump(&server).await;
        for part in ["", "/addresses", "/health", "/carers"] {
            world.other_family.client.get(&format!("{path}{part}")).await.problem(404, "not_found");
        }
        assert!(before == dump(&server).await);
        assert_eq!(rows.iter().filter(|row| row.account_id == world.family.account).count(), 1, "{FAMILY}");
    }
}
