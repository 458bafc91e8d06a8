//! Every key, as a flag and as a line of the file. The comments are the help texts.

use std::path::PathBuf;

use serde::Deserialize;

use super::values::{List, Secret};

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

    /// What is logged, as level or target=level with commas [default: info].
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
}

/// Section `[care]`: who may do what around a visit.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[command(next_help_heading = "Care")]
pub struct CareArgs {
    /// Roles that make first assessments, of doctor, nurse and coordinator; a nurse on a visit ordered for it [default: doctor, nurse].
    #[arg(
        long = "care-assessor-roles",
        value_name = "LIST",
        hide_short_help = true
    )]
    pub assessor_roles: Option<List<String>>,
}

/// Section `[auth]`: tokens, codes and lockout.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[command(next_help_heading = "Accounts")]
pub struct AuthArgs {
    /// Life of an access token, seconds, 30 to 600 [default: 600].
    #[arg(
        long = "auth-access-token-s",
        value_name = "SECONDS",
        hide_short_help = true
    )]
    pub access_token_s: Option<u32>,

    /// Life of a refresh token, days, 1 to 180 [default: 30].
    #[arg(
        long = "auth-refresh-token-days",
        value_name = "DAYS",
        hide_short_help = true
    )]
    pub refresh_token_days: Option<u32>,

    /// A session unused for this long ends, hours, 1 to 4320, not above the refresh token's life [default: 168].
    #[arg(
        long = "auth-session-idle-h",
        value_name = "HOURS",
        hide_short_help = true
    )]
    pub session_idle_h: Option<u32>,

    /// Life of a one-time code, seconds, 60 to 900 [default: 300].
    #[arg(
        long = "auth-code-ttl-s",
        value_name = "SECONDS",
        hide_short_help = true
    )]
    pub code_ttl_s: Option<u32>,

    /// Wrong tries before a code is void, 1 to 10 [default: 5].
    #[arg(long = "auth-code-tries", value_name = "COUNT", hide_short_help = true)]
    pub code_tries: Option<u32>,

    /// Time between two codes to one phone, seconds, 10 to 600 [default: 60].
    #[arg(
        long = "auth-code-gap-s",
        value_name = "SECONDS",
        hide_short_help = true
    )]
    pub code_gap_s: Option<u32>,

    /// Codes to one phone in a day, 1 to 100 [default: 10].
    #[arg(
        long = "auth-codes-per-day",
        value_name = "COUNT",
        hide_short_help = true
    )]
    pub codes_per_day: Option<u32>,

    /// Wrong passwords before an account is locked, 3 to 100 [default: 10].
    #[arg(
        long = "auth-login-tries",
        value_name = "COUNT",
        hide_short_help = true
    )]
    pub login_tries: Option<u32>,

    /// How long an account stays locked, minutes, 1 to 1440 [default: 15].
    #[arg(
        long = "auth-lockout-min",
        value_name = "MINUTES",
        hide_short_help = true
    )]
    pub lockout_min: Option<u32>,
}

/// Section `[limits]`: rate limits.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[command(next_help_heading = "Rate limits")]
pub struct LimitsArgs {
    /// Requests of one client in a minute, 0 to 10000000, 0 for no limit [default: 1200].
    #[arg(
        long = "limits-requests-per-min",
        value_name = "COUNT",
        hide_short_help = true
    )]
    pub requests_per_min: Option<u32>,

    /// Login and code requests from one address in a minute, 0 to 10000000, 0 for no limit [default: 60].
    #[arg(
        long = "limits-logins-per-min",
        value_name = "COUNT",
        hide_short_help = true
    )]
    pub logins_per_min: Option<u32>,
}

/// Section `[messages]`: the gateway for codes and messages.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[command(next_help_heading = "Messages")]
pub struct MessagesArgs {
    /// Where codes and messages are posted; https, or http on this machine [default: none, not sent].
    #[arg(
        long = "messages-webhook-url",
        value_name = "URL",
        hide_short_help = true
    )]
    pub webhook_url: Option<String>,

    /// What the posts are signed with, at least 32 bytes. No flag: every user of the machine can
    /// read command lines.
    #[arg(skip)]
    pub webhook_secret: Option<Secret>,

    /// File that holds what the posts are signed with, at least 32 bytes (or JIAHU_MESSAGES_WEBHOOK_SECRET itself) [default: none].
    #[arg(
        long = "messages-webhook-secret-file",
        value_name = "FILE",
        hide_short_help = true
    )]
    pub webhook_secret_file: Option<PathBuf>,
}

/// Section `[matching]`: who is asked, when and how far.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[command(next_help_heading = "Matching")]
pub struct MatchingArgs {
    /// Nurses asked in one wave, 1 to 50 [default: 3].
    #[arg(
        long = "matching-offer-batch",
        value_name = "COUNT",
        hide_short_help = true
    )]
    pub offer_batch: Option<u32>,

    /// Search radii, metres, ascending, 100 to 500000 each [default: 5000, 10000, 20000, 40000].
    #[arg(long = "matching-rings-m", value_name = "LIST", hide_short_help = true)]
    pub rings_m: Option<List<u32>>,

    /// Time from one wave to the next, minutes, 1 to 240 [default: 10].
    #[arg(
        long = "matching-wave-every-min",
        value_name = "MINUTES",
        hide_short_help = true
    )]
    pub wave_every_min: Option<u32>,

    /// Without an accept, a coordinator is called after this time, minutes, 1 to 1440 [default: 30].
    #[arg(
        long = "matching-coordinator-after-min",
        value_name = "MINUTES",
        hide_short_help = true
    )]
    pub coordinator_after_min: Option<u32>,

    /// Without an accept, the family is told after this time, minutes, 1 to 2880, not before the coordinator [default: 120].
    #[arg(
        long = "matching-family-told-after-min",
        value_name = "MINUTES",
        hide_short_help = true
    )]
    pub family_told_after_min: Option<u32>,

    /// Road length over straight-line length, 1.0 to 3.0; plains 1.3, hills 1.5 to 1.8 [default: 1.3].
    #[arg(
        long = "matching-road-factor",
        value_name = "FACTOR",
        hide_short_help = true
    )]
    pub road_factor: Option<f64>,

    /// Average speed on the road, km/h, 3 to 120 [default: 30].
    #[arg(
        long = "matching-speed-kmh",
        value_name = "KMH",
        hide_short_help = true
    )]
    pub speed_kmh: Option<f64>,

    /// Time kept free around a visit besides travel, minutes, 0 to 240 [default: 15].
    #[arg(
        long = "matching-buffer-min",
        value_name = "MINUTES",
        hide_short_help = true
    )]
    pub buffer_min: Option<u32>,

    /// Least time from booking to the start of the window, minutes, 0 to 10080 [default: 240].
    #[arg(
        long = "matching-lead-time-min",
        value_name = "MINUTES",
        hide_short_help = true
    )]
    pub lead_time_min: Option<u32>,

    /// Furthest day that can be booked, days, 1 to 365 [default: 60].
    #[arg(
        long = "matching-horizon-days",
        value_name = "DAYS",
        hide_short_help = true
    )]
    pub horizon_days: Option<u32>,

    /// An address further from its community needs confirmation, metres, 1000 to 1000000 [default: 100000].
    #[arg(
        long = "matching-near-community-m",
        value_name = "METRES",
        hide_short_help = true
    )]
    pub near_community_m: Option<u32>,
}

/// Section `[retention]`: how long things without further use are kept.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[command(next_help_heading = "Retention")]
pub struct RetentionArgs {
    /// Answers kept for retries with the same Idempotency-Key, hours, 24 to 8760 [default: 72].
    #[arg(
        long = "retention-answers-h",
        value_name = "HOURS",
        hide_short_help = true
    )]
    pub answers_h: Option<u32>,

    /// One-time codes and rate counters after their end, days, 2 to 365 [default: 7].
    #[arg(
        long = "retention-codes-days",
        value_name = "DAYS",
        hide_short_help = true
    )]
    pub codes_days: Option<u32>,

    /// Sessions and refresh tokens after their end, days, 1 to 3650 [default: 90].
    #[arg(
        long = "retention-sessions-days",
        value_name = "DAYS",
        hide_short_help = true
    )]
    pub sessions_days: Option<u32>,

    /// A nurse's way after her visit is closed or called off, days, 1 to 3650 [default: 30].
    #[arg(
        long = "retention-tracks-days",
        value_name = "DAYS",
        hide_short_help = true
    )]
    pub tracks_days: Option<u32>,
}

/// Section `[safety]`: alarms, the overdue watch, arrivals, reports of harm.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[command(next_help_heading = "Safety")]
pub struct SafetyArgs {
    /// An alarm that nobody takes goes on to further people after this time, minutes, 1 to 30 [default: 2].
    #[arg(
        long = "safety-sos-escalate-min",
        value_name = "MINUTES",
        hide_short_help = true
    )]
    pub sos_escalate_min: Option<u32>,

    /// A nurse who has not left is asked this long after the expected end, minutes, 5 to 240 [default: 30].
    #[arg(
        long = "safety-overdue-margin-min",
        value_name = "MINUTES",
        hide_short_help = true
    )]
    pub overdue_margin_min: Option<u32>,

    /// A coordinator is told when she does not answer within this time, minutes, 1 to 120 [default: 15].
    #[arg(
        long = "safety-overdue-answer-min",
        value_name = "MINUTES",
        hide_short_help = true
    )]
    pub overdue_answer_min: Option<u32>,

    /// Longest time a nurse may ask for at once, minutes, 5 to 720 [default: 120].
    #[arg(
        long = "safety-still-fine-max-min",
        value_name = "MINUTES",
        hide_short_help = true
    )]
    pub still_fine_max_min: Option<u32>,

    /// A good visit that far from the point of the address proposes another point, metres, 10 to 5000 [default: 100].
    #[arg(
        long = "safety-home-moved-m",
        value_name = "METRES",
        hide_short_help = true
    )]
    pub home_moved_m: Option<u32>,

    /// An adverse event told later than this after it occurred is marked as late, hours, 1 to 720 [default: 24].
    #[arg(
        long = "safety-report-late-h",
        value_name = "HOURS",
        hide_short_help = true
    )]
    pub report_late_h: Option<u32>,

    /// A supervisor is called when nobody reviews an adverse event within this time, hours, 1 to 720 [default: 24].
    #[arg(
        long = "safety-review-due-h",
        value_name = "HOURS",
        hide_short_help = true
    )]
    pub review_due_h: Option<u32>,
}
