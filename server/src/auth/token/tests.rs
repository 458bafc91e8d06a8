use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;

const ISSUER: &str = "https://jiahu.example";
const AUDIENCE: &str = "jiahu-api";
const SUBJECT: Subject = Subject {
    account: Uuid::from_u128(1),
    session: Uuid::from_u128(2),
    community: Uuid::from_u128(3),
};
/// Years ago, so that a look at the system's clock shows.
const NOW: i64 = 1_500_000_000;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).expect("a date")
}

fn tokens(keys: &Keys) -> AccessTokens {
    AccessTokens::new(keys, ISSUER, AUDIENCE, MAX_LIFETIME).expect("a sound lifetime")
}

fn header(keys: &Keys) -> Value {
    json!({"alg": "EdDSA", "typ": "at+jwt", "kid": keys.signing().current().kid()})
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "iat": NOW, "exp": NOW + 600, "jti": "1",
        "sub": SUBJECT.account, "sid": SUBJECT.session, "com": SUBJECT.community,
    })
}

/// A token with any header and claims, rightly signed with the installation's key.
fn signed(keys: &Keys, header: &Value, claims: &Value) -> String {
    let message = message(header, claims);
    let key = EncodingKey::from_ed_der(keys.signing().current().pkcs8());
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::EdDSA);
    format!("{message}.{}", signature.expect("signed"))
}

fn message(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

fn with(mut value: Value, name: &str, changed: Value) -> Value {
    value[name] = changed;
    value
}

fn without(mut value: Value, name: &str) -> Value {
    value
        .as_object_mut()
        .expect("an object")
        .remove(name)
        .expect("it was there");
    value
}

#[test]
fn an_issued_token_is_verified_until_it_expires() {
    let tokens = tokens(&Keys::generate());
    let token = tokens.issue(SUBJECT, at(NOW));
    let claims = tokens.verify(&token, at(NOW)).expect("accepted");
    assert_eq!(
        (claims.account, claims.session, claims.community),
        (SUBJECT.account, SUBJECT.session, SUBJECT.community)
    );
    assert_eq!(
        (claims.iss.as_str(), claims.aud.as_str()),
        (ISSUER, AUDIENCE)
    );
    assert_eq!(
        (claims.iat, claims.exp, claims.jti.len()),
        (NOW, NOW + 600, 32)
    );
    assert_eq!(tokens.verify(&token, at(NOW + 599)), Ok(claims));
    assert_eq!(
        tokens.verify(&token, at(NOW + 600)),
        Err(TokenError::Expired)
    );
    assert!(token.len() < MAX_TOKEN_BYTES / 2, "{}", token.len());
    assert_ne!(
        token,
        tokens.issue(SUBJECT, at(NOW)),
        "every token has its own id"
    );
}

#[test]
fn the_header_says_what_it_is() {
    let keys = Keys::generate();
    let token = tokens(&keys).issue(SUBJECT, at(NOW));
    let first = URL_SAFE_NO_PAD
        .decode(token.split('.').next().expect("a header"))
        .expect("base64");
    assert_eq!(
        serde_json::from_slice::<Value>(&first).expect("JSON"),
        header(&keys)
    );
}

#[test]
fn the_hand_made_token_of_these_tests_is_accepted() {
    let keys = Keys::generate();
    let token = signed(&keys, &header(&keys), &claims());
    tokens(&keys)
        .verify(&token, at(NOW))
        .expect("else the refusals below prove nothing");
}

#[test]
fn a_token_from_the_future_is_refused_beyond_a_minute() {
    let tokens = tokens(&Keys::generate());
    let token = tokens.issue(SUBJECT, at(NOW));
    assert!(tokens.verify(&token, at(NOW - 60)).is_ok());
    assert_eq!(tokens.verify(&token, at(NOW - 61)), Err(TokenError::Future));
}

#[test]
fn an_older_key_of_the_ring_still_verifies_and_the_current_one_signs() {
    let old = Keys::generate();
    let token = tokens(&old).issue(SUBJECT, at(NOW));
    let old_tokens = tokens(&old);
    let keys = Keys::generate().after(old);
    let after = tokens(&keys);
    assert!(after.verify(&token, at(NOW)).is_ok());
    let new = after.issue(SUBJECT, at(NOW));
    assert!(after.verify(&new, at(NOW)).is_ok());
    assert_eq!(
        old_tokens.verify(&new, at(NOW)),
        Err(TokenError::UnknownKey)
    );
}

#[test]
fn a_token_without_a_signature_is_refused() {
    let keys = Keys::generate();
    for alg in ["none", "None", "NONE", ""] {
        let message = message(&with(header(&keys), "alg", json!(alg)), &claims());
        for token in [
            format!("{message}."),
            message.clone(),
            format!("{message}.AAAA"),
        ] {
            assert_eq!(
                tokens(&keys).verify(&token, at(NOW)),
                Err(TokenError::Malformed)
            );
        }
    }
    let token = message(&header(&keys), &claims()) + ".";
    assert_eq!(
        tokens(&keys).verify(&token, at(NOW)),
        Err(TokenError::Signature)
    );
}

/// The classic confusion: the public key, which anybody may have, taken for an HMAC secret.
#[test]
fn a_token_signed_with_the_public_key_is_refused() {
    let keys = Keys::generate();
    let public = EncodingKey::from_secret(keys.signing().current().public());
    let message = message(&with(header(&keys), "alg", json!("HS256")), &claims());
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &public, Algorithm::HS256);
    let token = format!("{message}.{}", signature.expect("signed"));
    assert_eq!(
        tokens(&keys).verify(&token, at(NOW)),
        Err(TokenError::Algorithm)
    );
}

#[rstest]
#[case::algorithm("alg", json!("ES256"), TokenError::Algorithm)]
#[case::key("kid", json!("s-00000000"), TokenError::UnknownKey)]
#[case::null_key("kid", json!(null), TokenError::UnknownKey)]
#[case::plain_jwt("typ", json!("JWT"), TokenError::Type)]
#[case::other_type("typ", json!("application/jwt"), TokenError::Type)]
#[case::longer_type("typ", json!("at+jwt2"), TokenError::Type)]
#[case::null_type("typ", json!(null), TokenError::Type)]
#[case::critical("crit", json!(["exp"]), TokenError::Malformed)]
#[case::number_type("typ", json!(1), TokenError::Malformed)]
fn a_header_that_is_not_ours_is_refused(
    #[case] name: &str,
    #[case] value: Value,
    #[case] expected: TokenError,
) {
    let keys = Keys::generate();
    let token = signed(&keys, &with(header(&keys), name, value), &claims());
    assert_eq!(tokens(&keys).verify(&token, at(NOW)), Err(expected));
}

#[test]
fn every_part_of_the_header_is_needed() {
    let keys = Keys::generate();
    let refused = [
        ("alg", TokenError::Malformed),
        ("typ", TokenError::Type),
        ("kid", TokenError::UnknownKey),
    ];
    for (name, expected) in refused {
        let token = signed(&keys, &without(header(&keys), name), &claims());
        assert_eq!(
            tokens(&keys).verify(&token, at(NOW)),
            Err(expected),
            "{name}"
        );
    }
}

#[rstest]
#[case("AT+JWT")]
#[case("application/at+jwt")]
#[case("Application/At+Jwt")]
fn the_type_may_be_long_and_in_any_case(#[case] typ: &str) {
    let keys = Keys::generate();
    let token = signed(&keys, &with(header(&keys), "typ", json!(typ)), &claims());
    assert!(tokens(&keys).verify(&token, at(NOW)).is_ok());
}

#[test]
fn a_token_of_another_installation_is_refused() {
    let (ours, theirs) = (Keys::generate(), Keys::generate());
    let token = tokens(&theirs).issue(SUBJECT, at(NOW));
    assert_eq!(
        tokens(&ours).verify(&token, at(NOW)),
        Err(TokenError::UnknownKey)
    );
    let token = signed(&theirs, &header(&ours), &claims());
    assert_eq!(
        tokens(&ours).verify(&token, at(NOW)),
        Err(TokenError::Signature)
    );
}

#[rstest]
#[case::issuer("iss", json!("https://other.example"), TokenError::Issuer)]
#[case::issuer_slash("iss", json!("https://jiahu.example/"), TokenError::Issuer)]
#[case::issuer_list("iss", json!([ISSUER]), TokenError::Claims)]
#[case::audience("aud", json!("jiahu-desk"), TokenError::Audience)]
#[case::audience_case("aud", json!("JIAHU-API"), TokenError::Audience)]
#[case::audience_list("aud", json!([AUDIENCE, "other"]), TokenError::Claims)]
#[case::expired("exp", json!(NOW), TokenError::Expired)]
#[case::expired_long_ago("exp", json!(0), TokenError::Expired)]
#[case::expiry_text("exp", json!("1500000600"), TokenError::Claims)]
#[case::expiry_huge("exp", json!(u64::MAX), TokenError::Claims)]
#[case::future("iat", json!(NOW + 61), TokenError::Future)]
#[case::account("sub", json!("nobody"), TokenError::Claims)]
#[case::session("sid", json!(null), TokenError::Claims)]
fn a_claim_that_is_not_ours_is_refused(
    #[case] name: &str,
    #[case] value: Value,
    #[case] expected: TokenError,
) {
    let keys = Keys::generate();
    let token = signed(&keys, &header(&keys), &with(claims(), name, value));
    assert_eq!(tokens(&keys).verify(&token, at(NOW)), Err(expected));
}

#[test]
fn every_claim_is_needed() {
    let keys = Keys::generate();
    for name in ["iss", "aud", "sub", "sid", "com", "iat", "exp", "jti"] {
        let token = signed(&keys, &header(&keys), &without(claims(), name));
        assert_eq!(
            tokens(&keys).verify(&token, at(NOW)),
            Err(TokenError::Claims),
            "{name}"
        );
    }
}

#[test]
fn no_single_bit_may_change() {
    let tokens = tokens(&Keys::generate());
    let token = tokens.issue(SUBJECT, at(NOW));
    let mut tried = 0;
    for bit in 0..token.len() * 8 {
        let mut bytes = token.clone().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        // The highest bit leaves ASCII, and no string holds that byte.
        if let Ok(changed) = String::from_utf8(bytes) {
            assert!(
                tokens.verify(&changed, at(NOW)).is_err(),
                "bit {bit} of {token}"
            );
            tried += 1;
        }
    }
    assert_eq!(tried, token.len() * 7);
}

#[test]
fn what_is_no_token_is_refused() {
    let tokens = tokens(&Keys::generate());
    let token = tokens.issue(SUBJECT, at(NOW));
    for text in ["", ".", "..", "...", "a.b.c", "e30.e30.", "秘密.秘密.秘密"] {
        assert_eq!(
            tokens.verify(text, at(NOW)),
            Err(TokenError::Malformed),
            "{text}"
        );
    }
    for text in [
        format!("{token}="),
        format!("{token}."),
        format!(" {token}"),
        format!("{token}\n"),
    ] {
        assert!(tokens.verify(&text, at(NOW)).is_err(), "{text}");
    }
    let long = token.clone() + &"A".repeat(MAX_TOKEN_BYTES);
    assert_eq!(tokens.verify(&long, at(NOW)), Err(TokenError::TooLong));
}

#[test]
fn a_life_is_a_second_to_ten_minutes() {
    let keys = Keys::generate();
    let new = |seconds| {
        AccessTokens::new(&keys, ISSUER, AUDIENCE, TimeDelta::seconds(seconds)).map(|_| ())
    };
    assert_eq!([new(1), new(600)], [Ok(()), Ok(())]);
    assert_eq!([new(0), new(-1), new(601)], [Err(LifetimeError); 3]);
}

#[test]
fn clients_learn_only_whether_to_refresh() {
    assert_eq!(TokenError::Expired.code(), "token_expired");
    assert_eq!(TokenError::Signature.code(), "token_invalid");
}
