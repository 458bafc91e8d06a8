//! Values that need more than a number: their spelling, their checks, their masked form.

use std::convert::Infallible;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use ipnet::IpNet;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, de::Error as _};

/// What stands in for a secret.
pub(super) const MASK: &str = "****";

/// Text that is never printed.
#[derive(Clone, Debug)]
pub struct Secret(SecretString);

impl Secret {
    /// Text that came from elsewhere than a layer.
    pub fn from_text(text: &str) -> Self {
        Self(text.into())
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.into()))
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The usual message repeats the value.
        let text = String::deserialize(deserializer)
            .map_err(|_| D::Error::custom("must be text in quotes"))?;
        Ok(Self(text.into()))
    }
}

/// A TOML list, or a text with commas.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct List<T>(pub Vec<T>);

impl<T: FromStr> FromStr for List<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let items = text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty());
        items.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

/// Form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// A JSON object a line, for collectors.
    Json,
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("must be text or json".to_owned()),
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

/// Where the data live. `Debug` and `Display` mask the password.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// The embedded database in this file.
    Sqlite(PathBuf),
    /// A PostgreSQL server, as a whole URL.
    Postgres(SecretString),
}

impl DatabaseUrl {
    /// The URL that the driver takes. An SQLite file is made only when `create` says so.
    pub fn connection_url(&self, create: bool) -> SecretString {
        match self {
            Self::Sqlite(path) => {
                // The driver decodes percent signs and takes `?` as the start of its options.
                let path = path
                    .to_string_lossy()
                    .replace('%', "%25")
                    .replace('?', "%3F")
                    .replace('#', "%23");
                format!("sqlite://{path}?mode={}", if create { "rwc" } else { "rw" }).into()
            }
            Self::Postgres(url) => url.clone(),
        }
    }

    /// Refuses an SQLite file that is not there: opening it would make an empty database, and a
    /// mistyped path would look like lost data. A PostgreSQL server is asked when connecting.
    pub fn require_existing(&self) -> Result<(), String> {
        match self {
            Self::Sqlite(path) if !path.is_file() => {
                let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
                Err(format!(
                    "there is no database at {}: run `jiahu migrate` to create it",
                    path.display()
                ))
            }
            Self::Sqlite(_) | Self::Postgres(_) => Ok(()),
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    /// `sqlite:path`, `sqlite://path` (the path as written, absolute or relative) or
    /// `postgres://…`. No message repeats the text: it may hold a password.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(rest) = text.strip_prefix("sqlite:") {
            return sqlite_path(rest.strip_prefix("//").unwrap_or(rest)).map(Self::Sqlite);
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let url = Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
            if url.fragment().is_some() {
                return Err("has a #: write %23 when it belongs to the password".to_owned());
            }
            return Ok(Self::Postgres(text.into()));
        }
        Err("must begin with sqlite: or postgres://".to_owned())
    }
}

fn sqlite_path(path: &str) -> Result<PathBuf, String> {
    if path.is_empty() || path.starts_with(':') {
        return Err("must name a database file; a database in memory is not supported".to_owned());
    }
    if path.contains('?') {
        return Err("takes no options after the path; whether the file is created is decided by the command".to_owned());
    }
    if path.ends_with('/') {
        return Err("names a folder, not a file".to_owned());
    }
    Ok(PathBuf::from(path))
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => f.write_str(&mask_url(url.expose_secret())),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// Masks the password in front of the host and every option of the query but a harmless few.
fn mask_url(text: &str) -> String {
    const HARMLESS: [&str; 6] = [
        "host",
        "port",
        "dbname",
        "user",
        "sslmode",
        "application_name",
    ];
    let Ok(mut url) = Url::parse(text) else {
        return MASK.to_owned();
    };
    // A raw slash in a password ends the host early and leaves the rest in the path.
    if url.path().contains('@') {
        return MASK.to_owned();
    }
    if url.password().is_some() && url.set_password(Some(MASK)).is_err() {
        return MASK.to_owned();
    }
    if url.query().is_some() {
        let shown: Vec<(String, String)> = url
            .query_pairs()
            .map(|(key, value)| {
                let harmless = HARMLESS.contains(&key.as_ref());
                (
                    key.into_owned(),
                    if harmless {
                        value.into_owned()
                    } else {
                        MASK.to_owned()
                    },
                )
            })
            .collect();
        url.query_pairs_mut().clear().extend_pairs(shown);
    }
    url.to_string()
}

/// Where photos are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhotoPlace {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A bucket of an S3-compatible store.
    S3 {
        /// Its name.
        bucket: String,
        /// What every key begins with; empty: nothing.
        prefix: String,
    },
}

impl FromStr for PhotoPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some(rest) = text.strip_prefix("s3://") else {
            return match text {
                "" => Err("must not be empty".to_owned()),
                _ if text.contains("://") => Err("must be a folder or begin with s3://".to_owned()),
                folder => Ok(Self::Folder(PathBuf::from(folder))),
            };
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() || rest.contains(['@', '?', '#']) {
            return Err("must be s3://bucket/prefix; keys have settings of their own".to_owned());
        }
        Ok(Self::S3 {
            bucket: bucket.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
        })
    }
}

impl fmt::Display for PhotoPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

/// Where a request to an S3-compatible store names the bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum S3Style {
    /// In the path: `https://host/bucket/key`.
    Path,
    /// In the host: `https://bucket.host/key`. Some providers take nothing else.
    VirtualHosted,
}

impl FromStr for S3Style {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "path" => Ok(Self::Path),
            "virtual_hosted" => Ok(Self::VirtualHosted),
            _ => Err("must be path or virtual_hosted".to_owned()),
        }
    }
}

impl fmt::Display for S3Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Path => "path",
            Self::VirtualHosted => "virtual_hosted",
        })
    }
}

/// The same address with the bucket in its host, unless it stands there already. An address by number has no place for it.
pub(super) fn with_bucket_in_host(endpoint: &str, bucket: &str) -> Result<String, String> {
    let mut url = http_url(endpoint)?;
    let host = url.domain().map(str::to_owned);
    let host = host.ok_or_else(|| "virtual_hosted needs a host with a name".to_owned())?;
    if !host.starts_with(&format!("{bucket}.")) {
        url.set_host(Some(&format!("{bucket}.{host}")))
            .map_err(|error| error.to_string())?;
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Whether whoever takes the waste of a visit over signs for it (R17).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WasteSignature {
    /// A return without a signature is refused.
    Required,
    /// A signature is kept where there is one.
    Optional,
}

impl FromStr for WasteSignature {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "required" => Ok(Self::Required),
            "optional" => Ok(Self::Optional),
            _ => Err("must be required or optional".to_owned()),
        }
    }
}

impl fmt::Display for WasteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Required => "required",
            Self::Optional => "optional",
        })
    }
}

/// An address or a network: `10.0.0.0/8`, `192.168.1.5`.
pub(super) fn network(text: &str) -> Result<IpNet, String> {
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| format!("{text:?} is neither an address nor a network such as 10.0.0.0/8"))
}

/// An origin as browsers send it: scheme, host, port, nothing after. `*` is not taken: the API
/// answers with personal data.
pub(super) fn origin(text: &str) -> Result<String, String> {
    let url = http_url(text)?;
    if url.origin().ascii_serialization() != text {
        return Err(format!(
            "{text:?} is not an origin: write {}",
            url.origin().ascii_serialization()
        ));
    }
    Ok(text.to_owned())
}

/// The address people use, without a slash at the end.
pub(super) fn public_url(text: &str) -> Result<String, String> {
    let url = http_url(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must have no ? and no #".to_owned());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Codes travel through it, so plain HTTP goes to this machine only.
pub(super) fn webhook_url(text: &str) -> Result<String, String> {
    let url = http_url(text)?;
    let loopback = match url.host_str() {
        Some("localhost") => true,
        Some(host) => host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|ip| ip.is_loopback()),
        None => false,
    };
    if url.scheme() != "https" && !loopback {
        return Err("must be https unless it stays on this machine".to_owned());
    }
    Ok(url.into())
}

fn http_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("must begin with http:// or https://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user or a password".to_owned());
    }
    Ok(url)
}
