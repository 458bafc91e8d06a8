//! A small county's day, with everything that the county day promises.

use std::sync::Arc;

use jiahu::config::Config;
use jiahu::county;
use jiahu_tests::day::{Settings, Shares, play};
use jiahu_tests::harness::{Backend, TestServer};

use super::today;

/// People of the county, and orders a patient: few enough to be quick.
const SIZE: f64 = 0.1;
const ORDERS: f64 = 0.9;

fn simulated(config: &mut Config) {
    config.demo = true;
    config.simulated_clock = true;
}

async fn ends_well(server: Arc<TestServer>) {
    let county = county::generate(1, SIZE, today());
    let logins = county::load(&server.app, &county).await.expect("loaded");
    // Two processes, where the database serves two.
    let mut servers = vec![server.url()];
    if server.backend == Backend::Postgres {
        servers.push(server.second().await.url());
    }
    let settings = Settings {
        servers,
        seed: 5,
        scale: ORDERS,
        concurrency: 4,
        step_min: 20,
        // So few visits see all of it only when it is common.
        shares: Shares {
            offline: 0.3,
            lost: 0.3,
            outside: 0.2,
            no_fix: 0.1,
            refused_at_door: 0.2,
            sos: 0.2,
            overdue: 0.2,
            adverse: 0.2,
            in_hospital: 0.3,
        },
        quiet: true,
    };
    let outcome = play(&settings, &logins).await.expect("played");
    assert!(outcome.is_good(), "{}", outcome.table());
    let counted = outcome.json();
    for operation in ["positions", "put my place", "leave", "sync batch"] {
        let requests = &counted["operations"][operation]["requests"];
        assert!(requests.as_u64() > Some(0), "no {operation}: {counted}");
    }
}

#[tokio::test]
async fn a_small_day_on_sqlite() {
    TestServer::with_config(Backend::Sqlite, simulated, ends_well).await;
}

#[tokio::test]
async fn a_small_day_on_postgres() {
    TestServer::with_config(Backend::Postgres, simulated, ends_well).await;
}
