//! Pictures of exercises: those that come with the program, and a community's own.

use std::io::Cursor;

use entity::enums::Role;
use image::{DynamicImage, ImageFormat, RgbImage};
use jiahu::crypto::sha256_hex;
use jiahu_tests::harness::{NurseSpec, Person, Reply, Scene, TestServer, Town, fresh_key};
use jiahu_tests::on_both;
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{doctor, plan};

const UPLOAD: &str = "/v1/exercise-pictures";
const EXERCISES: &str = "/v1/rule-sets/exercises";

/// A photo of an exercise, with a zip behind it.
fn photo(width: u32, format: ImageFormat) -> Vec<u8> {
    let image = RgbImage::from_fn(width, 300, |x, y| {
        image::Rgb([(x % 251) as u8, (y % 241) as u8, 90])
    });
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(image)
        .write_to(&mut bytes, format)
        .expect("a picture");
    let mut bytes = bytes.into_inner();
    bytes.extend(b"PK\x03\x04 a zip behind it");
    bytes
}

async fn upload(who: &Person, bytes: &[u8], key: &str) -> Reply {
    let request = who.client.request(Method::POST, UPLOAD);
    let request = request
        .header("idempotency-key", key)
        .header("content-type", "image/jpeg");
    who.client.send(request.body(bytes.to_vec())).await
}

async fn get_if_none(who: &Person, path: &str, tag: &str) -> Reply {
    let request = who.client.request(Method::GET, path);
    who.client.send(request.header("if-none-match", tag)).await
}

async fn supervisor(server: &TestServer, town: &Town, phone: &str) -> Person {
    let at = Some(town.hospital);
    town.person(server, phone, Role::Supervisor, at).await
}

/// The next version of the library in which these exercises have these pictures.
async fn library(boss: &Person, version: i32, pictures: &[(usize, &str)]) -> Value {
    let path = format!("{EXERCISES}/{}", version - 1);
    let mut file = boss.client.get(&path).await.expect(200)["content"].clone();
    file["version"] = json!(version);
    for (index, name) in pictures {
        file["exercises"][*index]["picture"] = json!(name);
    }
    file
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

on_both! {
    async fn every_exercise_has_a_picture_that_a_phone_may_keep(server: TestServer) {
        let scene = Scene::build(&server).await;
        let doctor = doctor(&server, &scene).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await.person;
        let cards = scene.family.client.get("/v1/exercises").await.expect(200)["exercises"].clone();
        let cards = cards.as_array().expect("exercises");
        assert_eq!(cards.len(), 8);
        for card in cards {
            let path = text(&card["picture_path"]);
            for person in [&scene.family, &nurse, &doctor, &scene.coordinator] {
                let reply = person.client.get(path).await;
                assert_eq!((reply.status.as_u16(), reply.content_type()), (200, "image/svg+xml"));
                assert!(reply.bytes.starts_with(b"<svg xmlns="));
                // The address says what is there, so a phone can tell that it has all of it.
                let hash = sha256_hex(&reply.bytes);
                assert_eq!(path, format!("{UPLOAD}/{hash}"));
                assert_eq!(reply.etag(), format!("\"{hash}\""));
                assert_eq!(reply.headers["cache-control"], "private, max-age=31536000, immutable");
                assert_eq!(reply.headers["content-security-policy"], "default-src 'none'; frame-ancestors 'none'; sandbox");
                assert_eq!(reply.headers["x-content-type-options"], "nosniff");
                let again = get_if_none(person, path, &reply.etag()).await;
                assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0));
                assert_eq!((again.etag(), &again.headers["cache-control"]), (reply.etag(), &reply.headers["cache-control"]));
                assert_eq!(get_if_none(person, path, "\"another\"").await.status, 200);
            }
            server.nobody().get(path).await.problem(401, "unauthorized");
        }
        let (id, _) = plan(&doctor, &scene, &["ankle_pump", "pursed_lip"]).await;
        let shown = scene.family.client.get(&format!("/v1/rehab-plans/{id}")).await.expect(200);
        for (exercise, card) in [(0, 0), (1, 7)] {
            assert_eq!(shown["exercises"][exercise]["picture_path"], cards[card]["picture_path"]);
        }
        let unknown = format!("{UPLOAD}/{}", "0".repeat(64));
        scene.family.client.get(&unknown).await.problem(404, "not_found");
        for malformed in ["ankle_pump.svg", "exercises%2Fankle_pump", &"A".repeat(64)] {
            let path = format!("{UPLOAD}/{malformed}");
            scene.family.client.get(&path).await.problem(404, "path_invalid");
        }
    }

    async fn a_community_shows_its_own_picture(server: TestServer) {
        let scene = Scene::build(&server).await;
        let doctor = doctor(&server, &scene).await;
        let boss = supervisor(&server, &scene.town, "13800000052").await;
        let (png, key) = (photo(2_000, ImageFormat::Png), fresh_key());
        let reply = upload(&boss, &png, &key).await;
        let place = reply.headers["location"].clone();
        let own = reply.expect(201);
        assert_eq!((&own["width"], &own["height"], &own["path"]), (&json!(1_280), &json!(192), &json!(place.to_str().expect("ASCII"))));
        let path = text(&own["path"]);
        let read = scene.family.client.get(path).await;
        assert_eq!((read.status.as_u16(), read.content_type()), (200, "image/jpeg"));
        assert_eq!((own["id"].clone(), own["bytes"].clone()), (json!(sha256_hex(&read.bytes)), json!(read.bytes.len())));
        assert!(!read.bytes.windows(4).any(|part| part == b"PK\x03\x04"), "the zip is gone");
        assert_eq!(get_if_none(&scene.family, path, &read.etag()).await.status, 304);
        // Sent again, by the same press or by another, it is the same picture.
        assert_eq!(upload(&boss, &png, &key).await.expect(201), own);
        server.advance(chrono::TimeDelta::minutes(1)).await;
        assert_eq!(upload(&boss, &png, &fresh_key()).await.expect(201), own);
        for format in [ImageFormat::Jpeg, ImageFormat::WebP] {
            upload(&boss, &photo(90, format), &fresh_key()).await.expect(201);
        }
        let (id, _) = plan(&doctor, &scene, &["ankle_pump", "hand_grip"]).await;
        let shown = async || scene.family.client.get(&format!("/v1/rehab-plans/{id}")).await.expect(200)["exercises"].clone();
        let before = shown().await;
        let file = library(&boss, 2, &[(0, text(&own["id"]))]).await;
        boss.client.post(EXERCISES, file).await.expect(201);
        let after = shown().await;
        assert_eq!(after[0]["picture_path"], own["path"]);
        assert_ne!(after[0]["picture_path"], before[0]["picture_path"]);
        assert_eq!(after[1]["picture_path"], before[1]["picture_path"]);
        // Who keeps the old address still gets the old drawing.
        scene.family.client.get(text(&before[0]["picture_path"])).await.expect(200);
    }

    async fn another_community_has_neither_the_picture_nor_its_name(server: TestServer) {
        let (town, away) = (Town::build(&server, "130431").await, Town::build(&server, "130432").await);
        let boss = supervisor(&server, &town, "13800000052").await;
        let other = supervisor(&server, &away, "13800000053").await;
        let own = upload(&boss, &photo(90, ImageFormat::Jpeg), &fresh_key()).await.expect(201);
        let (id, path) = (text(&own["id"]), text(&own["path"]));
        let tag = boss.client.get(path).await.etag();
        other.client.get(path).await.problem(404, "not_found");
        get_if_none(&other, path, &tag).await.problem(404, "not_found");
        let file = library(&other, 2, &[(2, id)]).await;
        let problem = other.client.post(EXERCISES, file.clone()).await.problem(422, "rule_set_invalid");
        assert_eq!(problem["problems"][0]["path"], "exercises[2].picture");
        // It may have the same one, by its own hand.
        let same = upload(&other, &photo(90, ImageFormat::Jpeg), &fresh_key()).await.expect(201);
        assert_eq!(same["id"], own["id"]);
        other.client.post(EXERCISES, file).await.expect(201);
    }

    async fn what_is_no_photo_is_refused_and_nobody_else_adds_one(server: TestServer) {
        let scene = Scene::build(&server).await;
        let boss = supervisor(&server, &scene.town, "13800000052").await;
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
        for other in [&svg[..], b"PK\x03\x04 a zip", b"GIF89a", b"<html></html>", b"%PDF-1.7", b""] {
            upload(&boss, other, &fresh_key()).await.problem(415, "photo_type_unknown");
        }
        let jpeg = photo(90, ImageFormat::Jpeg);
        upload(&boss, &jpeg[..60], &fresh_key()).await.problem(422, "photo_unreadable");
        for person in [&scene.family, &scene.coordinator, &doctor(&server, &scene).await] {
            upload(person, &jpeg, &fresh_key()).await.problem(403, "forbidden");
        }
        let own = upload(&boss, &jpeg, &fresh_key()).await.expect(201);
        // Not even by hand does a picture change or go.
        let db = server.app.db.reader();
        for change in ["UPDATE exercise_picture SET width = 2", "DELETE FROM exercise_picture"] {
            let refused = db.execute_unprepared(change).await.expect_err(change).to_string();
            assert!(refused.contains("exercise_picture_"), "{refused}");
        }
        boss.client.get(text(&own["path"])).await.expect(200);
    }

    async fn a_file_that_names_a_picture_nobody_has_is_refused(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let boss = supervisor(&server, &town, "13800000052").await;
        let nobody_has = "b".repeat(64);
        let file = library(&boss, 2, &[(1, "exercises/headstand"), (5, &nobody_has)]).await;
        let problem = boss.client.post(EXERCISES, file).await.problem(422, "rule_set_invalid");
        let problems = problem["problems"].as_array().expect("problems");
        let told: Vec<_> = problems.iter().map(|one| (text(&one["path"]), text(&one["code"]))).collect();
        let unknown = "unknown_reference";
        assert_eq!(told, [("exercises[1].picture", unknown), ("exercises[5].picture", unknown)]);
        assert!(text(&problems[0]["detail"]).contains("exercises/headstand"));
        assert_eq!(boss.client.get(EXERCISES).await.expect(200)["in_force"], 1);
        let file = library(&boss, 2, &[]).await;
        boss.client.post(EXERCISES, file).await.expect(201);
    }
}
