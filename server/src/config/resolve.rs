//! From layers to the checked configuration. Every key stands here once, with its range.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use entity::enums::{NurseTitle, Role};
use secrecy::SecretString;
use tracing_subscriber::EnvFilter;

use super::args::Args;
use super::layers::{Key, Layers};
use super::source::{ConfigError, Env};
use super::values::{
    DatabaseUrl, MASK, PhotoPlace, S3Style, network, origin, public_url, webhook_url,
    with_bucket_in_host,
};
use super::{
    AuthConfig, CareConfig, Config, LimitsConfig, MatchingConfig, MessagesConfig, PhotosConfig,
    SafetyConfig, default_database, default_keys_file,
};
use crate::domain::retention::Retention;

/// Shortest secret that signs messages, bytes.
const MIN_SECRET_BYTES: usize = 32;

/// Names a key and reads it from a layer, without writing its name twice.
macro_rules! key {
    ($section:ident . $field:ident) => {
        Key {
            name: concat!(stringify!($section), ".", stringify!($field)),
            get: |layer| layer.$section.$field.as_ref(),
        }
    };
    ($field:ident) => {
        Key {
            name: stringify!($field),
            get: |layer| layer.$field.as_ref(),
        }
    };
}

pub(super) fn config(flags: &Args, env: &Env) -> Result<Config, ConfigError> {
    let path = flags.config.clone().or_else(|| env.config_file());
    let file = path
        .as_deref()
        .map(read_file)
        .transpose()?
        .unwrap_or_default();
    let mut layers = Layers {
        flags,
        env,
        file,
        file_path: path.unwrap_or_default(),
        settings: Vec::new(),
        known: BTreeSet::new(),
    };
    let outside_sections = server(&mut layers)?;
    let config = Config {
        auth: auth(&mut layers)?,
        limits: limits(&mut layers)?,
        messages: messages(&mut layers)?,
        matching: matching(&mut layers)?,
        retention: retention(&mut layers)?,
        care: care(&mut layers)?,
        safety: safety(&mut layers)?,
        photos: photos(&mut layers, &outside_sections.data_dir)?,
        ..outside_sections
    };
    env.refuse_unknown(&layers.known)?;
    Ok(Config {
        settings: layers.settings,
        ..config
    })
}

/// Reads the file as a layer. Messages name key and line, never the line's text: it may be a secret.
fn read_file(path: &Path) -> Result<Args, ConfigError> {
    let fail = |reason: String| ConfigError::File {
        path: PathBuf::from(path),
        reason,
    };
    let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
    let line = |error: &toml::de::Error| {
        let start = error.span().map_or(0, |span| span.start);
        text.get(..start)
            .map_or(1, |before| before.matches('\n').count() + 1)
    };
    let parsed = toml::Deserializer::parse(&text)
        .map_err(|error| fail(format!("line {}: {}", line(&error), error.message())))?;
    serde_path_to_error::deserialize(parsed).map_err(|error| {
        let inner = error.inner();
        fail(format!(
            "line {}: {}: {}",
            line(inner),
            error.path(),
            inner.message()
        ))
    })
}

/// Everything outside a section.
fn server(layers: &mut Layers<'_>) -> Result<Config, ConfigError> {
    let d = Config::default();
    let data_dir = layers.path(key!(data_dir), d.data_dir)?;
    let database_url = database(layers, &data_dir)?;
    let database_max_connections = layers.number(
        key!(database_max_connections),
        d.database_max_connections,
        1..=1_000,
    )?;
    let keys_file = layers.path(key!(keys_file), default_keys_file(&data_dir))?;
    let listen = layers.parsed(key!(listen), d.listen, socket)?;
    let metrics_listen = layers.optional(key!(metrics_listen), socket)?;
    // Port 0 is "any free one": two of those never collide.
    if metrics_listen == Some(listen) && listen.port() != 0 {
        return Err(layers.conflict("metrics_listen", "must differ from listen".to_owned()));
    }
    Ok(Config {
        database_url,
        database_max_connections,
        keys_file,
        data_dir,
        listen,
        metrics_listen,
        public_url: layers.parsed(key!(public_url), format!("http://{listen}"), public_url)?,
        log_format: layers.parsed(key!(log_format), d.log_format, str::parse)?,
        log_filter: layers.parsed(key!(log_filter), d.log_filter, filter)?,
        trusted_proxies: layers.list(key!(trusted_proxies), network)?,
        cors_origins: layers.list(key!(cors_origins), origin)?,
        request_timeout_s: layers.number(key!(request_timeout_s), d.request_timeout_s, 1..=300)?,
        body_limit_bytes: layers.number(
            key!(body_limit_bytes),
            d.body_limit_bytes,
            1 << 10..=64 << 20,
        )?,
        shutdown_grace_s: layers.number(key!(shutdown_grace_s), d.shutdown_grace_s, 1..=300)?,
        ..Config::default()
    })
}

fn database(layers: &mut Layers<'_>, data_dir: &Path) -> Result<DatabaseUrl, ConfigError> {
    let given = layers.secret(
        key!(database_url),
        key!(database_url_file),
        str::parse,
        DatabaseUrl::to_string,
    )?;
    Ok(given.unwrap_or_else(|| layers.fall_back("database_url", default_database(data_dir))))
}

fn auth(layers: &mut Layers<'_>) -> Result<AuthConfig, ConfigError> {
    let d = AuthConfig::default();
    let config = AuthConfig {
        access_token_s: layers.number(key!(auth.access_token_s), d.access_token_s, 30..=600)?,
        refresh_token_days: layers.number(
            key!(auth.refresh_token_days),
            d.refresh_token_days,
            1..=180,
        )?,
        session_idle_h: layers.number(key!(auth.session_idle_h), d.session_idle_h, 1..=4_320)?,
        code_ttl_s: layers.number(key!(auth.code_ttl_s), d.code_ttl_s, 60..=900)?,
        code_tries: layers.number(key!(auth.code_tries), d.code_tries, 1..=10)?,
        code_gap_s: layers.number(key!(auth.code_gap_s), d.code_gap_s, 10..=600)?,
        codes_per_day: layers.number(key!(auth.codes_per_day), d.codes_per_day, 1..=100)?,
        login_tries: layers.number(key!(auth.login_tries), d.login_tries, 3..=100)?,
        lockout_min: layers.number(key!(auth.lockout_min), d.lockout_min, 1..=1_440)?,
    };
    if config.session_idle_h > config.refresh_token_days * 24 {
        let reason = format!(
            "is longer than auth.refresh_token_days ({} days)",
            config.refresh_token_days
        );
        return Err(layers.conflict("auth.session_idle_h", reason));
    }
    Ok(config)
}

fn limits(layers: &mut Layers<'_>) -> Result<LimitsConfig, ConfigError> {
    let d = LimitsConfig::default();
    Ok(LimitsConfig {
        requests_per_min: layers.number(
            key!(limits.requests_per_min),
            d.requests_per_min,
            0..=10_000_000,
        )?,
        logins_per_min: layers.number(
            key!(limits.logins_per_min),
            d.logins_per_min,
            0..=10_000_000,
        )?,
    })
}

fn messages(layers: &mut Layers<'_>) -> Result<MessagesConfig, ConfigError> {
    let (secret, file) = (
        key!(messages.webhook_secret),
        key!(messages.webhook_secret_file),
    );
    let config = MessagesConfig {
        webhook_url: layers.optional(key!(messages.webhook_url), webhook_url)?,
        webhook_secret: layers.secret(secret, file, signing_secret, |_| MASK.to_owned())?,
    };
    if config.webhook_url.is_some() && config.webhook_secret.is_none() {
        let reason = "needs messages.webhook_secret, which signs the posts".to_owned();
        return Err(layers.conflict("messages.webhook_url", reason));
    }
    Ok(config)
}

fn matching(layers: &mut Layers<'_>) -> Result<MatchingConfig, ConfigError> {
    let d = MatchingConfig::default();
    let config = MatchingConfig {
        offer_batch: layers.number(key!(matching.offer_batch), d.offer_batch, 1..=50)?,
        rings_m: layers.ascending(key!(matching.rings_m), d.rings_m, 100..=500_000)?,
        wave_every_min: layers.number(key!(matching.wave_every_min), d.wave_every_min, 1..=240)?,
        coordinator_after_min: layers.number(
            key!(matching.coordinator_after_min),
            d.coordinator_after_min,
            1..=1_440,
        )?,
        family_told_after_min: layers.number(
            key!(matching.family_told_after_min),
            d.family_told_after_min,
            1..=2_880,
        )?,
        road_factor: layers.number(key!(matching.road_factor), d.road_factor, 1.0..=3.0)?,
        speed_kmh: layers.number(key!(matching.speed_kmh), d.speed_kmh, 3.0..=120.0)?,
        buffer_min: layers.number(key!(matching.buffer_min), d.buffer_min, 0..=240)?,
        min_title: layers.parsed(key!(matching.min_title), d.min_title, title)?,
        min_years: layers.number(key!(matching.min_years), d.min_years, 0..=40)?,
        rest_hours_after_night: layers.number(
            key!(matching.rest_hours_after_night),
            d.rest_hours_after_night,
            0..=48,
        )?,
        lead_time_min: layers.number(key!(matching.lead_time_min), d.lead_time_min, 0..=10_080)?,
        horizon_days: layers.number(key!(matching.horizon_days), d.horizon_days, 1..=365)?,
        near_community_m: layers.number(
            key!(matching.near_community_m),
            d.near_community_m,
            1_000..=1_000_000,
        )?,
    };
    check_matching(layers, &config)?;
    Ok(config)
}

fn safety(layers: &mut Layers<'_>) -> Result<SafetyConfig, ConfigError> {
    let d = SafetyConfig::default();
    Ok(SafetyConfig {
        sos_escalate_min: layers.number(
            key!(safety.sos_escalate_min),
            d.sos_escalate_min,
            1..=30,
        )?,
        overdue_margin_min: layers.number(
            key!(safety.overdue_margin_min),
            d.overdue_margin_min,
            5..=240,
        )?,
        overdue_answer_min: layers.number(
            key!(safety.overdue_answer_min),
            d.overdue_answer_min,
            1..=120,
        )?,
        still_fine_max_min: layers.number(
            key!(safety.still_fine_max_min),
            d.still_fine_max_min,
            5..=720,
        )?,
        home_moved_m: layers.number(key!(safety.home_moved_m), d.home_moved_m, 10..=5_000)?,
        report_late_h: layers.number(key!(safety.report_late_h), d.report_late_h, 1..=720)?,
        review_due_h: layers.number(key!(safety.review_due_h), d.review_due_h, 1..=720)?,
    })
}

fn check_matching(layers: &Layers<'_>, config: &MatchingConfig) -> Result<(), ConfigError> {
    if config.family_told_after_min < config.coordinator_after_min {
        let reason = format!(
            "is before matching.coordinator_after_min ({} min)",
            config.coordinator_after_min
        );
        return Err(layers.conflict("matching.family_told_after_min", reason));
    }
    if config.lead_time_min >= config.horizon_days * 24 * 60 {
        let reason = format!(
            "leaves nothing to book within matching.horizon_days ({} days)",
            config.horizon_days
        );
        return Err(layers.conflict("matching.lead_time_min", reason));
    }
    Ok(())
}

fn retention(layers: &mut Layers<'_>) -> Result<Retention, ConfigError> {
    let d = Retention::default();
    Ok(Retention {
        answers_h: layers.number(
            key!(retention.answers_h),
            d.answers_h,
            Retention::SHORTEST_ANSWERS_H..=8_760,
        )?,
        // Codes are counted by the day, so the day before has to be there.
        codes_days: layers.number(key!(retention.codes_days), d.codes_days, 2..=365)?,
        sessions_days: layers.number(key!(retention.sessions_days), d.sessions_days, 1..=3_650)?,
        tracks_days: layers.number(key!(retention.tracks_days), d.tracks_days, 1..=3_650)?,
    })
}

fn care(layers: &mut Layers<'_>) -> Result<CareConfig, ConfigError> {
    let d = CareConfig::default();
    Ok(CareConfig {
        assessor_roles: layers.list_or(key!(care.assessor_roles), d.assessor_roles, assessor)?,
        complaint_answer_h: layers.number(
            key!(care.complaint_answer_h),
            d.complaint_answer_h,
            1..=720,
        )?,
        waste_signature: layers.parsed(
            key!(care.waste_signature),
            d.waste_signature,
            str::parse,
        )?,
    })
}

fn photos(layers: &mut Layers<'_>, data_dir: &Path) -> Result<PhotosConfig, ConfigError> {
    let d = PhotosConfig::in_folder(data_dir);
    let (secret, file) = (key!(photos.s3_secret_key), key!(photos.s3_secret_key_file));
    let plain = |text: &str| Ok(text.to_owned());
    let config = PhotosConfig {
        store: layers.parsed(key!(photos.store), d.store, str::parse)?,
        // The same rule: what goes over a network goes encrypted.
        s3_endpoint: layers.optional(key!(photos.s3_endpoint), webhook_url)?,
        s3_region: layers.parsed(key!(photos.s3_region), d.s3_region, plain)?,
        s3_access_key: layers.optional(key!(photos.s3_access_key), plain)?,
        s3_secret_key: layers.secret(
            secret,
            file,
            |text| Ok(SecretString::from(text)),
            |_| MASK.to_owned(),
        )?,
        s3_style: layers.parsed(key!(photos.s3_style), d.s3_style, str::parse)?,
        max_bytes: layers.number(key!(photos.max_bytes), d.max_bytes, 65_536..=67_108_864)?,
        max_pixels: layers.number(
            key!(photos.max_pixels),
            d.max_pixels,
            1_000_000..=200_000_000,
        )?,
        decode_mib: layers.number(key!(photos.decode_mib), d.decode_mib, 32..=2_048)?,
        kept_side_px: layers.number(key!(photos.kept_side_px), d.kept_side_px, 512..=8_192)?,
        most_per_visit: layers.number(key!(photos.most_per_visit), d.most_per_visit, 1..=200)?,
    };
    let keys = config.s3_access_key.is_some() && config.s3_secret_key.is_some();
    if matches!(config.store, PhotoPlace::S3 { .. }) && !keys {
        let reason = "needs photos.s3_access_key and photos.s3_secret_key".to_owned();
        return Err(layers.conflict("photos.store", reason));
    }
    bucket_in_host(layers, config)
}

/// Puts the bucket into the host of the endpoint, where requests name it there.
fn bucket_in_host(
    layers: &Layers<'_>,
    mut config: PhotosConfig,
) -> Result<PhotosConfig, ConfigError> {
    if let (S3Style::VirtualHosted, PhotoPlace::S3 { bucket, .. }, Some(endpoint)) =
        (config.s3_style, &config.store, &config.s3_endpoint)
    {
        let found = with_bucket_in_host(endpoint, bucket);
        let found = found.map_err(|reason| layers.conflict("photos.s3_endpoint", reason))?;
        config.s3_endpoint = Some(found);
    }
    Ok(config)
}

fn title(text: &str) -> Result<NurseTitle, String> {
    text.parse()
}

fn assessor(text: &str) -> Result<Role, String> {
    match text.parse()? {
        role @ (Role::Doctor | Role::Nurse | Role::Coordinator) => Ok(role),
        _ => Err("each must be doctor, nurse or coordinator".to_owned()),
    }
}

fn socket(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| format!("{text:?} is not an address and port such as 127.0.0.1:8080"))
}

fn filter(text: &str) -> Result<String, String> {
    EnvFilter::try_new(text).map_err(|error| error.to_string())?;
    Ok(text.to_owned())
}

fn signing_secret(text: &str) -> Result<SecretString, String> {
    if text.len() < MIN_SECRET_BYTES {
        return Err(format!("must have at least {MIN_SECRET_BYTES} bytes"));
    }
    Ok(text.into())
}
