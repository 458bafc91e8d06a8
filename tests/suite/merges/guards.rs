//! What the database itself forbids, and that no table was forgotten.

use std::collections::BTreeSet;

use jiahu::store::patient_merge::{MOVED, STAYS};
use jiahu_tests::harness::TestServer;
use jiahu_tests::on_both;
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};

use super::World;

async fn refused(server: &TestServer, sql: &str, guard: &str) {
    let failed = server.app.db.reader().execute_unprepared(sql).await;
    let error = failed.expect_err(sql).to_string().to_lowercase();
    assert!(error.contains(guard), "{sql}: {error}");
}

on_both! {
    async fn every_table_of_a_patient_moves_or_stays(server: TestServer) {
        let db = server.app.db.reader();
        let sql = match db.get_database_backend() {
            DatabaseBackend::Sqlite => {
                "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'patient_id' WHERE m.type = 'table'"
            }
            _ => "SELECT table_name::text FROM information_schema.columns WHERE table_schema = current_schema() AND column_name = 'patient_id'",
        };
        let tables = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.expect("the tables");
        let found: BTreeSet<String> = tables.iter().map(|row| row.try_get_by_index(0).expect("a name")).collect();
        let known: BTreeSet<String> = MOVED.iter().chain(&STAYS).map(|name| (*name).to_owned()).collect();
        assert_eq!(found, known);
    }

    async fn final_rows_change_their_patient_by_a_merge_and_by_nothing_else(server: TestServer) {
        let world = World::build(&server).await;
        let (one, other) = world.twice().await;
        let hex = |id: &str| match server.app.db.reader().get_database_backend() {
            DatabaseBackend::Sqlite => format!("X'{}'", id.replace('-', "")),
            _ => format!("'{id}'"),
        };
        // The scene's patient has a first assessment.
        let take = format!("UPDATE assessment SET patient_id = {}", hex(&one));
        refused(&server, &take, "assessment_moves_by_merge").await;
        refused(&server, "UPDATE assessment SET result = 'fit'", "assessment_is_final").await;
        refused(&server, "DELETE FROM assessment", "assessment_").await;
        world.merge(&one, &world.scene.patient.to_string()).await;
        refused(&server, &format!("UPDATE assessment SET patient_id = {}", hex(&other)), "assessment_moves_by_merge").await;
        refused(&server, "UPDATE assessment SET result = 'fit'", "assessment_is_final").await;
        // No chain, and no second merge of one patient.
        let chain = |survivor: &str, merged: &str| {
            format!(
                "INSERT INTO patient_merge (community_id, id, survivor_id, merged_id, reason_enc, merged_by, merged_at)
                 SELECT community_id, {}, {survivor}, {merged}, reason_enc, merged_by, merged_at FROM patient_merge",
                hex("01945d00-0000-7000-8000-00000000beef"),
            )
        };
        let (one, other, gone) = (hex(&one), hex(&other), hex(&world.scene.patient.to_string()));
        refused(&server, &chain(&gone, &other), "patient_merge_no_chain").await;
        refused(&server, &chain(&other, &one), "patient_merge_no_chain").await;
        refused(&server, &chain(&other, &gone), "patient_merge").await;
        refused(&server, &chain(&other, &other), "check constraint").await;
    }
}
