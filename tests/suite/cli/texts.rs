//! What the program says about itself.

use jiahu_tests::harness::{Backend, Program};

#[tokio::test]
async fn help_names_every_command_and_setting() {
    let program = Program::new(Backend::Sqlite).await;
    let help = program.run(&["--help"]).await.expect(0);
    for command in [
        "serve",
        "migrate",
        "doctor",
        "keys",
        "community",
        "admin",
        "audit",
        "config",
        "openapi",
    ] {
        assert!(
            help.contains(&format!("\n  {command} ")),
            "{command}: {help}"
        );
    }
    for setting in [
        "--database-url",
        "--listen",
        "--shutdown-grace-s",
        "--matching-rings-m",
    ] {
        assert!(help.contains(setting), "{setting}: {help}");
    }
    assert!(
        help.lines().all(|line| line.chars().count() <= 100),
        "{help}"
    );
    let short = program.run(&["-h"]).await.expect(0);
    assert!(short.lines().count() < help.lines().count() / 2, "{short}");
    let nothing = program.run(&[]).await;
    assert_eq!(nothing.status, Some(2));
    assert!(nothing.err.contains("Usage: jiahu"), "{nothing:?}");
    let create = program.run(&["admin", "create", "--help"]).await.expect(0);
    assert!(
        create.contains("one-time link") && create.contains("--phone <PHONE>"),
        "{create}"
    );
    assert!(
        !create.contains("--listen") && create.contains("`jiahu --help` lists them"),
        "{create}"
    );
    assert!(
        program
            .run(&["--version"])
            .await
            .expect(0)
            .starts_with("jiahu ")
    );
    assert_eq!(program.run(&["serv"]).await.status, Some(2));
}

#[tokio::test]
async fn the_specification_is_what_the_code_says() {
    let program = Program::new(Backend::Sqlite).await;
    let printed = program.run(&["openapi"]).await.expect(0);
    assert_eq!(printed, program.run(&["openapi"]).await.expect(0));
    let mut expected = serde_json::to_string_pretty(&jiahu::router::spec()).expect("JSON");
    expected.push('\n');
    assert!(
        printed == expected,
        "the program beside the tests is an older build: run `make test`"
    );
}

#[tokio::test]
async fn the_configuration_is_printed_with_its_secrets_masked() {
    let program = Program::new(Backend::Sqlite).await;
    let env = [
        (
            "JIAHU_DATABASE_URL",
            "postgres://jiahu:s3cr3t-word@db.example/jiahu",
        ),
        ("JIAHU_MESSAGES_WEBHOOK_URL", "https://sms.example/send"),
        (
            "JIAHU_MESSAGES_WEBHOOK_SECRET",
            "another-s3cr3t-of-more-than-32-bytes",
        ),
        ("JIAHU_LOG_FILTER", "debug"),
    ];
    let args = ["config", "--log-filter", "warn"];
    let printed = program.run_with(&args, &env).await.expect(0);
    assert!(!printed.contains("s3cr3t"), "{printed}");
    let line = |key: &str| {
        let line = printed
            .lines()
            .find(|line| line.split_whitespace().next() == Some(key));
        line.unwrap_or_else(|| panic!("no {key} in {printed}"))
            .to_owned()
    };
    assert!(line("database_url").contains("postgres://jiahu:****@db.example/jiahu"));
    assert!(line("log_filter").contains("warn") && line("log_filter").contains("(--log-filter)"));
    assert!(line("messages.webhook_secret").contains("JIAHU_MESSAGES_WEBHOOK_SECRET"));
    assert!(
        line("shutdown_grace_s").contains("10") && line("shutdown_grace_s").contains("(default)")
    );
    for (name, value, said) in [
        ("JIAHU_LISTN", "x", "JIAHU_LISTN"),
        ("JIAHU_DATABASE_URL", "mysql://u:s3cr3t@h/d", "database_url"),
        ("JIAHU_AUTH_CODE_TRIES", "0", "auth.code_tries"),
    ] {
        let refused = program.run_with(&["config"], &[(name, value)]).await;
        refused.failed_with(said);
        assert!(!refused.err.contains("s3cr3t"), "{refused:?}");
    }
}
