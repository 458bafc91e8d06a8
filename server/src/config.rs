//! The configuration of `jiahu`.
//!
//! Every key can be a flag (`--matching-offer-batch`), an environment variable
//! (`JIAHU_MATCHING_OFFER_BATCH`) or a line of the TOML file named by `--config` or `JIAHU_CONFIG`
//! (`offer_batch` under `[matching]`). The first one that names a key wins, in that order; then
//! comes the default. Unknown keys are errors, and so is a value out of range: both are named
//! with where they came from. An empty variable counts as not set.

mod args;
mod layers;
mod resolve;
mod source;
mod values;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use entity::enums::{NurseTitle, Role};
use ipnet::IpNet;
use secrecy::SecretString;

use crate::domain::booking::BookingLimits;
use crate::domain::dispatch::DispatchConfig;
use crate::domain::eligibility::Rules;
use crate::domain::retention::Retention;
use crate::domain::travel::TravelRules;

pub use args::{
    Args, AuthArgs, CareArgs, LimitsArgs, MatchingArgs, MessagesArgs, PhotosArgs, RetentionArgs,
    SafetyArgs,
};

pub use source::{ConfigError, Env, Setting, Source};
pub use values::{DatabaseUrl, List, LogFormat, PhotoPlace, S3Style, Secret, WasteSignature};

/// Everything the process needs to know, checked. The units are in the names; ranges and meaning
/// stand at the same fields of [`Args`].
#[derive(Clone, Debug)]
pub struct Config {
    /// The database.
    pub database_url: DatabaseUrl,
    /// Most open database connections of this process.
    pub database_max_connections: u32,
    /// Address of the API.
    pub listen: SocketAddr,
    /// Address of `/metrics`; none: no metrics are served.
    pub metrics_listen: Option<SocketAddr>,
    /// Folder of files that belong to the installation.
    pub data_dir: PathBuf,
    /// File of the signing and encryption keys.
    pub keys_file: PathBuf,
    /// Address that people and apps use, without a slash at the end.
    pub public_url: String,
    /// Form of the log.
    pub log_format: LogFormat,
    /// Filter of the log.
    pub log_filter: String,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may call the API.
    pub cors_origins: Vec<String>,
    /// Longest time for one request.
    pub request_timeout_s: u64,
    /// Largest request body.
    pub body_limit_bytes: usize,
    /// Longest wait for open requests when the server is told to stop.
    pub shutdown_grace_s: u64,
    /// Tokens, codes and lockout.
    pub auth: AuthConfig,
    /// Rate limits.
    pub limits: LimitsConfig,
    /// The gateway for codes and messages.
    pub messages: MessagesConfig,
    /// Numbers of the matching.
    pub matching: MatchingConfig,
    /// How long things without further use are kept.
    pub retention: Retention,
    /// Who may do what around a visit.
    pub care: CareConfig,
    /// Alarms, the overdue watch, arrivals, reports of harm.
    pub safety: SafetyConfig,
    /// Pictures of a visit and where they are kept.
    pub photos: PhotosConfig,
    /// A demo: invented people, messages in the log, a header on every answer. Set by `jiahu demo` alone; no
    /// flag, variable or file knows it.
    pub demo: bool,
    /// The clock stands still until `PUT /demo/clock` moves it. In a demo only.
    pub simulated_clock: bool,
    /// Every key as it was resolved, for [`Config::effective`]; empty when built by hand.
    pub settings: Vec<Setting>,
}

/// Tokens, codes and lockout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthConfig {
    /// Life of an access token, at most 600.
    pub access_token_s: u32,
    /// Life of a refresh token.
    pub refresh_token_days: u32,
    /// A session unused for this long ends.
    pub session_idle_h: u32,
    /// Life of a one-time code.
    pub code_ttl_s: u32,
    /// Wrong tries before a code is void.
    pub code_tries: u32,
    /// Time between two codes to one phone.
    pub code_gap_s: u32,
    /// Codes to one phone in a day.
    pub codes_per_day: u32,
    /// Wrong passwords before an account is locked.
    pub login_tries: u32,
    /// How long it stays locked.
    pub lockout_min: u32,
}

/// Rate limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitsConfig {
    /// Requests of one client in a minute; 0 means no limit.
    pub requests_per_min: u32,
    /// Login and code requests from one address in a minute; 0 means no limit.
    pub logins_per_min: u32,
}

/// The gateway for codes and messages.
#[derive(Clone, Debug, Default)]
pub struct MessagesConfig {
    /// Where messages are posted; none: they are not sent.
    pub webhook_url: Option<String>,
    /// What the posts are signed with; present whenever the address is.
    pub webhook_secret: Option<SecretString>,
}

/// Numbers of the matching (field guide §7).
#[derive(Clone, Debug, PartialEq)]
pub struct MatchingConfig {
    /// Nurses asked in one wave.
    pub offer_batch: u32,
    /// Search radii, ascending.
    pub rings_m: Vec<u32>,
    /// Time from one wave to the next.
    pub wave_every_min: u32,
    /// Without an accept, a coordinator is called after this time, at the latest half way to the window.
    pub coordinator_after_min: u32,
    /// Without an accept, the family is told after this time.
    pub family_told_after_min: u32,
    /// Road length over straight-line length.
    pub road_factor: f64,
    /// Average speed on the road.
    pub speed_kmh: f64,
    /// Time kept free around a visit, besides travel.
    pub buffer_min: u32,
    /// Lowest title of a nurse who goes.
    pub min_title: NurseTitle,
    /// Full years of clinical practice on the day of the visit.
    pub min_years: u32,
    /// Hours without a visit after a night shift.
    pub rest_hours_after_night: u32,
    /// Least time from booking to the start of the window.
    pub lead_time_min: u32,
    /// Furthest day that can be booked.
    pub horizon_days: u32,
    /// An address further from its community needs confirmation.
    pub near_community_m: u32,
}

/// Who may do what around a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CareConfig {
    /// Roles that make first assessments (R5).
    pub assessor_roles: Vec<Role>,
    /// An answer to a complaint is owed within this time; then supervisors are called (R19).
    pub complaint_answer_h: u32,
    /// Whether whoever takes the waste of a visit over signs for it.
    pub waste_signature: WasteSignature,
}

impl Default for CareConfig {
    fn default() -> Self {
        Self {
            assessor_roles: vec![Role::Doctor, Role::Nurse],
            complaint_answer_h: 72,
            waste_signature: WasteSignature::Required,
        }
    }
}

/// Alarms, the overdue watch, arrivals, reports of harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafetyConfig {
    /// An alarm that nobody takes goes on to further people after this time.
    pub sos_escalate_min: u32,
    /// A nurse who has not set out or left is asked this long after she should have.
    pub overdue_margin_min: u32,
    /// A coordinator is told when she does not answer within this time.
    pub overdue_answer_min: u32,
    /// Longest time a nurse may ask for at once.
    pub still_fine_max_min: u32,
    /// A good visit that far from the point of the address proposes another point.
    pub home_moved_m: u32,
    /// An adverse event told later than this after it occurred is marked as late.
    pub report_late_h: u32,
    /// A supervisor is called when nobody reviews an adverse event within this time.
    pub review_due_h: u32,
}

/// Pictures of a visit and where they are kept.
#[derive(Clone, Debug)]
pub struct PhotosConfig {
    /// Where they are kept.
    pub store: PhotoPlace,
    /// Address of an S3-compatible store; none: that of AWS.
    pub s3_endpoint: Option<String>,
    /// Region of the bucket.
    pub s3_region: String,
    /// Id of the access key.
    pub s3_access_key: Option<String>,
    /// Secret of the access key.
    pub s3_secret_key: Option<SecretString>,
    /// Where a request names the bucket.
    pub s3_style: S3Style,
    /// Largest photo that is taken.
    pub max_bytes: usize,
    /// Most pixels of a photo that is looked at.
    pub max_pixels: u64,
    /// Most memory for reading one photo.
    pub decode_mib: u64,
    /// Longer side of a photo as it is kept.
    pub kept_side_px: u32,
    /// Most photos of one visit.
    pub most_per_visit: u64,
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            access_token_s: 600,
            refresh_token_days: 30,
            session_idle_h: 168,
            code_ttl_s: 300,
            code_tries: 5,
            code_gap_s: 60,
            codes_per_day: 10,
            login_tries: 10,
            lockout_min: 15,
        }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            requests_per_min: 1_200,
            logins_per_min: 60,
        }
    }
}

impl Default for MatchingConfig {
    fn default() -> Self {
        // Numbers of a rule stand with the rule.
        let (waves, travel) = (DispatchConfig::default(), TravelRules::default());
        let rules = Rules::default();
        Self {
            offer_batch: u32::try_from(waves.offer_batch).unwrap_or(u32::MAX),
            rings_m: waves.rings_m,
            wave_every_min: waves.wave_every_min,
            coordinator_after_min: waves.coordinator_after_min,
            family_told_after_min: waves.family_told_after_min,
            road_factor: travel.road_factor,
            speed_kmh: travel.speed_kmh,
            buffer_min: travel.buffer_min,
            min_title: rules.min_title,
            min_years: rules.min_years,
            rest_hours_after_night: rules.rest_hours_after_night,
            lead_time_min: 240,
            horizon_days: 60,
            near_community_m: 100_000,
        }
    }
}

impl Default for SafetyConfig {
    fn default() -> Self {
        Self {
            sos_escalate_min: 2,
            overdue_margin_min: 30,
            overdue_answer_min: 15,
            still_fine_max_min: 120,
            home_moved_m: 100,
            report_late_h: 24,
            review_due_h: 24,
        }
    }
}

impl PhotosConfig {
    /// The defaults for a data folder.
    fn in_folder(data_dir: &Path) -> Self {
        Self {
            store: PhotoPlace::Folder(data_dir.join("photos")),
            s3_endpoint: None,
            s3_region: "us-east-1".to_owned(),
            s3_access_key: None,
            s3_secret_key: None,
            s3_style: S3Style::Path,
            max_bytes: 10 * 1024 * 1024,
            max_pixels: 50_000_000,
            decode_mib: 256,
            kept_side_px: 2_048,
            most_per_visit: 20,
        }
    }
}

/// The defaults. Tests start from here and change what they are about.
impl Default for Config {
    fn default() -> Self {
        let data_dir = PathBuf::from(".jiahu");
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));
        Self {
            database_url: default_database(&data_dir),
            database_max_connections: 10,
            listen,
            metrics_listen: None,
            keys_file: default_keys_file(&data_dir),
            photos: PhotosConfig::in_folder(&data_dir),
            data_dir,
            public_url: format!("http://{listen}"),
            log_format: LogFormat::Text,
            // A new database tells of each of its steps, twice.
            log_filter: "info,sea_orm_migration=warn".to_owned(),
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            request_timeout_s: 30,
            body_limit_bytes: 1024 * 1024,
            shutdown_grace_s: 10,
            auth: AuthConfig::default(),
            limits: LimitsConfig::default(),
            messages: MessagesConfig::default(),
            matching: MatchingConfig::default(),
            retention: Retention::default(),
            care: CareConfig::default(),
            safety: SafetyConfig::default(),
            demo: false,
            simulated_clock: false,
            settings: Vec::new(),
        }
    }
}

fn default_database(data_dir: &Path) -> DatabaseUrl {
    DatabaseUrl::Sqlite(data_dir.join("jiahu.db"))
}

fn default_keys_file(data_dir: &Path) -> PathBuf {
    data_dir.join("keys.toml")
}

impl Config {
    /// Resolves the flags, the environment and the file they name.
    pub fn load(flags: &Args, env: &Env) -> Result<Self, ConfigError> {
        resolve::config(flags, env)
    }

    /// When a visit may be booked for.
    pub fn booking_limits(&self) -> BookingLimits {
        BookingLimits {
            lead_time_min: self.matching.lead_time_min,
            horizon_days: self.matching.horizon_days,
        }
    }

    /// Every key with its value and where it came from, a line each; secrets are masked.
    pub fn effective(&self) -> String {
        let width = |text: fn(&Setting) -> usize| self.settings.iter().map(text).max().unwrap_or(0);
        let key_width = width(|setting| setting.key.len());
        let value_width = width(|setting| setting.value.chars().count()).min(40);
        let line = |setting: &Setting| {
            let Setting { key, value, source } = setting;
            format!("{key:key_width$}  {value:value_width$}  ({source})\n")
        };
        self.settings.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests;
