//! A server of the test's own, on a database of its own, driven over HTTP.

mod assessed;
mod bucket;
mod client;
mod contract;
mod database;
mod door;
mod fixtures;
mod forms;
mod gateway;
mod listening;
mod people;
mod program;
mod scene;
mod server;
mod sigv4;
pub mod spec;
mod staff;
mod watchdog;
mod webhook;

pub use assessed::assessed;
pub use bucket::{Bucket, PAGE};
pub use client::{Client, Reply, fresh_key};
pub use database::{Backend, TestDatabase, postgres_server, postgres_url};
pub use door::{good_answers, screened};
pub use fixtures::{Fixtures, NEAR, Patient, PatientTraits, SceneNurse, at};
pub use forms::filled_forms;
pub use gateway::Phones;
pub use listening::{Listening, WAIT};
pub use people::{CENTRE, Person, Town};
pub use program::{Program, Ran, Serving, program};
pub use scene::{
    NurseSpec, Scene, consent_body, far_day, new_patient, unassessed_patient, with_family,
};
pub use server::TestServer;
pub use staff::{activate, activate_at, invite_token, kinds_of, statements_of, totp_code};
pub use watchdog::watch_for;
pub use webhook::{GATEWAY_SECRET, Webhook};

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
