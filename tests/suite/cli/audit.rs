//! `jiahu audit verify`.

use jiahu_tests::harness::Program;
use sea_orm::{ConnectionTrait, Database};

use super::on_both_installed;

on_both_installed! {
    async fn a_changed_event_is_found(program: Program) {
        program.install().await;
        let whole = program.run(&["audit", "verify"]).await.expect(0);
        assert!(whole.contains("2 events checked: every chain holds"), "{whole}");
        let url = program.database_url();
        let db = Database::connect(url.replace("sqlite:", "sqlite://")).await.expect("a database");
        let change = "UPDATE event SET payload = '{\"seed\":false}' WHERE kind = 'rules.published'";
        // Even the owner of the database has to take the guard away first.
        let guarded = db.execute_unprepared(change).await.expect_err("refused");
        assert!(guarded.to_string().contains("event_is_final"), "{guarded}");
        let drop = if url.starts_with("sqlite:") { "DROP TRIGGER event_is_final" } else { "DROP TRIGGER event_is_final ON event" };
        db.execute_unprepared(drop).await.expect("dropped");
        db.execute_unprepared(change).await.expect("changed");
        db.close().await.expect("closed");
        let broken = program.run(&["audit", "verify"]).await.expect(1);
        assert!(broken.contains("broken: community") && broken.contains("event 1"), "{broken}");
        assert!(broken.contains("2 events checked: 1 do not hold"), "{broken}");
    }
}
