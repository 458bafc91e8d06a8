//! A bucket as an S3-compatible store serves it, over HTTP on this machine: the requests that the server makes, each of them
//! signed, listings in pages.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;
use tokio::net::TcpListener;

use jiahu::clock::Clock;
use jiahu::config::{PhotoPlace, PhotosConfig};

use super::sigv4::{Account, check, decoded};

const NAME: &str = "photos-of-the-county";
/// Names of one page of a listing, as every store has it.
pub const PAGE: usize = 1_000;
/// Who may come in.
const ACCOUNT: Account<'static> = Account {
    key_id: "AKJIAHU",
    secret: "never said",
    region: "us-east-1",
};
/// When everything in it was put there. Nothing asks.
const PUT_AT: (&str, &str) = ("2026-03-02T01:00:00Z", "Mon, 02 Mar 2026 01:00:00 GMT");

/// What lies in the bucket, by key, and what was refused.
#[derive(Debug, Default)]
struct Inside {
    objects: BTreeMap<String, Bytes>,
    refused: Vec<&'static str>,
    listings: usize,
}

/// A bucket that is served until the test ends.
pub struct Bucket {
    address: SocketAddr,
    inside: Arc<Mutex<Inside>>,
}

impl Bucket {
    /// Serves an empty bucket.
    pub async fn serve() -> Self {
        let inside = Arc::<Mutex<Inside>>::default();
        let app = Router::new().fallback(answer).with_state(inside.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, inside }
    }

    /// Makes a server keep its photos here.
    pub fn configure(&self, photos: &mut PhotosConfig) {
        photos.store = PhotoPlace::S3 {
            bucket: NAME.to_owned(),
            prefix: "jiahu".to_owned(),
        };
        photos.s3_endpoint = Some(format!("http://{}", self.address));
        photos.s3_access_key = Some(ACCOUNT.key_id.to_owned());
        photos.s3_secret_key = Some(SecretString::from(ACCOUNT.secret));
    }

    /// What lies in it, by key.
    pub fn objects(&self) -> BTreeMap<String, Bytes> {
        self.inside.lock().expect("not poisoned").objects.clone()
    }

    /// Puts something there past everybody.
    pub fn put(&self, key: String) {
        let mut inside = self.inside.lock().expect("not poisoned");
        inside.objects.insert(key, Bytes::from_static(b"else"));
    }

    /// The codes with which requests were refused, in their order.
    pub fn refused(&self) -> Vec<&'static str> {
        self.inside.lock().expect("not poisoned").refused.clone()
    }

    /// How many pages of listings were asked for.
    pub fn listings(&self) -> usize {
        self.inside.lock().expect("not poisoned").listings
    }
}

/// Nothing is served to a request that is not signed with the key, whole and as it came.
async fn answer(State(inside): State<Arc<Mutex<Inside>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let checked = check(&parts, &body, ACCOUNT, Clock::system().now());
    let mut inside = inside.lock().expect("not poisoned");
    if let Err(code) = checked {
        inside.refused.push(code);
        return refusal(StatusCode::FORBIDDEN, code);
    }
    let path = String::from_utf8(decoded(parts.uri.path())).unwrap_or_default();
    let rest = path.strip_prefix(&format!("/{NAME}"));
    let Some(key) = rest.map(|rest| rest.trim_start_matches('/').to_owned()) else {
        return refusal(StatusCode::NOT_FOUND, "NoSuchBucket");
    };
    serve(&mut inside, &parts, key, body)
}

fn serve(inside: &mut Inside, parts: &Parts, key: String, body: Bytes) -> Response {
    match (&parts.method, key.is_empty()) {
        (&Method::GET, true) => {
            inside.listings += 1;
            list(&inside.objects, &query(parts)).into_response()
        }
        (&Method::POST, true) => delete(&mut inside.objects, &body).into_response(),
        (&Method::PUT, false) => {
            inside.objects.insert(key, body);
            [(header::ETAG, "\"1\"")].into_response()
        }
        (&Method::GET, false) => match inside.objects.get(&key) {
            Some(found) => {
                let about = [(header::ETAG, "\"1\""), (header::LAST_MODIFIED, PUT_AT.1)];
                (about, found.clone()).into_response()
            }
            None => refusal(StatusCode::NOT_FOUND, "NoSuchKey"),
        },
        _ => refusal(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
    }
}

fn refusal(status: StatusCode, code: &str) -> Response {
    (status, format!("<Error><Code>{code}</Code></Error>")).into_response()
}

fn query(parts: &Parts) -> HashMap<String, String> {
    let pairs = parts.uri.query().unwrap_or_default().split('&');
    let pairs = pairs.filter_map(|pair| pair.split_once('='));
    let text = |text: &str| String::from_utf8(decoded(text)).unwrap_or_default();
    pairs
        .map(|(name, value)| (text(name), text(value)))
        .collect()
}

/// A page of the names that begin with a prefix, after a name or after the page before.
fn list(objects: &BTreeMap<String, Bytes>, query: &HashMap<String, String>) -> String {
    let asked = |name: &str| query.get(name).cloned().unwrap_or_default();
    let (prefix, after) = (asked("prefix"), asked("start-after"));
    // The token says where the page before ended, in a form that nobody takes for a name.
    let turned = |text: &str| text.chars().rev().collect::<String>();
    let after = match query.get("continuation-token") {
        Some(token) => turned(token),
        None => after,
    };
    let mut found = objects
        .iter()
        .filter(|(key, _)| key.starts_with(&prefix) && key.as_str() > after.as_str());
    let page: Vec<_> = found.by_ref().take(PAGE).collect();
    let more = match (found.next(), page.last()) {
        (Some(_), Some((last, _))) => format!(
            "<IsTruncated>true</IsTruncated><NextContinuationToken>{}</NextContinuationToken>",
            turned(last)
        ),
        _ => "<IsTruncated>false</IsTruncated>".to_owned(),
    };
    let names = page.iter().map(|(key, body)| {
        let (size, at) = (body.len(), PUT_AT.0);
        format!("<Contents><Key>{key}</Key><Size>{size}</Size><LastModified>{at}</LastModified></Contents>")
    });
    let names: String = names.collect();
    format!("<ListBucketResult>{more}{names}</ListBucketResult>")
}

fn delete(objects: &mut BTreeMap<String, Bytes>, body: &Bytes) -> String {
    let body = String::from_utf8_lossy(body);
    let keys = body.split("<Key>").skip(1);
    let keys = keys.filter_map(|rest| rest.split("</Key>").next());
    let gone = keys.map(|key| {
        objects.remove(key);
        format!("<Deleted><Key>{key}</Key></Deleted>")
    });
    format!("<DeleteResult>{}</DeleteResult>", gone.collect::<String>())
}
