//! The signature of a request to an S3-compatible store (AWS Signature Version 4), computed anew from the request as it came
//! over the wire. Nothing here is shared with the library that signs.

use std::collections::BTreeMap;
use std::fmt::Write;

use axum::http::HeaderName;
use axum::http::request::Parts;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Longest difference between the time of a request and ours.
const SKEW: TimeDelta = TimeDelta::minutes(15);

/// What a store knows of who may come in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account<'a> {
    /// Id of the key.
    pub key_id: &'a str,
    /// The secret that belongs to it.
    pub secret: &'a str,
    /// Region of the bucket.
    pub region: &'a str,
}

/// Checks that a request is signed with the key, whole and as it is: method, path, query, headers, body and time. The error
/// is the code that a store answers.
pub(super) fn check(
    parts: &Parts,
    body: &[u8],
    account: Account<'_>,
    now: DateTime<Utc>,
) -> Result<(), &'static str> {
    let header = |name: &str| parts.headers.get(name)?.to_str().ok();
    let told = Authorization::read(header("authorization").ok_or("AccessDenied")?)
        .ok_or("AuthorizationHeaderMalformed")?;
    let stamp = header("x-amz-date").ok_or("AccessDenied")?;
    let at = NaiveDateTime::parse_from_str(stamp, "%Y%m%dT%H%M%SZ").map_err(|_| "AccessDenied")?;
    if (at.and_utc() - now).abs() > SKEW {
        return Err("RequestTimeTooSkewed");
    }
    let day = stamp.get(..8).unwrap_or_default();
    let scope = format!("{day}/{}/s3/aws4_request", account.region);
    if told.key_id != account.key_id {
        return Err("InvalidAccessKeyId");
    }
    if told.scope != scope {
        return Err("AuthorizationHeaderMalformed");
    }
    let payload = header("x-amz-content-sha256").ok_or("InvalidRequest")?;
    if payload != hex(&Sha256::digest(body)) {
        return Err("XAmzContentSHA256Mismatch");
    }
    let canonical = canonical(parts, &told.signed, payload).ok_or("AccessDenied")?;
    let hash = hex(&Sha256::digest(canonical));
    let text = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hash}");
    let mut key = mac(format!("AWS4{}", account.secret).as_bytes(), day);
    for part in [account.region, "s3", "aws4_request"] {
        key = mac(&key, part);
    }
    if hex(&mac(&key, &text)) == told.signature {
        Ok(())
    } else {
        Err("SignatureDoesNotMatch")
    }
}

/// What the header of a request says.
struct Authorization<'a> {
    key_id: &'a str,
    scope: &'a str,
    signed: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let fields = text.strip_prefix("AWS4-HMAC-SHA256 ")?.split(',');
        let fields: BTreeMap<_, _> = fields
            .filter_map(|field| field.trim().split_once('='))
            .collect();
        let (key_id, scope) = fields.get("Credential")?.split_once('/')?;
        Some(Self {
            key_id,
            scope,
            signed: fields.get("SignedHeaders")?.split(';').collect(),
            signature: fields.get("Signature")?,
        })
    }
}

/// The request in the one form that is signed; none when a header is signed that did not come, or one came unsigned that
/// has to be.
fn canonical(parts: &Parts, signed: &[&str], payload: &str) -> Option<String> {
    let mut names = parts.headers.keys().map(HeaderName::as_str);
    if !signed.contains(&"host")
        || names.any(|name| name.starts_with("x-amz-") && !signed.contains(&name))
        || !signed.is_sorted()
    {
        return None;
    }
    let mut headers = String::new();
    for name in signed {
        let values = parts.headers.get_all(*name).iter();
        let values: Option<Vec<_>> = values.map(|value| value.to_str().ok()).collect();
        let values = values.filter(|values| !values.is_empty())?;
        let words = |value: &str| value.split_whitespace().collect::<Vec<_>>().join(" ");
        let values: Vec<_> = values.into_iter().map(words).collect();
        writeln!(headers, "{name}:{}", values.join(",")).expect("a String takes it");
    }
    let path: Vec<_> = parts
        .uri
        .path()
        .split('/')
        .map(|part| encoded(&decoded(part)))
        .collect();
    let pairs = parts.uri.query().unwrap_or_default().split('&');
    let mut pairs: Vec<_> = pairs
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            format!("{}={}", encoded(&decoded(name)), encoded(&decoded(value)))
        })
        .collect();
    pairs.sort();
    Some(format!(
        "{}\n{}\n{}\n{headers}\n{}\n{payload}",
        parts.method,
        path.join("/"),
        pairs.join("&"),
        signed.join(";"),
    ))
}

/// Text as it stands behind its percent signs.
pub(super) fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'%');
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        let code = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    bytes
}

fn encoded(bytes: &[u8]) -> String {
    let one = |byte: &u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(*byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    bytes.iter().map(one).collect()
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length is a key");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    const ACCOUNT: Account<'static> = Account {
        key_id: "AKIAIOSFODNN7EXAMPLE",
        secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        region: "us-east-1",
    };
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// A request of the examples that AWS publishes for Signature Version 4.
    fn example(path: &str, range: bool, signature: &str) -> Parts {
        let more = if range { "range;" } else { "" };
        let signed = format!("host;{more}x-amz-content-sha256;x-amz-date");
        let credential = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
        let mut request = Request::get(path)
            .header("host", "examplebucket.s3.amazonaws.com")
            .header("x-amz-content-sha256", EMPTY)
            .header("x-amz-date", "20130524T000000Z")
            .header(
                "authorization",
                format!("AWS4-HMAC-SHA256 Credential={credential},SignedHeaders={signed},Signature={signature}"),
            );
        if range {
            request = request.header("range", "bytes=0-9");
        }
        request.body(()).expect("a request").into_parts().0
    }

    fn asked(parts: &Parts, body: &[u8], minutes: i64) -> Result<(), &'static str> {
        let at = NaiveDateTime::parse_from_str("20130524T000000Z", "%Y%m%dT%H%M%SZ");
        let now = at.expect("a time").and_utc() + TimeDelta::minutes(minutes);
        check(parts, body, ACCOUNT, now)
    }

    #[test]
    fn the_published_examples_pass_and_what_is_changed_does_not() {
        let get = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
        let list = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7";
        assert_eq!(asked(&example("/test.txt", true, get), b"", 0), Ok(()));
        let listed = example("/?prefix=J&max-keys=2", false, list);
        assert_eq!(asked(&listed, b"", 14), Ok(()));
        let wrong = Err("SignatureDoesNotMatch");
        assert_eq!(asked(&example("/test.TXT", true, get), b"", 0), wrong);
        assert_eq!(
            asked(&example("/?prefix=J&max-keys=3", false, list), b"", 0),
            wrong
        );
        assert_eq!(asked(&listed, b"x", 0), Err("XAmzContentSHA256Mismatch"));
        assert_eq!(asked(&listed, b"", 16), Err("RequestTimeTooSkewed"));
        let mut more = example("/test.txt", true, get);
        more.headers
            .insert("x-amz-acl", "public-read".parse().expect("a header"));
        assert_eq!(asked(&more, b"", 0), Err("AccessDenied"));
    }
}
