//! Signatures and withdrawn consents around a visit that was made without signal.

use std::io::Cursor;

use chrono::TimeDelta;
use entity::enums::Role;
use image::{DynamicImage, GrayImage, ImageFormat};
use jiahu_tests::harness::{Fixtures, Reply, SceneNurse, fresh_key};
use jiahu_tests::on_both;
use reqwest::Method;
use serde_json::{Value, json};

use super::{accepted, actions, fresh_id, good_visit, here, place_of, results, tell, work};

/// A signature as a phone draws it.
fn signature(width: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(GrayImage::new(width, 20))
        .write_to(&mut bytes, ImageFormat::Png)
        .expect("a picture");
    bytes.into_inner()
}

fn hash(image: &[u8]) -> Value {
    json!(jiahu::crypto::sha256_hex(image))
}

async fn bring(nurse: &SceneNurse, visit: &str, image: &[u8]) -> Reply {
    let client = &nurse.person.client;
    let request = client.request(Method::POST, &format!("/v1/visits/{visit}/photos"));
    let request = request
        .header("idempotency-key", fresh_key())
        .header("content-type", "image/png");
    client.send(request.body(image.to_vec())).await
}

on_both! {
    async fn signatures_are_told_by_batch_and_their_images_come_later(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let [signer, taker, stranger] = [30, 31, 32].map(signature);
        let mut acts = good_visit(&scene, &nurse, &visit).await;
        for (kind, _, body) in &mut acts {
            match *kind {
                "consent" => body["signature"] = json!({ "sha256": hash(&signer), "bytes": signer.len() }),
                "waste" => body["signature_hash"] = hash(&taker),
                _ => {}
            }
        }
        let since = server.now();
        server.advance(TimeDelta::hours(2)).await;
        let told = tell(&nurse, server.now(), &actions(&visit, since, &acts)).await;
        assert!(results(&told).iter().all(|one| *one == "applied"), "{told}");
        let photos = format!("/v1/visits/{visit}/photos");
        let awaited = nurse.person.client.get(&photos).await.expect(200)["awaited"].clone();
        for image in [&signer, &taker] {
            assert!(awaited.as_array().expect("a list").contains(&hash(image)));
            bring(&nurse, &visit, image).await.expect(201);
        }
        bring(&nurse, &visit, &stranger).await.problem(409, "photo_not_in_record");
        assert_eq!(nurse.person.client.get(&photos).await.expect(200)["awaited"], json!([]));
    }

    async fn who_signed_is_judged_by_who_acted_for_the_patient_then(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let daughter = scene.town.person(&server, "13900000011", Role::Family, None).await;
        let make = Fixtures::new(&server, &scene.town);
        let carer = make.carer(scene.patient, daughter.account, true).await;
        let mut acts = good_visit(&scene, &nurse, &visit).await;
        for (kind, _, body) in &mut acts {
            if *kind == "consent" {
                body["signer"]["carer_id"] = json!(carer);
            }
        }
        let told = actions(&visit, server.now(), &acts);
        // She signs, and is a carer no more before anybody hears of it; her brother is one from then on.
        server.advance(TimeDelta::minutes(30)).await;
        let path = format!("/v1/patients/{}/carers/{carer}", scene.patient);
        scene.family.client.delete(&path).await.expect(204);
        let son = scene.town.person(&server, "13900000012", Role::Family, None).await;
        let later = make.carer(scene.patient, son.account, true).await;
        server.advance(TimeDelta::hours(2)).await;
        let signed = place_of(&told, "consent");
        let mut his = told[signed].clone();
        (his["id"], his["body"]["signer"]["carer_id"]) = (json!(fresh_id()), json!(later));
        tell(&nurse, server.now(), &told[..signed]).await;
        let answer = tell(&nurse, server.now(), &[his]).await;
        assert_eq!(answer["results"][0]["answer"]["code"], "signer_not_allowed");
        let answer = tell(&nurse, server.now(), &told).await;
        assert!(results(&answer).iter().all(|one| *one == "applied"), "{answer}");
    }

    async fn a_consent_signed_and_taken_back_without_signal_counts_no_more(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let mut acts = good_visit(&scene, &nurse, &visit).await;
        let start = acts.iter().position(|act| act.0 == "start").expect("it begins");
        let back = json!({ "text": "care_catheter", "reason": "害怕疼痛" });
        acts.insert(start, ("consent-withdrawn", 24, back));
        let since = server.now();
        server.advance(TimeDelta::hours(2)).await;
        let told = actions(&visit, since, &acts);
        let answer = tell(&nurse, server.now(), &told).await;
        let results = results(&answer);
        assert!(results[..=start].iter().all(|one| *one == "applied"), "{answer}");
        let withdrawn = &answer["results"][start]["answer"];
        assert_eq!(withdrawn["withdrawn_at"], json!(since + TimeDelta::minutes(24)));
        assert_eq!(answer["results"][start + 1]["answer"]["code"], "consent_missing");
        // What was taken back stays as it is, and what was never signed is not there.
        let again = ["care_catheter", "care_injection"].map(|text| {
            json!({
                "id": fresh_id(), "visit_id": visit, "do": "consent-withdrawn",
                "device_at": server.now(), "body": { "text": text },
            })
        });
        let again = tell(&nurse, server.now(), &again).await;
        assert_eq!(&again["results"][0]["answer"], withdrawn, "{again}");
        assert_eq!(again["results"][1]["answer"]["code"], "not_found");
    }

    async fn what_the_family_took_back_first_holds_nothing_up(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let mut acts = good_visit(&scene, &nurse, &visit).await;
        let begun = acts.iter().position(|act| act.0 == "start").expect("it begins") + 1;
        acts.truncate(begun);
        acts.extend([
            ("consent-withdrawn", 40, json!({ "text": "care_catheter", "reason": "害怕疼痛" })),
            ("abort", 41, json!({ "reason": "家属不同意继续" })),
            ("leave", 45, json!({ "place": here() })),
        ]);
        let told = actions(&visit, server.now(), &acts);
        server.advance(TimeDelta::minutes(30)).await;
        let answer = tell(&nurse, server.now(), &told[..begun]).await;
        assert!(results(&answer).iter().all(|one| *one == "applied"), "{answer}");
        // Said in the app as well, before she has signal again.
        let path = format!("/v1/patients/{}/consents", scene.patient);
        let given = scene.family.client.get(&path).await.expect(200);
        let care = given["items"].as_array().expect("a list").iter().find(|one| one["visit_id"] == visit);
        let withdraw = format!("{path}/{}/withdraw", care.expect("signed")["id"].as_str().expect("an id"));
        let withdrawn = scene.family.client.post(&withdraw, json!({})).await.expect(200);
        server.advance(TimeDelta::hours(1)).await;
        let answer = tell(&nurse, server.now(), &told[begun..]).await;
        assert_eq!(results(&answer), ["applied"; 3], "{answer}");
        assert_eq!(answer["results"][0]["answer"]["withdrawn_at"], withdrawn["withdrawn_at"]);
        assert!(work(&scene.coordinator.client).await.is_empty());
        let trail = jiahu::store::event::of_order(server.app.db.reader(), scene.town.community, order).await;
        let trail = trail.expect("a trail");
        assert!(!trail.iter().any(|event| event.kind == "consent.withdrawn"), "it is said once");
    }

    async fn what_was_done_before_a_withdrawal_counts_and_what_came_after_does_not(server: TestServer) {
        let (scene, nurse, _, visit) = accepted(&server).await;
        let acts = good_visit(&scene, &nurse, &visit).await;
        let since = server.now();
        let told = actions(&visit, since, &acts);
        // The family takes it back after she was let in and before the procedure, and she hears nothing of it.
        server.advance(TimeDelta::minutes(24)).await;
        let path = format!("/v1/patients/{}/consents", scene.patient);
        let given = scene.family.client.get(&path).await.expect(200);
        let given = given["items"].as_array().expect("a list");
        let health = given.iter().find(|one| one["text"] == "health_data").expect("given");
        let withdraw = format!("{path}/{}/withdraw", health["id"].as_str().expect("an id"));
        scene.family.client.post(&withdraw, json!({})).await.expect(200);
        server.advance(TimeDelta::hours(2)).await;
        let answer = tell(&nurse, server.now(), &told).await;
        let start = place_of(&told, "start");
        let results = results(&answer);
        assert!(results[..start].iter().all(|one| *one == "applied"), "{answer}");
        assert_eq!(answer["results"][start]["answer"]["code"], "data_consent_missing");
        assert!(results[start + 1..].iter().all(|one| *one == "held"), "{answer}");
        let list = scene.coordinator.client.get("/v1/work-items").await.expect(200);
        let items = list["items"].as_array().expect("a list");
        assert!(items.iter().any(|one| one["code"] == "data_consent_missing"));
    }
}
