use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;

use clap::{CommandFactory, Parser};

use super::*;

mod refusals;
mod secrets;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    settings: Args,
}

fn flags(line: &[&str]) -> Args {
    let line = std::iter::once("jiahu").chain(line.iter().copied());
    Cli::try_parse_from(line)
        .unwrap_or_else(|error| panic!("{error}"))
        .settings
}

fn env(pairs: &[(&str, &str)]) -> Env {
    pairs.iter().copied().collect()
}

fn from_env(pairs: &[(&str, &str)]) -> Result<Config, String> {
    Config::load(&Args::default(), &env(pairs)).map_err(|error| error.to_string())
}

/// Loads a file with the given text; the folder's name is cut from the message.
fn from_file(text: &str) -> Result<Config, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("jiahu.toml");
    fs::write(&path, text).expect("written");
    let args = Args {
        config: Some(path),
        ..Args::default()
    };
    let cut = format!("{}/", folder.path().display());
    Config::load(&args, &Env::default()).map_err(|error| error.to_string().replace(&cut, ""))
}

fn source<'a>(config: &'a Config, key: &str) -> &'a Source {
    let found = config.settings.iter().find(|setting| setting.key == key);
    &found.unwrap_or_else(|| panic!("no {key}")).source
}

#[test]
fn nothing_given_means_the_defaults() {
    let config = from_env(&[]).expect("defaults are valid");
    let by_hand = Config {
        settings: config.settings.clone(),
        ..Config::default()
    };
    assert_eq!(format!("{config:?}"), format!("{by_hand:?}"));
    assert!(
        config
            .settings
            .iter()
            .all(|setting| setting.source == Source::Default)
    );
    assert_eq!(config.database_url.to_string(), "sqlite:.jiahu/jiahu.db");
    assert_eq!(config.body_limit_bytes, 1_048_576);
}

#[test]
fn flag_beats_variable_beats_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("jiahu.toml");
    let text = "listen = '127.0.0.1:1'\nlog_filter = 'warn'\ndata_dir = 'd'\n[matching]\noffer_batch = 1\nspeed_kmh = 40\n";
    fs::write(&path, text).expect("written");
    let file = path.to_str().expect("UTF-8");
    let args = flags(&["--listen", "127.0.0.1:3", "--matching-offer-batch", "3"]);
    let vars = env(&[
        ("JIAHU_CONFIG", file),
        ("JIAHU_LISTEN", "127.0.0.1:2"),
        ("JIAHU_LOG_FILTER", "debug"),
        ("JIAHU_MATCHING_OFFER_BATCH", "2"),
    ]);
    let config = Config::load(&args, &vars).expect("valid");
    assert_eq!((config.listen.port(), config.matching.offer_batch), (3, 3));
    assert_eq!(
        (config.log_filter.as_str(), config.matching.speed_kmh),
        ("debug", 40.0)
    );
    assert_eq!(config.public_url, "http://127.0.0.1:3");
    assert_eq!(config.keys_file, Path::new("d/keys.toml"));
    assert_eq!(
        source(&config, "listen"),
        &Source::Flag("--listen".to_owned())
    );
    assert_eq!(
        source(&config, "matching.offer_batch"),
        &Source::Flag("--matching-offer-batch".to_owned())
    );
    assert_eq!(
        source(&config, "log_filter"),
        &Source::Env("JIAHU_LOG_FILTER".to_owned())
    );
    assert_eq!(source(&config, "matching.speed_kmh"), &Source::File(path));
}

#[test]
fn lists_are_taken_apart() {
    let config = from_env(&[
        ("JIAHU_TRUSTED_PROXIES", "10.0.0.0/8, 192.168.1.5,::1"),
        ("JIAHU_CORS_ORIGINS", "https://a.cn,http://localhost:5173"),
        ("JIAHU_MATCHING_RINGS_M", "3000, 9000"),
        ("JIAHU_LISTEN", ""),
    ])
    .expect("valid");
    let proxies: Vec<_> = config
        .trusted_proxies
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(proxies, ["10.0.0.0/8", "192.168.1.5/32", "::1/128"]);
    assert_eq!(
        config.cors_origins,
        ["https://a.cn", "http://localhost:5173"]
    );
    assert_eq!(config.matching.rings_m, [3_000, 9_000]);
    assert_eq!(source(&config, "listen"), &Source::Default);

    let file =
        from_file("cors_origins = ['https://a.cn']\n[matching]\nrings_m = [1000]").expect("valid");
    assert_eq!(
        (file.cors_origins, file.matching.rings_m),
        (vec!["https://a.cn".to_owned()], vec![1_000])
    );
}

#[test]
fn variables_of_others_are_left_alone() {
    let vars = [
        ("HOME", "/root"),
        ("JIAHU_TEST_DATABASE_URL", "postgres://h/d"),
    ];
    assert!(from_env(&vars).is_ok());
    let vars = [
        ("LANG".into(), "C".into()),
        ("JIAHU_LISTEN".into(), OsString::from_vec(vec![0xFF])),
    ];
    let error = Env::from_os(vars).expect_err("not text");
    assert_eq!(
        error.to_string(),
        "JIAHU_LISTEN from the environment: is not UTF-8"
    );
}

#[test]
fn effective_prints_every_key_once_with_its_source() {
    let config = from_env(&[("JIAHU_LISTEN", "127.0.0.1:9")]).expect("valid");
    let printed = config.effective();
    let mut keys: Vec<_> = printed
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(
        printed
            .lines()
            .any(|line| line.starts_with("listen ") && line.ends_with("(JIAHU_LISTEN)"))
    );
    assert!(
        printed
            .lines()
            .any(|line| line.starts_with("matching.rings_m ")
                && line.contains("5000, 10000, 20000, 40000"))
    );
    let all = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(all, keys.len(), "a key is printed twice");
}

/// Flags are written by hand, so this compares them with the keys that are resolved.
#[test]
fn every_key_has_a_flag_and_every_flag_a_key() {
    Cli::command().debug_assert();
    let config = from_env(&[]).expect("valid");
    let resolved = config
        .settings
        .iter()
        .map(|setting| setting.key.replace(['.', '_'], "-"));
    let mut resolved: Vec<String> = resolved
        .filter(|key| key != "messages-webhook-secret")
        .collect();
    resolved.push("config".to_owned());
    resolved.sort();
    let command = Cli::command();
    let mut flags: Vec<_> = command
        .get_arguments()
        .filter_map(|arg| arg.get_long())
        .collect();
    flags.sort_unstable();
    assert_eq!(flags, resolved);
}

/// The help promises defaults and ranges: each default in it must be the one in force.
#[test]
fn the_help_tells_the_defaults_in_force() {
    let config = from_env(&[]).expect("valid");
    let command = Cli::command();
    for setting in &config.settings {
        let flag = setting.key.replace(['.', '_'], "-");
        let Some(arg) = command
            .get_arguments()
            .find(|arg| arg.get_long() == Some(&flag))
        else {
            continue;
        };
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let derived =
            ["database_url", "keys_file", "photos.store", "public_url"].contains(&setting.key);
        assert!(
            derived || help.contains(&format!("[default: {}", setting.value)),
            "{}: {help}",
            setting.key
        );
    }
}

/// The bucket goes into the host where the provider wants it there, once.
#[test]
fn a_virtual_hosted_bucket_stands_in_the_host() {
    let with = |endpoint: &str, style: &str| {
        from_env(&[
            ("JIAHU_PHOTOS_STORE", "s3://jiahu/photos"),
            ("JIAHU_PHOTOS_S3_ENDPOINT", endpoint),
            ("JIAHU_PHOTOS_S3_ACCESS_KEY", "AK"),
            ("JIAHU_PHOTOS_S3_SECRET_KEY", "secret"),
            ("JIAHU_PHOTOS_S3_STYLE", style),
        ])
        .map(|config| config.photos.s3_endpoint)
    };
    let oss = "https://oss-cn-beijing.aliyuncs.com";
    let hosted = Some("https://jiahu.oss-cn-beijing.aliyuncs.com".to_owned());
    assert_eq!(with(oss, "path").ok(), Some(Some(format!("{oss}/"))));
    for endpoint in [
        oss,
        "https://oss-cn-beijing.aliyuncs.com/",
        "https://jiahu.oss-cn-beijing.aliyuncs.com",
    ] {
        assert_eq!(with(endpoint, "virtual_hosted").ok(), Some(hosted.clone()));
    }
    let by_number = with("http://127.0.0.1:9000", "virtual_hosted").expect_err("refused");
    assert_eq!(
        by_number,
        "photos.s3_endpoint from JIAHU_PHOTOS_S3_ENDPOINT: virtual_hosted needs a host with a name"
    );
}
