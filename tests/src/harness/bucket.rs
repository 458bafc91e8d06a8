//! A bucket as an S3-compatible store serves it, over HTTP on this machine: the four requests that the server makes.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use secrecy::SecretString;
use tokio::net::TcpListener;

use jiahu::config::{PhotoPlace, PhotosConfig};

const NAME: &str = "photos-of-the-county";
const KEY_ID: &str = "AKJIAHU";
/// When everything in it was put there. Nothing asks.
const PUT_AT: (&str, &str) = ("2026-03-02T01:00:00Z", "Mon, 02 Mar 2026 01:00:00 GMT");

/// What lies in the bucket, by key.
type Objects = Arc<Mutex<BTreeMap<String, Bytes>>>;

/// A bucket that is served until the test ends.
pub struct Bucket {
    address: SocketAddr,
    objects: Objects,
}

impl Bucket {
    /// Serves an empty bucket.
    pub async fn serve() -> Self {
        let objects = Objects::default();
        let bucket = format!("/{NAME}");
        let app = Router::new()
            .route(&bucket, get(list).post(delete))
            .route(&format!("{bucket}/"), post(delete))
            .route(&format!("{bucket}/{{*key}}"), get(read).put(write))
            .layer(DefaultBodyLimit::disable())
            .with_state(objects.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, objects }
    }

    /// Makes a server keep its photos here.
    pub fn configure(&self, photos: &mut PhotosConfig) {
        photos.store = PhotoPlace::S3 {
            bucket: NAME.to_owned(),
            prefix: "jiahu".to_owned(),
        };
        photos.s3_endpoint = Some(format!("http://{}", self.address));
        photos.s3_access_key = Some(KEY_ID.to_owned());
        photos.s3_secret_key = Some(SecretString::from("never said"));
    }

    /// What lies in it, by key.
    pub fn objects(&self) -> BTreeMap<String, Bytes> {
        self.objects.lock().expect("not poisoned").clone()
    }
}

/// Nothing is served to a request that is not signed with the key.
fn signed(headers: &HeaderMap) -> Result<(), StatusCode> {
    let signature = headers.get(header::AUTHORIZATION);
    let begins = format!("AWS4-HMAC-SHA256 Credential={KEY_ID}/");
    let good = signature.is_some_and(|value| value.as_bytes().starts_with(begins.as_bytes()));
    if good {
        Ok(())
    } else {
        Err(StatusCode::FORBIDDEN)
    }
}

async fn write(
    State(objects): State<Objects>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    signed(&headers)?;
    objects.lock().expect("not poisoned").insert(key, body);
    Ok([(header::ETAG, "\"1\"")].into_response())
}

async fn read(
    State(objects): State<Objects>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    signed(&headers)?;
    let found = objects.lock().expect("not poisoned").get(&key).cloned();
    let found = found.ok_or(StatusCode::NOT_FOUND)?;
    let about = [(header::ETAG, "\"1\""), (header::LAST_MODIFIED, PUT_AT.1)];
    Ok((about, found).into_response())
}

async fn list(
    State(objects): State<Objects>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<String, StatusCode> {
    signed(&headers)?;
    let asked = |name: &str| query.get(name).cloned().unwrap_or_default();
    let (prefix, after) = (asked("prefix"), asked("start-after"));
    let objects = objects.lock().expect("not poisoned");
    let found = objects
        .iter()
        .filter(|(key, _)| key.starts_with(&prefix) && key.as_str() > after.as_str());
    let found = found.map(|(key, body)| {
        let (size, at) = (body.len(), PUT_AT.0);
        format!("<Contents><Key>{key}</Key><Size>{size}</Size><LastModified>{at}</LastModified></Contents>")
    });
    Ok(format!(
        "<ListBucketResult>{}</ListBucketResult>",
        found.collect::<String>()
    ))
}

async fn delete(
    State(objects): State<Objects>,
    headers: HeaderMap,
    body: String,
) -> Result<String, StatusCode> {
    signed(&headers)?;
    let keys = body.split("<Key>").skip(1);
    let keys = keys.filter_map(|rest| rest.split("</Key>").next());
    let gone = keys.map(|key| {
        objects.lock().expect("not poisoned").remove(key);
        format!("<Deleted><Key>{key}</Key></Deleted>")
    });
    Ok(format!(
        "<DeleteResult>{}</DeleteResult>",
        gone.collect::<String>()
    ))
}
