//! A server of the test's own, on a database of its own, driven over HTTP.

mod client;
mod contract;
mod database;
mod fixtures;
mod forms;
mod gateway;
mod listening;
mod people;
mod program;
mod scene;
mod server;
pub mod spec;
mod staff;

pub use client::{Client, Reply, fresh_key};
pub use database::{Backend, TestDatabase, postgres_server, postgres_url};
pub use fixtures::{Fixtures, NEAR, Nurse, Patient, PatientTraits, at};
pub use forms::filled_forms;
pub use gateway::Phones;
pub use listening::{Listening, WAIT};
pub use people::{CENTRE, Person, Town};
pub use program::{Program, Ran, Serving};
pub use scene::{NurseSpec, Scene, SceneNurse, far_day, new_patient};
pub use server::TestServer;
pub use staff::{activate, invite_token, kinds_of, statements_of, totp_code};

/// Runs a test on SQLite and on PostgreSQL: `on_both! { async fn name(server: TestServer) { … } }`.
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($server:ident: TestServer) $body:block)+) => {$(
        mod $name {
            use super::*;

            $(#[$meta])*
            async fn body($server: std::sync::Arc<$crate::harness::TestServer>) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                $crate::harness::TestServer::with($crate::harness::Backend::Sqlite, body).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                $crate::harness::TestServer::with($crate::harness::Backend::Postgres, body).await;
            }
        }
    )+};
}
