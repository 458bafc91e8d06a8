//! A few discharges and eight weeks of what follows, with everything that the county year promises.

use std::sync::Arc;

use jiahu::config::Config;
use jiahu::county;
use jiahu_tests::harness::{Backend, TestServer};
use jiahu_tests::year::{Settings, play};

use super::today;

/// Small enough to be quick, large enough that every way in and every habit occurs.
const SCALE: f64 = 0.05;

fn simulated(config: &mut Config) {
    config.demo = true;
    config.simulated_clock = true;
}

async fn keeps_its_promises(server: Arc<TestServer>) {
    let county = county::generate(1, SCALE, today());
    let logins = county::load(&server.app, &county).await.expect("loaded");
    let settings = Settings {
        servers: vec![server.url()],
        seed: 3,
        discharges: 24,
        days: 56,
        concurrency: 4,
        quiet: true,
    };
    let outcome = play(&settings, &logins).await.expect("played");
    assert!(outcome.is_good(), "{}", outcome.table());
    let counted = outcome.numbers();
    assert_eq!(counted["discharges told"], 24);
    assert!(counted["links answered"].as_u64() > Some(0), "{counted}");
    for name in ["tasks", "attempts", "messages"] {
        let some = counted[name]
            .as_object()
            .is_some_and(|counts| !counts.is_empty());
        assert!(some, "no {name}: {counted}");
    }
}

#[tokio::test]
async fn some_weeks_on_sqlite() {
    TestServer::with_config(Backend::Sqlite, simulated, keeps_its_promises).await;
}

#[tokio::test]
async fn some_weeks_on_postgres() {
    TestServer::with_config(Backend::Postgres, simulated, keeps_its_promises).await;
}
