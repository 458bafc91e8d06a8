//! Where photos lie: a folder, or a bucket of an S3-compatible store. What lies there is sealed, so neither needs to be
//! trusted with what it shows.

use std::path::Path as Folder;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::ids::{CommunityId, PhotoId};
use futures::TryStreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig};
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::config::{PhotoPlace, PhotosConfig, S3Style};
use crate::crypto::{FieldCipher, FieldPlace};
use crate::error::{Error, Result};
use crate::problem::{Code, Problem};

/// Longest time for one request to a store, and for all tries together: the caller waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// Which of the pictures of a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// As it is kept.
    Whole,
    /// Small, for lists.
    Small,
}

impl Part {
    const ALL: [Self; 2] = [Self::Whole, Self::Small];

    const fn ending(self) -> &'static str {
        match self {
            Self::Whole => "",
            Self::Small => ".small",
        }
    }

    fn place(self, id: PhotoId) -> FieldPlace {
        FieldPlace {
            table: "visit_photo",
            column: match self {
                Self::Whole => "object",
                Self::Small => "small",
            },
            row: id.0,
        }
    }
}

/// Keeps sealed photos.
pub struct PhotoStore {
    objects: Arc<dyn ObjectStore>,
    prefix: String,
}

impl PhotoStore {
    /// Opens the place of the configuration; a folder is made when it is not there.
    pub(super) fn open(config: &PhotosConfig) -> Result<Self> {
        let (objects, prefix): (Arc<dyn ObjectStore>, _) = match &config.store {
            PhotoPlace::Folder(path) => (Arc::new(folder(path)?), String::new()),
            PhotoPlace::S3 { bucket, prefix } => (Arc::new(s3(config, bucket)?), prefix.clone()),
        };
        Ok(Self { objects, prefix })
    }

    /// Asks the store for one name, and changes nothing: whether it is there and lets this server in.
    pub async fn probe(config: &PhotosConfig) -> Result<()> {
        if let PhotoPlace::Folder(path) = &config.store {
            let read = std::fs::read_dir(path).map(|_| ());
            return read.map_err(|error| unusable(path, &error));
        }
        let mut names = Self::open(config)?.objects.list(None);
        names.try_next().await.map(|_| ()).map_err(away)
    }

    /// The key under which a photo lies. Photos of a community lie together, in the order of their ids.
    pub fn key(&self, community: CommunityId, id: PhotoId) -> String {
        format!("{}/{id}", self.folder(community))
    }

    fn folder(&self, community: CommunityId) -> String {
        match self.prefix.as_str() {
            "" => community.to_string(),
            prefix => format!("{prefix}/{community}"),
        }
    }

    /// Keeps a part of a photo, sealed.
    pub async fn put(
        &self,
        cipher: &FieldCipher,
        (id, key): (PhotoId, &str),
        part: Part,
        jpeg: Vec<u8>,
    ) -> Result<()> {
        let sealed = cipher.seal_bytes(part.place(id), jpeg);
        let path = Path::from(format!("{key}{}", part.ending()));
        let kept = self.objects.put(&path, sealed.into()).await;
        kept.map(|_| ()).map_err(away)
    }

    /// Reads a part of a photo.
    pub async fn get(
        &self,
        cipher: &FieldCipher,
        (id, key): (PhotoId, &str),
        part: Part,
    ) -> Result<Vec<u8>> {
        let path = Path::from(format!("{key}{}", part.ending()));
        let found = self.objects.get(&path).await.map_err(away)?;
        let sealed = found.bytes().await.map_err(away)?;
        let opened = cipher.open_bytes(part.place(id), &sealed);
        opened.map_err(Error::internal)
    }

    /// Photos of a community that were put between two times.
    pub async fn between(
        &self,
        community: CommunityId,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Vec<PhotoId>> {
        let first = Path::from(self.key(community, least(from)));
        let folder = Path::from(self.folder(community));
        let found = self.objects.list_with_offset(Some(&folder), &first);
        let found: Vec<_> = found.try_collect().await.map_err(away)?;
        let names = found.iter().filter_map(|object| object.location.filename());
        let ids = names.filter_map(|name| name.split('.').next()?.parse::<PhotoId>().ok());
        let mut ids: Vec<_> = ids.filter(|id| *id < least(to)).collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    /// Drops a photo that nobody knows of.
    pub async fn drop_unknown(&self, community: CommunityId, id: PhotoId) -> Result<()> {
        for part in Part::ALL {
            let path = format!("{}{}", self.key(community, id), part.ending());
            match self.objects.delete(&Path::from(path)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(away(error)),
            }
        }
        Ok(())
    }
}

/// The least id that can be made at a time.
fn least(at: DateTime<Utc>) -> PhotoId {
    let millis = u128::try_from(at.timestamp_millis()).unwrap_or(0);
    PhotoId(Uuid::from_u128(millis << 80))
}

fn folder(path: &Folder) -> Result<LocalFileSystem> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .map_err(|error| unusable(path, &error))?;
    let store = LocalFileSystem::new_with_prefix(path).map_err(|error| unusable(path, &error))?;
    Ok(store.with_fsync(true))
}

fn unusable(path: &Folder, error: &dyn std::fmt::Display) -> Error {
    let path = path.display();
    Error::internal(format!("photos cannot be kept in {path}: {error}"))
}

fn s3(config: &PhotosConfig, bucket: &str) -> Result<object_store::aws::AmazonS3> {
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(&config.s3_region)
        .with_virtual_hosted_style_request(config.s3_style == S3Style::VirtualHosted)
        .with_client_options(
            ClientOptions::new()
                .with_timeout(PATIENCE)
                .with_allow_http(config.s3_endpoint.is_some()),
        )
        .with_retry(RetryConfig {
            max_retries: 2,
            retry_timeout: PATIENCE,
            ..RetryConfig::default()
        });
    if let Some(endpoint) = &config.s3_endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    if let (Some(id), Some(secret)) = (&config.s3_access_key, &config.s3_secret_key) {
        builder = builder
            .with_access_key_id(id)
            .with_secret_access_key(secret.expose_secret());
    }
    // What the library says may name the request; it never holds the secret.
    builder
        .build()
        .map_err(|error| Error::internal(format!("photos cannot be kept in s3: {error}")))
}

fn away(error: object_store::Error) -> Error {
    tracing::error!(%error, "the photo store does not answer");
    Problem::new(Code::PhotoStoreUnavailable)
        .retry_after(5)
        .into()
}

#[cfg(test)]
mod tests {
    use object_store::signer::Signer;
    use secrecy::SecretString;

    use super::*;

    /// Where a request for a key goes.
    async fn address(style: S3Style, endpoint: Option<&str>) -> String {
        let config = PhotosConfig {
            s3_endpoint: endpoint.map(str::to_owned),
            s3_access_key: Some("AK".to_owned()),
            s3_secret_key: Some(SecretString::from("secret")),
            s3_style: style,
            ..crate::config::Config::default().photos
        };
        let store = s3(&config, "jiahu").expect("a store");
        let key = Path::from("photos/one");
        let url = store.signed_url(reqwest::Method::GET, &key, PATIENCE).await;
        let url = url.expect("a URL");
        format!("{}{}", url.origin().ascii_serialization(), url.path())
    }

    #[tokio::test]
    async fn the_bucket_stands_where_the_style_says() {
        use S3Style::{Path, VirtualHosted};
        for (style, endpoint, expected) in [
            (
                Path,
                Some("https://minio.example"),
                "https://minio.example/jiahu/photos/one",
            ),
            (
                VirtualHosted,
                Some("https://jiahu.oss.example"),
                "https://jiahu.oss.example/photos/one",
            ),
            (
                VirtualHosted,
                None,
                "https://jiahu.s3.us-east-1.amazonaws.com/photos/one",
            ),
            (
                Path,
                None,
                "https://s3.us-east-1.amazonaws.com/jiahu/photos/one",
            ),
        ] {
            assert_eq!(address(style, endpoint).await, expected);
        }
    }
}
