use rstest::rstest;
use secrecy::ExposeSecret;

use super::*;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

#[rstest]
#[case("sqlite:data/x.db", Some("sqlite:data/x.db"))]
#[case("sqlite://data/x.db", Some("sqlite:data/x.db"))]
#[case("sqlite:///var/x.db", Some("sqlite:/var/x.db"))]
#[case("sqlite:/var/x.db", Some("sqlite:/var/x.db"))]
#[case(
    "postgres://u:hunter2@h:5433/d?sslmode=require",
    Some("postgres://u:****@h:5433/d?sslmode=require")
)]
#[case(
    "postgresql://u:hunter2@h/d?password=hunter2",
    Some("postgresql://u:****@h/d?password=****")
)]
#[case(
    "postgres:///d?host=/run/postgresql",
    Some("postgres:///d?host=%2Frun%2Fpostgresql")
)]
#[case("postgres://u:12/hunter2@h/d", Some("****"))]
#[case("postgres://u:hunter2#@h/d", None)]
#[case("sqlite::memory:", None)]
#[case("sqlite:", None)]
#[case("sqlite:x.db?mode=rwc", None)]
#[case("sqlite:data/", None)]
#[case("x.db", None)]
#[case("mysql://u:hunter2@h/d", None)]
#[case("Postgres://u:hunter2@h/d", None)]
fn database_urls(#[case] text: &str, #[case] shown: Option<&str>) {
    let result = from_env(&[("JIAHU_DATABASE_URL", text)]);
    let message = result.as_ref().err().cloned().unwrap_or_default();
    assert!(!message.contains("hunter2"), "{message}");
    assert_eq!(
        result
            .ok()
            .map(|config| config.database_url.to_string())
            .as_deref(),
        shown
    );
    assert!(
        shown.is_some() || message.starts_with("database_url from JIAHU_DATABASE_URL: "),
        "{message}"
    );
}

#[test]
fn a_missing_database_file_is_not_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("jiahu.db");
    let url = DatabaseUrl::Sqlite(path.clone());
    let error = url.require_existing().expect_err("missing");
    assert!(
        error.contains("run `jiahu migrate`") && error.contains("jiahu.db"),
        "{error}"
    );
    assert!(!path.exists());
    fs::write(&path, "").expect("written");
    assert_eq!(url.require_existing(), Ok(()));
}

#[test]
fn secrets_come_from_files_and_are_never_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (url, secret) = (folder.path().join("url"), folder.path().join("secret"));
    fs::write(&url, "postgres://u:hunter2@h/d\n").expect("written");
    fs::write(&secret, format!("{SECRET}\r\n")).expect("written");
    let (url, secret) = (
        url.to_str().expect("UTF-8"),
        secret.to_str().expect("UTF-8"),
    );
    let vars = [
        ("JIAHU_DATABASE_URL_FILE", url),
        ("JIAHU_MESSAGES_WEBHOOK_SECRET_FILE", secret),
        ("JIAHU_MESSAGES_WEBHOOK_URL", "http://127.0.0.1:9/sms"),
    ];
    let config = from_env(&vars).expect("valid");
    assert_eq!(
        config
            .messages
            .webhook_secret
            .as_ref()
            .map(ExposeSecret::expose_secret),
        Some(SECRET)
    );
    let DatabaseUrl::Postgres(whole) = &config.database_url else {
        panic!("not PostgreSQL")
    };
    assert_eq!(whole.expose_secret(), "postgres://u:hunter2@h/d");

    let printed = format!(
        "{config:?} {:#?} {}",
        config.database_url,
        config.effective()
    );
    assert!(
        !printed.contains("hunter2") && !printed.contains(SECRET),
        "{printed}"
    );
    assert!(printed.contains("postgres://u:****@h/d"), "{printed}");

    let twice = [vars[0], ("JIAHU_DATABASE_URL", "sqlite:x.db")];
    let error = from_env(&twice).expect_err("ambiguous");
    assert_eq!(
        error,
        "database_url from JIAHU_DATABASE_URL: is given twice, here and as database_url_file"
    );

    let higher = flags(&["--database-url", "sqlite:x.db"]);
    let config = Config::load(&higher, &env(&vars)).expect("the flag wins");
    assert_eq!(config.database_url.to_string(), "sqlite:x.db");

    let error = from_env(&[("JIAHU_DATABASE_URL_FILE", "/nowhere/url")]).expect_err("missing");
    assert!(
        error.starts_with(
            "database_url_file from JIAHU_DATABASE_URL_FILE: cannot read /nowhere/url"
        ),
        "{error}"
    );
}

#[test]
fn arguments_and_environment_do_not_print_secrets_either() {
    let args = flags(&["--database-url", "postgres://u:hunter2@h/d"]);
    assert!(!format!("{args:?}").contains("hunter2"));
    let vars = env(&[("JIAHU_DATABASE_URL", "postgres://u:hunter2@h/d")]);
    assert_eq!(format!("{vars:?}"), "{\"JIAHU_DATABASE_URL\"}");
}
