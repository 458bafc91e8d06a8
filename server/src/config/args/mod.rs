//! Every key, as a flag and as a line of the file. The comments are the help texts.

mod auth;
mod care;
mod limits;
mod matching;
mod messages;
mod photos;
mod retention;
mod safety;

use std::path::PathBuf;

use serde::Deserialize;

use super::values::{List, Secret};

pub use auth::AuthArgs;
pub use care::CareArgs;
pub use limits::LimitsArgs;
pub use matching::MatchingArgs;
pub use messages::MessagesArgs;
pub use photos::PhotosArgs;
pub use retention::RetentionArgs;
pub use safety::SafetyArgs;

/// One layer of the configuration: what is not set is decided by the next one.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[command(next_help_heading = "Settings (flag, then JIAHU_* variable, then file, then default)")]
pub struct Args {
    /// TOML file with settings [default: none].
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,

    /// Database: sqlite:path or postgres://user:password@host/name [default: sqlite:jiahu.db in the data folder].
    #[arg(long, value_name = "URL")]
    pub database_url: Option<Secret>,

    /// File that holds the database URL, for secret stores [default: none].
    #[arg(long, value_name = "FILE")]
    pub database_url_file: Option<PathBuf>,

    /// Most open database connections of this process, 1 to 1000 [default: 10].
    #[arg(long, value_name = "COUNT", hide_short_help = true)]
    pub database_max_connections: Option<u32>,

    /// Address and port of the API [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,

    /// Address and port of /metrics; must not be open to the internet [default: none, no metrics].
    #[arg(long, value_name = "ADDRESS")]
    pub metrics_listen: Option<String>,

    /// Folder of files that belong to the installation [default: .jiahu].
    #[arg(long, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,

    /// File of the signing and encryption keys; keep it secret and backed up [default: keys.toml in the data folder].
    #[arg(long, value_name = "FILE")]
    pub keys_file: Option<PathBuf>,

    /// Address that people and apps use, as in links of messages [default: http:// and the listen address].
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,

    /// Form of the log: text or json [default: text].
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<String>,

    /// What is logged, as level or target=level with commas [default: info,sea_orm_migration=warn].
    #[arg(long, value_name = "FILTER")]
    pub log_filter: Option<String>,

    /// Proxies whose X-Forwarded-For is believed, addresses or networks with commas [default: none].
    #[arg(long, value_name = "LIST", hide_short_help = true)]
    pub trusted_proxies: Option<List<String>>,

    /// Origins whose pages may call the API, https://host with commas [default: none].
    #[arg(long, value_name = "LIST", hide_short_help = true)]
    pub cors_origins: Option<List<String>>,

    /// Longest time for one request, seconds, 1 to 300 [default: 30].
    #[arg(long, value_name = "SECONDS", hide_short_help = true)]
    pub request_timeout_s: Option<u64>,

    /// Largest request body, bytes, 1024 to 67108864 [default: 1048576].
    #[arg(long, value_name = "BYTES", hide_short_help = true)]
    pub body_limit_bytes: Option<usize>,

    /// Longest wait for open requests when told to stop, seconds, 1 to 300 [default: 10].
    #[arg(long, value_name = "SECONDS", hide_short_help = true)]
    pub shutdown_grace_s: Option<u64>,

    /// Section `[auth]`.
    #[command(flatten)]
    pub auth: AuthArgs,

    /// Section `[limits]`.
    #[command(flatten)]
    pub limits: LimitsArgs,

    /// Section `[messages]`.
    #[command(flatten)]
    pub messages: MessagesArgs,

    /// Section `[matching]`.
    #[command(flatten)]
    pub matching: MatchingArgs,

    /// Section `[retention]`.
    #[command(flatten)]
    pub retention: RetentionArgs,
    /// Section `[care]`.
    #[command(flatten)]
    pub care: CareArgs,
    /// Section `[safety]`.
    #[command(flatten)]
    pub safety: SafetyArgs,
    /// Section `[photos]`.
    #[command(flatten)]
    pub photos: PhotosArgs,
}
