//! Photos of a visit that was taken from its nurse while she was there without signal.

use std::io::Cursor;

use chrono::TimeDelta;
use image::{DynamicImage, ImageFormat};
use jiahu::crypto::sha256_hex;
use jiahu_tests::harness::{Person, Reply, fresh_key};
use jiahu_tests::on_both;
use reqwest::Method;
use serde_json::json;

use super::{accepted, actions, good_visit, reassign, results, tell, work};

fn picture(width: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(width, 20)
        .write_to(&mut bytes, ImageFormat::Png)
        .expect("a picture");
    bytes.into_inner()
}

async fn send(who: &Person, path: &str, bytes: &[u8]) -> Reply {
    let request = who.client.request(Method::POST, path);
    let request = request
        .header("idempotency-key", fresh_key())
        .header("content-type", "image/png");
    who.client.send(request.body(bytes.to_vec())).await
}

on_both! {
    async fn a_photo_that_a_kept_record_names_is_kept_with_it(server: TestServer) {
        let (scene, nurse, order, visit) = accepted(&server).await;
        let (named, other) = (picture(20), picture(21));
        let mut good = good_visit(&scene, &nurse, &visit).await;
        let record = good.iter_mut().find(|act| act.0 == "record").expect("a record");
        record.2["forms"]["UC_CHG"]["site_photo"] = json!(sha256_hex(&named));
        let set_out = server.now();
        server.app.clock.advance(TimeDelta::hours(3));
        reassign(&server, &scene, order).await;
        let path = format!("/v1/visits/{visit}/photos");
        // The visit is not hers any more, and nobody has heard of a record.
        send(&nurse.person, &path, &named).await.problem(404, "not_found");
        let answer = tell(&nurse, server.now(), &actions(&visit, set_out, &good)).await;
        assert!(!results(&answer).contains(&"applied"), "{answer}");
        let items = work(&scene.coordinator.client).await;
        assert!(items.iter().any(|item| item["do"] == "record" && item["visit_id"] == json!(visit)));
        let kept = send(&nurse.person, &path, &named).await.expect(201);
        assert_eq!(send(&nurse.person, &path, &named).await.expect(201)["id"], kept["id"]);
        send(&nurse.person, &path, &other).await.problem(404, "not_found");
        let one = format!("{path}/{}", kept["id"].as_str().expect("an id"));
        for who in [&nurse.person, &scene.coordinator] {
            let listed = who.client.get(&path).await.expect(200);
            assert_eq!((&listed["items"][0]["id"], &listed["awaited"]), (&kept["id"], &json!([])));
            for picture in [one.clone(), format!("{one}/thumbnail")] {
                assert_eq!(who.client.get(&picture).await.status, 200);
            }
        }
        for path in [&path, &one, &format!("{one}/thumbnail")] {
            scene.family.client.get(path).await.problem(404, "not_found");
        }
        // The visit itself stays taken away.
        nurse.person.client.get(&format!("/v1/visits/{visit}")).await.problem(404, "not_found");
    }
}
