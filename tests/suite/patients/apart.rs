//! Nurses and patients who are kept apart.

use jiahu_tests::on_both;
use serde_json::json;

use super::{World, dump, events, field, refused, visit, with};

on_both! {
    async fn a_pair_is_kept_apart_and_let_together_again(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let nurse = visit::nurse(&server, &world).await;
        let apart = format!("{path}/kept-apart/{}", nurse.id);
        let staff = &world.coordinator.client;
        let body = json!({"refused_by": "patient", "reason": "曾有争执"});
        let answer = staff.put(&apart, body.clone()).await.expect(200);
        assert_eq!((&answer["refused_by"], &answer["reason"]), (&json!("patient"), &json!("曾有争执")));
        assert_eq!(answer["recorded_by"], json!(world.coordinator.account));
        // Said again, the newer reason counts.
        let newer = json!({"refused_by": "nurse", "reason": "养狗"});
        world.supervisor.client.put(&apart, newer).await.expect(200);
        let list = staff.get(&format!("{path}/kept-apart")).await.expect(200);
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
        assert_eq!((&list["items"][0]["reason"], &list["items"][0]["nurse_id"]), (&json!("养狗"), &json!(nurse.id)));
        assert!(!dump(&server).await.contains("养狗"), "reasons are sealed");
        staff.delete(&apart).await.expect(204);
        refused(&server, staff.delete(&apart), 404, "not_found").await;
        assert_eq!(staff.get(&format!("{path}/kept-apart")).await.expect(200)["items"], json!([]));
        assert_eq!(
            events(&server).await,
            ["patient.registered", "nurse.kept_apart", "nurse.kept_apart", "nurse.kept_apart_ended"]
        );
    }

    async fn bad_pairs_and_other_people_change_nothing(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let nurse = visit::nurse(&server, &world).await;
        let apart = format!("{path}/kept-apart/{}", nurse.id);
        let body = json!({"refused_by": "patient", "reason": "曾有争执"});
        for (changes, at, code) in [
            (json!({"reason": " "}), "reason", "text_length"),
            (json!({"refused_by": "god"}), "refused_by", "choice_unknown"),
            (json!({"nurse": 1}), "nurse", "field_unknown"),
        ] {
            let call = world.coordinator.client.put(&apart, with(body.clone(), changes));
            assert_eq!(field(&refused(&server, call, 422, "invalid_request").await), (at, code));
        }
        let nobody = format!("{path}/kept-apart/{}", world.family.account);
        refused(&server, world.coordinator.client.put(&nobody, body.clone()), 404, "not_found").await;
        for client in [&world.family.client, &world.doctor.client] {
            refused(&server, client.put(&apart, body.clone()), 403, "forbidden").await;
            refused(&server, client.delete(&apart), 403, "forbidden").await;
            refused(&server, client.get(&format!("{path}/kept-apart")), 403, "forbidden").await;
        }
        for client in [&world.other_coordinator.client, &world.strange_coordinator.client] {
            refused(&server, client.put(&apart, body.clone()), 404, "not_found").await;
            refused(&server, client.get(&format!("{path}/kept-apart")), 404, "not_found").await;
        }
    }
}
