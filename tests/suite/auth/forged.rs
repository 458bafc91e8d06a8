//! Tokens that nobody issued.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use chrono::TimeDelta;
use entity::enums::Role;
use jiahu::auth::password::PasswordCost;
use jiahu::auth::token::AccessClaims;
use jiahu::keys::{Keyed, Keys};
use jiahu::serve::{Background, Made};
use jiahu_tests::harness::{Client, TestServer, Town};
use jiahu_tests::on_both;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// Needs a live session and no opened field, so it works under any keys.
const ADDRESS: &str = "/v1/me/sessions";

fn part(token: &str, number: usize) -> Value {
    let bytes = BASE64.decode(token.split('.').nth(number).expect("three parts"));
    serde_json::from_slice(&bytes.expect("base64url")).expect("JSON")
}

fn encoded(value: &Value) -> String {
    BASE64.encode(value.to_string())
}

async fn refused(nobody: &Client, token: &str, what: &str) {
    let reply = nobody.with_token(token).get(ADDRESS).await;
    assert_eq!(reply.headers["www-authenticate"], "Bearer");
    assert_eq!(
        reply.body["code"], "token_invalid",
        "{what}: {}",
        reply.body
    );
    reply.problem(401, "token_invalid");
}

/// The same database behind a server whose keys the test knows.
async fn with_known_keys(server: &TestServer) -> (jiahu::serve::Running, Keys) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("keys.toml");
    Keys::generate().save_new(&file).expect("kept");
    let load = || Keys::load(&file).expect("read");
    let made = Made {
        keys: load(),
        clock: server.app.clock.clone(),
        gateway: Box::new(server.phones.clone()),
        password_cost: PasswordCost {
            memory_kib: 64,
            passes: 1,
            lanes: 1,
        },
    };
    let app = jiahu::serve::build(server.app.config.clone(), made)
        .await
        .expect("built");
    let running = jiahu::serve::start(app, Background::FeedOnly)
        .await
        .expect("started");
    (running, load())
}

on_both! {
    async fn without_the_key_nothing_opens(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let person = town.person(&server, "13800000001", Role::Family, None).await;
        let nobody = server.nobody();
        let token = person.client.token().expect("a token");
        person.client.get(ADDRESS).await.expect(200);
        nobody.get(ADDRESS).await.problem(401, "unauthorized");
        let parts: Vec<&str> = token.split('.').collect();
        let (header, claims) = (part(token, 0), parts[1]);
        let with = |changes: Value| {
            let mut header = header.clone();
            for (name, value) in changes.as_object().expect("an object") {
                header[name] = value.clone();
            }
            encoded(&header)
        };
        for (header, what) in [
            (with(json!({"alg": "none"})), "alg none"),
            (with(json!({"alg": "None"})), "alg None"),
            (with(json!({"typ": "JWT"})), "typ JWT"),
            (with(json!({"kid": "s-00000000"})), "another kid"),
            (with(json!({"kid": null})), "no kid"),
            (with(json!({"crit": ["exp"]})), "a critical header"),
        ] {
            refused(&nobody, &format!("{header}.{claims}.{}", parts[2]), what).await;
            refused(&nobody, &format!("{header}.{claims}."), what).await;
        }
        let kid = header["kid"].as_str().expect("a kid");
        let mut shared = Header::new(Algorithm::HS256);
        shared.typ = Some("at+jwt".to_owned());
        shared.kid = Some(kid.to_owned());
        let guessed = EncodingKey::from_secret(kid.as_bytes());
        let signed = jsonwebtoken::encode(&shared, &part(token, 1), &guessed).expect("signed");
        refused(&nobody, &signed, "HS256").await;
        let stranger = Keys::generate();
        let mut own = Header::new(Algorithm::EdDSA);
        (own.typ, own.kid) = (Some("at+jwt".to_owned()), Some(kid.to_owned()));
        let key = EncodingKey::from_ed_der(stranger.signing().current().pkcs8());
        let signed = jsonwebtoken::encode(&own, &part(token, 1), &key).expect("signed");
        refused(&nobody, &signed, "a key of one's own under our kid").await;
        for garbage in ["x", "a.b.c", "..", &token[..token.len() - 1], &format!("{token}.x"), &"a".repeat(5000)] {
            refused(&nobody, garbage, "garbage").await;
        }
        let basic = nobody.request(reqwest::Method::GET, ADDRESS).header("authorization", format!("Basic {token}"));
        nobody.send(basic).await.problem(401, "unauthorized");
    }

    async fn no_single_bit_can_be_changed(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let person = town.person(&server, "13800000001", Role::Family, None).await;
        let token = person.client.token().expect("a token");
        let nobody = Arc::new(server.nobody());
        // Six bits a character; the last one of each part has bits that stand for nothing and must be zero.
        for (at, byte) in token.bytes().enumerate().filter(|(at, byte)| *byte != b'.' && at % 3 == 0) {
            let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            let value = alphabet.iter().position(|c| *c == byte).expect("base64url");
            let flipped = alphabet[value ^ (1 << (at % 6))];
            let mut forged = token.as_bytes().to_vec();
            forged[at] = flipped;
            let forged = String::from_utf8(forged).expect("ASCII");
            refused(&nobody, &forged, &format!("bit flipped in character {at}")).await;
        }
        person.client.get(ADDRESS).await.expect(200);
    }

    async fn even_with_the_key_every_claim_counts(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let person = town.person(&server, "13800000001", Role::Family, None).await;
        let other = town.person(&server, "13800000002", Role::Family, None).await;
        let elsewhere = Town::build(&server, "130432").await;
        let (running, keys) = with_known_keys(&server).await;
        let nobody = Client::new(format!("http://{}", running.address), None);
        let good: AccessClaims = serde_json::from_value(part(person.client.token().expect("a token"), 1)).expect("claims");
        let current = keys.signing().current();
        let sign = |typ: Option<&str>, claims: &Value| {
            let mut header = Header::new(Algorithm::EdDSA);
            (header.typ, header.kid) = (typ.map(str::to_owned), Some(current.kid().to_owned()));
            jsonwebtoken::encode(&header, claims, &EncodingKey::from_ed_der(current.pkcs8())).expect("signed")
        };
        let with = |changes: Value| {
            let mut claims = json!(good);
            for (name, value) in changes.as_object().expect("an object") {
                claims[name] = value.clone();
            }
            claims
        };
        let get = async |token: &str| nobody.with_token(token).get(ADDRESS).await;
        get(&sign(Some("at+jwt"), &json!(good))).await.expect(200);
        for (typ, changes) in [
            (Some("JWT"), json!({})),
            (None, json!({})),
            (Some("at+jwt"), json!({"aud": "another"})),
            (Some("at+jwt"), json!({"aud": null})),
            (Some("at+jwt"), json!({"iss": "another"})),
            (Some("at+jwt"), json!({"exp": "soon"})),
            (Some("at+jwt"), json!({"exp": null})),
            (Some("at+jwt"), json!({"sub": "me"})),
            (Some("at+jwt"), json!({"iat": good.iat + 3600, "exp": good.exp + 3600})),
        ] {
            refused(&nobody, &sign(typ, &with(changes.clone())), &format!("{typ:?} {changes}")).await;
        }
        let expired = with(json!({"iat": good.iat - 600, "exp": good.iat}));
        get(&sign(Some("at+jwt"), &expired)).await.problem(401, "token_expired");
        // A whole token for what is not there, or not the holder's.
        for changes in [
            json!({"sid": uuid::Uuid::nil()}),
            json!({"com": elsewhere.community}),
            json!({"sub": other.account}),
        ] {
            get(&sign(Some("at+jwt"), &with(changes))).await.problem(401, "session_ended");
        }
        // Tokens of the first server do not open the second.
        refused(&nobody, person.client.token().expect("a token"), "another installation").await;
        server.app.clock.advance(TimeDelta::seconds(600));
        get(&sign(Some("at+jwt"), &json!(good))).await.problem(401, "token_expired");
        running.stop().await;
    }
}
