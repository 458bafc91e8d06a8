//! The program `jiahu`, started as people start it.

mod audit;
mod crash;
mod doctor;
mod guide;
mod serve;
mod setup;
mod texts;

/// Runs a test with an installation on SQLite and one on PostgreSQL.
macro_rules! on_both_installed {
    ($(async fn $name:ident($program:ident: Program) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn body($program: &Program) $body

            async fn run(backend: jiahu_tests::harness::Backend) {
                let program = Program::new(backend).await;
                body(&program).await;
                program.remove().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run(jiahu_tests::harness::Backend::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run(jiahu_tests::harness::Backend::Postgres).await;
            }
        }
    )+};
}
use on_both_installed;
