//! Who acts for a patient.

use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{
    FAMILY, OTHER_FAMILY, World, child, events, field, reads, refused, register, text, with,
};

fn carer(phone: &str, may_book: bool) -> Value {
    json!({"phone": phone, "relation": "child", "consent": "verbal", "may_book": may_book})
}

on_both! {
    async fn a_second_carer_sees_and_acts_until_ended(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let (family, other) = (&world.family.client, &world.other_family.client);
        other.get(&path).await.problem(404, "not_found");
        let reply = family.post(&format!("{path}/carers"), carer("+86 138 0000 0002", true)).await;
        assert_eq!(reply.headers["location"], format!("{path}/carers"));
        let added = reply.expect(201);
        assert_eq!((&added["me"], &added["phone"]), (&json!(false), &json!("138****0002")));
        other.patch(&path, "\"v1\"", json!({"phone": null})).await.expect(200);
        assert_eq!(other.get("/v1/patients").await.expect(200)["items"].as_array().map(Vec::len), Some(1));
        let carers = other.get(&format!("{path}/carers")).await.expect(200);
        let me: Vec<_> = carers["items"].as_array().expect("items").iter().map(|one| one["me"].clone()).collect();
        assert_eq!(me, [json!(false), json!(true)]);
        assert!(!carers.to_string().contains("小"), "names are masked");
        assert!(!reads(&server).await.contains(&"list_carers".to_owned()), "masked lists are no reads");

        let ending = format!("{path}/carers/{}", text(&added, "id"));
        family.delete(&ending).await.expect(204);
        for part in ["", "/carers", "/addresses", "/health"] {
            other.get(&format!("{path}{part}")).await.problem(404, "not_found");
        }
        assert_eq!(other.get("/v1/patients").await.expect(200)["items"], json!([]));
        refused(&server, other.patch(&path, "\"v2\"", json!({"phone": null})), 404, "not_found").await;
        refused(&server, family.delete(&ending), 404, "not_found").await;
        assert_eq!(events(&server).await, ["patient.registered", "carer.added", "patient.changed", "carer.ended"]);
        // The same person may come back.
        family.post(&format!("{path}/carers"), carer(OTHER_FAMILY, false)).await.expect(201);
        other.get(&path).await.expect(200);
    }

    async fn the_last_who_may_book_stays(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let family = &world.family.client;
        let viewer = family.post(&format!("{path}/carers"), carer(OTHER_FAMILY, false)).await.expect(201);
        let carers = family.get(&format!("{path}/carers")).await.expect(200);
        let first = format!("{path}/carers/{}", text(&carers["items"][0], "id"));
        for client in [family, &world.coordinator.client] {
            refused(&server, client.delete(&first), 409, "carer_last").await;
        }
        // Who only looks cannot send others away, and may leave.
        let looks = &world.other_family.client;
        refused(&server, looks.delete(&first), 403, "booking_not_allowed").await;
        looks.delete(&format!("{path}/carers/{}", text(&viewer, "id"))).await.expect(204);
        looks.get(&path).await.problem(404, "not_found");
    }

    async fn two_who_leave_at_once_leave_one(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let family = &world.family.client;
        let second = family.post(&format!("{path}/carers"), carer(OTHER_FAMILY, true)).await.expect(201);
        let carers = family.get(&format!("{path}/carers")).await.expect(200);
        let first = format!("{path}/carers/{}", text(&carers["items"][0], "id"));
        let second = format!("{path}/carers/{}", text(&second, "id"));
        let (one, other) = futures::join!(family.delete(&first), world.other_family.client.delete(&second));
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 409]);
        let carers = world.coordinator.client.get(&format!("{path}/carers")).await.expect(200);
        assert_eq!(carers["items"].as_array().map(Vec::len), Some(1));
    }

    async fn a_coordinator_adds_and_ends_carers(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let staff = &world.coordinator.client;
        let village_doctor = json!({"phone": OTHER_FAMILY, "relation": "village_doctor", "consent": "written", "may_book": true});
        let added = staff.post(&format!("{path}/carers"), village_doctor).await.expect(201);
        world.other_family.client.get(&path).await.expect(200);
        staff.delete(&format!("{path}/carers/{}", text(&added, "id"))).await.expect(204);
    }

    async fn bad_carers_are_named_and_change_nothing(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let family = &world.family.client;
        let carers = format!("{path}/carers");
        refused(&server, family.post(&carers, carer(FAMILY, true)), 409, "carer_exists").await;
        refused(&server, family.post(&carers, carer("13877777777", true)), 422, "carer_unknown").await;
        // A doctor's account has no family role; a stranger's is of another community.
        refused(&server, family.post(&carers, carer("13800000006", true)), 422, "carer_unknown").await;
        let body = with(carer(OTHER_FAMILY, true), json!({"relation": "oneself"}));
        let problem = refused(&server, family.post(&carers, body), 422, "consent_mismatch").await;
        assert_eq!(field(&problem), ("consent", "consent_mismatch"));
        let body = with(carer(OTHER_FAMILY, true), json!({"may_book": null}));
        let problem = refused(&server, family.post(&carers, body), 422, "invalid_request").await;
        assert_eq!(field(&problem), ("may_book", "field_missing"));
        let body = with(carer(OTHER_FAMILY, true), json!({"phone": "1"}));
        let problem = refused(&server, family.post(&carers, body), 422, "invalid_request").await;
        assert_eq!(field(&problem), ("phone", "phone_invalid"));
        let nobody = format!("{carers}/{}", world.family.account);
        refused(&server, family.delete(&nobody), 404, "not_found").await;
        // A carer of another patient is not this one's.
        let other = register(&world.other_family.client, world.at_centre(2)).await;
        let theirs = world.other_family.client.get(&format!("{other}/carers")).await.expect(200);
        let theirs = format!("{carers}/{}", text(&theirs["items"][0], "id"));
        refused(&server, family.delete(&theirs), 404, "not_found").await;
    }

    async fn who_acts_for_a_minor_is_a_guardian(server: TestServer) {
        let world = World::build(&server).await;
        let path = register(&world.family.client, child()).await;
        let carers = format!("{path}/carers");
        let family = &world.family.client;
        let aunt = json!({"phone": OTHER_FAMILY, "relation": "relative", "consent": "verbal", "may_book": true});
        refused(&server, family.post(&carers, aunt.clone()), 422, "guardian_required").await;
        family.post(&carers, with(aunt, json!({"may_book": false}))).await.expect(201);
    }

    async fn there_are_at_most_twenty(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let role = entity::enums::Role::Family;
        let mut one_too_many = String::new();
        for n in 0..20 {
            let phone = format!("138111100{n:02}");
            world.town.person(&server, &phone, role, None).await;
            if n < 19 {
                world.family.client.post(&format!("{path}/carers"), carer(&phone, false)).await.expect(201);
            }
            one_too_many = phone;
        }
        let carers = format!("{path}/carers");
        let call = world.family.client.post(&carers, carer(&one_too_many, false));
        refused(&server, call, 422, "too_many").await;
    }
}
