//! `jiahu doctor`.

use jiahu_tests::harness::Program;
use sea_orm::{ConnectionTrait, Database};

use super::on_both_installed;

/// The levels by check.
fn level<'a>(report: &'a str, check: &str) -> Vec<&'a str> {
    report
        .lines()
        .filter(|line| line.get(6..23).is_some_and(|what| what.trim() == check))
        .map(|line| line[..4].trim())
        .collect()
}

async fn change(program: &Program, sql: &str) {
    let url = program.database_url();
    let db = Database::connect(url.replace("sqlite:", "sqlite://"))
        .await
        .expect("a database");
    db.execute_unprepared(sql).await.expect("changed");
    db.close().await.expect("closed");
}

on_both_installed! {
    async fn what_is_wrong_is_said_with_what_to_do(program: Program) {
        let early = program.run(&["doctor"]).await;
        assert_eq!(early.status, Some(1), "{early:?}");
        assert_eq!(level(&early.out, "key file"), ["fail"], "{}", early.out);
        assert!(early.out.contains("jiahu keys new"), "{}", early.out);
        let sqlite = program.database_url().starts_with("sqlite:");
        assert_eq!(level(&early.out, if sqlite { "database" } else { "schema" }), ["fail"], "{}", early.out);
        assert!(early.out.contains("jiahu migrate"), "{}", early.out);
        assert!(!program.folder().join("data").exists(), "the doctor changes nothing");

        program.install().await;
        let report = program.run(&["doctor"]).await.expect(0);
        for check in ["configuration", "key file", "photos", "database", "schema", "jobs", "communities", "rule files", "holidays"] {
            assert_eq!(level(&report, check), ["ok"], "{check}: {report}");
        }
        for check in ["message gateway", "administrators"] {
            assert_eq!(level(&report, check), ["warn"], "{check}: {report}");
        }
        // The suite's PostgreSQL runs without fsync, and the doctor sees that.
        let settings = level(&report, "database settings");
        assert!(settings == ["ok"] || (!sqlite && settings == ["warn"]), "{report}");

        let failed = "UPDATE job SET state = 'failed'";
        let job = if sqlite {
            "INSERT INTO job (community_id, id, kind, subject_id, payload, state, run_at, attempts, created_at)
             SELECT id, randomblob(16), 'x', id, '{}', 'ready', created_at, 8, created_at FROM community"
        } else {
            "INSERT INTO job (community_id, id, kind, subject_id, payload, state, run_at, attempts, created_at)
             SELECT id, id, 'x', id, '{}', 'ready', created_at, 8, created_at FROM community"
        };
        change(program, job).await;
        change(program, failed).await;
        change(program, "DELETE FROM rule_set WHERE kind = 'vitals'").await;
        change(program, "DELETE FROM rule_set WHERE kind = 'holidays'").await;
        let report = program.run(&["doctor"]).await.expect(1);
        assert_eq!(level(&report, "jobs"), ["warn"], "{report}");
        assert_eq!(level(&report, "rule files"), ["fail"], "{report}");
        assert!(report.contains("130431: no holidays, vitals holds today"), "{report}");
    }

    async fn an_unusable_setting_is_a_failure(program: Program) {
        let refused = program.run_with(&["doctor"], &[("JIAHU_AUTH_CODE_TRIES", "0")]).await;
        assert_eq!(refused.status, Some(1));
        assert_eq!(level(&refused.out, "configuration"), ["fail"], "{refused:?}");
        let away = program.run_with(&["doctor"], &[("JIAHU_DATABASE_URL", "postgres://jiahu:s3cr3t@127.0.0.1:1/x")]).await;
        assert_eq!(away.status, Some(1));
        assert_eq!(level(&away.out, "database"), ["fail"], "{away:?}");
        assert!(!format!("{away:?}").contains("s3cr3t"));
    }
}
