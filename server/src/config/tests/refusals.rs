use rstest::rstest;

use super::*;

#[rstest]
#[case(
    "JIAHU_LISTEN",
    "8080",
    "listen from JIAHU_LISTEN: \"8080\" is not an address and port such as 127.0.0.1:8080"
)]
#[case(
    "JIAHU_LISTN",
    "127.0.0.1:1",
    "JIAHU_LISTN from the environment: there is no such setting"
)]
#[case(
    "JIAHU_MATCHING_OFFER_BATCH",
    "0",
    "matching.offer_batch from JIAHU_MATCHING_OFFER_BATCH: must be 1 to 50, not 0"
)]
#[case(
    "JIAHU_MATCHING_OFFER_BATCH",
    "x",
    "matching.offer_batch from JIAHU_MATCHING_OFFER_BATCH: invalid digit found in string"
)]
#[case(
    "JIAHU_MATCHING_SPEED_KMH",
    "NaN",
    "matching.speed_kmh from JIAHU_MATCHING_SPEED_KMH: must be 3 to 120, not NaN"
)]
#[case(
    "JIAHU_MATCHING_RINGS_M",
    "5000,4000",
    "matching.rings_m from JIAHU_MATCHING_RINGS_M: must ascend"
)]
#[case(
    "JIAHU_MATCHING_RINGS_M",
    "5000,5000",
    "matching.rings_m from JIAHU_MATCHING_RINGS_M: must ascend"
)]
#[case(
    "JIAHU_MATCHING_RINGS_M",
    "50",
    "matching.rings_m from JIAHU_MATCHING_RINGS_M: each must be 100 to 500000, not 50"
)]
#[case(
    "JIAHU_MATCHING_RINGS_M",
    ",",
    "matching.rings_m from JIAHU_MATCHING_RINGS_M: must hold at least one number"
)]
#[case(
    "JIAHU_MATCHING_COORDINATOR_AFTER_MIN",
    "121",
    "matching.family_told_after_min from default: is before matching.coordinator_after_min (121 min)"
)]
#[case(
    "JIAHU_AUTH_ACCESS_TOKEN_S",
    "601",
    "auth.access_token_s from JIAHU_AUTH_ACCESS_TOKEN_S: must be 30 to 600, not 601"
)]
#[case(
    "JIAHU_AUTH_SESSION_IDLE_H",
    "721",
    "auth.session_idle_h from JIAHU_AUTH_SESSION_IDLE_H: is longer than auth.refresh_token_days (30 days)"
)]
#[case(
    "JIAHU_LOG_FORMAT",
    "xml",
    "log_format from JIAHU_LOG_FORMAT: must be text or json"
)]
#[case(
    "JIAHU_LOG_FILTER",
    "a=b=c",
    "log_filter from JIAHU_LOG_FILTER: error parsing level filter: expected one of \"off\", \"error\", \"warn\", \"info\", \"debug\", \"trace\", or a number 0-5"
)]
#[case(
    "JIAHU_METRICS_LISTEN",
    "127.0.0.1:8080",
    "metrics_listen from JIAHU_METRICS_LISTEN: must differ from listen"
)]
#[case(
    "JIAHU_CARE_WASTE_SIGNATURE",
    "no",
    "care.waste_signature from JIAHU_CARE_WASTE_SIGNATURE: must be required or optional"
)]
#[case(
    "JIAHU_PHOTOS_S3_STYLE",
    "host",
    "photos.s3_style from JIAHU_PHOTOS_S3_STYLE: must be path or virtual_hosted"
)]
#[case(
    "JIAHU_TRUSTED_PROXIES",
    "10.0.0.0/8, x",
    "trusted_proxies from JIAHU_TRUSTED_PROXIES: \"x\" is neither an address nor a network such as 10.0.0.0/8"
)]
#[case(
    "JIAHU_CORS_ORIGINS",
    "https://a.cn/",
    "cors_origins from JIAHU_CORS_ORIGINS: \"https://a.cn/\" is not an origin: write https://a.cn"
)]
#[case(
    "JIAHU_CORS_ORIGINS",
    "*",
    "cors_origins from JIAHU_CORS_ORIGINS: is not a URL: relative URL without a base"
)]
#[case(
    "JIAHU_PUBLIC_URL",
    "ftp://a.cn",
    "public_url from JIAHU_PUBLIC_URL: must begin with http:// or https://"
)]
#[case(
    "JIAHU_PUBLIC_URL",
    "https://u:p@a.cn",
    "public_url from JIAHU_PUBLIC_URL: must not hold a user or a password"
)]
#[case(
    "JIAHU_MESSAGES_WEBHOOK_URL",
    "http://sms.cn/x",
    "messages.webhook_url from JIAHU_MESSAGES_WEBHOOK_URL: must be https unless it stays on this machine"
)]
#[case(
    "JIAHU_MESSAGES_WEBHOOK_URL",
    "https://sms.cn/x",
    "messages.webhook_url from JIAHU_MESSAGES_WEBHOOK_URL: needs messages.webhook_secret, which signs the posts"
)]
#[case(
    "JIAHU_MESSAGES_WEBHOOK_SECRET",
    "short",
    "messages.webhook_secret from JIAHU_MESSAGES_WEBHOOK_SECRET: must have at least 32 bytes"
)]
fn wrong_values_are_named_with_their_source(
    #[case] name: &str,
    #[case] value: &str,
    #[case] message: &str,
) {
    assert_eq!(from_env(&[(name, value)]).expect_err("refused"), message);
}

#[rstest]
#[case(
    "lisen = 'x'",
    "configuration file jiahu.toml: line 1: lisen: unknown field `lisen`"
)]
#[case(
    "\n[matching]\noffers = 3",
    "configuration file jiahu.toml: line 3: matching.offers: unknown field `offers`"
)]
#[case(
    "config = 'x'",
    "configuration file jiahu.toml: line 1: config: unknown field `config`"
)]
#[case(
    "[matching]\noffer_batch = 'x'",
    "configuration file jiahu.toml: line 2: matching.offer_batch: invalid type: string \"x\""
)]
#[case(
    "[matching]\noffer_batch = 99",
    "matching.offer_batch from jiahu.toml: must be 1 to 50, not 99"
)]
#[case("listen = ", "configuration file jiahu.toml: line 1: ")]
#[case(
    "[messages]\nwebhook_secret = 424242",
    "configuration file jiahu.toml: line 2: messages.webhook_secret: must be text in quotes"
)]
fn wrong_files_are_named_with_their_line(#[case] text: &str, #[case] message: &str) {
    let error = from_file(text).expect_err("refused");
    assert!(error.starts_with(message), "{error}");
    assert!(!error.contains("424242"), "{error}");
}

#[test]
fn a_missing_file_is_an_error() {
    let error = from_env(&[("JIAHU_CONFIG", "/nowhere/jiahu.toml")]).expect_err("refused");
    assert!(
        error.starts_with("configuration file /nowhere/jiahu.toml: "),
        "{error}"
    );
}
