//! Who sees what: another family, another institution and another community find nothing.

use entity::enums::Role;
use jiahu_tests::harness::Client;
use jiahu_tests::on_both;
use serde_json::{Value, json};

use super::{NAME, STREET, World, dump, refused, text, visit};

/// Every operation on one patient, as this person.
async fn calls(client: &Client, path: &str, parts: &Parts) -> Vec<(String, u16, String)> {
    let new_carer =
        json!({"phone": "13800000002", "relation": "child", "consent": "verbal", "may_book": true});
    let facts = json!({"allergies": [], "diagnoses": [], "conditions": []});
    let apart = json!({"refused_by": "patient", "reason": "争执"});
    let at = |part: &str| format!("{path}{part}");
    let Parts {
        carer,
        address,
        nurse,
    } = parts;
    let replies = [
        ("get", client.get(path).await),
        (
            "change",
            client.patch(path, "\"v1\"", json!({"phone": null})).await,
        ),
        ("list carers", client.get(&at("/carers")).await),
        ("add carer", client.post(&at("/carers"), new_carer).await),
        (
            "end carer",
            client.delete(&at(&format!("/carers/{carer}"))).await,
        ),
        ("list addresses", client.get(&at("/addresses")).await),
        (
            "get address",
            client.get(&at(&format!("/addresses/{address}"))).await,
        ),
        (
            "add address",
            client
                .post(&at("/addresses"), json!({"text": STREET}))
                .await,
        ),
        (
            "change address",
            client
                .patch(
                    &at(&format!("/addresses/{address}")),
                    "\"v1\"",
                    json!({"text": "西街"}),
                )
                .await,
        ),
        (
            "remove address",
            client.delete(&at(&format!("/addresses/{address}"))).await,
        ),
        ("get health", client.get(&at("/health")).await),
        (
            "put health",
            client.put_if(&at("/health"), "\"v1\"", facts).await,
        ),
        ("list kept apart", client.get(&at("/kept-apart")).await),
        (
            "keep apart",
            client
                .put(&at(&format!("/kept-apart/{nurse}")), apart)
                .await,
        ),
        (
            "end keep apart",
            client.delete(&at(&format!("/kept-apart/{nurse}"))).await,
        ),
    ];
    let told = |body: &Value| body["code"].as_str().unwrap_or_default().to_owned();
    replies
        .into_iter()
        .map(|(name, reply)| (name.to_owned(), reply.status.as_u16(), told(&reply.body)))
        .collect()
}

struct Parts {
    carer: String,
    address: String,
    nurse: String,
}

on_both! {
    async fn what_is_not_yours_is_not_there(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let family = &world.family.client;
        let address = family.post(&format!("{path}/addresses"), json!({"text": STREET})).await.expect(201);
        let carers = family.get(&format!("{path}/carers")).await.expect(200);
        let nurse = visit::nurse(&server, &world).await;
        let parts = Parts {
            carer: text(&carers["items"][0], "id").to_owned(),
            address: text(&address, "id").to_owned(),
            nurse: nurse.id.to_string(),
        };
        let before = dump(&server).await;
        let foreign = [
            ("another family", &world.other_family.client),
            ("another institution", &world.other_coordinator.client),
            ("a family elsewhere", &world.stranger.client),
            ("a coordinator elsewhere", &world.strange_coordinator.client),
            ("a nurse without a visit", &nurse.person.client),
        ];
        for (who, client) in foreign {
            for (name, status, code) in calls(client, &path, &parts).await {
                // What the role may never do is told before it is looked for.
                let fine = (status, code.as_str()) == (404, "not_found") || (status, code.as_str()) == (403, "forbidden");
                assert!(fine, "{who}, {name}: {status} {code}");
                let role_may = !name.contains("apart") || who.contains("institution") || who.contains("coordinator");
                if role_may && !who.contains("nurse") {
                    assert_eq!(status, 404, "{who}, {name}");
                }
            }
            assert_eq!(client.get("/v1/patients").await.expect(200)["items"], json!([]), "{who}");
        }
        for (name, status, code) in calls(&server.nobody(), &path, &parts).await {
            assert_eq!((status, code.as_str()), (401, "unauthorized"), "{name}");
        }
        for role in [Role::Admin, Role::Auditor] {
            let institution = Some(world.town.hospital);
            let phone = if role == Role::Admin { "13800000021" } else { "13800000022" };
            let person = world.town.person(&server, phone, role, institution).await;
            for (name, status, code) in calls(&person.client, &path, &parts).await {
                assert_eq!((status, code.as_str()), (403, "forbidden"), "{role}, {name}");
            }
            person.client.get("/v1/patients").await.problem(403, "forbidden");
        }
        let after = dump(&server).await;
        // The two accounts just made are the only difference.
        assert_eq!(before.matches("patient_id").count(), after.matches("patient_id").count());
        assert_eq!(before.matches("read_at").count(), after.matches("read_at").count());
    }

    async fn staff_see_their_institutions_and_those_under_them(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        for person in [&world.coordinator, &world.lead, &world.doctor, &world.supervisor] {
            assert_eq!(person.client.get(&path).await.expect(200)["name"], NAME);
            assert_eq!(person.client.get("/v1/patients").await.expect(200)["items"].as_array().map(Vec::len), Some(1));
        }
    }

    async fn a_nurse_sees_the_patient_while_she_has_the_visit(server: TestServer) {
        let world = World::build(&server).await;
        let path = world.patient().await;
        let family = &world.family.client;
        let address = family.post(&format!("{path}/addresses"), json!({"text": STREET})).await.expect(201);
        let order = visit::order(&server, &world, &path, text(&address, "id")).await;
        let nurse = visit::nurse(&server, &world).await;
        let client = &nurse.person.client;
        client.get(&path).await.problem(404, "not_found");
        let visit = visit::begin(&server, &world, order, nurse.id).await;
        assert_eq!(client.get(&path).await.expect(200)["may_book"], false);
        client.get(&format!("{path}/health")).await.expect(200);
        client.get(&format!("{path}/addresses")).await.expect(200);
        assert_eq!(client.get("/v1/patients").await.expect(200)["items"][0]["name"], "李*英");
        refused(&server, client.patch(&path, "\"v1\"", json!({"phone": null})), 403, "forbidden").await;
        refused(&server, client.get(&format!("{path}?reveal=id_number")), 403, "forbidden").await;
        visit::end(&server, visit).await;
        client.get(&path).await.problem(404, "not_found");
    }

    async fn ids_that_are_none_are_not_found(server: TestServer) {
        let world = World::build(&server).await;
        for part in ["x", "00000000-0000-0000-0000-000000000000"] {
            let reply = world.lead.client.get(&format!("/v1/patients/{part}")).await;
            assert_eq!(reply.status.as_u16(), 404);
        }
    }
}
