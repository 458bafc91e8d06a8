//! Photos of a visit: what is taken, what is kept of it, and who sees it.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use entity::enums::Role;
use futures::future::join_all;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use jiahu_tests::harness::{
    Backend, Bucket, NurseSpec, PAGE, Person, Reply, Scene, SceneNurse, TestServer, consent_body,
    filled_forms, fresh_key, screened, with_family,
};
use jiahu_tests::on_both;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{at_the_door, here};

/// What the picture of a camera says about where it was taken.
const PLACE: &[u8] = b"GPS 36.92N 114.88E";

fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let image = RgbImage::from_fn(width, height, |x, y| {
        Rgb([(x % 251) as u8, (y % 241) as u8, 90])
    });
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(image)
        .write_to(&mut bytes, format)
        .expect("a picture");
    bytes.into_inner()
}

/// A JPEG as a phone makes it: lying on its side, with the place in its metadata.
fn from_a_phone() -> Vec<u8> {
    let tiff = |orientation: u8| {
        let mut tiff = b"II\x2a\0\x08\0\0\0\x02\0".to_vec();
        tiff.extend([0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]);
        let length = u8::try_from(PLACE.len()).expect("short");
        tiff.extend([0x0e, 1, 2, 0, length, 0, 0, 0, 38, 0, 0, 0]);
        tiff.extend([0, 0, 0, 0]);
        tiff.extend(PLACE);
        tiff
    };
    let exif = [b"Exif\0\0", tiff(6).as_slice()].concat();
    let length = u16::try_from(exif.len() + 2).expect("short");
    let plain = picture(60, 40, ImageFormat::Jpeg);
    let head = [&plain[..2], &[0xff, 0xe1], &length.to_be_bytes()].concat();
    [&head[..], &exif, &plain[2..]].concat()
}

/// A PNG whose head says that it has 20,000 by 20,000 pixels.
pub(super) fn bomb() -> Vec<u8> {
    let mut bytes = picture(1, 1, ImageFormat::Png);
    for place in [16, 20] {
        bytes[place..place + 4].copy_from_slice(&20_000_u32.to_be_bytes());
    }
    let sum = !bytes[12..29].iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg())
        })
    });
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    bytes
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn sha256(bytes: &[u8]) -> String {
    jiahu::crypto::sha256_hex(bytes)
}

async fn send(who: &Person, path: &str, bytes: &[u8]) -> Reply {
    send_with_key(who, path, bytes, &fresh_key()).await
}

async fn send_with_key(who: &Person, path: &str, bytes: &[u8], key: &str) -> Reply {
    let request = who.client.request(Method::POST, path);
    let request = request
        .header("idempotency-key", key)
        .header("content-type", "image/jpeg");
    who.client.send(request.body(bytes.to_vec())).await
}

/// Every file of the photo store.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

fn folder(server: &TestServer) -> PathBuf {
    match &server.app.config.photos.store {
        jiahu::config::PhotoPlace::Folder(path) => path.clone(),
        other @ jiahu::config::PhotoPlace::S3 { .. } => panic!("{other} is no folder"),
    }
}

/// A nurse in the middle of dressing a wound.
async fn dressing(server: &TestServer) -> (Scene, SceneNurse, String) {
    let scene = Scene::build(server).await;
    let nurse = scene.nurse(server, 1, NurseSpec::default()).await;
    let order = scene
        .order(server, "DR_S", server.now() + TimeDelta::hours(5))
        .await;
    let visit = scene.accepted_visit(server, &nurse, order).await;
    server.advance(TimeDelta::hours(3)).await;
    nurse.post(&visit, "depart", json!({})).await.expect(200);
    let place = json!({ "place": here() });
    nurse.post(&visit, "arrive", place).await.expect(200);
    nurse.prepare(&visit).await;
    nurse.post(&visit, "start", with_family()).await.expect(200);
    (scene, nurse, visit)
}

/// The next visit to the same patient, at the door, and a consent that is signed there with this image.
async fn next_visit(
    server: &TestServer,
    scene: &Scene,
    nurse: &SceneNurse,
    image: &[u8],
) -> (String, Value) {
    let start = server.now() + TimeDelta::hours(3);
    let order = scene.order(server, "DR_S", start).await;
    let visit = scene.accepted_visit(server, nurse, order).await;
    nurse.post(&visit, "depart", json!({})).await.expect(200);
    let place = json!({ "place": here() });
    nurse.post(&visit, "arrive", place).await.expect(200);
    nurse.recognise(&visit).await;
    let path = format!("/v1/visits/{visit}/consents");
    let sheet = nurse.person.client.get(&path).await.expect(200);
    let mut body = consent_body(&sheet["needed"][0], &Value::Null);
    body["signature"] = json!({ "sha256": sha256(image), "bytes": image.len() });
    (visit, body)
}

async fn write(nurse: &SceneNurse, visit: &str, photo: Option<&str>) {
    let path = format!("/v1/visits/{visit}");
    let etag = nurse.person.client.get(&path).await.etag();
    let mut forms = filled_forms(&["DR_S"]);
    if let Some(photo) = photo {
        forms["DR_S"]["wound_photo"] = json!(photo);
    }
    let record = json!({ "items_done": ["DR_S"], "vitals": [], "note": "换药顺利", "consumables": [], "forms": forms });
    let path = format!("{path}/record");
    let kept = nurse.person.client.put_if(&path, &etag, record).await;
    kept.expect(200);
}

fn photos(visit: &str) -> String {
    format!("/v1/visits/{visit}/photos")
}

on_both! {
    async fn when_a_photo_was_taken_is_corrected_by_the_clock_that_sent_it(server: TestServer) {
        let (_, nurse, visit) = dressing(&server).await;
        let (path, day) = (photos(&visit), TimeDelta::days(1));
        let taken = server.now() - TimeDelta::minutes(20);
        let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        for (side, off) in [(31, day), (32, -day)] {
            let asked = format!("{path}?taken_at={}&sent_at={}", text(taken + off), text(server.now() + off));
            let photo = send(&nurse.person, &asked, &picture(side, 30, ImageFormat::Png)).await.expect(201);
            assert_eq!(photo["taken_at"], text(taken));
        }
    }

    async fn a_photo_is_kept_as_nothing_but_the_picture(server: TestServer) {
        let (_, nurse, visit) = dressing(&server).await;
        let path = photos(&visit);
        let polyglot = [&from_a_phone()[..], b"PK\x03\x04 a zip behind it"].concat();
        let asked = format!("{path}?item=DR_S&field=wound_photo&taken_at=2026-03-02T03:59:00Z");
        let photo = send(&nurse.person, &asked, &polyglot).await.expect(201);
        // Turned the right way up.
        assert_eq!((&photo["width"], &photo["height"]), (&json!(40), &json!(60)));
        assert_eq!((&photo["item"], &photo["field"]), (&json!("DR_S"), &json!("wound_photo")));
        assert_eq!((&photo["sha256"], &photo["after_signature"]), (&json!(sha256(&polyglot)), &json!(false)));
        assert_eq!(photo["taken_at"], "2026-03-02T03:59:00Z");
        let one = format!("{path}/{}", photo["id"].as_str().expect("an id"));
        let read = nurse.person.client.get(&one).await;
        assert_eq!((read.status.as_u16(), read.content_type()), (200, "image/jpeg"));
        assert_eq!(image::guess_format(&read.bytes).ok(), Some(ImageFormat::Jpeg));
        assert_eq!(photo["bytes"], read.bytes.len());
        for hidden in [PLACE, b"Exif", b"PK\x03\x04"] {
            assert!(contains(&polyglot, hidden) && !contains(&read.bytes, hidden));
        }
        let small = nurse.person.client.get(&format!("{one}/thumbnail")).await;
        assert_eq!((small.status.as_u16(), small.content_type()), (200, "image/jpeg"));
        // What lies in the store shows nothing.
        let kept = files(&folder(&server));
        assert_eq!(kept.len(), 2);
        for file in kept {
            let bytes = std::fs::read(file).expect("a file");
            assert!(image::guess_format(&bytes).is_err() && image::load_from_memory(&bytes).is_err());
            assert!(!contains(&bytes, b"JFIF") && !contains(&bytes, &read.bytes[..32]));
        }
        let png = send(&nurse.person, &path, &picture(3_000, 100, ImageFormat::Png)).await.expect(201);
        assert_eq!((&png["width"], &png["item"]), (&json!(2_048), &Value::Null));
        send(&nurse.person, &path, &picture(30, 30, ImageFormat::WebP)).await.expect(201);
        assert_eq!(nurse.person.client.get(&path).await.expect(200)["items"].as_array().expect("a list").len(), 3);
    }

    async fn what_is_no_photo_of_this_visit_is_refused_and_leaves_nothing(server: TestServer) {
        let (scene, nurse, visit) = dressing(&server).await;
        let path = photos(&visit);
        for other in [&b"PK\x03\x04 a zip"[..], b"%PDF-1.7", b"<html><script>", b"GIF89a", b""] {
            send(&nurse.person, &path, other).await.problem(415, "photo_type_unknown");
        }
        send(&nurse.person, &path, &bomb()).await.problem(422, "photo_too_many_pixels");
        let whole = picture(64, 64, ImageFormat::Png);
        send(&nurse.person, &path, &whole[..60]).await.problem(422, "photo_unreadable");
        let large = vec![0xff; server.app.config.photos.max_bytes + 1];
        send(&nurse.person, &path, &large).await.problem(413, "body_too_large");
        for (query, field, code) in [
            ("item=UC_CHG", "item", "item_not_ordered"),
            ("item=DR_S&field=length_mm", "field", "field_unknown"),
            ("field=wound_photo", "item", "field_missing"),
        ] {
            let problem = send(&nurse.person, &format!("{path}?{query}"), &whole).await.problem(422, "invalid_request");
            assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["code"]), (&json!(field), &json!(code)));
        }
        // The family and the desk take none, another nurse has no such visit.
        send(&scene.family, &path, &whole).await.problem(403, "forbidden");
        send(&scene.coordinator, &path, &whole).await.problem(403, "forbidden");
        let other = scene.nurse(&server, 2, NurseSpec::default()).await;
        send(&other.person, &path, &whole).await.problem(404, "not_found");
        let listed = nurse.person.client.get(&path).await.expect(200);
        assert_eq!((&listed["items"], files(&folder(&server)).len()), (&json!([]), 0));
    }

    async fn a_photo_sent_twice_is_one_photo(server: TestServer) {
        let (_, nurse, visit) = dressing(&server).await;
        let (path, key) = (photos(&visit), fresh_key());
        let bytes = picture(20, 20, ImageFormat::Jpeg);
        let first = send_with_key(&nurse.person, &path, &bytes, &key).await.expect(201);
        let again = send_with_key(&nurse.person, &path, &bytes, &key).await.expect(201);
        let same = send(&nurse.person, &path, &bytes).await.expect(201);
        assert_eq!((&first["id"], &first["id"]), (&again["id"], &same["id"]));
        let other = picture(21, 20, ImageFormat::Jpeg);
        send_with_key(&nurse.person, &path, &other, &key).await.problem(422, "idempotency_key_reused");
        assert_eq!(files(&folder(&server)).len(), 2);
    }

    async fn a_photo_sent_twice_at_once_is_one_photo(server: TestServer) {
        let (_, nurse, visit) = dressing(&server).await;
        let path = photos(&visit);
        for width in 20..25 {
            let bytes = picture(width, 20, ImageFormat::Jpeg);
            let sent = join_all((0..4).map(|_| send(&nurse.person, &path, &bytes))).await;
            let ids: BTreeSet<_> = sent.into_iter().map(|reply| reply.expect(201)["id"].to_string()).collect();
            assert_eq!(ids.len(), 1, "{ids:?}");
        }
        let listed = nurse.person.client.get(&path).await.expect(200);
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(5));
    }

    async fn photos_are_seen_by_those_who_see_the_record_and_each_look_is_noted(server: TestServer) {
        let (scene, nurse, visit) = dressing(&server).await;
        let photo = send(&nurse.person, &photos(&visit), &picture(20, 20, ImageFormat::Jpeg)).await.expect(201);
        let one = format!("{}/{}", photos(&visit), photo["id"].as_str().expect("an id"));
        let small = format!("{one}/thumbnail");
        for path in [&photos(&visit), &one, &small] {
            for who in [&scene.family, &scene.coordinator, &nurse.person] {
                assert_eq!(who.client.get(path).await.status, 200);
            }
        }
        let auditor = scene.town.person(&server, "13900000071", Role::Auditor, None).await;
        let reads = auditor.client.get(&format!("/v1/audit/patient-reads?patient_id={}&limit=100", scene.patient)).await.expect(200);
        let reads = reads["items"].as_array().expect("a list");
        for operation in ["list_photos", "get_photo", "get_photo_thumbnail"] {
            let of = |account| reads.iter().filter(|read| read["operation"] == operation && read["account_id"] == json!(account)).count();
            assert_eq!([of(scene.family.account), of(scene.coordinator.account), of(nurse.person.account)], [1, 1, 1]);
        }
        let elsewhere = Some(scene.town.other_centre);
        let strangers = [
            scene.town.person(&server, "13900000072", Role::Family, None).await,
            scene.town.person(&server, "13900000073", Role::Coordinator, elsewhere).await,
            scene.nurse(&server, 2, NurseSpec::default()).await.person,
        ];
        for who in &strangers {
            for path in [&photos(&visit), &one, &small] {
                who.client.get(path).await.problem(404, "not_found");
            }
        }
    }

    async fn a_signed_record_takes_only_photos_that_it_names(server: TestServer) {
        let (_, nurse, visit) = dressing(&server).await;
        let path = photos(&visit);
        let [named, amended, other] = [20, 21, 22].map(|width| picture(width, 20, ImageFormat::Jpeg));
        write(&nurse, &visit, Some(&sha256(&named))).await;
        server.advance(TimeDelta::minutes(30)).await;
        nurse.post(&visit, "finish", json!({})).await.expect(200);
        nurse.post(&visit, "sign", json!({})).await.expect(200);
        // The image of the signature under the consent, which nobody brings here, is awaited too.
        let signature = "0".repeat(64);
        let awaited = nurse.person.client.get(&path).await.expect(200)["awaited"].clone();
        assert_eq!(awaited, json!([signature, sha256(&named)]));
        // Signed without signal, the photo comes when there is some.
        let late = send(&nurse.person, &path, &named).await.expect(201);
        assert_eq!(late["after_signature"], true);
        assert_eq!(nurse.person.client.get(&path).await.expect(200)["awaited"], json!([signature]));
        for bytes in [&amended, &other] {
            send(&nurse.person, &path, bytes).await.problem(409, "photo_not_in_record");
        }
        let field = json!({ "field": "forms.DR_S.wound_photo", "value": sha256(&amended) });
        let amendment = json!({ "reason": "补拍", "fields": [field] });
        nurse.post(&visit, "amendments", amendment).await.expect(201);
        send(&nurse.person, &path, &amended).await.expect(201);
        send(&nurse.person, &path, &other).await.problem(409, "photo_not_in_record");
    }

    async fn photos_are_added_from_the_start_of_the_procedure_and_not_without_end(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let order = scene.order(&server, "DR_S", server.now() + TimeDelta::hours(5)).await;
        let visit = scene.accepted_visit(&server, &nurse, order).await;
        let early = send(&nurse.person, &photos(&visit), &picture(20, 20, ImageFormat::Jpeg)).await;
        early.problem(409, "order_wrong_state");
        assert_eq!(files(&folder(&server)).len(), 0);
    }

    async fn the_image_of_a_signature_is_taken_from_the_door_on(server: TestServer) {
        let (_, nurse, _, visit) = at_the_door(&server).await;
        let path = photos(&visit);
        let [signed, other, wound] = [40, 41, 42].map(|width| picture(width, 20, ImageFormat::Png));
        send(&nurse.person, &path, &signed).await.problem(409, "order_wrong_state");
        let mut consent = consent_body(&json!({ "text": "care_catheter", "version": 1 }), &Value::Null);
        consent["signature"] = json!({ "sha256": sha256(&signed), "bytes": signed.len() });
        nurse.recognise(&visit).await;
        nurse.post(&visit, "consents", consent.clone()).await.expect(201);
        assert_eq!(nurse.person.client.get(&path).await.expect(200)["awaited"], json!([sha256(&signed)]));
        send(&nurse.person, &path, &other).await.problem(409, "order_wrong_state");
        let kept = send(&nurse.person, &path, &signed).await.expect(201);
        assert_eq!((&kept["sha256"], &kept["after_signature"]), (&json!(sha256(&signed)), &json!(false)));
        assert_eq!(nurse.person.client.get(&path).await.expect(200)["awaited"], json!([]));
        // Taken back and signed again: the image of either stays one of this visit.
        let listed = nurse.person.client.get(&format!("/v1/visits/{visit}/consents")).await.expect(200);
        let withdraw = format!("consents/{}/withdraw", listed["items"][0]["id"].as_str().expect("an id"));
        nurse.post(&visit, &withdraw, json!({})).await.expect(200);
        consent["signature"] = json!({ "sha256": sha256(&other), "bytes": other.len() });
        nurse.post(&visit, "consents", consent).await.expect(201);
        assert_eq!(nurse.person.client.get(&path).await.expect(200)["awaited"], json!([sha256(&other)]));
        nurse.post(&visit, "start", with_family()).await.expect(200);
        nurse.post(&visit, "abort", json!({ "reason": "患者头晕" })).await.expect(200);
        send(&nurse.person, &path, &other).await.expect(201);
        send(&nurse.person, &path, &wound).await.expect(201);
    }

    async fn signatures_come_after_the_record_is_signed_and_only_those_of_this_visit(server: TestServer) {
        let (scene, nurse, visit) = dressing(&server).await;
        let path = photos(&visit);
        let images = [50, 51, 52].map(|width| picture(width, 20, ImageFormat::Png));
        let [mine, taker, elsewhere] = &images;
        server.advance(TimeDelta::minutes(5)).await;
        nurse.post(&visit, "abort", json!({ "reason": "患者发热" })).await.expect(200);
        let (second, body) = next_visit(&server, &scene, &nurse, mine).await;
        nurse.post(&second, "consents", body).await.expect(201);
        screened(&nurse.person.client, &second).await;
        let started = nurse.post(&second, "start", with_family()).await.expect(200);
        let record = json!({ "items_done": ["DR_S"], "vitals": [], "note": "换药顺利", "consumables": [], "forms": filled_forms(&["DR_S"]) });
        let etag = format!("\"v{}\"", started["version"]);
        nurse.person.client.put_if(&format!("/v1/visits/{second}/record"), &etag, record).await.expect(200);
        server.advance(TimeDelta::minutes(30)).await;
        nurse.post(&second, "finish", json!({})).await.expect(200);
        nurse.post(&second, "sign", json!({})).await.expect(200);
        let theirs = photos(&second);
        send(&nurse.person, &theirs, elsewhere).await.problem(409, "photo_not_in_record");
        // A signature for another visit is none of this one.
        send(&nurse.person, &theirs, taker).await.problem(409, "photo_not_in_record");
        let waste = json!({ "bags": 1, "count": 2, "returned_to": scene.town.centre, "handed_to": "赵强", "signature_hash": sha256(taker) });
        nurse.post(&second, "waste", waste).await.expect(200);
        let mut awaited = [json!(sha256(mine)), json!(sha256(taker))];
        awaited.sort_by_key(|hash| hash.as_str().map(str::to_owned));
        assert_eq!(nurse.person.client.get(&theirs).await.expect(200)["awaited"], json!(awaited));
        // The family waits for its own signature and knows nothing of the other one.
        assert_eq!(scene.family.client.get(&theirs).await.expect(200)["awaited"], json!([sha256(mine)]));
        let late = send(&nurse.person, &theirs, mine).await.expect(201);
        assert_eq!(late["after_signature"], true);
        let hidden = send(&nurse.person, &theirs, taker).await.expect(201);
        let one = format!("{theirs}/{}", hidden["id"].as_str().expect("an id"));
        for seen in [&one, &format!("{one}/thumbnail")] {
            scene.family.client.get(seen).await.problem(404, "not_found");
            for who in [&nurse.person, &scene.coordinator] {
                assert_eq!(who.client.get(seen).await.status, 200);
            }
        }
        let shown = scene.family.client.get(&theirs).await.expect(200);
        assert_eq!((shown["items"].as_array().map(Vec::len), &shown["items"][0]["id"]), (Some(1), &late["id"]));
        assert_eq!(scene.coordinator.client.get(&theirs).await.expect(200)["items"].as_array().map(Vec::len), Some(2));
        // Broken off and not signed, the first visit takes what is brought to it, but names none of these.
        assert_eq!(nurse.person.client.get(&path).await.expect(200)["awaited"], json!(["0".repeat(64)]));
    }

    async fn a_store_that_is_away_keeps_nothing_half(server: TestServer) {
        let (_, nurse, visit) = dressing(&server).await;
        let (path, folder, bytes) = (photos(&visit), folder(&server), picture(20, 20, ImageFormat::Jpeg));
        std::fs::remove_dir_all(&folder).expect("removed");
        std::fs::write(&folder, "in the way").expect("written");
        let refused = send(&nurse.person, &path, &bytes).await;
        assert!(refused.headers.contains_key("retry-after"));
        refused.problem(503, "photo_store_unavailable");
        assert_eq!(nurse.person.client.get(&path).await.expect(200)["items"], json!([]));
        std::fs::remove_file(&folder).expect("removed");
        std::fs::create_dir(&folder).expect("made");
        let photo = send(&nurse.person, &path, &bytes).await.expect(201);
        // Lost from the store: said so, and not as if it had never been.
        std::fs::remove_dir_all(&folder).expect("removed");
        let one = format!("{path}/{}", photo["id"].as_str().expect("an id"));
        nurse.person.client.get(&one).await.problem(503, "photo_store_unavailable");
    }

    async fn what_a_broken_upload_left_behind_is_dropped(server: TestServer) {
        let (scene, nurse, visit) = dressing(&server).await;
        send(&nurse.person, &photos(&visit), &picture(20, 20, ImageFormat::Jpeg)).await.expect(201);
        let (app, id) = (&server.app, server.app.new_id());
        let key = app.photos.store.key(scene.town.community, id);
        for part in [jiahu::photos::Part::Small, jiahu::photos::Part::Whole] {
            app.photos.store.put(&app.cipher, (id, &key), part, vec![1, 2, 3]).await.expect("kept");
        }
        assert_eq!(files(&folder(&server)).len(), 4);
        // An upload that is under way is left alone.
        server.advance(TimeDelta::hours(20)).await;
        assert_eq!(files(&folder(&server)).len(), 4);
        server.advance(TimeDelta::hours(24)).await;
        let left = files(&folder(&server));
        assert!(left.len() == 2 && left.iter().all(|file| !file.display().to_string().contains(&id.to_string())));
    }
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_serves_as_a_folder_does(#[case] backend: Backend) {
    let bucket = Bucket::serve().await;
    let change = |config: &mut jiahu::config::Config| bucket.configure(&mut config.photos);
    let test = async |server: std::sync::Arc<TestServer>| {
        let (scene, nurse, visit) = dressing(&server).await;
        let bytes = picture(20, 20, ImageFormat::Jpeg);
        let photo = send(&nurse.person, &photos(&visit), &bytes).await;
        let photo = photo.expect(201);
        let id = photo["id"].as_str().expect("an id");
        let one = format!("{}/{id}", photos(&visit));
        for path in [&one, &format!("{one}/thumbnail")] {
            let read = scene.family.client.get(path).await;
            assert_eq!(
                image::guess_format(&read.bytes).ok(),
                Some(ImageFormat::Jpeg)
            );
        }
        let key = format!("jiahu/{}/{id}", scene.town.community);
        let kept = bucket.objects();
        assert_eq!(
            kept.keys().collect::<Vec<_>>(),
            [&key, &format!("{key}.small")]
        );
        let sealed = |bytes: &[u8]| image::guess_format(bytes).is_err();
        assert!(kept.values().all(|object| sealed(object)));
        // What a broken upload left behind goes, what a visit has stays.
        let (app, lost) = (&server.app, server.app.new_id());
        let left = app.photos.store.key(scene.town.community, lost);
        let part = jiahu::photos::Part::Whole;
        let put = app
            .photos
            .store
            .put(&app.cipher, (lost, &left), part, vec![1]);
        put.await.expect("kept");
        assert_eq!(bucket.objects().len(), 3);
        // What else lies there comes before it in the listing, more than a page of it.
        let millis = &lost.to_string()[..13];
        for number in 0..=PAGE {
            bucket.put(format!("jiahu/{}/{millis}!{number}", scene.town.community));
        }
        server.advance(TimeDelta::hours(48)).await;
        assert!(bucket.listings() > 1);
        let mut left = bucket.objects();
        left.retain(|key, _| !key.contains('!'));
        assert_eq!(left, kept);
        assert_eq!(bucket.objects().len(), kept.len() + PAGE + 1);
        assert_eq!(bucket.refused(), [""; 0]);
    };
    TestServer::with_config(backend, change, test).await;
}

#[rstest]
#[case::other_key(Some("AKOTHER"), None, None, "InvalidAccessKeyId")]
#[case::other_secret(None, Some("guessed"), None, "SignatureDoesNotMatch")]
#[case::other_region(None, None, Some("cn-north-1"), "AuthorizationHeaderMalformed")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_lets_nobody_in_keeps_nothing(
    #[case] key: Option<&str>,
    #[case] secret: Option<&str>,
    #[case] region: Option<&str>,
    #[case] code: &str,
) {
    let bucket = Bucket::serve().await;
    let change = |config: &mut jiahu::config::Config| {
        let photos = &mut config.photos;
        bucket.configure(photos);
        photos.s3_access_key = key.map(str::to_owned).or(photos.s3_access_key.take());
        photos.s3_secret_key = secret.map(Into::into).or(photos.s3_secret_key.take());
        photos.s3_region = region.unwrap_or(&photos.s3_region).to_owned();
    };
    let test = async |server: std::sync::Arc<TestServer>| {
        let (_, nurse, visit) = dressing(&server).await;
        let bytes = picture(20, 20, ImageFormat::Jpeg);
        let refused = send(&nurse.person, &photos(&visit), &bytes).await;
        refused.problem(503, "photo_store_unavailable");
        let listed = nurse.person.client.get(&photos(&visit)).await;
        assert_eq!(listed.expect(200)["items"], json!([]));
        assert!(bucket.objects().is_empty());
        assert_eq!(bucket.refused().first(), Some(&code));
    };
    TestServer::with_config(Backend::Sqlite, change, test).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_has_no_more_photos_than_are_allowed() {
    let change = |config: &mut jiahu::config::Config| config.photos.most_per_visit = 2;
    let test = async |server: std::sync::Arc<TestServer>| {
        let (_, nurse, visit) = dressing(&server).await;
        let path = photos(&visit);
        let [first, second, third] =
            [20, 21, 22].map(|width| picture(width, 20, ImageFormat::Jpeg));
        send(&nurse.person, &path, &first).await.expect(201);
        send(&nurse.person, &path, &second).await.expect(201);
        let refused = send(&nurse.person, &path, &third).await;
        let problem = refused.problem(409, "photos_too_many");
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|text| text.contains('2')),
            "{problem}"
        );
        // One that is there already is no new one.
        send(&nurse.person, &path, &second).await.expect(201);
        assert_eq!(files(&folder(&server)).len(), 4);
    };
    for backend in [Backend::Sqlite, Backend::Postgres] {
        TestServer::with_config(backend, change, test).await;
    }
}
